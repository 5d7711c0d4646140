"""The same derivatives with a gradient tape, as TensorFlow 2 spells them, over tane's own graph."""

import tane
from tane import GradientTape


def f(x):
    return 2 * x**3 + 4 * x**2 + 5 * x + 6


def main():
    """A variable, a watched constant, a persistent tape and a second derivative."""
    x = tane.tensor(0.5, requires_grad=True)
    with GradientTape() as tape:
        y = f(x)
    first = tape.gradient(y, x)
    print(first)

    constant = tane.tensor(0.5)
    with GradientTape(persistent=True) as tape:
        tape.watch(constant)
        y = f(constant)
        z = y * y
    watched = tape.gradient(y, constant), tape.gradient(z, constant)
    print(*watched)

    with GradientTape() as outer:
        with GradientTape() as inner:
            y = f(x)
        slope = inner.gradient(y, x)
    curvature = outer.gradient(slope, x)
    print(curvature)
    return first, watched, curvature


if __name__ == "__main__":
    main()
