"""``tane.cuda.FloatTensor`` and its siblings: the names of element types on the device, as old programs use them.

``x.type(tane.cuda.FloatTensor)`` moves and converts; calling one makes a tensor there; ``isinstance`` asks for type and device.
"""

from __future__ import annotations

from tane.surface.legacy import typed_constructors

_CLASSES = typed_constructors("cuda")

__all__ = sorted(_CLASSES)

globals().update(_CLASSES)
