"""Indexing, gather and scatter: values, and gradients of first and second order, against PyTorch."""

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

from tane.testing.parity import same

rng = np.random.default_rng(0)
X, Y = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
C = rng.standard_normal((2, 3, 4))
V = rng.standard_normal(5)
S = rng.standard_normal(())
I = np.array([2, 0, 2])
G = np.array([[0, 2, 1, 0], [1, 1, 2, 0]])

CASES = {
    "number": ("lambda torch, x: x[1] ** 2", X),
    "numbers": ("lambda torch, x: x[1, -1] ** 2", X),
    "slice": ("lambda torch, x: x[1:, ::2] ** 2", X),
    "None and ...": ("lambda torch, x: x[None, ..., 1:] ** 2", C),
    "tensor": ("lambda torch, x, i: x[i] ** 2", X, I),
    "tensor after a slice": ("lambda torch, x, i: x[:, i] ** 2", X, I),
    "number, slice, tensor": ("lambda torch, x, i: x[0, :, i] ** 2", C, I),
    "tensor, slice, tensor": ("lambda torch, x, i: x[i - 1, :, i] ** 2", C, np.array([1, 2])),
    "list": ("lambda torch, x: x[[0, 2, 2]] ** 2", X),
    "mask": ("lambda torch, x: x[x.detach() > 0] ** 2", X),
    "mask of rows": ("lambda torch, x: x[x[:, 0].detach() > 0] ** 2", X),
    "mask and tensor": ("lambda torch, x, i: x[:, x[0, :, 0].detach() > -9, i] ** 2", C, I),
    "True": ("lambda torch, x: x[True] ** 2", X),
    "2-d tensor": ("lambda torch, x, g: x[g] ** 2", X, G),
    "broadcast tensors": ("lambda torch, x, i: x[i[:, None], i] ** 2", X, I),
    "gather": ("lambda torch, x, g: torch.gather(x, 0, g) ** 2", X, G),
    "gather -1": ("lambda torch, x, g: x.gather(-1, g) ** 2", X, G),
    "take_along_dim": ("lambda torch, x, i: torch.take_along_dim(x, i[:, None], 1) ** 2", X, I),
    "take": ("lambda torch, x, g: torch.take(x, g) ** 2", X, G),
    "index_select": ("lambda torch, x, i: torch.index_select(x, 1, i) ** 2", X, I),
    "masked_select": ("lambda torch, x, y: torch.masked_select(x, y.detach() > 0) ** 2", X, Y),
    "masked_select broadcast": ("lambda torch, x, y: x.masked_select(y[0].detach() > 0) ** 2", X, Y),
    "scatter": ("lambda torch, x, s: x.scatter(1, torch.tensor([[0, 3], [1, 2], [2, 0]], device=x.device), s[:, :2]) ** 2", X, Y),
    "scatter a value": ("lambda torch, x, g: x.scatter(1, g[:1, :2], 2.0) ** 2", X, G),
    "scatter add": ("lambda torch, x, g, s: torch.scatter_add(x, 0, g, s[:2]) ** 2", X, G, Y),
    "scatter reduce sum": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'sum') ** 2", X, G, Y),
    "scatter reduce sum alone": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'sum', include_self=False) ** 2", X, G, Y),
    "scatter reduce mean": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'mean') ** 2", X, G, Y),
    "scatter reduce mean alone": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'mean', include_self=False) ** 2", X, G, Y),
    "scatter reduce amax": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'amax') ** 2", X, G, Y),
    "scatter reduce amin alone": ("lambda torch, x, g, s: x.scatter_reduce(0, g, s[:2], 'amin', include_self=False) ** 2", X, G, Y),
    "index_add": ("lambda torch, x, i, s: torch.index_add(x, 1, i, s[:, :3], alpha=2) ** 2", X, I, Y),
    "index_copy": ("lambda torch, x, s: x.index_copy(0, torch.tensor([2, 0], device=x.device), s[:2]) ** 2", X, Y),
    "index_fill": ("lambda torch, x, i: x.index_fill(1, i, 3.0) ** 2", X, I),
    "index_fill with a tensor": ("lambda torch, x, s: x.index_fill(1, torch.tensor([0, 2], device=x.device), s) ** 2", X, S),
    "index_put": ("lambda torch, x, s: x.index_put((torch.tensor([0, 2], device=x.device),), s[:2]) ** 2", X, Y),
    "index_put accumulate": ("lambda torch, x, i, s: x.index_put((i,), s, accumulate=True) ** 2", X, I, Y),
    "put": ("lambda torch, x, s: x.put(torch.tensor([1, 5], device=x.device), s[0, :2]) ** 2", X, Y),
    "masked_scatter": ("lambda torch, x, s: x.masked_scatter(x.detach() > 0, s) ** 2", X, Y),
    # ---- in place ------------------------------------------------------------------------------------------------------------------------
    "x[i] = y": ("def f(torch, x, y):\n  z = x * 2; z[1] = y[0] ** 2; return z ** 2", X, Y),
    "x[i] = number": ("def f(torch, x):\n  z = x * 2; z[:, 1:3] = 3; return z ** 2", X),
    "x[:, idx] = y": ("def f(torch, x, y):\n  z = x * 2; z[:, [0, 3]] = y[:, :2] ** 2; return z ** 2", X, Y),
    "x[idx] = broadcast": ("def f(torch, x, y):\n  z = x * 2; z[[0, 2]] = y[0] ** 2; return z ** 2", X, Y),
    "x[mask] = y": ("def f(torch, x, s):\n  z = x * 2; z[x.detach() > 0] = s ** 2; return z ** 2", X, S),
    "x[mask] = 0": ("def f(torch, x):\n  z = x * 2; z[z.detach() > 0] = 0; return z ** 2", X),
    "x[i] += y": ("def f(torch, x, y):\n  z = x * 2; z[1] += y[0] ** 2; return z ** 2", X, Y),
    "x[i] *= y": ("def f(torch, x, y):\n  z = x * 2; z[1:] *= y[1:]; return z ** 2", X, Y),
    "x[idx] += y": ("def f(torch, x, y):\n  z = x * 2; z[[0, 2]] += y[:2]; return z ** 2", X, Y),
    "x[0, idx] = y": ("def f(torch, x, y):\n  z = x * 2; z[0, [1, 3]] = y[0, :2]; return z ** 2", X, Y),
    "into a view": ("def f(torch, x, y):\n  z = x * 2; z.t()[1] = y[:, 0]; z.view(-1)[-3:] *= 2; return z ** 2", X, Y),
    "mask into a view": ("def f(torch, x, s):\n  z = x * 2; v = z[1:]; v[v.detach() > 0] = s; return z ** 2, v * 3", X, S),
    "broken into a leaf's copy": (
        "def f(torch, x):\n  z = torch.zeros(3, 4, dtype=x.dtype, device=x.device)\n  for i in range(3): z[i] = x[i] * (i + 1)\n  return z ** 2",
        X,
    ),
    "scatter_": ("def f(torch, x, g, s):\n  z = x * 2; z.scatter_(0, g[:1], s[:1]); return z ** 2", X, G, Y),
    "scatter_add_": ("def f(torch, x, g, s):\n  z = x * 2; z.scatter_add_(0, g, s[:2]); return z ** 2", X, G, Y),
    "index_add_": ("def f(torch, x, i, s):\n  z = x * 2; z.index_add_(0, i, s); return z ** 2", X, I, Y),
    "index_fill_": ("def f(torch, x, i):\n  z = x * 2; z.index_fill_(0, i, 1.0); return z ** 2", X, I),
    "index_copy_ into a view": (
        "def f(torch, x, y):\n  z = x * 2; z[:, :2].index_copy_(0, torch.tensor([1], device=x.device), y[:1, :2]); return z ** 2",
        X,
        Y,
    ),
    "masked_scatter_": ("def f(torch, x, y):\n  z = x * 2; z.masked_scatter_(x.detach() > 0, y); return z ** 2", X, Y),
    "index_put_": ("def f(torch, x, i, y):\n  z = x * 2; z.index_put_((i, i), y[:, 0], accumulate=True); return z ** 2", X, I, Y),
    "tril_": ("def f(torch, x):\n  z = x * 2; z.tril_(); return z ** 2", X),
    "unsqueeze_ and on": ("def f(torch, x):\n  z = x * 2; v = z[1:]; z.unsqueeze_(0); z *= x; v.t_(); v += 1; return z ** 2, v ** 2", X),
    "diagonal().copy_": ("def f(torch, x, y):\n  z = x * 2; z.diagonal().copy_(y[:, 0]); return z ** 2", X, Y),
    "unfold().mul_": ("def f(torch, x):\n  z = x * 2; z.unfold(1, 2, 2).mul_(3); return z ** 2", X),
    "as_strided().mul_": ("def f(torch, x):\n  z = x * 2; z.as_strided((2, 2), (4, 1), 1).mul_(3); return z ** 2", X),
    "expand()[0].mul_": ("def f(torch, x):\n  z = x * 2; z.expand(2, 3, 4)[0].mul_(3); return z ** 2", X),
}


def function_of(source):
    if source.startswith("def"):
        scope = {}
        exec(source, scope)
        return scope["f"]
    return eval(source)


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_indexing_and_its_gradients(name):
    source, *inputs = CASES[name]
    function = function_of(source)
    same(lambda *args: function(tane, *args), lambda *args: function(torch, *args), *inputs)
