"""Shapes, views, joining, splitting: values, and gradients of first and second order, against PyTorch."""

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

from tane.testing.parity import same

X = np.random.default_rng(0).standard_normal((3, 4))
Y = np.random.default_rng(1).standard_normal((3, 4))
C = np.random.default_rng(2).standard_normal((2, 3, 4))
V = np.random.default_rng(3).standard_normal(5)
S = np.random.default_rng(4).standard_normal(())

# Each case: how the function is written, with `torch` for the library, and its inputs.
CASES = {
    "view": ("lambda torch, x: x.view(2, -1) ** 2", X),
    "view_as": ("lambda torch, x, y: x.view_as(y.t()) * y.t()", X, Y),
    "reshape": ("lambda torch, x: x.reshape(4, 3) ** 2", X),
    "reshape of a transpose": ("lambda torch, x: x.t().reshape(-1) ** 2", X),
    "reshape_as": ("lambda torch, x, y: x.reshape_as(y.t()) * 2", X, Y),
    "flatten": ("lambda torch, x: torch.flatten(x, 1) ** 2", C),
    "unflatten": ("lambda torch, x: torch.unflatten(x, 1, (2, -1)) ** 2", X),
    "ravel": ("lambda torch, x: x.t().ravel() ** 2", X),
    "transpose": ("lambda torch, x: x.transpose(0, -1) ** 2", C),
    "t": ("lambda torch, x: x.t() ** 2", X),
    "T": ("lambda torch, x: x.T ** 2", X),
    "mT": ("lambda torch, x: x.mT ** 2", C),
    "permute": ("lambda torch, x: x.permute(2, 0, 1) ** 2", C),
    "movedim": ("lambda torch, x: torch.movedim(x, (0, 1), (1, -1)) ** 2", C),
    "swapaxes": ("lambda torch, x: torch.swapaxes(x, 0, 1) ** 2", C),
    "squeeze": ("lambda torch, x: x[None].squeeze() ** 2", X),
    "squeeze dim": ("lambda torch, x: x[:, None].squeeze(1) ** 2", X),
    "unsqueeze": ("lambda torch, x: x.unsqueeze(-1) ** 2", X),
    "expand": ("lambda torch, x: x[:, None].expand(-1, 2, 4) ** 2", X),
    "expand a scalar": ("lambda torch, x: x.expand(2, 3) ** 2", S),
    "expand_as": ("lambda torch, x, y: x.expand_as(y) * y", X[0], Y),
    "broadcast_to": ("lambda torch, x: torch.broadcast_to(x, (2, 3, 4)) ** 2", X),
    "broadcast_tensors": ("lambda torch, x, y: [a * a for a in torch.broadcast_tensors(x, y)]", X, Y[:, :1]),
    "repeat": ("lambda torch, x: x.repeat(2, 1, 3) ** 2", X),
    "tile": ("lambda torch, x: torch.tile(x, (2,)) ** 2", C),
    "repeat_interleave": ("lambda torch, x: torch.repeat_interleave(x, 3, dim=1) ** 2", X),
    "repeat_interleave flat": ("lambda torch, x: x.repeat_interleave(2) ** 2", X),
    "repeat_interleave counts": ("lambda torch, x: torch.repeat_interleave(x, torch.tensor([2, 0, 1], device=x.device), dim=0) ** 2", X),
    "flip": ("lambda torch, x: torch.flip(x, (0, 1)) ** 2", X),
    "fliplr, flipud": ("lambda torch, x: torch.fliplr(x) * torch.flipud(x)", X),
    "roll": ("lambda torch, x: torch.roll(x, 2) ** 2", X),
    "roll dims": ("lambda torch, x: torch.roll(x, (1, -2), (0, 1)) ** 2", X),
    "rot90": ("lambda torch, x: torch.rot90(x, 3, (0, 1)) ** 2", X),
    "narrow": ("lambda torch, x: x.narrow(1, 1, 2) ** 2", X),
    "select": ("lambda torch, x: x.select(1, -1) ** 2", X),
    "unfold": ("lambda torch, x: x.unfold(1, 3, 1) ** 2", X),
    "unfold with gaps": ("lambda torch, x: x.unfold(0, 2, 2) ** 2", V),
    "as_strided": ("lambda torch, x: x.as_strided((3, 3), (4, 1), 1) ** 2", X),
    "as_strided, overlapping": ("lambda torch, x: torch.as_strided(x, (3, 2, 2), (3, 1, 1)) ** 2", X),
    "diagonal": ("lambda torch, x: torch.diagonal(x, 1, 0, 2) ** 2", C),
    "diag of a vector": ("lambda torch, x: torch.diag(x, -1) ** 2", V),
    "diag of a matrix": ("lambda torch, x: torch.diag(x, 1) ** 2", X),
    "diag_embed": ("lambda torch, x: torch.diag_embed(x, 1, 0, 2) ** 2", X),
    "diagflat": ("lambda torch, x: torch.diagflat(x) ** 2", X[:2, :2]),
    "tril": ("lambda torch, x: x.tril(1) ** 2", C),
    "triu": ("lambda torch, x: torch.triu(x, diagonal=-1) ** 2", X),
    "trace": ("lambda torch, x: torch.trace(x) ** 2", X),
    "cat": ("lambda torch, x, y: torch.cat([x, y * y, x], dim=1)", X, Y),
    "cat of types": ("lambda torch, x: torch.cat([x, torch.ones(2, 4, dtype=torch.int64, device=x.device)]) ** 2", X),
    "stack": ("lambda torch, x, y: torch.stack((x, y), dim=-1) ** 2", X, Y),
    "hstack": ("lambda torch, x, y: torch.hstack((x, y)) ** 2", X, Y),
    "vstack": ("lambda torch, x, y: torch.vstack((x, y)) ** 2", V, V + 1),
    "dstack": ("lambda torch, x, y: torch.dstack((x, y)) ** 2", V, V + 1),
    "column_stack": ("lambda torch, x, y: torch.column_stack((x, y)) ** 2", X, X[:, 0]),
    "block_diag": ("lambda torch, x, y: torch.block_diag(x, y) ** 2", X, V),
    "chunk": ("lambda torch, x: [p ** 2 for p in torch.chunk(x, 3, dim=1)]", X),
    "split": ("lambda torch, x: [p ** (i + 2) for i, p in enumerate(torch.split(x, [1, 3], dim=1))]", X),
    "split, one part used": ("lambda torch, x: x.split(2)[1] ** 2", X),
    "tensor_split": ("lambda torch, x: [p ** 2 for p in torch.tensor_split(x, 3, dim=1)]", X),
    "tensor_split at": ("lambda torch, x: [p ** 2 for p in torch.tensor_split(x, (1, 2))]", X),
    "hsplit": ("lambda torch, x: [p ** 2 for p in torch.hsplit(x, 2)]", X),
    "unbind": ("lambda torch, x: [p ** (i + 2) for i, p in enumerate(torch.unbind(x, 1))]", X),
    "meshgrid": ("lambda torch, x, y: [g ** 2 for g in torch.meshgrid(x, y, indexing='xy')]", V, V[:3]),
    "cartesian_prod": ("lambda torch, x, y: torch.cartesian_prod(x, y) ** 2", V, V[:3]),
    "combinations": ("lambda torch, x: torch.combinations(x, 2) ** 2", V),
    "atleast": ("lambda torch, x: [a ** 2 for a in (torch.atleast_1d(x), torch.atleast_2d(x), torch.atleast_3d(x))]", V),
    "clone": ("lambda torch, x: x.t().clone() ** 2", X),
    "contiguous": ("lambda torch, x: x.t().contiguous() ** 2", X),
    "select_scatter": ("lambda torch, x, y: torch.select_scatter(x, y, 0, 1) ** 2", X, Y[0]),
    "slice_scatter": ("lambda torch, x, y: torch.slice_scatter(x, y, 1, 0, 2) ** 2", X, Y[:, :2]),
    "diagonal_scatter": ("lambda torch, x, y: torch.diagonal_scatter(x, y) ** 2", X, Y[:, 0]),
    "iteration": ("lambda torch, x: sum(row ** (i + 2) for i, row in enumerate(x))", X),
}


@pytest.mark.filterwarnings("ignore:.*:UserWarning:torch")
@pytest.mark.parametrize("name", CASES)
def test_shapes_and_their_gradients(name):
    source, *inputs = CASES[name]
    function = eval(source)
    same(lambda *args: function(tane, *args), lambda *args: function(torch, *args), *inputs)
