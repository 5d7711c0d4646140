"""Training logs for TensorBoard, with PyTorch's ``SummaryWriter``."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from tensorboardX import summary as tensorboard
from tensorboardX.proto.event_pb2 import Event, SessionLog

from tane.viz import summaries
from tane.viz.arrays import to_array, to_number
from tane.viz.embedding import Projector
from tane.viz.events import EventFile
from tane.viz.graphdef import graph_def, listing
from tane.viz.hparams import hparams

__all__ = ["SummaryWriter"]


class SummaryWriter:
    """Writes a run into a folder that TensorBoard reads: ``tensorboard --logdir runs``.

    Its methods are those of PyTorch's ``torch.utils.tensorboard.SummaryWriter``. Values are Tensors (of any device and type, with
    gradient or without), NumPy arrays or numbers. ``global_step`` and ``walltime`` say where an entry stands on the horizontal axis;
    ``walltime`` is now, unless told. Close the writer when done, or use it in a ``with`` statement; what it holds when the program ends
    is written, too.

    Args:
        log_dir: The folder. Without it, one is made under ``runs/`` from the time and the machine's name.
        comment: What that made-up name ends with. Without effect if ``log_dir`` is given.
        purge_step: A run that was interrupted and resumes at this step: TensorBoard then hides what was logged from there on before.
        max_queue: How many entries may wait in memory.
        flush_secs: How many seconds they may wait, looked at when the next entry comes.
        filename_suffix: What the name of the event file ends with.

    >>> with SummaryWriter("runs/first") as writer:                              # doctest: +SKIP
    ...     for step in range(100):
    ...         writer.add_scalar("loss", 1 / (step + 1), step)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            log_dir = os.path.join("runs", f"{datetime.now():%b%d_%H-%M-%S}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        self.purge_step = purge_step
        self.max_queue, self.flush_secs, self.filename_suffix = max_queue, flush_secs, filename_suffix
        self.all_writers: dict[str, EventFile] | None = None
        self._projector: Projector | None = None
        self._get_file_writer()

    @property
    def file_writer(self) -> EventFile | None:
        """The event file of the run itself; ``None`` when closed."""
        return None if self.all_writers is None else self.all_writers[self.log_dir]

    def _get_file_writer(self) -> EventFile:
        """The event file; after :meth:`close`, a new one."""
        if self.all_writers is None:
            self.all_writers = {}
            file = self._open(self.log_dir)
            if self.purge_step is not None:
                file.add_event(Event(file_version="brain.Event:2"), self.purge_step)
                file.add_event(Event(session_log=SessionLog(status=SessionLog.START)), self.purge_step)
                self.purge_step = None
        return self.all_writers[self.log_dir]

    def _open(self, folder: str) -> EventFile:
        assert self.all_writers is not None
        if folder not in self.all_writers:
            self.all_writers[folder] = EventFile(folder, self.max_queue, self.flush_secs, self.filename_suffix)
        return self.all_writers[folder]

    def _add(self, summary: Any, global_step: Any, walltime: float | None) -> None:
        self._get_file_writer().add_summary(summary, global_step, walltime)

    def get_logdir(self) -> str:
        """The folder that the run is written to."""
        return self.log_dir

    # ---- numbers --------------------------------------------------------------------------------------------------------------
    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: Any = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """Add a number: a point of the curve ``tag``. ``new_style`` stores it as a tensor, ``double_precision`` as one of float64."""
        self._add(summaries.scalar(tag, scalar_value, new_style, double_precision), global_step, walltime)

    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: Any = None, walltime: float | None = None
    ) -> None:
        """Add points to several curves of one chart. Each is a run of its own, in a folder within ``log_dir``."""
        walltime = time.time() if walltime is None else walltime
        folder = self._get_file_writer().get_logdir()
        for tag, value in tag_scalar_dict.items():
            file = self._open(f"{folder}/{main_tag.replace('/', '_')}_{tag}")
            file.add_summary(summaries.scalar(main_tag, value), global_step, walltime)

    def add_tensor(self, tag: str, tensor: Any, global_step: Any = None, walltime: float | None = None) -> None:
        """Add a tensor as it is, for programs that read event files."""
        self._add(summaries.tensor(tag, tensor), global_step, walltime)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: Any = None,
        bins: Any = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Add the distribution of values. ``bins`` is ``"tensorflow"``, whose bins grow with distance from 0, or what ``numpy.histogram``
        takes; ``max_bins`` merges neighbours until there are no more than that.
        """
        self._add(summaries.histogram(tag, values, bins, max_bins), global_step, walltime)

    def add_histogram_raw(
        self,
        tag: str,
        min: Any,
        max: Any,
        num: Any,
        sum: Any,
        sum_squares: Any,
        bucket_limits: Any,
        bucket_counts: Any,
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Add a distribution that was counted elsewhere: ``bucket_counts[i]`` values lie below ``bucket_limits[i]`` and above the limit
        before.
        """
        limits, counts = to_array(bucket_limits).tolist(), to_array(bucket_counts).tolist()
        if len(limits) != len(counts):
            raise ValueError(f"there must be as many bucket_limits as bucket_counts, but there are {len(limits)} and {len(counts)}")
        numbers = map(to_number, (min, max, num, sum, sum_squares))
        self._add(tensorboard.histogram_raw(tag, *numbers, limits, counts), global_step, walltime)

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: Any = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Add a precision-recall curve from what is true, 0 or 1, and what was predicted (a probability)."""
        self._add(summaries.pr_curve(tag, labels, predictions, num_thresholds, weights), global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag: str,
        true_positive_counts: Any,
        false_positive_counts: Any,
        true_negative_counts: Any,
        false_negative_counts: Any,
        precision: Any,
        recall: Any,
        global_step: Any = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Add a precision-recall curve that was counted elsewhere, a value of each kind for each threshold."""
        curves = (true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts, precision, recall)
        self._add(tensorboard.pr_curve_raw(tag, *map(to_array, curves), num_thresholds, weights), global_step, walltime)

    # ---- pictures, sound, text ------------------------------------------------------------------------------------------------
    def add_image(
        self, tag: str, img_tensor: Any, global_step: Any = None, walltime: float | None = None, dataformats: str = "CHW"
    ) -> None:
        """Add an image of 1 to 4 channels: bytes, or numbers from 0 to 1. ``dataformats`` names its dimensions: ``CHW``, ``HWC``, ``HW``
        …
        """
        self._add(summaries.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_images(
        self, tag: str, img_tensor: Any, global_step: Any = None, walltime: float | None = None, dataformats: str = "NCHW"
    ) -> None:
        """Add a batch of images as one picture, eight in a row."""
        if isinstance(img_tensor, (list, tuple)) and "N" not in dataformats.upper():
            dataformats = "N" + dataformats
        self._add(summaries.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: Any,
        box_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: str | Sequence[str] | None = None,
    ) -> None:
        """Add an image with a rectangle for each row ``(xmin, ymin, xmax, ymax)`` of ``box_tensor``. Needs Pillow."""
        names = [labels] if isinstance(labels, str) else None if labels is None else list(labels)
        if names is not None and len(names) != len(box_tensor):
            raise ValueError(f"there are {len(names)} labels for {len(box_tensor)} boxes")
        self._add(summaries.boxed_image(tag, img_tensor, box_tensor, rescale, dataformats, names), global_step, walltime)

    def add_figure(self, tag: str, figure: Any, global_step: Any = None, close: bool = True, walltime: float | None = None) -> None:
        """Add a Matplotlib figure, or a list of them of one size, as an image; ``close`` closes it afterwards."""
        pixels = summaries.figure_image(figure, close)
        self.add_image(tag, pixels, global_step, walltime, dataformats="NCHW" if pixels.ndim == 4 else "CHW")

    def add_video(self, tag: str, vid_tensor: Any, global_step: Any = None, fps: float = 4, walltime: float | None = None) -> None:
        """Add a video of the dimensions ``NTCHW``. Needs moviepy."""
        self._add(summaries.video(tag, vid_tensor, fps), global_step, walltime)

    def add_audio(
        self, tag: str, snd_tensor: Any, global_step: Any = None, sample_rate: int = 44100, walltime: float | None = None
    ) -> None:
        """Add sound: samples from -1 to 1 of the shape ``(L,)``, ``(1, L)``, or ``(L, 2)`` for stereo."""
        self._add(summaries.audio(tag, snd_tensor, sample_rate), global_step, walltime)

    def add_text(self, tag: str, text_string: str, global_step: Any = None, walltime: float | None = None) -> None:
        """Add a text, which TensorBoard shows as Markdown."""
        self._add(tensorboard.text(tag, text_string), global_step, walltime)

    def add_mesh(
        self,
        tag: str,
        vertices: Any,
        colors: Any = None,
        faces: Any = None,
        config_dict: Mapping[str, Any] | None = None,
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Add points in space, or a mesh: ``vertices`` ``(B, N, 3)``, their ``colors`` from 0 to 255, and the ``faces`` that join three
        of them each.
        """
        self._add(summaries.mesh(tag, vertices, colors, faces, config_dict), global_step, walltime)

    # ---- models and experiments -------------------------------------------------------------------------------------------------
    def add_graph(self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True) -> None:
        """Add a model's graph: the ops of one forward of ``model(*input_to_model)``, nested by module, with their shapes.

        The forward runs in evaluation mode. ``verbose`` prints the graph, too. ``use_strict_trace`` is a hint to PyTorch's tracer and
        means nothing here: the graph is what autograd recorded.
        """
        graph = graph_def(model, input_to_model)
        if verbose:
            print(listing(graph))
        self._get_file_writer().add_event(Event(graph_def=graph.SerializeToString()))

    def add_onnx_graph(self, prototxt: str | os.PathLike[str]) -> None:
        """Add the graph of an ONNX file. Needs onnx."""
        summaries.needs("onnx", "onnx", "add_onnx_graph")
        from tensorboardX.onnx_graph import load_onnx_graph

        self._get_file_writer().add_event(Event(graph_def=load_onnx_graph(os.fspath(prototxt)).SerializeToString()))

    def add_embedding(
        self,
        mat: Any,
        metadata: Sequence[Any] | None = None,
        label_img: Any = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: Sequence[str] | None = None,
    ) -> None:
        """Add points for the projector: ``mat`` has a row for each, ``metadata`` a label or a row of labels, ``label_img`` an image
        (``NCHW``).
        """
        if self._projector is None:
            self._projector = Projector(self._get_file_writer().get_logdir())
        self._projector.add(mat, metadata, label_img, 0 if global_step is None else int(global_step), tag, metadata_header)

    def add_hparams(
        self,
        hparam_dict: dict[str, Any],
        metric_dict: dict[str, Any],
        hparam_domain_discrete: dict[str, list[Any]] | None = None,
        run_name: str | None = None,
        global_step: Any = None,
    ) -> None:
        """Add a row to the table of experiments: what it was tried with, and what came of it.

        It is a run of its own, in the folder ``run_name`` (the time, unless told) within ``log_dir``. ``hparam_domain_discrete`` lists
        the values that a hyperparameter can take.
        """
        for name, given in (
            ("hparam_dict", hparam_dict),
            ("metric_dict", metric_dict),
            ("hparam_domain_discrete", hparam_domain_discrete or {}),
        ):
            if not isinstance(given, dict):
                raise TypeError(f"parameter: {name} should be a dictionary, nothing logged.")
        entries = hparams(hparam_dict, metric_dict, hparam_domain_discrete or {})
        folder = os.path.join(self._get_file_writer().get_logdir(), run_name or str(time.time()))
        with SummaryWriter(folder, max_queue=self.max_queue, flush_secs=self.flush_secs, filename_suffix=self.filename_suffix) as run:
            for entry in entries:
                run._add(entry, global_step, None)
            for tag, value in metric_dict.items():
                run.add_scalar(tag, value, global_step)

    def add_custom_scalars(self, layout: Mapping[str, Mapping[str, Sequence[Any]]]) -> None:
        """Arrange curves in charts of your own: ``{category: {chart: ["Multiline", tags]}}``, or ``["Margin", [value, lower, upper]]``.
        Once per writer.
        """
        self._add(tensorboard.custom_scalars(layout), None, None)

    def add_custom_scalars_multilinechart(self, tags: Sequence[str], category: str = "default", title: str = "untitled") -> None:
        """Arrange the curves of these tags in one chart."""
        self.add_custom_scalars({category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(self, tags: Sequence[str], category: str = "default", title: str = "untitled") -> None:
        """Arrange three curves in one chart: a value, and the limits below and above it."""
        if len(tags) != 3:
            raise AssertionError(f"Expected 3 tags, got {len(tags)}.")
        self.add_custom_scalars({category: {title: ["Margin", tags]}})

    # ---- the file ---------------------------------------------------------------------------------------------------------------
    def flush(self) -> None:
        """Write everything that waits."""
        for file in (self.all_writers or {}).values():
            file.flush()

    def close(self) -> None:
        """Write everything that waits and close the files. An entry added later begins a new one."""
        for file in (self.all_writers or {}).values():
            file.close()
        self.all_writers = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
