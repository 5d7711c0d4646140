"""Gradients of plain NumPy code: ``grad`` takes a function and gives the function that computes its derivative."""

import numpy as np

from tane.func import grad


def tanh(x):
    """tanh, written out in NumPy."""
    y = np.exp(-2.0 * x)
    return (1.0 - y) / (1.0 + y)


def taylor_sine(x):
    """The Taylor series of sine, summed until a term is below 0.001: a loop whose length depends on x."""
    term = x
    total = term
    i = 0
    while np.abs(term) > 0.001:
        term = -term * x * x / ((2 * i + 3) * (2 * i + 2))
        total = total + term
        i += 1
    return total


INPUTS = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
TARGETS = np.array([True, True, False, True])


def training_loss(weights):
    """The negative log-likelihood of the targets under logistic regression."""
    predictions = 0.5 * (np.tanh(np.dot(INPUTS, weights) / 2.0) + 1.0)
    probabilities = predictions * TARGETS + (1 - predictions) * (1 - TARGETS)
    return -np.sum(np.log(probabilities))


def logistic_regression(steps: int = 100) -> tuple[float, float]:
    """Train it from zero; the loss before and after."""
    weights = np.array([0.0, 0.0, 0.0])
    slope = grad(training_loss)
    before = float(training_loss(weights))
    for _ in range(steps):
        weights -= slope(weights) * 0.01
    after = float(training_loss(weights))
    print("Initial loss:", before)
    print("Trained loss:", after)
    return before, after


def main() -> None:
    """Derivatives of tanh and of the sine series, first and second; then logistic regression."""
    print("tanh'(1) =", grad(tanh)(1.0))
    print("sin'(pi) =", grad(taylor_sine)(np.pi), "cos(pi) =", np.cos(np.pi))
    print("sin''(1) =", grad(grad(taylor_sine))(1.0), "-sin(1) =", -np.sin(1.0))
    logistic_regression()


if __name__ == "__main__":
    main()
