"""``tane.amp``: mixed precision. ``autocast`` has ops compute in half precision, ``GradScaler`` keeps small gradients from vanishing in it."""

from __future__ import annotations

from tane.amp.autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from tane.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
