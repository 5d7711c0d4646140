"""All of NumPy's functions that Tensors answer to: importing this fills the table."""

from tane.protocols import creating, joining, linear, ordering, reducing, shaping
from tane.protocols.table import call

__all__ = ["call", "creating", "joining", "linear", "ordering", "reducing", "shaping"]
