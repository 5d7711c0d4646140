"""The same calls of PyTorch's own SummaryWriter: the same entries in the event file, byte for byte but for the time."""

from __future__ import annotations

import inspect
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event

import tane
from tane.viz import SummaryWriter

torch = pytest.importorskip("torch")
pytest.importorskip("tensorboard")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.utils.tensorboard import SummaryWriter as TheirWriter

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def entries(folder):
    found = {}
    for file in sorted(Path(folder).rglob("events.out.tfevents.*")):
        data = file.read_bytes()
        place = 0
        while place < len(data):
            (length,) = struct.unpack("<Q", data[place : place + 8])
            event = Event.FromString(data[place + 12 : place + 12 + length])
            event.wall_time = 0
            if event.summary.value:
                found.setdefault(str(file.parent.relative_to(folder)), []).append(event)
            place += 16 + length
    return found


def numbers(m, writer):
    for step in range(3):
        writer.add_scalar("loss", m.tensor(0.1 * step, requires_grad=True), step)
        writer.add_scalars("both/of", {"a": step, "b": m.tensor(step, dtype=m.bfloat16)}, step)
    writer.add_scalar("new", 0.1, new_style=True)
    writer.add_scalar("double", np.float64(0.1), new_style=True, double_precision=True)


def histograms(m, writer):
    x = (m.arange(1001) - 500) / 8  # exact in every type, however it is computed
    writer.add_histogram("h", x, 1)
    writer.add_histogram("h", x[::8].to(m.bfloat16), 2)
    writer.add_histogram("h", x, 3, bins="fd")
    writer.add_histogram("h", x, 4, bins="auto", max_bins=7)
    writer.add_histogram("h", m.zeros(5), 5)
    writer.add_histogram("h", m.arange(5), 6)
    writer.add_histogram_raw("raw", 0, 3, 4, 6.0, 14.0, [1.0, 4.0], [1, 3])


def curves(m, writer):
    labels = m.tensor([0, 1, 1, 0, 1])
    predictions = m.tensor([0.1, 0.9, 0.4, 0.35, 0.8])
    writer.add_pr_curve("pr", labels, predictions, 1, num_thresholds=50)
    writer.add_pr_curve("pr", labels, predictions, 2, weights=np.array([1, 2, 1, 2, 1]))
    row = [0.5, 0.25]
    writer.add_pr_curve_raw("raw", row, row, row, row, row, row, num_thresholds=2)


def texts(m, writer):
    writer.add_text("a/b c", "**text**", 3)
    writer.add_custom_scalars({"all": {"both": ["Multiline", ["a", "b"]], "band": ["Margin", ["a", "b", "c"]]}})


def sounds(m, writer):
    writer.add_audio("a", m.linspace(-1, 1, 100).reshape(1, 100), sample_rate=8000)


def hparams(m, writer):
    writer.add_hparams({"lr": 0.1, "name": "sgd", "decay": m.tensor([0.5]), "none": None}, {"hp/acc": 0.5}, {"lr": [0.1, 1.0]}, "one", 2)


@pytest.mark.parametrize("program", [numbers, histograms, curves, texts, sounds, hparams], ids=lambda f: f.__name__)
def test_entries(program, tmp_path):
    with SummaryWriter(tmp_path / "ours") as writer:
        program(tane, writer)
    with TheirWriter(tmp_path / "theirs") as writer:
        program(torch, writer)
    assert entries(tmp_path / "ours") == entries(tmp_path / "theirs")


@pytest.mark.parametrize("method", [name for name in vars(TheirWriter) if name == "__init__" or not name.startswith("_")])
def test_signatures(method):
    ours, theirs = (inspect.signature(getattr(cls, method)).parameters for cls in (SummaryWriter, TheirWriter))
    assert list(ours) == list(theirs)
    assert [p.default for p in ours.values()] == [p.default for p in theirs.values()]
