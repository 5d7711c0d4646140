"""Derivatives at a point and along a line; with matplotlib installed, a plot of a function and its derivative."""

import sys

import tane as torch


def square():
    """y = x^2 at 1, and its derivative."""
    x = torch.tensor(1.0, requires_grad=True)
    y = x**2
    y.backward()
    print(y, x.grad)
    return y, x.grad


def f(x):
    return 2 * x**3 + 4 * x**2 + 5 * x + 6


def cubic():
    """The cubic at 0.5: by ``backward`` and by ``autograd.grad``."""
    x = torch.tensor(0.5, requires_grad=True)
    y = f(x)
    y.backward()
    print(y, x.grad)
    again = torch.autograd.grad(f(x), x)
    print(again)
    return y, x.grad, again[0]


def along_a_line():
    """The cubic and its derivative from -4 to 4."""
    x = torch.arange(-4, 4, 0.001, requires_grad=True)
    y = f(x)
    y.backward(gradient=torch.ones_like(y))
    return x, y, x.grad


def main(picture: str | None = None) -> None:
    """All three; the last as a picture."""
    square()
    cubic()
    x, y, slope = along_a_line()
    if picture is not None:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots()
        axes.plot(x.detach(), y.detach(), label="f(x) = 2x³ + 4x² + 5x + 6")
        axes.plot(x.detach(), slope, label="f'(x) = 6x² + 8x + 5")
        axes.legend()
        figure.savefig(picture)
        plt.close(figure)
        print(f"plotted to {picture}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
