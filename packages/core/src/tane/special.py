"""``tane.special``: special functions, under PyTorch's and SciPy's names."""

from __future__ import annotations

from tane.surface.special import NAMES as _NAMES

globals().update(_NAMES)
__all__ = [*_NAMES]
