"""The whole course in one program: tensors, a data set and its loader, a network, training, evaluation, curves and TensorBoard.

The data are two interleaved half moons, made here; the handwritten digits are in ``digits.py``.
"""

import math
import tempfile

import tane as torch
from tane import nn
from tane.data import DataLoader, Dataset


class Moons(Dataset):
    """Two half moons with noise: two features, two classes."""

    def __init__(self, count: int, noise: float = 0.15, seed: int = 0):
        generator = torch.Generator().manual_seed(seed)
        angle = torch.rand(count, generator=generator) * math.pi
        self.labels = torch.randint(0, 2, (count,), generator=generator)
        flip = 1.0 - 2.0 * self.labels
        points = torch.stack([angle.cos() * flip + self.labels, angle.sin() * flip + 0.5 * self.labels], dim=1)
        self.points = points + noise * torch.randn(count, 2, generator=generator)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.points[index], self.labels[index]


class Net(nn.Module):
    """Four layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2)
        )

    def forward(self, x):
        return self.layers(x)


def evaluate(model, loader, loss_fn):
    """Mean loss and accuracy over a loader."""
    model.eval()
    loss, right, seen = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            scores = model(x)
            loss += loss_fn(scores, y).item() * len(y)
            right += (scores.argmax(dim=1) == y).sum().item()
            seen += len(y)
    return loss / seen, right / seen


def main(epochs: int = 20, log_dir: str | None = None) -> dict[str, list[float]]:
    """Train, print a line per epoch, log to TensorBoard and return the curves."""
    torch.manual_seed(0)
    train, test = Moons(1000, seed=1), Moons(500, seed=2)
    train_loader, test_loader = DataLoader(train, batch_size=50, shuffle=True), DataLoader(test, batch_size=100)
    model, loss_fn = Net(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    log_dir = log_dir or tempfile.mkdtemp(prefix="course-")
    curves = {"train loss": [], "train accuracy": [], "test loss": [], "test accuracy": []}
    with torch.viz.SummaryWriter(log_dir) as writer:
        for epoch in range(epochs):
            model.train()
            for x, y in train_loader:
                loss = loss_fn(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            for name, loader in (("train", train_loader), ("test", test_loader)):
                loss_value, accuracy = evaluate(model, loader, loss_fn)
                curves[f"{name} loss"].append(loss_value)
                curves[f"{name} accuracy"].append(accuracy)
            for name, values in curves.items():
                writer.add_scalar(name.replace(" ", "/"), values[-1], epoch)
            print(f"epoch {epoch:2d}  " + "  ".join(f"{name} {values[-1]:.4f}" for name, values in curves.items()))
    print(f"TensorBoard: tensorboard --logdir {log_dir}")
    return curves


if __name__ == "__main__":
    main()
