"""Pictures as PNG files, written without an imaging library."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Any

import numpy as np

from tane.viz.arrays import to_array

__all__ = ["grid", "png", "to_hwc", "to_uint8"]

Array = Any

KINDS = {1: 0, 2: 4, 3: 2, 4: 6}  # PNG's name for a number of channels: grey, grey and alpha, RGB, RGBA


def png(image: Array) -> bytes:
    """The file of an ``(height, width, channels)`` image of bytes."""
    height, width, channels = image.shape
    rows = np.zeros((height, width * channels + 1), np.uint8)  # a row begins with the number of its filter: none
    rows[:, 1:] = image.reshape(height, -1)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, KINDS[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b"")


def to_uint8(values: Array) -> Array:
    """Bytes as they are; other values, from 0 to 1, times 255 and cut off there."""
    if values.dtype == np.uint8:
        return values
    return np.nan_to_num(values.astype(np.float32) * 255).clip(0, 255).astype(np.uint8)


def grid(images: Array, columns: int = 8) -> Array:
    """Images ``(number, channels, height, width)`` side by side in one of ``(channels, height, width)``."""
    number, channels, height, width = images.shape
    columns = min(number, columns)
    rows = math.ceil(number / columns)
    canvas = np.zeros((rows * columns, channels, height, width), images.dtype)
    canvas[:number] = images
    canvas = canvas.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return canvas.reshape(channels, rows * height, columns * width)


def to_hwc(value: Any, layout: str) -> Array:
    """An image, or a batch of images as a grid, as bytes ``(height, width, channels)``; ``layout`` names the dimensions it comes in."""
    values = to_array(value)
    layout = layout.upper()
    if set(layout) not in ({*"NCHW"}, {*"CHW"}, {*"HW"}) or len(set(layout)) != len(layout):
        raise ValueError(f"dataformats is an order of the letters NCHW, CHW or HW, not {layout!r}")
    if values.ndim != len(layout):
        raise ValueError(f"dataformats {layout!r} is for {len(layout)} dimensions, but the image has shape {tuple(values.shape)}")
    if len(layout) == 4:
        values, layout = grid(values.transpose([layout.index(d) for d in "NCHW"])), "CHW"
    if len(layout) == 2:
        values = values.transpose([layout.index(d) for d in "HW"])[:, :, None]
    else:
        values = values.transpose([layout.index(d) for d in "HWC"])
    if values.shape[2] not in KINDS:
        raise ValueError(f"an image has 1 to 4 channels, this one has {values.shape[2]}: is dataformats right?")
    return to_uint8(values)
