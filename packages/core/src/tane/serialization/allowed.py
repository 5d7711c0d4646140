"""What a pickle may name: PyTorch's tensors, the containers of Python, NumPy's numbers, and what the user has added."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from tane.device import device
from tane.dtypes import ALL_DTYPES
from tane.serialization import rebuild
from tane.serialization.errors import LoadError
from tane.serialization.machine import Call, checked_key
from tane.size import Size
from tane.tensor import Tensor

__all__ = ["BUILDERS", "add_safe_globals", "clear_safe_globals", "find", "get_safe_globals", "safe_globals"]

NEVER = {"sys", "os", "posix", "nt", "subprocess", "builtins"}  # not even where a user asks for it


# ---- Python's own ------------------------------------------------------------------------------------------------------------------------
def _ordered(items: Any = ()) -> Any:
    return OrderedDict((checked_key(k), v) for k, v in (items.items() if type(items) is dict else items))


def _counter(items: Any = ()) -> Any:
    return Counter({checked_key(k): v for k, v in dict(items).items()})


def _encoded(text: Any, encoding: Any = "latin1") -> bytes:
    if type(text) is not str or encoding not in ("latin1", "latin-1"):
        raise LoadError("the pickle encodes something else than bytes")
    return text.encode("latin-1")


def _bytearray(source: Any = b"", encoding: Any = None) -> bytearray:
    if type(source) is str:
        return bytearray(_encoded(source, encoding))
    if type(source) is not bytes:  # a number would be a length
        raise LoadError("the pickle makes a bytearray of something else than bytes")
    return bytearray(source)


def _complex(real: Any = 0.0, imaginary: Any = 0.0) -> complex:
    return complex(float(real), float(imaginary))


def _size(items: Any = ()) -> Size:
    return Size(rebuild.whole(n) for n in items)


def _device(kind: Any = "cpu", index: Any = None) -> device:
    return device(kind, index)


# ---- NumPy's numbers and arrays ------------------------------------------------------------------------------------------------------------
class NumpyType:
    """A ``numpy.dtype`` that is being read."""

    def __init__(self, code: Any, *_: Any) -> None:
        if type(code) is not str or not re.fullmatch(r"[biufc](1|2|4|8|16)|\?", code):
            raise LoadError(f"the file has a NumPy array of type {code!r}; only numbers can be loaded")
        self.dtype = np.dtype(code)

    def build(self, state: Any) -> None:
        if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", ">", "|", "="):
            raise LoadError("the pickle is damaged: the state of a NumPy dtype")
        self.dtype = self.dtype.newbyteorder(state[1])


def _numpy_scalar(kind: Any, data: Any) -> Any:
    if type(kind) is not NumpyType or type(data) is not bytes or len(data) != kind.dtype.itemsize:
        raise LoadError("the pickle is damaged: a NumPy number")
    return np.frombuffer(data, kind.dtype)[0]


def _numpy_array(*_: Any) -> Any:
    return np.empty(0)


def _build_array(array: Any, state: Any) -> None:
    _, shape, kind, fortran, data = state
    if type(kind) is not NumpyType or type(data) is not bytes or type(fortran) is not bool:
        raise LoadError("the pickle is damaged: a NumPy array")
    array.__setstate__((1, tuple(rebuild.whole(n) for n in shape), kind.dtype, fortran, data))


# ---- the table -------------------------------------------------------------------------------------------------------------------------
def _table() -> dict[tuple[str, str], Any]:
    table: dict[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): Call(_ordered, new=True),
        ("collections", "Counter"): Call(_counter),
        ("_codecs", "encode"): Call(_encoded),
        ("torch", "Size"): Call(_size, new=True),
        ("torch", "device"): Call(_device),
        ("torch", "Tensor"): Tensor,
        ("torch.nn.parameter", "Parameter"): rebuild.PARAMETER,
        ("torch._utils", "_rebuild_tensor"): Call(rebuild.tensor),
        ("torch._utils", "_rebuild_tensor_v2"): Call(rebuild.tensor_v2),
        ("torch._utils", "_rebuild_tensor_v3"): Call(rebuild.tensor_v3),
        ("torch._utils", "_rebuild_parameter"): Call(rebuild.parameter),
        ("torch._utils", "_rebuild_parameter_with_state"): Call(rebuild.parameter_with_state),
        ("torch._tensor", "_rebuild_from_type_v2"): Call(rebuild.from_type),
        ("numpy", "dtype"): Call(NumpyType),
        ("numpy", "ndarray"): rebuild.NDARRAY,
        ("torch.storage", "UntypedStorage"): rebuild.StorageType(None),
    }
    for module in ("builtins", "__builtin__"):
        table[module, "set"] = Call(lambda items=(): set(map(checked_key, items)))
        table[module, "frozenset"] = Call(lambda items=(): frozenset(map(checked_key, items)))
        table[module, "bytearray"] = Call(_bytearray)
        table[module, "complex"] = Call(_complex)
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        table[module, "scalar"] = Call(_numpy_scalar)
        table[module, "_reconstruct"] = Call(_numpy_array)
    for d in ALL_DTYPES:
        for name in (d.name, *d.aliases):
            table["torch", name] = d
        storage = rebuild.StorageType(d)
        for module in ("torch", "torch.cuda"):
            table[module, d.tensor_name.replace("Tensor", "Storage")] = storage
    return table


ALLOWED = _table()

BUILDERS: dict[type, Callable[[Any, Any], None]] = {
    OrderedDict: rebuild.set_attributes,
    NumpyType: NumpyType.build,
    np.ndarray: _build_array,
}


def find(module: str, name: str) -> Any:
    """What a name in a pickle stands for; ``LoadError`` where it stands for nothing that may be loaded."""
    found = ALLOWED.get((module, name))
    if found is not None:
        return found
    found = _added.get(f"{module}.{name}")
    if found is not None:
        return Call(found, new=True) if callable(found) else found
    raise LoadError(
        f"Weights only load failed: the file names {module}.{name}, and loading admits tensors, numbers, text and plain containers only, because "
        f"anything else could execute code. Unsupported global: GLOBAL {module}.{name} was not an allowed global by default. If you trust it, "
        f"import it and add it with tane.serialization.add_safe_globals([{name}]); otherwise save the file again with what it holds as plain values."
    )


# ---- what users add ----------------------------------------------------------------------------------------------------------------------
_added: dict[str, Any] = {}


def _names(given: Sequence[Any]) -> dict[str, Any]:
    names = {}
    for item in given:
        item, name = item if isinstance(item, tuple) else (item, f"{item.__module__}.{item.__qualname__}")
        if name.partition(".")[0] in NEVER:
            raise ValueError(f"add_safe_globals(): {name} could do anything, and is never loaded")
        names[name] = item
    return names


def add_safe_globals(safe_globals: Sequence[Any]) -> None:
    """Admit classes (or pairs of a class and the name it has in files): files may then make instances of them and set their attributes."""
    names = _names(safe_globals)
    _added.update(names)
    for item in names.values():
        if isinstance(item, type):
            BUILDERS.setdefault(item, _build_instance)


def get_safe_globals() -> list[Any]:
    """What was added."""
    return list(_added.values())


def clear_safe_globals() -> None:
    """Admit nothing but the default again."""
    for item in _added.values():
        if BUILDERS.get(item) is _build_instance:
            del BUILDERS[item]
    _added.clear()


class safe_globals:
    """Admits classes within a ``with`` block."""

    def __init__(self, safe_globals: Sequence[Any]) -> None:
        self.given = list(safe_globals)

    def __enter__(self) -> None:
        self.before = dict(_added)
        add_safe_globals(self.given)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        before = self.before
        clear_safe_globals()
        add_safe_globals([(item, name) for name, item in before.items()])


def _build_instance(target: Any, state: Any) -> None:
    if hasattr(target, "__setstate__"):
        target.__setstate__(state)
        return
    if not isinstance(state, dict):
        raise LoadError(f"the pickle is damaged: the attributes of a {type(target).__name__} are a {type(state).__name__}")
    target.__dict__.update(state)
