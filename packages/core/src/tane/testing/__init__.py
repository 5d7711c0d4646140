"""What tests are made of, for tane's own and for those of packages that bring ops and devices.

``assert_close`` and ``make_tensor`` are PyTorch's. ``opcheck`` examines an op on every installed device: values, gradients of first and second
order, types, layouts, aliasing; ``devices_agree`` compares a device's faster ways with the plain ones, at sizes of your choice. ``BackendSuite`` is
the test class that a device's tests subclass (needs pytest), ``strategies`` draws shapes, arrays and indices for property tests (needs hypothesis):
``pip install "tane-core[testing]"`` brings both.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.testing.agreement import devices_agree as devices_agree
    from tane.testing.checker import OpCheckError as OpCheckError
    from tane.testing.checker import opcheck as opcheck
    from tane.testing.checker import testable_devices as testable_devices
    from tane.testing.comparison import assert_close as assert_close
    from tane.testing.gradients import finite_difference as finite_difference
    from tane.testing.making import make_tensor as make_tensor
    from tane.testing.sample import Draw as Draw
    from tane.testing.sample import Sample as Sample
    from tane.testing.sample import draw as draw
    from tane.testing.sample import given as given
    from tane.testing.suite import BackendSuite as BackendSuite

_HOME = {
    "BackendSuite": "suite",
    "Draw": "sample",
    "OpCheckError": "checker",
    "Sample": "sample",
    "assert_close": "comparison",
    "devices_agree": "agreement",
    "draw": "sample",
    "finite_difference": "gradients",
    "given": "sample",
    "make_tensor": "making",
    "opcheck": "checker",
    "testable_devices": "checker",
}
_NEEDS = {"suite": "pytest", "strategies": "hypothesis"}
_MODULES = ("samples", "strategies")

__all__ = [
    "BackendSuite",
    "Draw",
    "OpCheckError",
    "Sample",
    "assert_close",
    "draw",
    "finite_difference",
    "given",
    "make_tensor",
    "opcheck",
    "samples",
    "strategies",
    "testable_devices",
]


def __getattr__(name: str) -> Any:
    module = _HOME.get(name, name if name in _MODULES else None)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = importlib.import_module(f"{__name__}.{module}")
    except ModuleNotFoundError as error:
        if error.name != _NEEDS.get(module):
            raise
        raise ModuleNotFoundError(f'tane.testing.{name} needs {error.name}: pip install "tane-core[testing]"', name=error.name) from None
    return found if name in _MODULES else getattr(found, name)


def __dir__() -> list[str]:
    return __all__
