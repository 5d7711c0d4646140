"""What a log entry is made of: one TensorBoard summary for each kind of value."""

from __future__ import annotations

import functools
import io
import wave
from typing import Any

import numpy as np
from tensorboardX import summary as tensorboard
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto.types_pb2 import DataType

from tane.viz.arrays import to_array, to_number
from tane.viz.images import png, to_hwc

__all__ = ["audio", "boxed_image", "histogram", "image", "mesh", "pr_curve", "scalar", "tensor", "video"]


def named(tag: str, plugin: str = "", **content: Any) -> Any:
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin)) if plugin else None
    return Summary(value=[Summary.Value(tag=tag, metadata=metadata, **content)])


def scalar(tag: str, value: Any, new_style: bool = False, double_precision: bool = False) -> Any:
    number = to_number(value)
    if double_precision:
        return named(tag, "scalars", tensor=TensorProto(double_val=[number], dtype="DT_DOUBLE"))
    if new_style:
        return named(tag, "scalars", tensor=TensorProto(float_val=[number], dtype="DT_FLOAT"))
    return named(tag, simple_value=number)


def tensor(tag: str, value: Any) -> Any:
    array = np.ascontiguousarray(to_array(value))
    kind = (
        "half"
        if array.dtype == np.float16
        else "float"
        if array.dtype == np.float32
        else "double"
        if array.dtype == np.float64
        else array.dtype.name
    )
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=d) for d in np.shape(array)])
    proto = TensorProto(dtype=DataType.Value(f"DT_{kind.upper()}"), tensor_shape=shape, tensor_content=array.tobytes())
    return named(tag, "tensor", tensor=proto)


@functools.cache
def default_bins() -> Any:
    """TensorBoard's own: their limits grow by a tenth, from 1e-12 to 1e20, and mirrored below zero."""
    positive = []
    limit = 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    return np.array([-b for b in reversed(positive)] + [0.0, *positive])


def histogram(tag: str, values: Any, bins: Any = "tensorflow", max_bins: int | None = None) -> Any:
    array = to_array(values).astype(np.float64)
    if isinstance(bins, str) and bins == "tensorflow":
        bins = default_bins()
    elif not isinstance(bins, (str, int)):
        bins = to_array(bins)
    return named(tag, histo=tensorboard.make_histogram(array, bins, max_bins))


def image(tag: str, values: Any, layout: str) -> Any:
    pixels = to_hwc(values, layout)
    height, width, channels = pixels.shape
    return named(tag, image=Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=png(pixels)))


def boxed_image(tag: str, values: Any, boxes: Any, rescale: float, layout: str, labels: list[str] | None) -> Any:
    needs("PIL", "pillow", "add_image_with_boxes")
    pixels = to_hwc(values, layout)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return named(tag, image=tensorboard.make_image(pixels, rescale=rescale, rois=to_array(boxes), labels=labels))


def figure_image(figures: Any, close: bool) -> Any:
    """Matplotlib figures as an image ``(channels, height, width)``, or as a batch of them for a list."""
    needs("matplotlib", '"tane-viz[matplotlib]"', "add_figure")
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    def pixels(figure: Any) -> Any:
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        rgba = np.asarray(canvas.buffer_rgba())
        if close:
            pyplot.close(figure)
        return rgba[:, :, :3].transpose(2, 0, 1)

    return np.stack([pixels(f) for f in figures]) if isinstance(figures, list) else pixels(figures)


def video(tag: str, values: Any, fps: float) -> Any:
    needs("moviepy", "moviepy", "add_video")
    array = to_array(values)
    if array.ndim != 5:
        raise ValueError(f"a video has the dimensions NTCHW, this one has shape {tuple(array.shape)}")
    return tensorboard.video(tag, array, fps)


def audio(tag: str, values: Any, sample_rate: int) -> Any:
    """One or two channels of samples between -1 and 1, ``(L,)``, ``(1, L)`` or ``(L, channels)``."""
    array = to_array(values)
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    array = array.reshape(-1, 1) if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] > 2:
        raise ValueError(f"sound has the shape (L,), (1, L) or (L, 2), not {tuple(to_array(values).shape)}")
    samples = (array.astype(np.float64).clip(-1, 1) * np.iinfo(np.int16).max).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(array.shape[1])
        out.setsampwidth(2)
        out.setframerate(sample_rate)
        out.writeframes(samples.tobytes())
    return named(
        tag,
        audio=Summary.Audio(
            sample_rate=sample_rate,
            num_channels=array.shape[1],
            length_frames=len(array),
            encoded_audio_string=file.getvalue(),
            content_type="audio/wav",
        ),
    )


def pr_curve(tag: str, labels: Any, predictions: Any, num_thresholds: int, weights: Any) -> Any:
    weights = None if weights is None else to_array(weights)
    return tensorboard.pr_curve(tag, to_array(labels), to_array(predictions), num_thresholds, weights)


def mesh(tag: str, vertices: Any, colors: Any, faces: Any, config: Any) -> Any:
    arrays = []
    for name, value in (("vertices", vertices), ("colors", colors), ("faces", faces)):
        array = None if value is None else to_array(value)
        if array is not None and (array.ndim != 3 or array.shape[2] != 3):
            raise ValueError(f"{name} of a mesh have the shape (batch, number, 3), not {tuple(array.shape)}")
        arrays.append(array)
    return tensorboard.mesh(tag, *arrays, config)


def needs(module: str, package: str, method: str) -> None:
    """Say what to install where a library that only some entries need is missing."""
    try:
        __import__(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ModuleNotFoundError(f"{method}() needs {module}: pip install {package}", name=module) from None
