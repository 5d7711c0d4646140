"""The cubic fit as a network with a loss module and RMSprop."""

from __future__ import annotations

import math

from workloads.frameworks import with_torch_api

TITLE = "cubic fit with nn and RMSprop, a step (2000 points, float32)"
BASE = "torch"


def program(torch):
    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    xx = x.unsqueeze(-1).pow(torch.tensor([1, 2, 3]))
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1))
    loss_fn = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)

    def step():
        loss = loss_fn(model(xx), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


FRAMEWORKS = with_torch_api(program)
