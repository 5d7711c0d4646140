"""A function of one's own with its own gradient: the third Legendre polynomial as an ``autograd.Function``, fitted to sine."""

import math

import tane as torch


class LegendrePolynomial3(torch.autograd.Function):
    """P3(z) = (5 z^3 - 3 z) / 2 and its derivative 1.5 (5 z^2 - 1)."""

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


def main(steps: int = 10_001, device: str = "cuda" if torch.cuda.is_available() else "cpu") -> tuple[dict[int, float], dict[str, float]]:
    """Fit, print the loss every 1000 steps, and return those losses and the parameters."""
    dtype = torch.float
    x = torch.linspace(-math.pi, math.pi, 2000, device=device, dtype=dtype)
    y = torch.sin(x)
    a = torch.full((), 0.0, device=device, dtype=dtype, requires_grad=True)
    b = torch.full((), -1.0, device=device, dtype=dtype, requires_grad=True)
    c = torch.full((), 0.0, device=device, dtype=dtype, requires_grad=True)
    d = torch.full((), 0.3, device=device, dtype=dtype, requires_grad=True)
    learning_rate = 5e-6
    losses = {}
    for t in range(steps):
        P3 = LegendrePolynomial3.apply
        y_pred = a + b * P3(c + d * x)
        loss = (y_pred - y).pow(2).sum()
        if t % 1000 == 0:
            losses[t] = loss.item()
            print(t, loss.item())
        loss.backward()
        with torch.no_grad():
            a -= learning_rate * a.grad
            b -= learning_rate * b.grad
            c -= learning_rate * c.grad
            d -= learning_rate * d.grad
            a.grad = b.grad = c.grad = d.grad = None
    print(f"Result: y = {a.item()} + {b.item()} * P3({c.item()} + {d.item()} x)")
    return losses, {"a": a.item(), "b": b.item(), "c": c.item(), "d": d.item()}


if __name__ == "__main__":
    main()
