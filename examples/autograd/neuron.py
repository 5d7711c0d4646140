"""One neuron, its output, its gradients, and a picture of its graph."""

import tane as torch
from tane import nn


class Neuron(nn.Module):
    """tanh of a weighted sum of two inputs."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)
        self.linear.weight = nn.Parameter(torch.tensor([[0.6, -0.2]]))
        self.linear.bias = nn.Parameter(torch.tensor([0.8]))

    def forward(self, x):
        return torch.tanh(self.linear(x))


def main(picture: str | None = None):
    """Print the neuron's state, output and gradients; write its graph to ``picture`` where one is asked for. Returns all of them."""
    model = Neuron()
    print(model.state_dict())
    y = model(torch.tensor([[1.0, 2.0]]))
    print(y)
    loss = nn.MSELoss()(y, torch.tensor([[1.0]]))
    loss.backward()
    gradients = model.linear.weight.grad.clone(), model.linear.bias.grad.clone()
    print(*gradients, sep="\n")
    model.linear.weight.grad = None
    model.zero_grad()
    graph = torch.viz.make_dot(y, params=dict(model.named_parameters()))
    if picture is not None:
        print(torch.viz.save_graph(graph, picture))
    return model, y, gradients, graph


if __name__ == "__main__":
    main("neuron")
