"""``tane.backends.cudnn``: switches of a library that tane does not use.

They can be read and set, so that programs which set them run; they are hints about speed and repeatability, and change nothing here.
"""

from __future__ import annotations

__all__ = ["allow_tf32", "benchmark", "deterministic", "enabled", "is_available", "version"]

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Whether cuDNN is used: never."""
    return False


def version() -> int | None:
    """The version of cuDNN in use: none."""
    return None
