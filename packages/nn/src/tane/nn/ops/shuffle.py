"""Channels made into pixels and back: one rearrangement, each direction the other's gradient."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def _shuffled(x: Any, r: int) -> Any:
    *front, channels, h, w = x.shape
    n = len(front)
    split = x.reshape((*front, channels // (r * r), r, r, h, w))
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return split.transpose(order).reshape((*front, channels // (r * r), h * r, w * r))


def _unshuffled(x: Any, r: int) -> Any:
    *front, channels, h, w = x.shape
    n = len(front)
    split = x.reshape((*front, channels, h // r, r, w // r, r))
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return split.transpose(order).reshape((*front, channels * r * r, h // r, w // r))


def _regrouped(x: Any, groups: int) -> Any:
    n, channels, *rest = x.shape
    return x.reshape((n, groups, channels // groups, *rest)).swapaxes(1, 2).reshape(x.shape)


pixel_shuffle = primitive("pixel_shuffle", lambda F, x, factor=1: _shuffled(x, factor), lambda F, g, factor: F.pixel_unshuffle(g, factor))
pixel_unshuffle = primitive(
    "pixel_unshuffle", lambda F, x, factor=1: _unshuffled(x, factor), lambda F, g, factor: F.pixel_shuffle(g, factor)
)
channel_shuffle = primitive(
    "channel_shuffle",
    lambda F, x, groups=1: _regrouped(x, groups),
    lambda F, g, groups: F.channel_shuffle(g, g.shape[1] // groups),
)
