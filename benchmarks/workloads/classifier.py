"""A classifier's training step: linear layers with ReLU between, cross entropy, SGD with momentum."""

from __future__ import annotations


def program(torch, batch, *widths):
    torch.manual_seed(0)
    layers = []
    for i, o in zip(widths, widths[1:], strict=False):
        layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, y = torch.randn(batch, widths[0]), torch.randint(0, widths[-1], (batch,))
    loss_fn = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()

    return step
