"""``tane.amp``: mixed precision. Loss scaling is complete; casting ops by themselves is not there yet, and says so."""

from __future__ import annotations

from tane.amp.autocast_mode import autocast, is_autocast_available
from tane.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "is_autocast_available"]
