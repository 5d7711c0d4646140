"""Backward through a chain of 1000 additions: the cost of a node."""

from __future__ import annotations

from workloads.frameworks import with_torch_api

TITLE = "forward and backward through 1000 additions of a scalar"
BASE = "torch"


def program(torch):
    x = torch.ones((), requires_grad=True)

    def step():
        y = x
        for _ in range(1000):
            y = y + 1
        y.backward()
        x.grad = None

    return step


FRAMEWORKS = with_torch_api(program)
