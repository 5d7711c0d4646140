"""Linear and bilinear maps."""

from __future__ import annotations

from tane.autocasting import to_half
from tane.nn.ops import linear as op
from tane.tensor import Tensor

__all__ = ["bilinear", "linear"]

_affine, _product = op.linear.call, op.product.call


@to_half
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias`` over the last dimension of ``input``.

    ``weight`` is (out, in), ``bias`` (out); with ``weight`` (in) the result loses the last dimension.

    >>> import tane
    >>> linear(tane.ones(1, 2), tane.tensor([[1.0, 2.0]]), tane.tensor([0.5]))
    tensor([[3.5000]])
    """
    try:
        return _product(input, weight) if bias is None else _affine(bias, input, weight)
    except (ValueError, RuntimeError, IndexError) as error:
        if weight.array.ndim == 2 and input.array.ndim:
            raise refused(input, weight, bias, error) from None
    if weight.ndim > 2 or input.ndim == 0:
        raise RuntimeError(
            f"linear(): expected an input of at least 1 dimension and a weight of 1 or 2, but they have {input.ndim} and {weight.ndim}"
        )
    result: Tensor = input @ weight
    return result if bias is None else result + bias


def refused(input: Tensor, weight: Tensor, bias: Tensor | None, error: Exception) -> Exception:
    """The error PyTorch raises for operands that do not go together."""
    tensors = [input, weight] if bias is None else [input, weight, bias]
    kinds = [t.dtype for t in tensors]
    if len({str(t.device) for t in tensors}) > 1:
        return error
    if kinds[0] is not kinds[1]:
        if bias is not None:
            names = [t.dtype.tensor_name.removesuffix("Tensor") for t in (input, weight)]
            return RuntimeError(f"mat1 and mat2 must have the same dtype, but got {names[0]} and {names[1]}")
        return RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {_kind(input)} != {_kind(weight)}")
    if len(set(kinds)) > 1:
        return RuntimeError(f"self and mat2 must have the same dtype, but got {tensors[2].dtype} and {weight.dtype}")
    (rows, inner), wanted = (_rows(input.array.shape), weight.array.shape)
    if inner != wanted[1]:
        return RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({rows}x{inner} and {wanted[1]}x{wanted[0]})")
    if bias is not None and bias.array.shape not in ((wanted[0],), (1,), ()):
        return RuntimeError(
            f"The expanded size of the tensor ({wanted[0]}) must match the existing size ({bias.array.shape[-1]}) at non-singleton dimension 1.  "
            f"Target sizes: {[rows, wanted[0]]}.  Tensor sizes: {list(bias.array.shape)}"
        )
    return error


def _kind(t: Tensor) -> str:
    """The name of a type in C."""
    return {"Half": "c10::Half", "BFloat16": "c10::BFloat16", "Long": "long int"}.get(
        name := t.dtype.tensor_name.removesuffix("Tensor"), name.lower()
    )


def _rows(shape: tuple[int, ...]) -> tuple[int, int]:
    rows = 1
    for d in shape[:-1]:
        rows *= d
    return rows, shape[-1]


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input1 @ weight[o] @ input2`` for every output ``o``: ``weight`` is (out, in1, in2)."""
    a, b, w = input1.array.shape, input2.array.shape, weight.array.shape
    if len(a) != len(b) or a[:-1] != b[:-1]:
        raise RuntimeError(f"bilinear(): input batch dimensions do not match: got {list(a[:-1])} and {list(b[:-1])}")
    for number, (have, want) in enumerate(((a[-1], w[1]), (b[-1], w[2])), 1):
        if have != want:
            raise RuntimeError(f"bilinear(): input{number} size does not match weight size: got {have} but expected {want}")
    if bias is not None and bias.array.shape != (w[0],):
        raise RuntimeError(f"bilinear(): bias size does not match weight size: got {list(bias.shape)} but expected {[w[0]]}")
    result: Tensor = op.bilinear.call(input1, input2, weight)
    return result if bias is None else result + bias
