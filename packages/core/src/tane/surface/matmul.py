"""Products of vectors, matrices and batches of them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from tane.autocasting import to_half
from tane.ops import matmul as op
from tane.ops import shape
from tane.ops.accepting import unsupported
from tane.surface.expanding import cannot_expand
from tane.surface.expose import inplace, method, write_out
from tane.surface.index_parts import kind_name
from tane.surface.shape import reshape
from tane.surface.size import axis_in
from tane.tensor import Tensor

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "chain_matmul",
    "cross",
    "dot",
    "ger",
    "inner",
    "kron",
    "matmul",
    "mm",
    "mv",
    "outer",
    "spmm",
    "tensordot",
    "vdot",
]

BY_RANK = {(1, 1): op.dot.call, (2, 2): op.mm.call, (2, 1): op.mv.call, (1, 2): op.vm.call, (3, 3): op.bmm.call}


# ---- checks -----------------------------------------------------------------------------------------------------------------------------
def same_types(*tensors: Tensor) -> None:
    """Raise unless all operands are tensors of one type that can be multiplied."""
    first = tensors[0].array.dtype
    for t in tensors[1:]:
        if t.array.dtype != first:
            if tensors[0].array.ndim == t.array.ndim == 1:
                kinds = [kind_name(x).removesuffix("Tensor") for x in (tensors[0], t)]
                raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {kinds[0]} and {kinds[1]}")
            names = [
                {"Float": "float", "Double": "double", "Long": "long int", "Int": "int"}.get(n, n) for n in map(kind_name, (tensors[0], t))
            ]
            raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}")
    if first.kind == "b":
        raise unsupported("addmm_impl_cpu_", tensors[0].dtype)


def is_tensor(value: Any, name: str, argument: str, position: int) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(value).__name__}")


def cannot_multiply(a: tuple[int, ...], b: tuple[int, ...]) -> RuntimeError:
    return RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})")


def mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """PyTorch's sentence about inner sizes that differ."""
    if len(a) == len(b) == 1:
        both = f"tensor {list(a)} and src {list(b)}"
        return f"inconsistent tensor size, expected {both} to have the same number of elements, but got {a[0]} and {b[0]} elements respectively"
    if len(b) == 1:
        return f"size mismatch, got input ({a[-2]}), mat ({a[-2]}x{a[-1]}), vec ({b[0]})"
    if len(a) == len(b) == 3 or len(b) > 3 or (len(b) == 3 and len(a) < 3) or (len(a) > 3 and len(b) > 2):
        batch = math.prod(b[:-2])
        return f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {a[-1]}] but got: [{batch}, {b[-2]}]."
    rows = 1 if len(a) == 1 else math.prod(a[:-1])
    return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[-2]}x{b[-1]})"


# ---- any ranks ------------------------------------------------------------------------------------------------------------------------
@to_half
@method("matmul", "__matmul__")
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product; vectors at either side, batches broadcast in front.

    >>> import tane
    >>> tane.ones(2, 3) @ tane.arange(3.)
    tensor([3., 3.])
    """
    if not isinstance(other, Tensor):
        raise TypeError(f"matmul(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
    a, b = input.array, other.array
    n, m = a.ndim, b.ndim
    if n == 0 or m == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {n}D and {m}D")
    if a.dtype is not b.dtype or a.dtype.kind == "b":
        same_types(input, other)
    if a.shape[-1] != b.shape[0 if m == 1 else -2]:
        raise RuntimeError(mismatch(a.shape, b.shape))
    if n > 2 or m > 2:
        if n > 2 < m and a.shape[:-2] != b.shape[:-2]:
            for i, (p, q) in enumerate(zip(a.shape[-3::-1], b.shape[-3::-1])):
                if p != q and p != 1 and q != 1:
                    raise RuntimeError(
                        f"The size of tensor a ({p}) must match the size of tensor b ({q}) at non-singleton dimension {max(n, m) - 3 - i}"
                    )
        result: Tensor = op.matmul.call(input, other)
    else:
        result = BY_RANK[n, m](input, other)
    return result if out is None else write_out(out, result, "matmul")


def rmatmul(self: Tensor, other: object) -> Tensor:
    if not isinstance(other, Tensor):
        return NotImplemented
    return matmul(other, self)


Tensor.__rmatmul__ = rmatmul  # type: ignore[method-assign]


# ---- known ranks ----------------------------------------------------------------------------------------------------------------------
@to_half
@method()
def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, without broadcasting."""
    is_tensor(mat2, "mm", "mat2", 2)
    a, b = input.array, mat2.array
    if a.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    if a.dtype is not b.dtype or a.dtype.kind == "b":
        same_types(input, mat2)
    if a.shape[1] != b.shape[0]:
        raise cannot_multiply(a.shape, b.shape)
    result: Tensor = op.mm.call(input, mat2)
    return result if out is None else write_out(out, result, "mm")


def spmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Another name for :func:`mm`."""
    return mm(input, mat2)


@to_half
@method()
def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products of two batches of matrices, without broadcasting."""
    is_tensor(mat2, "bmm", "mat2", 2)
    a, b = input.array, mat2.array
    if a.ndim != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    if b.ndim != 3:
        raise RuntimeError("batch2 must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    same_types(input, mat2)
    result: Tensor = op.bmm.call(input, mat2)
    return result if out is None else write_out(out, result, "bmm")


@method()
def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix and a vector."""
    is_tensor(vec, "mv", "vec", 2)
    a, b = input.array, vec.array
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(mismatch(a.shape, b.shape))
    same_types(input, vec)
    result: Tensor = op.mv.call(input, vec)
    return result if out is None else write_out(out, result, "mv")


@method()
def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of the products of two vectors' elements."""
    is_tensor(tensor, "dot", "tensor", 2)
    a, b = input.array, tensor.array
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype != b.dtype:
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {kind_name(input)} and {kind_name(tensor)}")
    if a.shape != b.shape:
        raise RuntimeError(mismatch(a.shape, b.shape))
    if a.dtype.kind == "b":
        raise unsupported("dot", input.dtype)
    result: Tensor = op.dot.call(input, tensor)
    return result if out is None else write_out(out, result, "dot")


@method()
def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """:func:`dot` with the first vector conjugated."""
    return dot(input.conj() if input.array.dtype.kind == "c" else input, other, out=out)


@method()
def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All products of the elements of two vectors, as a matrix."""
    for t, name in ((input, "self"), (vec2, "vec2")):
        if t.array.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {t.array.ndim}-D")
    result: Tensor = op_column(input) * vec2
    return result if out is None else write_out(out, result, "outer")


def op_column(vector: Tensor) -> Tensor:
    return reshape(vector, (-1, 1)) if vector.array.size else reshape(vector, (0, 1))


@method()
def ger(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Another name for :func:`outer`."""
    return outer(input, vec2, out=out)


@to_half
@method()
def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sums of products along the last dimension of both; with a scalar, the product."""
    if not input.array.ndim or not other.array.ndim:
        result: Tensor = input * other
    else:
        if input.array.shape[-1] != other.array.shape[-1]:
            raise RuntimeError(
                f"inner() the last dimension must match on both input tensors but got shapes {list(input.array.shape)} and {list(other.array.shape)}"
            )
        result = tensordot(input, other, ([-1], [-1]))
    return result if out is None else write_out(out, result, "inner")


# ---- a product added to something --------------------------------------------------------------------------------------------------
def _checked(input: Tensor, a: Tensor, b: Tensor, target: tuple[int, ...]) -> None:
    same_types(input, a, b)
    problem = cannot_expand(input.array.shape, target, input)
    if problem:
        raise RuntimeError(problem)


def _outer_of_bools(input: Tensor, vec1: Tensor, vec2: Tensor, target: tuple[int, ...], beta: Any, alpha: Any) -> Tensor:
    """``addr`` of truths: or for plus, and for times."""
    pairs = op_column(vec1) & vec2 & bool(alpha)
    problem = cannot_expand(input.array.shape, target, input)
    if problem:
        raise RuntimeError(problem)
    return pairs | (input & bool(beta))


def _added(
    name: str, names: Sequence[str], ranks: tuple[int, int], primitive: Any, input: Tensor, args: Any, keywords: dict[str, Any]
) -> Tensor:
    """``beta * input + alpha * (a @ b)`` for operands of known ranks."""
    beta, alpha, out = keywords.pop("beta", 1), keywords.pop("alpha", 1), keywords.pop("out", None)
    operands = [*args, *(keywords.pop(n) for n in names[len(args) :] if n in keywords)]
    if len(operands) != 2 or keywords:
        raise TypeError(f"{name}() takes input, {names[0]} and {names[1]}, and the keywords beta, alpha and out")
    for n, t in zip(names, operands, strict=True):
        is_tensor(t, name, n, names.index(n) + 2)
    first, second = operands
    a, b = first.array, second.array
    for n, x, rank in zip(names, (a, b), ranks, strict=True):
        if x.ndim != rank:
            kind = {1: "vector", 2: "matrix", 3: "batch of matrices"}[rank]
            raise RuntimeError(f"{n} must be a {kind}, got {x.ndim}-D tensor" if rank < 3 else f"{n} must be a 3D tensor")
    if ranks == (2, 2) and a.shape[1] != b.shape[0]:
        raise cannot_multiply(a.shape, b.shape)
    if ranks == (2, 1) and a.shape[1] != b.shape[0]:
        raise RuntimeError(mismatch(a.shape, b.shape))
    if ranks == (3, 3) and (a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]):
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    if input.array.dtype.kind in "iu":  # whole numbers have whole factors
        beta, alpha = int(beta), int(alpha)
    target = {
        (2, 2): (*a.shape[:1], *b.shape[1:]),
        (2, 1): a.shape[:1],
        (3, 3): (*a.shape[:2], *b.shape[2:]),
        (1, 1): (*a.shape, *b.shape),
    }
    if name == "addr" and input.array.dtype.kind == a.dtype.kind == b.dtype.kind == "b":
        result: Tensor = _outer_of_bools(input, first, second, target[ranks], beta, alpha)
        return result if out is None else write_out(out, result, name)
    _checked(input, first, second, target[ranks])
    result = primitive.call(input, first, second, beta, alpha)
    return result if out is None else write_out(out, result, name)


@to_half
@method()
def addmm(input: Tensor, *args: Any, **keywords: Any) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)``; ``input`` is broadcast."""
    return _added("addmm", ("mat1", "mat2"), (2, 2), op.addmm, input, args, keywords)


@method()
def addmv(input: Tensor, *args: Any, **keywords: Any) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``; ``input`` is broadcast."""
    return _added("addmv", ("mat", "vec"), (2, 1), op.addmv, input, args, keywords)


@method()
def addr(input: Tensor, *args: Any, **keywords: Any) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``; ``input`` is broadcast."""
    return _added("addr", ("vec1", "vec2"), (1, 1), op.addr, input, args, keywords)


@to_half
@method()
def baddbmm(input: Tensor, *args: Any, **keywords: Any) -> Tensor:
    """``beta * input + alpha * bmm(batch1, batch2)``; ``input`` is broadcast."""
    return _added("baddbmm", ("batch1", "batch2"), (3, 3), op.baddbmm, input, args, keywords)


for function in (addmm, addmv, addr, baddbmm):
    inplace(function, f"{function.__name__}_", False)


@to_half
@method()
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``beta * input + alpha * (the sum of bmm(batch1, batch2) over the batch)``."""
    total = bmm(batch1, batch2).sum(0)
    _checked(input, batch1, batch2, total.array.shape)
    if input.array.dtype.kind in "iu":
        beta, alpha = int(beta), int(alpha)
    if alpha != 1:
        total = total * alpha
    result: Tensor = total if beta == 0 else total + (input if beta == 1 else input * beta)
    return result if out is None else write_out(out, result, "addbmm")


inplace(addbmm, "addbmm_", False)


# ---- chains, and products over several dimensions ------------------------------------------------------------------------------------
@to_half
def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """The product of several matrices, in the order that costs least."""
    warnings.warn(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot instead, which accepts a list "
        "of two or more tensors rather than multiple parameters.",
        stacklevel=2,
    )
    result = multiplied(list(matrices), "chain_matmul")
    return result if out is None else write_out(out, result, "chain_matmul")


def multiplied(tensors: Sequence[Tensor], name: str) -> Tensor:
    """The product of a chain of matrices, with vectors at the ends if need be, in the order that costs least."""
    if len(tensors) < 2:
        if name == "chain_matmul" and tensors:
            return tensors[0]
        raise RuntimeError(f"{name}(): expected at least 2 tensors but got {len(tensors)}")
    chain = list(tensors)
    first, last = chain[0].array.ndim == 1, chain[-1].array.ndim == 1
    if first:
        chain[0] = reshape(chain[0], (1, -1))
    if last:
        chain[-1] = reshape(chain[-1], (-1, 1))
    for i, t in enumerate(chain):
        if t.array.ndim != 2:
            raise RuntimeError(f"{name}(): tensor {i} must be 2D but got {t.array.ndim}D")
        if i and chain[i - 1].array.shape[1] != t.array.shape[0]:
            raise RuntimeError(
                f"{name}(): tensors {i - 1} and {i} with shapes {list(chain[i - 1].array.shape)} and {list(t.array.shape)} cannot be multiplied"
            )
    result = _product(chain, _splits([t.array.shape[0] for t in chain] + [chain[-1].array.shape[1]]), 0, len(chain) - 1)
    shape_out = (*(() if first else result.array.shape[:1]), *(() if last else result.array.shape[1:]))
    return reshape(result, shape_out)


def _splits(d: list[int]) -> dict[tuple[int, int], int]:
    """Where to split each stretch of a chain of matrices of these sizes so that the fewest products of numbers are made."""
    n = len(d) - 1
    cost = {(i, i): 0 for i in range(n)}
    at = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], at[i, j] = min((cost[i, k] + cost[k + 1, j] + d[i] * d[k + 1] * d[j + 1], k) for k in range(i, j))
    return at


def _product(chain: Sequence[Tensor], at: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return chain[i]
    k = at[i, j]
    return matmul(_product(chain, at, i, k), _product(chain, at, k + 1, j))


@to_half
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """The sum of products over several dimensions: the last ``dims`` of ``a`` and the first of ``b``, or those listed for each."""
    n, m = a.array.ndim, b.array.ndim
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(n, m):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        left, right = list(range(-dims, 0)), list(range(dims))
    else:
        left, right = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(left) != len(right):
        raise RuntimeError(f"both dimension lists should have same length, got {len(left)} and {len(right)}")
    same_types(a, b)
    for p, q in zip(left, right, strict=True):
        x, y = a.array.shape[axis_in(p, n)], b.array.shape[axis_in(q, m)]
        if x == 1 != y:  # one slice by each of several: it is multiplied by their sum
            b = b.sum(q, keepdim=True)
        elif y == 1 != x:
            a = a.sum(p, keepdim=True)
        elif x != y:
            raise RuntimeError(f"contracted dimensions need to match, but first has size {x} in dim {p} and second has size {y} in dim {q}")
    left, right = [axis_in(d, n) for d in left], [axis_in(d, m) for d in right]
    rows, columns = [i for i in range(n) if i not in left], [i for i in range(m) if i not in right]
    inside = math.prod(a.array.shape[i] for i in left)
    first = reshape(shape.permute.call(a, (*rows, *left)), (math.prod(a.array.shape[i] for i in rows), inside))
    second = reshape(shape.permute.call(b, (*right, *columns)), (inside, math.prod(b.array.shape[i] for i in columns)))
    result = reshape(op.mm.call(first, second), (*(a.array.shape[i] for i in rows), *(b.array.shape[i] for i in columns)))
    return result if out is None else write_out(out, result, "tensordot")


@method()
def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Kronecker's product: every element of ``input`` times all of ``other``, laid out side by side."""
    n = max(input.array.ndim, other.array.ndim)
    a = (1,) * (n - input.array.ndim) + input.array.shape
    b = (1,) * (n - other.array.ndim) + other.array.shape
    spread = reshape(input, tuple([s for d in a for s in (d, 1)])) * reshape(other, tuple([s for d in b for s in (1, d)]))
    result: Tensor = shape.copy_reshape.call(spread, tuple([p * q for p, q in zip(a, b, strict=True)]))
    return result if out is None else write_out(out, result, "kron")


@method()
def cross(input: Tensor, other: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The cross product of vectors of three elements along ``dim``, by default the first dimension of size 3."""
    if dim is None:
        warnings.warn(
            "Using torch.cross without specifying the dim arg is deprecated.\n"
            "Please either pass the dim explicitly or simply use torch.linalg.cross.\n"
            "The default value of dim will change to agree with that of linalg.cross in a future release.",
            stacklevel=2,
        )
        dim = next((i for i, d in enumerate(input.array.shape) if d == 3), None)
        if dim is None:
            raise RuntimeError(f"no dimension of size 3 in input, which has sizes {list(input.array.shape)}")
    return crossed(input, other, dim, out)


def crossed(input: Tensor, other: Tensor, dim: int, out: Tensor | None) -> Tensor:
    """:func:`cross` along a given dimension."""
    a, b = input.array, other.array
    if a.ndim != b.ndim:
        raise RuntimeError(f"linalg.cross: inputs must have the same number of dimensions. Got {a.ndim} and {b.ndim}")
    axis = axis_in(dim, a.ndim)
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[axis]} and {b.shape[axis]}")
    if a.dtype.kind == "b" == b.dtype.kind:
        raise unsupported("cross", input.dtype)
    result: Tensor = op.cross.call(input, other, axis)
    return result if out is None else write_out(out, result, "cross")
