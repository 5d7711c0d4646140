"""Train a small network to read handwritten digits, watch it in TensorBoard, and keep it.

The 1797 digits of 8 × 8 pixels come with scikit-learn; nothing is downloaded. Run it with `nox -s demo`, or `python examples/digits.py` in
an environment that has tane, scikit-learn and tqdm.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import tane as torch  # the one line that a PyTorch program changes, and the two below that import from it
from tane import nn, optim, viz
from tane.data import DataLoader, TensorDataset


class Net(nn.Module):
    """Two hidden layers."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, 128),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(128, 64),
            nn.ReLU(),
        )
        self.head = nn.Linear(64, 10)

    def forward(self, images):
        return self.head(self.body(images))


def datasets():
    """Digits to learn from, and a fifth of them kept back to test on."""
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    train, test = train_test_split(range(len(labels)), test_size=0.2, random_state=0, stratify=digits.target)
    return TensorDataset(images[train], labels[train]), TensorDataset(images[test], labels[test])


def evaluate(model, loader):
    """The mean loss, and the share of digits that are read right."""
    loss = right = count = 0
    model.eval()
    with torch.no_grad():
        for images, labels in loader:
            scores = model(images)
            loss += nn.functional.cross_entropy(scores, labels, reduction="sum").item()
            right += (scores.argmax(1) == labels).sum().item()
            count += len(labels)
    return loss / count, right / count


def train(model, train_loader, test_loader, epochs, writer):
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=epochs * len(train_loader))
    accuracy = 0.0
    # A bar where somebody watches; where the output goes to a file, the lines printed below are all there is.
    with tqdm(total=epochs * len(train_loader), unit="batch", disable=None, dynamic_ncols=True) as bar:
        for epoch in range(1, epochs + 1):
            model.train()
            total = 0.0
            for images, labels in train_loader:
                optimizer.zero_grad()
                loss = criterion(model(images), labels)
                loss.backward()
                optimizer.step()
                schedule.step()
                total += loss.item()
                bar.update()
            train_loss = total / len(train_loader)
            test_loss, accuracy = evaluate(model, test_loader)
            bar.set_description(f"epoch {epoch}/{epochs}, loss {train_loss:.4f}, test accuracy {accuracy:.4f}")
            if bar.disable and (epoch == 1 or epoch % 5 == 0):
                print(
                    f"epoch {epoch:2}/{epochs}: loss {train_loss:.4f}, test loss {test_loss:.4f}, test accuracy {accuracy:.4f}", flush=True
                )

            writer.add_scalar("loss/train", train_loss, epoch)
            writer.add_scalar("loss/test", test_loss, epoch)
            writer.add_scalar("accuracy/test", accuracy, epoch)
            writer.add_scalar("learning rate", schedule.get_last_lr()[0], epoch)
            for name, parameter in model.named_parameters():
                writer.add_histogram(f"weights/{name}", parameter, epoch)
                writer.add_histogram(f"gradients/{name}", parameter.grad, epoch)
    return accuracy


def main(arguments=()):
    """Train, report, and keep the results; returns the test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/digits"), help="where the results go (default: %(default)s)")
    args = parser.parse_args(arguments)

    torch.manual_seed(args.seed)
    train_set, test_set = datasets()
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=256)
    model = Net()

    for old in args.out.glob("events.out.tfevents.*"):  # of an earlier run: TensorBoard would mix the two
        old.unlink()
    begin = time.perf_counter()
    images, labels = test_set[:32]
    print(viz.summary(model, images), end="\n\n", flush=True)
    with viz.SummaryWriter(args.out) as writer:
        writer.add_images("digits", images.unsqueeze(1))
        writer.add_graph(model, images)
        accuracy = train(model, train_loader, test_loader, args.epochs, writer)
    print(f"test accuracy: {accuracy:.4f}, after {time.perf_counter() - begin:.1f} s")

    torch.save(model.state_dict(), args.out / "model.safetensors")
    loss = nn.functional.cross_entropy(model(images), labels)
    pictures = viz.render(viz.make_dot(loss, params=dict(model.named_parameters())), args.out / "graph")
    print(f"model:         {args.out / 'model.safetensors'}")
    print(f"graph:         {', '.join(str(p) for p in pictures)}")
    print(f"TensorBoard:   tensorboard --logdir {args.out.parent}   (pip install tensorboard)")
    return accuracy


if __name__ == "__main__":
    main(sys.argv[1:])
