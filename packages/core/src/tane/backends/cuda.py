"""``tane.backends.cuda``: PyTorch's switches for matrix products on a GPU; hints about speed, which change nothing here."""

from __future__ import annotations

__all__ = ["is_built", "matmul"]


class Matmul:
    """Attributes that can be read and set."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    fp32_precision = "ieee"


matmul = Matmul()


def is_built() -> bool:
    """Whether tane itself was compiled for CUDA: it is not compiled at all. ``tane.cuda.is_available()`` says whether there is a device."""
    return False
