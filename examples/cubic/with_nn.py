"""The cubic as a network: a linear layer on the powers of x, a loss from ``nn``, and updates by hand."""

import math

import tane as torch


def main(steps: int = 5_001) -> dict[int, float]:
    """Fit, print the loss every 1000 steps, and return those losses."""
    x = torch.linspace(-math.pi, math.pi, 2000)
    y = torch.sin(x)
    p = torch.tensor([1, 2, 3])
    xx = x.unsqueeze(-1).pow(p)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1))
    loss_fn = torch.nn.MSELoss(reduction="sum")
    learning_rate = 1e-6
    losses = {}
    for t in range(steps):
        loss = loss_fn(model(xx), y)
        if t % 1000 == 0:
            losses[t] = loss.item()
            print(t, loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for param in model.parameters():
                param -= learning_rate * param.grad
    linear = model[0]
    print(
        f"Result: y = {linear.bias.item()} + {linear.weight[:, 0].item()} x + {linear.weight[:, 1].item()} x^2 + {linear.weight[:, 2].item()} x^3"
    )
    return losses


if __name__ == "__main__":
    main()
