"""A neural net in plain NumPy, trained by ``grad``: layers are arrays in a list, and the whole list is what is differentiated."""

import numpy as np

from tane.func import grad


def init_params(scale, layer_sizes, rs):
    """A weight matrix and a bias vector for each layer."""
    return [
        (scale * rs.standard_normal((m, n)), scale * rs.standard_normal(n)) for m, n in zip(layer_sizes[:-1], layer_sizes[1:], strict=True)
    ]


def predict(params, inputs):
    """Log-probabilities of the classes."""
    for w, b in params[:-1]:
        inputs = np.tanh(np.dot(inputs, w) + b)
    w, b = params[-1]
    outputs = np.dot(inputs, w) + b
    return outputs - np.logaddexp.reduce(outputs, axis=1, keepdims=True)


def log_posterior(params, inputs, targets, strength):
    """Log-likelihood of the one-hot targets plus a Gaussian prior on the weights."""
    prior = -strength * sum(np.sum(w**2) + np.sum(b**2) for w, b in params)
    return prior + np.sum(predict(params, inputs) * targets)


def accuracy(params, inputs, targets):
    """The share of inputs whose most probable class is the target."""
    return float(np.mean(np.argmax(predict(params, inputs), axis=1) == np.argmax(targets, axis=1)))


def digits():
    """scikit-learn's handwritten digits: training and test images in [0, 1] with one-hot labels."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order] / 16.0, np.eye(10)[labels[order]]
    return images[:1500], labels[:1500], images[1500:], labels[1500:]


def main(epochs: int = 12) -> tuple[list[float], float]:
    """Train with Adam; print and return the log posterior per epoch and the test accuracy."""
    train_x, train_y, test_x, test_y = digits()
    params = init_params(0.1, [64, 64, 32, 10], np.random.default_rng(0))
    slope = grad(lambda params, x, y: -log_posterior(params, x, y, 1e-3) / len(x))
    moments = [[np.zeros((2, *a.shape)) for a in layer] for layer in params]
    history, step, batch = [], 0, 100
    for epoch in range(epochs):
        for start in range(0, len(train_x), batch):
            step += 1
            gradients = slope(params, train_x[start : start + batch], train_y[start : start + batch])
            updated = []
            for layer, layer_gradients, layer_moments in zip(params, gradients, moments, strict=True):
                new = []
                for a, g, m in zip(layer, layer_gradients, layer_moments, strict=True):
                    m[0] = 0.9 * m[0] + 0.1 * g
                    m[1] = 0.999 * m[1] + 0.001 * g * g
                    new.append(a - 0.005 * (m[0] / (1 - 0.9**step)) / (np.sqrt(m[1] / (1 - 0.999**step)) + 1e-8))
                updated.append(tuple(new))
            params = updated
        history.append(float(log_posterior(params, train_x, train_y, 1e-3)))
        print(
            f"epoch {epoch:2d}  log posterior {history[-1]:10.2f}  train {accuracy(params, train_x, train_y):.4f}  test {accuracy(params, test_x, test_y):.4f}"
        )
    return history, accuracy(params, test_x, test_y)


if __name__ == "__main__":
    main()
