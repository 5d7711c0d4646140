"""NumPy's functions that make arrays beside a Tensor, or tell something about one without computing on its gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

import tane
from tane.protocols.operands import as_dtype, as_tensor
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def _like(name: str) -> Any:
    def answer(a: Any, dtype: Any = None, shape: Any = None) -> Any:
        made = getattr(tane, name)
        kind = a.dtype if dtype is None else as_dtype(dtype)
        return made(a.shape if shape is None else shape, dtype=kind, device=a.device)

    return answer


implements(np.zeros_like)(_like("zeros"))
implements(np.ones_like)(_like("ones"))
implements(np.empty_like)(_like("empty"))


@implements(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    beside = as_tensor(a)
    kind = beside.dtype if dtype is None else as_dtype(dtype)
    shape = beside.shape if shape is None else shape
    if isinstance(fill_value, Tensor):
        return fill_value.to(kind).expand(shape).clone()
    return tane.full(shape, fill_value, dtype=kind, device=beside.device)


@implements(np.copy)
def _copy(a: Any) -> Any:
    return a.clone()


@implements(np.astype)
def _astype(x: Any, dtype: Any, /, *, copy: bool = True) -> Any:
    return x.to(as_dtype(dtype), copy=copy)


# ---- questions ----------------------------------------------------------------------------------------------------------------------
@implements(np.shape)
def _shape(a: Any) -> Any:
    return tuple(as_tensor(a).shape)


@implements(np.ndim)
def _ndim(a: Any) -> int:
    return as_tensor(a).ndim


@implements(np.size)
def _size(a: Any, axis: int | None = None) -> int:
    shape = as_tensor(a).shape
    return int(np.prod(shape)) if axis is None else int(shape[axis])


@implements(np.iscomplexobj)
def _iscomplexobj(x: Any) -> bool:
    return bool(x.dtype.is_complex)


@implements(np.isrealobj)
def _isrealobj(x: Any) -> bool:
    return not x.dtype.is_complex


@implements(np.result_type)
def _result_type(*arrays_and_dtypes: Any) -> Any:
    return np.result_type(*(x.array.dtype if isinstance(x, Tensor) else x for x in arrays_and_dtypes))


@implements(np.common_type)
def _common_type(*arrays: Any) -> Any:
    return np.common_type(*(as_tensor(x).detach().numpy(force=True)[...] for x in arrays))


@implements(np.allclose)
def _allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    x, y = _plain(a, b)
    return bool(np.allclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan))


@implements(np.isclose)
def _isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    x, y = _plain(a, b)
    return as_tensor(np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan))


@implements(np.array_equal)
def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    x, y = _plain(a1, a2)
    return bool(np.array_equal(x, y, equal_nan=equal_nan))


@implements(np.array_equiv)
def _array_equiv(a1: Any, a2: Any) -> bool:
    return bool(np.array_equiv(*_plain(a1, a2)))


def _plain(*values: Any) -> list[Any]:
    """Arrays of the values alone, for comparisons, whose answers have no gradient."""
    return [as_tensor(v).detach().numpy(force=True) for v in values]


@implements(np.shares_memory)
def _shares_memory(a: Any, b: Any) -> bool:
    return bool(np.shares_memory(*_plain(a, b)))


@implements(np.may_share_memory)
def _may_share_memory(a: Any, b: Any) -> bool:
    return bool(np.may_share_memory(*_plain(a, b)))


@implements(np.array_repr)
def _array_repr(arr: Any) -> str:
    return repr(arr)


@implements(np.array_str)
def _array_str(a: Any) -> str:
    return str(a)
