"""tane: deep learning in small packages around one Tensor and one graph, with PyTorch's API and numbers, on NumPy and CuPy."""

from __future__ import annotations

import importlib as _importlib
import warnings as _warnings
from importlib.util import find_spec as _find_spec
from math import e, inf, nan, pi
from pkgutil import extend_path as _extend_path
from typing import TYPE_CHECKING
from typing import Any as _Any

__path__ = _extend_path(__path__, __name__)

# PyTorch is silent about overflow, 1/0 and log(0), so NumPy's warnings about those are silenced where tane's own modules raise them.
_warnings.filterwarnings("ignore", ".* encountered in ", RuntimeWarning, r"tane\.")

from tane import autograd as autograd, protocols as protocols, random as random
from tane.autograd.modes import (
    enable_grad as enable_grad,
    inference_mode as inference_mode,
    is_grad_enabled as is_grad_enabled,
    is_inference_mode_enabled as is_inference_mode_enabled,
    no_grad as no_grad,
    set_grad_enabled as set_grad_enabled,
)
from tane.convert import get_default_device as get_default_device, set_default_device as set_default_device
from tane.creation import *
from tane.device import device as device
from tane.dtypes import ALL_DTYPES as _ALL_DTYPES
from tane.dtypes import (
    can_cast as can_cast,
    dtype as dtype,
    finfo as finfo,
    get_default_dtype as get_default_dtype,
    iinfo as iinfo,
    promote_types as promote_types,
    set_default_dtype as set_default_dtype,
)
from tane.random import *
from tane.size import Size as Size
from tane.layout import *
from tane.surface import copying, grad, indexing, making, metadata
from tane.surface.attributes import *
from tane.surface.complex import *
from tane.surface.conversion import *
from tane.surface.expanding import *
from tane.surface.joining import *
from tane.surface.late import HOMES as _HOMES, LAYERED as _LAYERED
from tane.surface.legacy import *
from tane.surface.matmul import *
from tane.surface.pointwise import *
from tane.surface.reduction import *
from tane.surface.shape import *
from tane.tensor import Tensor as Tensor
from tane.version import __version__ as __version__

if TYPE_CHECKING:
    from tane import linalg as linalg
    from tane.printing import set_printoptions as set_printoptions
    from tane.surface.choice import *
    from tane.surface.comparison import *
    from tane.surface.covariance import *
    from tane.surface.cumulative import *
    from tane.surface.diagonals import *
    from tane.surface.drawing import *
    from tane.surface.einsum import *
    from tane.surface.filling import *
    from tane.surface.foreach import *
    from tane.surface.gathering import *
    from tane.surface.linalg import *
    from tane.surface.masking import *
    from tane.surface.norm import dist as dist, norm as norm, renorm as renorm
    from tane.surface.reordering import *
    from tane.surface.searching import *
    from tane.surface.sets import *
    from tane.surface.softmax import *
    from tane.surface.sorting import *
    from tane.surface.special import *
    from tane.surface.splitting import *
    from tane.surface.statistics import *
    from tane.surface.stft import *
    from tane.surface.strided import *
    from tane.surface.windows import *

for _d in _ALL_DTYPES:
    for _name in (_d.name, *_d.aliases):
        globals()[_name] = _d

# Sub-packages that are separate distributions, and what brings them.
_DISTRIBUTIONS = {"nn": "tane-nn", "optim": "tane-optim", "data": "tane-data", "viz": "tane-viz"}
_LAZY = {
    "accelerator",
    "amp",
    "distributions",
    "fft",
    "func",
    "linalg",
    "ops",
    "plugins",
    "printing",
    "return_types",
    "serialization",
    "special",
    "testing",
    "utils",
    "cuda",
    "backends",
    *_DISTRIBUTIONS,
}


# Names from parts that are loaded when they are first used.
_FROM = {
    "autocast": "amp",
    "get_autocast_dtype": "amp.autocast_mode",
    "is_autocast_enabled": "amp.autocast_mode",
    "load": "serialization",
    "save": "serialization",
    "GradientTape": "autograd",
    "set_printoptions": "printing",
    "vmap": "func",
    "is_anomaly_enabled": "autograd.anomaly",
    "is_anomaly_check_nan_enabled": "autograd.anomaly",
    **dict.fromkeys(
        (
            "are_deterministic_algorithms_enabled",
            "get_deterministic_debug_mode",
            "get_float32_matmul_precision",
            "get_num_interop_threads",
            "get_num_threads",
            "is_deterministic_algorithms_warn_only_enabled",
            "set_deterministic_debug_mode",
            "set_float32_matmul_precision",
            "set_num_interop_threads",
            "set_num_threads",
            "use_deterministic_algorithms",
        ),
        "switches",
    ),
    **_HOMES,
}

# What PyTorch has and tane does not, and what a program can do instead.
_ABSENT = {
    **dict.fromkeys(("compile", "compiler", "jit"), ": tane has no compiler yet. Programs run as they are: leave the call out"),
    **dict.fromkeys(("distributed", "multiprocessing"), ": tane runs in one process; loaders bring workers of their own"),
    **dict.fromkeys(("hub", "onnx", "export", "fx", "quantization", "ao", "sparse", "nested"), " and nothing in its place"),
}


def __getattr__(name: str) -> _Any:
    if name in _FROM:
        value = globals()[name] = getattr(_importlib.import_module(f"tane.{_FROM[name]}"), name)
        return value
    if name == "__all__":  # what `from tane import *` brings
        return [n for n in __dir__() if not n.startswith("_")]
    if name not in _LAZY:
        raise AttributeError(f"module 'tane' has no attribute {name!r}{_ABSENT.get(name, '')}")
    try:
        return _importlib.import_module(f"tane.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"tane.{name}" or name not in _DISTRIBUTIONS:
            raise
        raise ModuleNotFoundError(f"tane.{name} is not installed: pip install {_DISTRIBUTIONS[name]}", name=f"tane.{name}") from None


def __dir__() -> list[str]:
    absent = () if _find_spec("tane.nn") else _LAYERED.split()
    return sorted({*globals(), *_FROM, "linalg"}.difference(absent))
