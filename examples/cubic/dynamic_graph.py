"""A graph that differs from step to step: the fifth parameter is used once, twice or not at all, as chance decides."""

import math
import random

import tane as torch


class DynamicNet(torch.nn.Module):
    """A cubic plus e x^4, plus e x^5, or plus nothing; both powers share the one parameter."""

    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(()))
        self.b = torch.nn.Parameter(torch.randn(()))
        self.c = torch.nn.Parameter(torch.randn(()))
        self.d = torch.nn.Parameter(torch.randn(()))
        self.e = torch.nn.Parameter(torch.randn(()))

    def forward(self, x):
        y = self.a + self.b * x + self.c * x**2 + self.d * x**3
        for exponent in range(4, random.randint(4, 6)):
            y = y + self.e * x**exponent
        return y

    def string(self):
        """The polynomial as text."""
        return f"y = {self.a.item()} + {self.b.item()} x + {self.c.item()} x^2 + {self.d.item()} x^3 + {self.e.item()} x^4 ? + {self.e.item()} x^5 ?"


def main(steps: int = 30_000) -> tuple[float, float]:
    """Fit, print the loss every 2000 steps, and return the last loss and b."""
    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    torch.manual_seed(0)
    model = DynamicNet()
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-8, momentum=0.9)
    for t in range(steps):
        loss = criterion(model(x), y)
        if t % 2000 == 1999:
            print(t, loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"Result: {model.string()}")
    return loss.item(), model.b.item()


if __name__ == "__main__":
    main()
