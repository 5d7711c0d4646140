"""PyTorch's switches for speed and repeatability, which can be set and read and change nothing: what tane computes is repeatable, and in full precision.

How many threads a product of matrices uses is up to NumPy's BLAS, which reads its environment variables before the program starts.
"""

from __future__ import annotations

import os
import warnings

__all__ = [
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
]

MODES = ("default", "warn", "error")


class Settings:
    mode = 0  # of MODES
    precision = "highest"
    threads = interop_threads = os.cpu_count() or 1


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Whether ops must be repeatable; here every op is, on the CPU."""
    for name, value, position in (("mode", mode, 1), ("warn_only", warn_only, 2)):
        if not isinstance(value, bool):
            raise TypeError(
                f"use_deterministic_algorithms(): argument '{name}' (position {position}) must be bool, not {type(value).__name__}"
            )
    Settings.mode = (1 if warn_only else 2) if mode else 0


def are_deterministic_algorithms_enabled() -> bool:
    """What :func:`use_deterministic_algorithms` was last given."""
    return Settings.mode > 0


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether it was given ``warn_only``, too."""
    return Settings.mode == 1


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """:func:`use_deterministic_algorithms` by number or name: 0 ``"default"``, 1 ``"warn"``, 2 ``"error"``."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str):
        if debug_mode not in MODES:
            raise RuntimeError(f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}")
        debug_mode = MODES.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    Settings.mode = debug_mode


def get_deterministic_debug_mode() -> int:
    """The number that :func:`set_deterministic_debug_mode` takes."""
    return Settings.mode


def set_float32_matmul_precision(precision: str) -> None:
    """How exact products of float32 matrices must be, ``"highest"``, ``"high"`` or ``"medium"``; here they are as exact as float32 is."""
    if precision not in ("highest", "high", "medium"):
        warnings.warn(f"{precision} is not one of 'highest', 'high', or 'medium'; the call has no effect.", UserWarning, stacklevel=2)
        return
    Settings.precision = precision


def get_float32_matmul_precision() -> str:
    """What :func:`set_float32_matmul_precision` was last given."""
    return Settings.precision


def _positive(name: str, value: int) -> int:
    if not isinstance(value, int):
        raise RuntimeError(f"{name} expects an int, but got {type(value).__name__}")
    if value <= 0:
        raise RuntimeError(f"{name} expects a positive integer")
    return value


def set_num_threads(num: int) -> None:
    """The number of threads that one op may use: a hint."""
    Settings.threads = _positive("set_num_threads", num)


def get_num_threads() -> int:
    """What :func:`set_num_threads` was last given, by default the number of processors."""
    return Settings.threads


def set_num_interop_threads(num: int) -> None:
    """The number of threads that independent ops may use: a hint."""
    Settings.interop_threads = _positive("set_num_interop_threads", num)


def get_num_interop_threads() -> int:
    """What :func:`set_num_interop_threads` was last given, by default the number of processors."""
    return Settings.interop_threads
