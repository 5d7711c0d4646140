"""How samples become a batch, and things that are no tensors become tensors."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

import tane
from tane import creation
from tane.dtypes import float64
from tane.tensor import Tensor, wrap

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

FOUND = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"

Maker = Callable[..., Any]


def default_convert(data: Any) -> Any:
    """NumPy arrays and numbers as tensors, in containers as well; everything else as it is.

    >>> import numpy
    >>> default_convert({"a": numpy.arange(2), "b": "text", "c": 3})
    {'a': tensor([0, 1]), 'b': 'text', 'c': 3}
    """
    if isinstance(data, Tensor):
        return data
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "SaUO" else creation.as_tensor(data)
    if isinstance(data, np.generic):
        return data if data.dtype.kind in "SaUO" else creation.as_tensor(data)
    if isinstance(data, Mapping):
        return _mapping(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple):
        converted = [default_convert(d) for d in data]
        return type(data)(*converted) if hasattr(data, "_fields") else converted
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _sequence(data, lambda: map(default_convert, data))
    return data


def collate(batch: Sequence[Any], *, collate_fn_map: Mapping[Any, Maker] | None = None) -> Any:
    """One container like the samples, with batches in the places of their values.

    ``collate_fn_map`` says what makes a batch of values of a type, or of a tuple of types: ``f(batch, collate_fn_map=)``.
    """
    first = batch[0]
    kind = type(first)
    for types, make in (collate_fn_map or {}).items():
        if kind is types:
            return make(batch, collate_fn_map=collate_fn_map)
    for types, make in (collate_fn_map or {}).items():
        if isinstance(first, types):
            return make(batch, collate_fn_map=collate_fn_map)

    def together(values: Sequence[Any]) -> Any:
        return collate(values, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        return _mapping(first, {key: together([sample[key] for sample in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return kind(*map(together, zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = list(zip(*batch))
        return [together(c) for c in columns] if isinstance(first, tuple) else _sequence(first, lambda: map(together, columns))
    raise TypeError(FOUND.format(kind))


def _mapping(like: Mapping[Any, Any], values: dict[Any, Any]) -> Any:
    """A mapping of the kind of ``like``: a copy of it, which may carry more than its items, or one made of the values, or a dict."""
    try:
        if isinstance(like, MutableMapping):
            clone = copy.copy(like)
            clone.update(values)
            return clone
        return type(like)(values)  # type: ignore[call-arg]
    except TypeError:
        return values


def _sequence(like: Sequence[Any], values: Callable[[], Iterable[Any]]) -> Any:
    """The same for sequences, or a list. ``values`` is called again where the first way fails."""
    try:
        if isinstance(like, MutableSequence):
            clone = copy.copy(like)
            for i, value in enumerate(values()):
                clone[i] = value
            return clone
        return type(like)(list(values()))  # type: ignore[call-arg]
    except TypeError:
        return list(values())


# ---- the batches of single values -----------------------------------------------------------------------------------------------
def _tensors(batch: Sequence[Tensor], *, collate_fn_map: Any = None) -> Tensor:
    first = batch[0].array
    shape, dtype, arrays = first.shape, first.dtype, []
    for t in batch:
        array = t.array
        if t.node is not None or type(array) is not np.ndarray or array.shape != shape or array.dtype is not dtype:
            break  # history to keep, types to promote, or an error to raise
        arrays.append(array)
    else:
        # Several times as fast as NumPy's own stack.
        return wrap(np.concatenate(arrays).reshape(len(arrays), *shape) if shape else np.array(arrays))
    return tane.stack(list(batch), 0)


def _arrays(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Any:
    if batch[0].dtype.kind in "SaUO":
        raise TypeError(FOUND.format(batch[0].dtype))
    return collate([creation.as_tensor(b) for b in batch], collate_fn_map=collate_fn_map)


def _numbers(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Tensor:
    return creation.as_tensor(batch)


def _floats(batch: Sequence[float], *, collate_fn_map: Any = None) -> Tensor:
    return creation.tensor(batch, dtype=float64)


def _ints(batch: Sequence[int], *, collate_fn_map: Any = None) -> Tensor:
    return creation.tensor(batch)


def _texts(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return batch


#: What makes a batch of values of each type. May be extended: ``default_collate_fn_map.update({MyType: my_function})``.
default_collate_fn_map: dict[Any, Maker] = {
    Tensor: _tensors,
    np.ndarray: _arrays,
    (np.bool_, np.number, np.object_): _numbers,
    float: _floats,
    int: _ints,
    str: _texts,
    bytes: _texts,
}


def default_collate(batch: Any) -> Any:
    """A batch: tensors stacked, numbers and NumPy arrays as tensors, containers with batches in them, texts as they are.

    >>> default_collate([(0, "a"), (1, "b")])
    [tensor([0, 1]), ('a', 'b')]
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)
