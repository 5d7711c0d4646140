"""The cubic as a ``Module`` of one's own, with four parameters and a method of its own, trained by SGD."""

import math

import tane as torch


class Polynomial3(torch.nn.Module):
    """a + b x + c x^2 + d x^3."""

    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(()))
        self.b = torch.nn.Parameter(torch.randn(()))
        self.c = torch.nn.Parameter(torch.randn(()))
        self.d = torch.nn.Parameter(torch.randn(()))

    def forward(self, x):
        return self.a + self.b * x + self.c * x**2 + self.d * x**3

    def string(self):
        """The polynomial as text."""
        return f"y = {self.a.item()} + {self.b.item()} x + {self.c.item()} x^2 + {self.d.item()} x^3"


def main(steps: int = 10_001) -> dict[int, float]:
    """Fit, print the loss every 1000 steps, and return those losses."""
    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    torch.manual_seed(0)
    model = Polynomial3()
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    losses = {}
    for t in range(steps):
        loss = criterion(model(x), y)
        if t % 1000 == 0:
            losses[t] = loss.item()
            print(t, loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"Result: {model.string()}")
    return losses


if __name__ == "__main__":
    main()
