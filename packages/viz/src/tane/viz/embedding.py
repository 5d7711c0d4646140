"""Points for TensorBoard's projector: it reads tables from files beside the event file, not events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tane.viz.arrays import to_array
from tane.viz.images import grid, png, to_uint8

__all__ = ["Projector"]

LARGEST_SPRITE = 8192  # pixels along a side: what the browser takes


class Projector:
    """The embeddings of one log folder."""

    def __init__(self, log_dir: str) -> None:
        if "://" in log_dir:
            raise ValueError(f"add_embedding() writes files beside the event file, which needs a local folder, not {log_dir}")
        self.log_dir = Path(log_dir)
        self.entries: list[str] = []

    def add(self, points: Any, metadata: Sequence[Any] | None, images: Any, step: int, tag: str, header: Sequence[str] | None) -> None:
        matrix = to_array(points)
        if matrix.ndim != 2:
            raise AssertionError(f"mat should be 2D, a row for each point, but has shape {tuple(matrix.shape)}")
        if metadata is not None and len(metadata) != len(matrix):
            raise AssertionError(f"there should be as many labels as points, but there are {len(metadata)} and {len(matrix)}")
        subdir = f"{str(step).zfill(5)}/{encode(tag)}"
        folder = self.log_dir / subdir
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "tensors.tsv", ["\t".join(str(float(v)) for v in row) for row in matrix])
        lines = [f'tensor_name: "{tag}:{str(step).zfill(5)}"', f'tensor_path: "{subdir}/tensors.tsv"']
        if metadata is not None:
            write(folder / "metadata.tsv", table(metadata, header))
            lines.append(f'metadata_path: "{subdir}/metadata.tsv"')
        if images is not None:
            pictures = to_array(images)
            if pictures.ndim != 4 or len(pictures) != len(matrix):
                raise AssertionError(
                    f"label_img should be NCHW with an image for each of {len(matrix)} points, but has shape {tuple(pictures.shape)}"
                )
            (folder / "sprite.png").write_bytes(png(sprite(pictures)))
            height, width = pictures.shape[2:]
            lines.append(f'sprite {{ image_path: "{subdir}/sprite.png" single_image_dim: {width} single_image_dim: {height} }}')
        self.entries.append("embeddings {\n  " + "\n  ".join(lines) + "\n}")
        write(self.log_dir / "projector_config.pbtxt", self.entries)


def sprite(images: Any) -> Any:
    """All images in one square picture, row by row."""
    columns = math.ceil(len(images) ** 0.5)
    _, channels, height, width = images.shape
    side = columns * max(height, width)
    if side > LARGEST_SPRITE:
        raise ValueError(
            f"{len(images)} images of {height} × {width} make a sprite of {side} pixels; TensorBoard shows at most {LARGEST_SPRITE}"
        )
    rows = columns * columns - len(images)
    padded = np.concatenate([images, np.zeros((rows, channels, height, width), images.dtype)])
    pixels = to_uint8(grid(padded, columns)).transpose(1, 2, 0)
    return np.repeat(pixels, 3, axis=2) if channels == 1 else pixels


def table(metadata: Sequence[Any], header: Sequence[str] | None) -> list[str]:
    if not header:
        return [str(x) for x in metadata]
    if len(header) != len(metadata[0]):
        raise AssertionError(f"len of header must be equal to the number of columns in metadata: {len(header)} and {len(metadata[0])}")
    return ["\t".join(str(cell) for cell in row) for row in [header, *metadata]]


def encode(tag: str) -> str:
    """A tag as the name of one folder."""
    for letter in "%/\\":
        tag = tag.replace(letter, f"%{ord(letter):02x}")
    return tag


def write(file: Path, lines: Sequence[str]) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
