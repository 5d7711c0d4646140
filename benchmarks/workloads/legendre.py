"""A custom ``autograd.Function`` in the fit of a Legendre polynomial: what a gradient in Python costs."""

from __future__ import annotations

import math

from workloads.frameworks import with_torch_api

TITLE = "Legendre fit with an own autograd.Function, a step (2000 points, float32)"
BASE = "torch"


def program(torch):
    class P3(torch.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return 0.5 * (5 * input**3 - 3 * input)

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            return grad_output * 1.5 * (5 * input**2 - 1)

    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    a, b, c, d = (torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))

    def step():
        nonlocal a, b, c, d
        loss = (a + b * P3.apply(c + d * x) - y).pow(2).sum()
        loss.backward()
        with torch.no_grad():
            a -= 5e-6 * a.grad
            b -= 5e-6 * b.grad
            c -= 5e-6 * c.grad
            d -= 5e-6 * d.grad
            a.grad = b.grad = c.grad = d.grad = None

    return step


FRAMEWORKS = with_torch_api(program)
