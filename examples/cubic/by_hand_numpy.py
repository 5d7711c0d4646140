"""A cubic fitted to sine with NumPy alone: the gradients are worked out by hand. What the other programs here make shorter."""

import math

import numpy as np


def main(steps: int = 10_001) -> dict[int, float]:
    """Fit, print the loss every 1000 steps, and return those losses."""
    np.random.seed(0)
    x = np.linspace(-math.pi, math.pi, 2000)
    y = np.sin(x)
    a, b, c, d = np.random.randn(), np.random.randn(), np.random.randn(), np.random.randn()
    learning_rate = 1e-6
    losses = {}
    for t in range(steps):
        y_pred = a + b * x + c * x**2 + d * x**3
        loss = np.square(y_pred - y).sum()
        if t % 1000 == 0:
            losses[t] = float(loss)
            print(t, losses[t])
        grad_y_pred = 2.0 * (y_pred - y)
        a -= learning_rate * grad_y_pred.sum()
        b -= learning_rate * (grad_y_pred * x).sum()
        c -= learning_rate * (grad_y_pred * x**2).sum()
        d -= learning_rate * (grad_y_pred * x**3).sum()
    print(f"Result: y = {a} + {b} x + {c} x^2 + {d} x^3")
    return losses


if __name__ == "__main__":
    main()
