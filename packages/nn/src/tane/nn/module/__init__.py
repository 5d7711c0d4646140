"""What a module is, one aspect a file."""

from __future__ import annotations

from tane.nn.module.module import Module

__all__ = ["Module"]
