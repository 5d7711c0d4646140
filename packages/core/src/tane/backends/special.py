"""Special functions that NumPy lacks, written on the namespace ``F``: ``erf(F, x)`` is offered to formulas as ``F.erf(x)``."""
