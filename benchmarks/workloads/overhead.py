"""What an op costs beyond the array work: a product of two vectors of 100, recorded, against NumPy's own."""

from __future__ import annotations

from workloads.frameworks import with_torch_api

TITLE = "1000 products of vectors of 100, recorded for backward (1 us here is 1 ns an op; NumPy's own product as the base)"
BASE = "numpy"


def program(torch):
    a, b = torch.ones(100, requires_grad=True), torch.ones(100)

    def step():
        for _ in range(1000):
            a * b

    return step


def numpy_alone():
    import numpy as np

    a, b = np.ones(100, np.float32), np.ones(100, np.float32)

    def step():
        for _ in range(1000):
            a * b

    return step


FRAMEWORKS = {**with_torch_api(program), "numpy": numpy_alone}
