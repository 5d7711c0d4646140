"""Gradients of a loss on one layer, and what does not get a gradient."""

import tane as torch


def main():
    """A layer's weights receive gradients, its input does not; a legacy tensor made to require one does."""
    x = torch.ones(5)
    y = torch.zeros(3)
    w = torch.randn(5, 3, requires_grad=True)
    b = torch.randn(3, requires_grad=True)
    z = torch.matmul(x, w) + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
    print(f"Gradient function for z = {z.grad_fn}")
    print(f"Gradient function for loss = {loss.grad_fn}")
    loss.backward()
    print(w.grad, b.grad, x.grad, sep="\n")

    t = torch.Tensor([3]).requires_grad_(True)
    s = t * t + 1
    s.backward()
    print(t.grad)
    return (w, b, x), t.grad


if __name__ == "__main__":
    main()
