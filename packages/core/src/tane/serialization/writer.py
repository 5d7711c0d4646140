"""Objects with tensors as the pickle that PyTorch reads: classes go by PyTorch's names, the tensors' memory goes elsewhere."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from typing import Any, ClassVar

from tane.device import device
from tane.dtypes import dtype
from tane.serialization.spans import Spans
from tane.size import Size
from tane.surface.copying import users
from tane.tensor import Tensor

__all__ = ["Named", "pickled"]


class Named:
    """Something that is not here but in PyTorch, by the name that its pickles call it."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *_: Any) -> Any:
        raise TypeError(f"{self.module}.{self.name} is a name")  # callable, because what a pickle calls has to be


REBUILD_TENSOR = Named("torch._utils", "_rebuild_tensor_v2")
REBUILD_OTHER = Named("torch._utils", "_rebuild_tensor_v3")  # element types for which PyTorch has no storage class
REBUILD_WITH_ATTRIBUTES = Named("torch._tensor", "_rebuild_from_type_v2")
REBUILD_PARAMETER = Named("torch._utils", "_rebuild_parameter")
REBUILD_PARAMETER_WITH_ATTRIBUTES = Named("torch._utils", "_rebuild_parameter_with_state")
TENSOR, SIZE, DEVICE = Named("torch", "Tensor"), Named("torch", "Size"), Named("torch", "device")
UNTYPED = Named("torch.storage", "UntypedStorage")

_named: dict[dtype, Named] = {}
_storages: dict[dtype, Named] = {}


def storage_class(d: dtype) -> Named:
    """PyTorch's name for memory of an element type."""
    if d not in _storages:
        _storages[d] = UNTYPED if d.name in ("uint16", "uint32", "uint64") else Named("torch", d.tensor_name.replace("Tensor", "Storage"))
    return _storages[d]


class Stored:
    """A span as the pickle refers to it."""

    def __init__(self, key: str, kind: Named, location: str, count: int) -> None:
        self.id = ("storage", kind, key, location, count)


PythonPickler: Any = pickle._Pickler  # the one in C checks that what it names can be imported


class Pickler(PythonPickler):  # type: ignore[misc]
    """Writes tensors as PyTorch does."""

    dispatch: ClassVar[dict[Any, Any]] = dict(PythonPickler.dispatch)

    def __init__(self, file: Any, protocol: int, spans: Spans) -> None:
        super().__init__(file, protocol=protocol)
        self.spans = spans

    def persistent_id(self, obj: Any) -> Any:
        return obj.id if type(obj) is Stored else None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Tensor):
            return self._tensor(obj)
        return NotImplemented

    def _tensor(self, t: Tensor) -> tuple[Any, ...]:
        place = self.spans.place(t)
        span = place.span
        kind = storage_class(t.dtype)
        count = span.count * span.dtype.itemsize if kind is UNTYPED else span.count
        stored = Stored(span.key, kind, _location(t), count)
        attributes = users(t)
        is_parameter = getattr(type(t), "_is_param", False)
        asked = t.requires_grad and not is_parameter
        args: tuple[Any, ...] = (stored, place.offset, tuple(map(int, t.shape)), place.stride, asked, OrderedDict())
        rebuild = REBUILD_TENSOR
        if kind is UNTYPED:
            args, rebuild = (*args, t.dtype), REBUILD_OTHER
        if is_parameter:
            data = _Inner(rebuild, args)
            if attributes:
                return REBUILD_PARAMETER_WITH_ATTRIBUTES, (data, t.requires_grad, OrderedDict(), attributes)
            return REBUILD_PARAMETER, (data, t.requires_grad, OrderedDict())
        if attributes or type(t) is not Tensor:
            return REBUILD_WITH_ATTRIBUTES, (rebuild, TENSOR if type(t) is Tensor else type(t), args, attributes)
        return rebuild, args

    def _save_named(self, obj: Named) -> None:
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        self.memoize(obj)

    def _save_dtype(self, obj: dtype) -> None:
        self.save(_named.setdefault(obj, Named("torch", obj.name)))

    def _save_size(self, obj: Size) -> None:
        self.save_reduce(SIZE, (tuple(obj),), obj=obj)

    def _save_device(self, obj: device) -> None:
        self.save_reduce(DEVICE, (obj.type,) if obj.index is None else (obj.type, obj.index), obj=obj)

    def _save_inner(self, obj: _Inner) -> None:
        self.save_reduce(obj.rebuild, obj.args)

    dispatch[Named] = _save_named
    dispatch[dtype] = _save_dtype
    dispatch[Size] = _save_size
    dispatch[device] = _save_device


class _Inner:
    """The tensor inside a parameter."""

    def __init__(self, rebuild: Named, args: tuple[Any, ...]) -> None:
        self.rebuild, self.args = rebuild, args


Pickler.dispatch[_Inner] = Pickler._save_inner


def _location(t: Tensor) -> str:
    home = t.device
    return home.type if home.type == "cpu" else f"{home.type}:{home.index or 0}"


class Scout(pickle.Pickler):
    """Finds the tensors that a pickle of an object would have in it."""

    def __init__(self, file: Any, protocol: int, spans: Spans) -> None:
        super().__init__(file, protocol)
        self.spans = spans

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Tensor):
            self.spans.place(obj)
            return Spans, (), users(obj)  # anything: nobody reads it
        return refused(obj)


def refused(obj: Any) -> Any:
    """Raise for a module."""
    if hasattr(obj, "state_dict") and hasattr(obj, "named_parameters") and not isinstance(obj, type):
        raise TypeError(
            f"save(): a module cannot be saved, only its tensors: save {type(obj).__name__}.state_dict(), and load it with "
            f"load_state_dict() into a module made anew"
        )
    return NotImplemented


def pickled(obj: Any, protocol: int = 2) -> tuple[bytes, Spans]:
    """The pickle of ``obj``, and the memory that belongs beside it."""
    spans = Spans()
    # What part of its memory a tensor is saved with is known when all tensors have been seen.
    Scout(io.BytesIO(), protocol, spans).dump(obj)
    whole = io.BytesIO()
    Pickler(whole, protocol, spans).dump(obj)
    return whole.getvalue(), spans
