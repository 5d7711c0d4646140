"""The cubic fit: a step of forward, backward and update by hand on 2000 points."""

from __future__ import annotations

import math

from workloads.frameworks import with_torch_api

TITLE = "cubic fit with autograd, a step (2000 points, float32)"
BASE = "torch"


def program(torch):
    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    torch.manual_seed(0)
    a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))

    def step():
        nonlocal a, b, c, d
        y_pred = a + b * x + c * x**2 + d * x**3
        loss = (y_pred - y).pow(2).sum()
        loss.backward()
        with torch.no_grad():
            a -= 1e-6 * a.grad
            b -= 1e-6 * b.grad
            c -= 1e-6 * c.grad
            d -= 1e-6 * d.grad
            a.grad = b.grad = c.grad = d.grad = None

    return step


def numpy_by_hand():
    import numpy as np

    x = np.linspace(-math.pi, math.pi, 2000, dtype=np.float32)
    y = np.sin(x)
    p = [np.float32(v) for v in (1.5410, -0.2934, -2.1788, 0.5684)]

    def step():
        a, b, c, d = p
        y_pred = a + b * x + c * x**2 + d * x**3
        np.square(y_pred - y).sum()
        g = 2 * (y_pred - y)
        p[:] = a - 1e-6 * g.sum(), b - 1e-6 * (g * x).sum(), c - 1e-6 * (g * x**2).sum(), d - 1e-6 * (g * x**3).sum()

    return step


def hips():
    import autograd.numpy as np
    from autograd import grad

    x = np.linspace(-math.pi, math.pi, 2000).astype("float32")
    y = np.sin(x)

    def loss(p):
        return np.sum((p[0] + p[1] * x + p[2] * x**2 + p[3] * x**3 - y) ** 2)

    slope, p = grad(loss), np.array([1.5410, -0.2934, -2.1788, 0.5684], "float32")

    def step():
        nonlocal p
        p = p - 1e-6 * slope(p)

    return step


def mygrad():
    import mygrad as mg
    import numpy as np

    x = np.linspace(-math.pi, math.pi, 2000, dtype=np.float32)
    y = np.sin(x)
    p = [mg.tensor(v, dtype=np.float32) for v in (1.5410, -0.2934, -2.1788, 0.5684)]

    def step():
        a, b, c, d = p
        loss = ((a + b * x + c * x**2 + d * x**3 - y) ** 2).sum()
        loss.backward()
        for t in p:
            t.data -= np.float32(1e-6) * t.grad

    return step


def jax():
    import jax
    import jax.numpy as jnp

    x = jnp.linspace(-math.pi, math.pi, 2000, dtype="float32")
    y = jnp.sin(x)

    @jax.jit
    def update(p):
        slope = jax.grad(lambda p: jnp.sum((p[0] + p[1] * x + p[2] * x**2 + p[3] * x**3 - y) ** 2))(p)
        return p - 1e-6 * slope

    p = jnp.array([1.5410, -0.2934, -2.1788, 0.5684], "float32")

    def step():
        nonlocal p
        p = update(p).block_until_ready()

    return step


FRAMEWORKS = {**with_torch_api(program), "numpy": numpy_by_hand, "autograd": hips, "mygrad": mygrad, "jax (jit)": jax}
