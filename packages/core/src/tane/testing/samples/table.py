"""The table of samples, and the usual ways to fill it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tane.ops.primitive import primitives
from tane.testing.sample import FLOATS, Draw, Sample, draw

__all__ = ["ELSEWHERE", "TABLE", "add", "declared_in", "pointwise", "samples_of"]

#: Primitives that are no function of their inputs alone, and where they are tested.
ELSEWHERE = {
    "as_strided": "reads the memory around its input; tests/devices/test_inplace.py",
    "copy_slices": "records that a view was written to; tests/devices/test_inplace.py",
    "view_dtype": "reads its input's bytes as another type; tests/devices/test_inplace.py",
    "transfer": "goes from one device to another; tests/devices/test_transfer.py",
}

#: Samples by the name of the primitive.
TABLE: dict[str, list[Sample]] = {}


def add(name: str, *samples: Sample, **changes: Any) -> None:
    """Put samples of an op into the table; ``changes`` are made to all of them."""
    TABLE.setdefault(name, []).extend(s.but(**changes) if changes else s for s in samples)


def samples_of(name: str) -> list[Sample]:
    """The samples of a primitive; ``KeyError`` says where to write them."""
    if name not in TABLE:
        raise KeyError(f"op {name!r} has no samples: add some in tane.testing.samples.families")
    return TABLE[name]


# The shapes that every pointwise op must take: a usual one, 0-d, empty, and those that broadcast.
SHAPES: Mapping[int, Mapping[str, Sequence[tuple[int, ...]]]] = {
    1: {"": [(2, 3)], "0-d": [()], "empty": [(0,)], "empty middle": [(2, 0, 3)]},
    2: {
        "": [(2, 3), (2, 3)],
        "0-d": [(), ()],
        "empty": [(0,), (0,)],
        "broadcast left": [(3,), (2, 3)],
        "broadcast both": [(2, 1), (1, 3)],
        "0-d beside": [(2, 3), ()],
        "empty broadcast": [(2, 0), (1,)],
    },
    3: {
        "": [(2, 3), (2, 3), (2, 3)],
        "0-d": [(), (), ()],
        "empty": [(0,), (0,), (0,)],
        "broadcast": [(2, 1), (3,), (2, 3)],
        "0-d beside": [(2, 3), (), (3,)],
    },
}


def pointwise(
    name: str,
    reference: Callable[..., Any] | None,
    inputs: int = 1,
    *,
    dtypes: Iterable[str] = FLOATS,
    domains: Sequence[Mapping[str, Any]] = (),
    kwargs: Mapping[str, Any] | None = None,
    label: str = "",
    **changes: Any,
) -> None:
    """Samples of a pointwise op in all the shapes that it must take; ``domains`` are the keywords of each input's draw."""
    for case, shapes in SHAPES[inputs].items():
        draws = [draw(*shape, **(domains[i] if i < len(domains) else {})) for i, shape in enumerate(shapes)]
        text = " ".join(filter(None, (label, case)))
        types = tuple(dtypes) if not case else tuple(dtypes)[:2]
        add(name, Sample(tuple(draws), dict(kwargs or {}), name=text, dtypes=types, reference=reference, **changes))


def declared_in(package: str) -> list[str]:
    """The names of all primitives that the modules of a package declare; all its modules are imported for it."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)
    return sorted(name for name, op in primitives.items() if op.home.startswith(f"{package}."))


def distinct(*shape: int) -> Draw:
    """Values far enough apart for extremes and orders to be unique in every dtype."""
    return draw(*shape, distinct=True)
