"""What goes wrong in files."""

from __future__ import annotations

from pickle import UnpicklingError

__all__ = ["LoadError"]


class LoadError(UnpicklingError, RuntimeError):
    """A file cannot be loaded: it is damaged, is no file of tensors, or asks for something that loading does not do.

    Both of what PyTorch raises: ``pickle.UnpicklingError`` for what weights-only loading refuses, ``RuntimeError`` for damaged files.
    """
