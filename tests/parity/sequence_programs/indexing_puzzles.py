"""Indexing, broadcasting, einsum, sorting and searching puzzles, with exact printed results and errors."""

import numpy as np
import torch

a = torch.arange(24).reshape(2, 3, 4)
print(a[..., -1], a[:, [0, 2]], a[1, torch.tensor([0, 2]), 1:3], a[a % 5 == 0], sep="\n")
print(a[:, None, ..., ::2].shape, a[torch.tensor([[0, 1], [1, 0]])].shape, a[0, :, torch.tensor([1, 1])].shape, a[None, None].shape)
print(a[[True, False]], a[:, torch.tensor([True, False, True]), 0], a[torch.tensor(1), ..., torch.tensor(0)])
b = a.clone().float()
b[:, 1, :] = torch.tensor([9.0, 8.0, 7.0, 6.0])
b[b > 20] *= -1
b[0, [0, 0, 2], [1, 1, 3]] += 100
b[1, ..., 0] = b[0, ..., 3]
print(b)
b.index_put_((torch.tensor([0, 0]), torch.tensor([1, 1]), torch.tensor([2, 2])), torch.tensor([1.0, 2.0]), accumulate=True)
print(b[0, 1], b.masked_fill(b < 0, 0).sum(), b.masked_select(b.gt(30)), b.take(torch.tensor([0, -1])))
print(torch.gather(a, 2, a.argmax(2, keepdim=True)).squeeze(-1), torch.take_along_dim(a, a.argsort(dim=1, descending=True), 1)[0])
print(torch.zeros(3, 5).scatter_(1, torch.tensor([[0, 1, 2], [0, 1, 4], [2, 2, 2]]), torch.arange(9.0).reshape(3, 3)))
print(torch.nonzero(a > 20), torch.nonzero(a > 20, as_tuple=True), torch.where(a % 7 == 0, a, -1)[0])
one = torch.nn.functional.one_hot(torch.tensor([0, 2, 1]), num_classes=4)
print(one, one.dtype, torch.triu(torch.ones(3, 3), 1), torch.tril_indices(3, 3))
i, j = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
print(i * 10 + j, torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4])), torch.combinations(torch.arange(4), 2).tolist())

x, y, z = torch.arange(6.0).view(2, 3), torch.arange(12.0).view(3, 4), torch.arange(4.0)
for eq, ops in {
    "ij->ji": (x,),
    "ij,jk->ik": (x, y),
    "ij,jk,k->i": (x, y, z),
    "ii": (torch.eye(3),),
    "ii->i": (y[:, :3],),
    "i,j->ij": (z, z[:2]),
    "bij,bjk->bik": (a.float(), a.float().transpose(1, 2)),
    "...ij->...": (a.float(),),
    "bhqd,bhkd->bhqk": (a.float().view(1, 2, 3, 4), a.float().view(1, 2, 3, 4)),
    "ij,ij->": (x, x),
    "i j, j k": (x, y),
}.items():
    print(eq, torch.einsum(eq, *ops))
print(torch.einsum(x, [0, 1], y, [1, 2], [0, 2]), torch.tensordot(a.float(), y, dims=([1, 2], [0, 1])), torch.kron(torch.eye(2), x[:1]))

v = torch.tensor([3, 1, 2, 3, 1, 5])
print(v.sort(), v.topk(1), v.unique(), torch.unique(v, return_inverse=True, return_counts=True), sep="\n")
print(
    torch.unique_consecutive(torch.tensor([1, 1, 2, 1]), return_counts=True),
    v.argsort(stable=True),
    v.kthvalue(2),
    v.mode(),
    v.median(),
    sep="\n",
)
print(torch.unique(torch.tensor([[1, 2], [0, 1], [1, 2]]), dim=0, return_counts=True))
edges = torch.tensor([1.0, 3.0, 5.0])
print(
    torch.bucketize(v.float(), edges),
    torch.bucketize(v, edges, right=True),
    torch.searchsorted(edges, torch.tensor([[0.0, 3.0], [4.0, 9.0]])),
)
print(
    torch.bincount(v, weights=torch.ones(6) * 0.5),
    torch.histc(v.float(), 4, 0, 4),
    torch.histogram(v.float(), 3),
    torch.isin(v, torch.tensor([1, 5])),
)
c = torch.tensor([[2.0, -1.0, 3.0], [0.5, 4.0, -2.0]])
print(c.cumsum(1), c.cumprod(0), c.cummax(1), torch.logcumsumexp(c, 1), c.diff(dim=1), c.flip(1).cummin(1).values, sep="\n")
print(
    c.max(),
    c.max(1),
    c.min(dim=0, keepdim=True),
    c.aminmax(),
    c.argmax(),
    c.std(1),
    c.var(unbiased=False),
    c.prod(),
    c.amax((0, 1)),
    sep="\n",
)
print(
    torch.roll(c, 1, 1),
    torch.rot90(c),
    c.repeat(1, 2),
    c.repeat_interleave(torch.tensor([1, 2]), dim=0),
    c.tile((2,)),
    c.expand(2, 2, 3).stride(),
    sep="\n",
)
img = torch.arange(16.0).view(1, 1, 4, 4)
cols = torch.nn.functional.unfold(img, 2, stride=2)
print(
    cols,
    torch.nn.functional.fold(cols, (4, 4), 2, stride=2).equal(img),
    img.unfold(2, 2, 1).shape,
    img.unfold(2, 3, 1).unfold(3, 3, 1).sum((-1, -2)),
)
print(
    torch.as_strided(torch.arange(9), (2, 2), (3, 1), 1),
    img.squeeze().as_strided((4,), (5,)),
    torch.diag_embed(z[:2]),
    torch.block_diag(x, z[:2]),
)
print(
    [t.tolist() for t in torch.arange(7).split(3)],
    [t.tolist() for t in torch.arange(7).chunk(3)],
    [t.tolist() for t in torch.tensor_split(torch.arange(7), 3)],
)
n = torch.tensor([1.0, float("nan"), float("inf"), -float("inf")])
print(
    n.nan_to_num(0.0, 9.0, -9.0),
    n.nansum(),
    torch.nanmean(n[:2]),
    n.isnan(),
    n.isfinite(),
    n.max(),
    torch.nanmedian(n),
    torch.fmax(n, torch.zeros(4)),
)
print(np.asarray(c), torch.from_numpy(np.arange(3) * 2), np.exp(c[0, :2].numpy()), torch.tensor(np.float32(2.5)), c.numpy().dtype)
src = np.zeros(3)
t = torch.from_numpy(src)
t.add_(1)
src[0] = 7
print(src, t, torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(t)), torch.from_dlpack(np.arange(2)))
for f in [
    lambda: a[3],
    lambda: a[0, 0, 0, 0],
    lambda: x @ x,
    lambda: x + torch.zeros(4),
    lambda: x.view(4, 2),
    lambda: torch.cat([x, y]),
    lambda: torch.stack([x, y]),
    lambda: x.squeeze(5),
    lambda: x.expand(4, 3),
    lambda: torch.einsum("ij,kl->im", x, y),
    lambda: a.mean(),
    lambda: x.item(),
    lambda: bool(x),
    lambda: x.transpose(0, 1).view(6),
    lambda: torch.gather(x, 1, torch.tensor([[5]])),
    lambda: torch.tensor([1, 2]).index_select(0, torch.tensor([3])),
    lambda: x[torch.tensor([True, False, True])],
    lambda: x.permute(0),
    lambda: torch.arange(3).div_(2),
    lambda: len(torch.tensor(1)),
    lambda: torch.multinomial(torch.tensor([0.0, 0.0]), 1),
    lambda: torch.multinomial(torch.tensor([0.5, 0.5]), 3),
]:
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, str(e)[:30])
