"""The old names of :mod:`tane.amp` for CUDA."""

from __future__ import annotations

from tane.amp import GradScaler as AnyGradScaler
from tane.amp import autocast as any_autocast
from tane.dtypes import dtype as DType
from tane.dtypes import float16

__all__ = ["GradScaler", "autocast"]


class autocast(any_autocast):
    """``tane.amp.autocast("cuda", ...)``."""

    def __init__(self, enabled: bool = True, dtype: DType = float16, cache_enabled: bool = True) -> None:
        super().__init__("cuda", dtype, enabled, cache_enabled)


class GradScaler(AnyGradScaler):
    """``tane.amp.GradScaler("cuda", ...)``."""

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)
