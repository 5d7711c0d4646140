"""What SummaryWriter writes, read back from its event files."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import wave
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData
from tensorboardX.record_writer import masked_crc32c

import tane
from tane.viz import SummaryWriter


def events(folder):
    """All events of the files right in a folder, checksums checked."""
    found = []
    for file in sorted(Path(folder).glob("events.out.tfevents.*")):
        data = file.read_bytes()
        while data:
            head, checksum = data[:8], struct.unpack("<I", data[8:12])[0]
            assert checksum == masked_crc32c(head)
            (length,) = struct.unpack("<Q", head)
            body = data[12 : 12 + length]
            assert struct.unpack("<I", data[12 + length : 16 + length])[0] == masked_crc32c(body)
            found.append(Event.FromString(body))
            data = data[16 + length :]
    return found


def values(folder):
    """(step, summary value) of every entry."""
    return [(e.step, v) for e in events(folder) for v in e.summary.value]


def only(folder):
    ((_, value),) = values(folder)
    return value


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path / "run") as writer:
        yield writer


# ---- numbers --------------------------------------------------------------------------------------------------------------------
NUMBERS = {
    "python": 2.5,
    "numpy": np.float64(2.5),
    "array": np.array([2.5]),
    "tensor": tane.tensor(2.5),
    "one element": tane.tensor([[2.5]]),
    "needs gradient": tane.tensor(2.5, requires_grad=True),
    "result": tane.tensor(1.25, requires_grad=True) * 2,
    "float64": tane.tensor(2.5, dtype=tane.float64),
    "bfloat16": tane.tensor(2.5, dtype=tane.bfloat16),
    "float16": tane.tensor(2.5, dtype=tane.float16),
}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_scalar(writer, number):
    writer.add_scalar("loss/train", number, 7, walltime=12.5)
    writer.close()
    first, entry = events(writer.log_dir)
    assert first.file_version == "brain.Event:2"
    assert (entry.step, entry.wall_time) == (7, 12.5)
    assert [(v.tag, v.simple_value) for v in entry.summary.value] == [("loss/train", 2.5)]


def test_scalar_on_another_device(writer):
    writer.add_scalar("loss", tane.tensor(2.5, device="strict"), tane.tensor(3))
    writer.close()
    ((step, value),) = values(writer.log_dir)
    assert (step, value.simple_value) == (3, 2.5)


def test_scalar_styles(writer):
    writer.add_scalar("new", 0.1, new_style=True)
    writer.add_scalar("double", 0.1, double_precision=True)
    writer.close()
    (_, new), (_, double) = values(writer.log_dir)
    assert new.metadata.plugin_data.plugin_name == double.metadata.plugin_data.plugin_name == "scalars"
    assert new.tensor.float_val[0] == pytest.approx(0.1, rel=1e-7)  # float32
    assert double.tensor.double_val[0] == 0.1


def test_scalar_that_is_none(writer):
    with pytest.raises(ValueError, match=r"one number, but got 2 of shape \(2,\)"):
        writer.add_scalar("loss", tane.ones(2))
    with pytest.raises(TypeError, match="got str"):
        writer.add_scalar("loss", "small")


def test_scalars_are_runs_of_their_own(writer):
    writer.add_scalars("loss/both", {"train": 1.0, "test": tane.tensor(2.0)}, 3)
    writer.add_scalars("loss/both", {"train": 0.5}, 4)
    writer.close()
    train = values(f"{writer.log_dir}/loss_both_train")
    assert [(step, v.tag, v.simple_value) for step, v in train] == [(3, "loss/both", 1.0), (4, "loss/both", 0.5)]
    assert only(f"{writer.log_dir}/loss_both_test").simple_value == 2.0


def test_tensor(writer):
    writer.add_tensor("x", tane.tensor([[1.0, 2.0, 3.0]]))
    writer.close()
    proto = only(writer.log_dir).tensor
    assert [d.size for d in proto.tensor_shape.dim] == [1, 3]
    assert np.frombuffer(proto.tensor_content, np.float32).tolist() == [1.0, 2.0, 3.0]


def test_histogram(writer):
    given = np.array([-3.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0])
    writer.add_histogram("h", tane.tensor(given, requires_grad=True))
    writer.close()
    h = only(writer.log_dir).histo
    assert (h.min, h.max, h.num, h.sum, h.sum_squares) == (-3, 2, 7, given.sum(), (given**2).sum())
    assert sum(h.bucket) == 7
    assert len(h.bucket) == len(h.bucket_limit)
    limits = list(h.bucket_limit)
    for value, count in {-3.0: 1, 0.0: 2, 1.0: 1, 2.0: 3}.items():
        place = next(i for i, limit in enumerate(limits) if limit > value)
        assert h.bucket[place] == count


def test_histogram_bins(writer):
    writer.add_histogram("h", tane.arange(100), bins=tane.tensor([0.0, 50.0, 100.0]))
    writer.add_histogram("h", tane.arange(100), bins="auto", max_bins=3)
    writer.close()
    (_, few), (_, merged) = values(writer.log_dir)
    assert list(few.histo.bucket) == [0, 50, 50]
    assert len(merged.histo.bucket) <= 1 + 3 + 1
    assert sum(merged.histo.bucket) == 100


def test_histogram_raw(writer):
    counted = {"min": 0, "max": 3, "num": 4, "sum": tane.tensor(6.0), "sum_squares": 14.0}
    writer.add_histogram_raw("h", **counted, bucket_limits=tane.tensor([1.0, 4.0]), bucket_counts=[1, 3])
    with pytest.raises(ValueError, match="2 and 1"):
        writer.add_histogram_raw("h", **counted, bucket_limits=[1.0, 4.0], bucket_counts=[1])
    writer.close()
    h = only(writer.log_dir).histo
    assert (list(h.bucket), list(h.bucket_limit), h.sum) == ([1, 3], [1, 4], 6)


def test_pr_curve(writer):
    writer.add_pr_curve("pr", tane.tensor([0, 0, 1, 1]), tane.tensor([0.1, 0.6, 0.4, 0.9]), num_thresholds=11)
    writer.close()
    value = only(writer.log_dir)
    assert value.metadata.plugin_data.plugin_name == "pr_curves"
    tp, fp, tn, fn, precision, recall = np.array(value.tensor.float_val).reshape(6, 11)
    assert tp.tolist() == [2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 0]  # found at the threshold 0, 0.1 … 1
    assert fp.tolist() == [2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert (tp + fn).tolist() == (fp + tn).tolist() == [2.0] * 11
    assert (precision[2], recall[5]) == (pytest.approx(2 / 3), 0.5)


def test_pr_curve_raw(writer):
    row = tane.tensor([1.0, 2.0])
    writer.add_pr_curve_raw("pr", row, row, row, row, row, row, num_thresholds=2)
    writer.close()
    assert list(only(writer.log_dir).tensor.float_val) == [1.0, 2.0] * 6


# ---- pictures, sound, text ----------------------------------------------------------------------------------------------------
def pixels(image):
    """The bytes of a PNG file as this package writes them, (height, width, channels)."""
    data = image.encoded_image_string
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, body, header = 8, b"", None
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        name, chunk = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert zlib.crc32(name + chunk) == struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0]
        header = chunk if name == b"IHDR" else header
        body += chunk if name == b"IDAT" else b""
        place += 12 + length
    width, height, depth, kind = struct.unpack(">IIBB", header[:10])
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    assert (depth, height, width, channels) == (8, image.height, image.width, image.colorspace)
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize("layout", ["CHW", "HWC", "WHC", "hwc"])
def test_image(writer, layout):
    given = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    writer.add_image("i", tane.tensor(given.transpose(["HWC".index(d) for d in layout.upper()]).copy()), dataformats=layout)
    writer.close()
    assert (pixels(only(writer.log_dir).image) == given).all()


def test_image_without_channels(writer):
    writer.add_image("i", tane.tensor([[0.0, 0.5], [1.0, 2.0], [-1.0, float("nan")]], requires_grad=True), dataformats="HW")
    writer.close()
    assert pixels(only(writer.log_dir).image)[:, :, 0].tolist() == [[0, 127], [255, 255], [0, 0]]


def test_images_are_put_side_by_side(writer):
    batch = tane.arange(10).reshape(10, 1, 1, 1).to(tane.uint8)
    writer.add_images("i", batch)
    writer.add_images("i", [tane.ones(3, 2, 2), tane.zeros(3, 2, 2)], dataformats="CHW")
    writer.close()
    (_, grid), (_, pair) = values(writer.log_dir)
    assert pixels(grid.image)[:, :, 0].tolist() == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 0, 0, 0, 0, 0, 0]]
    assert pixels(pair.image).shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("shape", "layout", "text"),
    [
        ((2, 2), "CHW", "3 dimensions"),
        ((5, 2, 2), "CHW", "1 to 4 channels"),
        ((2, 2), "HH", "order of the letters"),
        ((2, 2), "XY", "order of"),
    ],
)
def test_images_that_are_none(writer, shape, layout, text):
    with pytest.raises(ValueError, match=text):
        writer.add_image("i", tane.zeros(shape), dataformats=layout)


def test_image_with_boxes(writer):
    pytest.importorskip("PIL")
    writer.add_image_with_boxes("i", tane.zeros(1, 20, 20), tane.tensor([[2, 3, 10, 12]]), labels="seven")
    with pytest.raises(ValueError, match="2 labels for 1 boxes"):
        writer.add_image_with_boxes("i", tane.zeros(3, 20, 20), tane.tensor([[2, 3, 10, 12]]), labels=["a", "b"])
    writer.close()
    assert only(writer.log_dir).image.encoded_image_string.startswith(b"\x89PNG")


def test_figure(writer):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(2, 1), dpi=50)
    writer.add_figure("f", figure, close=False)
    writer.add_figure("f", [figure, pyplot.figure(figsize=(2, 1), dpi=50)])
    writer.close()
    (_, one), (_, two) = values(writer.log_dir)
    assert pixels(one.image).shape == (50, 100, 3)
    assert pixels(two.image).shape == (50, 200, 3)
    assert not pyplot.get_fignums()


def test_what_needs_more_says_what(writer, monkeypatch):
    for name in ("matplotlib", "moviepy", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    with pytest.raises(ModuleNotFoundError, match=r'pip install "tane-viz\[matplotlib\]"'):
        writer.add_figure("f", None)
    with pytest.raises(ModuleNotFoundError, match="pip install moviepy"):
        writer.add_video("v", tane.zeros(1, 1, 3, 2, 2))
    with pytest.raises(ModuleNotFoundError, match="pip install onnx"):
        writer.add_onnx_graph("model.onnx")


@pytest.mark.parametrize(("shape", "channels"), [((8,), 1), ((1, 8), 1), ((8, 2), 2)])
def test_audio(writer, shape, channels):
    sound = tane.linspace(-2, 2, 16 if channels == 2 else 8).reshape(shape)
    writer.add_audio("a", sound, sample_rate=8000)
    writer.close()
    audio = only(writer.log_dir).audio
    with wave.open(BytesIO(audio.encoded_audio_string)) as file:
        assert (file.getnframes(), file.getnchannels(), file.getframerate()) == (8, channels, 8000)
        samples = np.frombuffer(file.readframes(8), "<i2")
    assert (samples[0], samples[-1]) == (-32767, 32767)
    assert audio.content_type == "audio/wav"


def test_text(writer):
    writer.add_text("notes", "**bold** – ünïcode", 2)
    writer.close()
    value = only(writer.log_dir)
    assert value.metadata.plugin_data.plugin_name == "text"
    assert value.tensor.string_val[0].decode() == "**bold** – ünïcode"


def test_mesh(writer):
    corners = tane.tensor([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], requires_grad=True)
    writer.add_mesh("m", corners, colors=tane.full((1, 3, 3), 255), faces=tane.tensor([[[0, 1, 2]]]))
    with pytest.raises(ValueError, match=r"vertices .* not \(3, 3\)"):
        writer.add_mesh("m", corners[0])
    writer.close()
    found = {v.tag: v for _, v in values(writer.log_dir)}
    assert sorted(found) == ["m_1", "m_2", "m_3"]
    assert list(found["m_2"].tensor.float_val) == [0, 1, 2]


# ---- experiments ----------------------------------------------------------------------------------------------------------------
def test_hparams(writer):
    writer.add_hparams(
        {"lr": 0.1, "layers": 2, "bias": True, "name": "sgd", "decay": tane.tensor(0.5), "unset": None},
        {"accuracy": tane.tensor(0.75)},
        {"lr": [0.1, 0.01]},
        run_name="first",
        global_step=1,
    )
    writer.close()
    found = {v.tag: v for _, v in values(f"{writer.log_dir}/first")}
    assert found.pop("accuracy").simple_value == 0.75
    data = {tag: HParamsPluginData.FromString(v.metadata.plugin_data.content) for tag, v in found.items()}
    session = data["_hparams_/session_start_info"].session_start_info.hparams
    assert session["lr"].number_value == 0.1
    assert session["bias"].bool_value is True
    assert session["name"].string_value == "sgd"
    assert session["decay"].number_value == 0.5
    assert "unset" not in session
    experiment = data["_hparams_/experiment"].experiment
    assert [m.name.tag for m in experiment.metric_infos] == ["accuracy"]
    (lr,) = [h for h in experiment.hparam_infos if h.name == "lr"]
    assert [v.number_value for v in lr.domain_discrete.values] == [0.1, 0.01]
    assert data["_hparams_/session_end_info"].session_end_info.status


@pytest.mark.parametrize(
    ("args", "error"),
    [(([1], {}), TypeError), (({}, [1]), TypeError), (({"a": [1]}, {}), ValueError), (({"a": 1}, {}, {"a": ["x"]}), TypeError)],
)
def test_hparams_that_are_none(writer, args, error):
    with pytest.raises(error):
        writer.add_hparams(*args)


def test_custom_scalars(writer):
    writer.add_custom_scalars({"all": {"both": ["Multiline", ["a", "b"]], "band": ["Margin", ["a", "b", "c"]]}})
    writer.add_custom_scalars_multilinechart(["a", "b"])
    writer.add_custom_scalars_marginchart(["a", "b", "c"])
    with pytest.raises(AssertionError, match="got 2"):
        writer.add_custom_scalars_marginchart(["a", "b"])
    writer.close()
    assert [v.tag for _, v in values(writer.log_dir)] == ["custom_scalars__config__"] * 3


def test_embedding(writer):
    points = tane.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    writer.add_embedding(points, metadata=["a", "b", "c"], label_img=tane.ones(3, 1, 2, 2), global_step=1, tag="en/words")
    writer.add_embedding(points, metadata=[["a", 1], ["b", 2], ["c", 3]], metadata_header=["letter", "number"])
    writer.close()
    root = Path(writer.log_dir)
    first = root / "00001" / "en%2fwords"
    assert (first / "tensors.tsv").read_text() == "1.0\t2.0\n3.0\t4.0\n5.0\t6.0\n"
    assert (first / "metadata.tsv").read_text() == "a\nb\nc\n"
    assert (first / "sprite.png").read_bytes().startswith(b"\x89PNG")
    assert (root / "00000" / "default" / "metadata.tsv").read_text().splitlines()[0] == "letter\tnumber"
    config = (root / "projector_config.pbtxt").read_text()
    assert config.count("embeddings {") == 2
    assert 'tensor_path: "00001/en%2fwords/tensors.tsv"' in config
    with pytest.raises(AssertionError, match="2 and 3"):
        writer.add_embedding(points, metadata=["a", "b"])


# ---- the file -------------------------------------------------------------------------------------------------------------------
def test_flush_has_written_when_it_returns(writer):
    writer.add_scalar("a", 1.0)
    writer.flush()
    assert only(writer.log_dir).simple_value == 1.0


def test_a_full_queue_is_written(tmp_path):
    with SummaryWriter(tmp_path, max_queue=3) as writer:
        for i in range(4):
            writer.add_scalar("a", i)
        assert [v.simple_value for _, v in values(tmp_path)] == [0, 1, 2]


def test_old_entries_are_written(tmp_path):
    with SummaryWriter(tmp_path, flush_secs=0) as writer:
        writer.add_scalar("a", 1)
        assert only(tmp_path).simple_value == 1


def test_after_close_a_new_file_begins(writer):
    writer.add_scalar("a", 1)
    writer.close()
    writer.close()
    writer.add_scalar("a", 2)
    writer.close()
    assert len(list(Path(writer.log_dir).glob("events*"))) == 2
    assert [v.simple_value for _, v in values(writer.log_dir)] == [1, 2]


def test_two_writers_of_one_folder_do_not_overwrite(tmp_path):
    with SummaryWriter(tmp_path) as one, SummaryWriter(tmp_path) as two:
        one.add_scalar("a", 1)
        two.add_scalar("a", 2)
    assert sorted(v.simple_value for _, v in values(tmp_path)) == [1, 2]


def test_purge_step(tmp_path):
    with SummaryWriter(tmp_path, purge_step=5, filename_suffix=".x"):
        pass
    _, version, session = events(tmp_path)
    assert (version.step, session.step, session.session_log.status) == (5, 5, 1)
    assert next(tmp_path.glob("events*")).name.endswith(".x")


def test_made_up_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_lr0.1") as writer:
        assert writer.get_logdir().endswith("_lr0.1")
    (run,) = (tmp_path / "runs").iterdir()
    assert events(run)


def test_what_waits_at_exit_is_written(tmp_path):
    program = "import sys; from tane.viz import SummaryWriter; SummaryWriter(sys.argv[1]).add_scalar('a', 3.0)"
    subprocess.run([sys.executable, "-c", f"{program}; w = SummaryWriter(sys.argv[1]); w.add_scalar('a', 4.0)", tmp_path], check=True)
    assert sorted(v.simple_value for _, v in values(tmp_path)) == [3.0, 4.0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_writes_nothing_twice(tmp_path):
    program = """
import os, sys
from tane.viz import SummaryWriter
writer = SummaryWriter(sys.argv[1])
writer.add_scalar("a", 1.0)
if os.fork() == 0:
    sys.exit()
os.wait()
writer.close()
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    assert only(tmp_path).simple_value == 1.0


def test_importing_viz_brings_no_tensorboard():
    heavy = ("tensorboardX", "google.protobuf", "graphviz", "matplotlib", "torch")
    program = f"import sys, tane.viz; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_drawing_brings_no_tensorboard():
    program = "import sys, tane.viz; tane.viz.make_dot, tane.viz.render; print('tensorboardX' in sys.modules, 'graphviz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "False True\n"


# ---- the graph ------------------------------------------------------------------------------------------------------------------
def test_graph_of_a_function(writer, capsys):
    w = tane.ones(3, requires_grad=True)
    writer.add_graph(lambda a, b: ((a * w).sum(), b + 1), (tane.ones(2, 3), tane.ones(4)), verbose=True)
    writer.close()
    (graph,) = [GraphDef.FromString(e.graph_def) for e in events(writer.log_dir) if e.graph_def]
    nodes = {n.name: n for n in graph.node}
    assert list(nodes["output/output.1"].input) == ["function/sum"]
    assert list(nodes["function/sum"].input) == ["function/mul"]
    assert list(nodes["function/mul"].input) == ["input/x", "leaf"]
    assert list(nodes["output/output.2"].input) == ["function/add"]
    assert [d.size for d in nodes["function/mul"].attr["_output_shapes"].list.shape[0].dim] == [2, 3]
    assert "function/mul = mul(input/x, leaf) -> (2, 3)" in capsys.readouterr().out
