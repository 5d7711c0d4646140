"""The one place where the version of every tane distribution stands."""

__version__ = "0.1.0"
