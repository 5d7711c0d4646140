"""The device ``"cuda"`` of tane, on CuPy. Nobody imports this package: that it is installed makes the device exist."""

__all__: list[str] = []
