"""Saving tensors to files and loading them, without ever executing what a file says."""

from __future__ import annotations

from tane.serialization.allowed import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from tane.serialization.errors import LoadError
from tane.serialization.files import load, save

__all__ = ["LoadError", "add_safe_globals", "clear_safe_globals", "get_safe_globals", "load", "safe_globals", "save"]
