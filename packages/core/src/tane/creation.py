"""Making tensors: from data, filled, and in ranges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tane import dtypes
from tane.convert import as_array, place, put
from tane.dtypes import default_float, dtype as DType, int64, to_numpy_dtype
from tane.tensor import Tensor, wrap

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


def finish(array: Any, dtype: Any, device: Any, requires_grad: bool, out: Tensor | None = None) -> Tensor:
    """A fresh NumPy array as a tensor of the type, on the device."""
    t = wrap(put(array, dtype, device))
    if requires_grad:
        t.requires_grad = True
    if out is None:
        return t
    out.array = t.array.astype(out.array.dtype)
    return out


def tensor(data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A new tensor with a copy of ``data``: numbers, nested sequences, NumPy arrays or tensors.

    Floats become the default float (float32), whole numbers int64, unless ``dtype`` says otherwise. ``pin_memory`` needs a CUDA device.

    >>> import tane
    >>> tane.tensor([[1., -1.], [1., -1.]])
    tensor([[ 1., -1.],
            [ 1., -1.]])
    """
    wanted = None if dtype is None else _as_dtype(dtype)
    return finish(as_array(data, wanted), None, device, requires_grad)


def _as_dtype(given: Any) -> DType:
    from_numpy = to_numpy_dtype(given)
    return given if isinstance(given, DType) else dtypes.from_numpy_dtype(from_numpy)


def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, sharing memory with a tensor or NumPy array of the right type and device."""
    if isinstance(data, Tensor):
        return data.to(device=device, dtype=dtype)  # type: ignore[no-any-return]
    if isinstance(data, np.ndarray):
        return from_numpy(data).to(device=device, dtype=dtype)  # type: ignore[no-any-return]
    return tensor(data, dtype=dtype, device=device)


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array.

    Negative strides are refused as by PyTorch; a ``TypeError`` names the element types there are.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.from_numpy_dtype(ndarray.dtype)
    if any(s < 0 for s in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. "
            "(You can probably work around this by making a copy of your array  with array.copy().) "
        )
    return wrap(place("cpu")[0].from_numpy(ndarray))


def shape_of(size: tuple[Any, ...], named: Any = None) -> tuple[int, ...]:
    """Sizes given one by one or as one sequence."""
    if named is not None:
        size = (named,)
    if len(size) == 1 and not isinstance(size[0], int) and hasattr(size[0], "__len__"):
        size = tuple(size[0])
    for d in size:
        if d < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {d}: {list(size)}")
    return tuple(int(d) for d in size)


def _filler(name: str, make: Callable[..., Any], doc: str) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    def filled(
        *args: Any,
        size: Any = None,
        out: Tensor | None = None,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        return finish(make(shape_of(args, size), to_numpy_dtype(dtype or default_float())), None, device, requires_grad, out)

    def like(
        input: Tensor,
        *,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        return finish(make(input.array.shape, to_numpy_dtype(dtype or input.dtype)), None, device or input.device, requires_grad)

    filled.__name__, like.__name__ = name, f"{name}_like"
    filled.__doc__ = f"A tensor {doc}, of the sizes given one by one or as a sequence."
    like.__doc__ = f"A tensor {doc}, of the shape, type and device of ``input``."
    return filled, like


zeros, zeros_like = _filler("zeros", np.zeros, "of zeros")
ones, ones_like = _filler("ones", np.ones, "of ones")
empty, empty_like = _filler("empty", np.empty, "whose values are whatever the memory held")


def full(
    size: Any,
    fill_value: Any,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one value, whose type decides the tensor's unless ``dtype`` does."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    wanted = as_array(value).dtype if dtype is None else to_numpy_dtype(dtype)
    return finish(np.full(shape_of((size,)), value, wanted), None, device, requires_grad, out)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor filled with one value, of the shape, type and device of ``input``."""
    return finish(np.full(input.array.shape, fill_value, to_numpy_dtype(dtype or input.dtype)), None, device or input.device, requires_grad)


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``start, start + step, ...`` up to but not including ``end``; int64 where all three are whole numbers, else the default float."""
    if end is None:
        start, end = 0, start
    start, end, step = (v.item() if isinstance(v, Tensor) else v for v in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(v, int) for v in (start, end, step))
    wanted = (int64 if whole else default_float()).numpy if dtype is None else to_numpy_dtype(dtype)
    count = math.ceil((end - start) / step) if not whole else -((start - end) // step)
    values = start + np.arange(count, dtype=np.int64 if whole else np.float64) * step
    return finish(values.astype(wanted), None, device, requires_grad, out)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` values from ``start`` to ``end`` inclusive, computed from both ends towards the middle as PyTorch does."""
    start, end = (v.item() if isinstance(v, Tensor) else v for v in (start, end))
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    wanted = to_numpy_dtype(dtype or default_float())
    return finish(_spaced(start, end, steps, wanted), None, device, requires_grad, out)


def _spaced(start: float, end: float, steps: int, wanted: Any) -> Any:
    if steps < 2:
        return np.full(steps, start, wanted)
    kind = wanted if wanted.kind in "fc" else np.dtype(np.float64)
    first, last = kind.type(start), kind.type(end)
    step = (last - first) / kind.type(steps - 1)
    i = np.arange(steps)
    half = steps // 2
    up = first + step * i.astype(kind)
    down = last - step * (steps - 1 - i).astype(kind)
    return np.where(i < half, up, down).astype(wanted)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``base`` to the powers ``linspace(start, end, steps)``."""
    wanted = to_numpy_dtype(dtype or default_float())
    return finish(np.power(wanted.type(base), _spaced(start, end, steps, wanted)), None, device, requires_grad, out)


def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal of an ``n`` by ``m`` matrix."""
    return finish(np.eye(n, m, dtype=to_numpy_dtype(dtype or default_float())), None, device, requires_grad, out)
