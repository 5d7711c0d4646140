"""Seeding. Every device draws from one stream, PyTorch's CPU stream, so that a program draws the same numbers wherever it runs."""

from __future__ import annotations

from typing import Any

from tane import random
from tane.cuda.devices import device_count, present
from tane.tensor import Tensor

__all__ = [
    "get_rng_state",
    "get_rng_state_all",
    "initial_seed",
    "manual_seed",
    "manual_seed_all",
    "seed",
    "seed_all",
    "set_rng_state",
    "set_rng_state_all",
]


def manual_seed(seed: int) -> None:
    """Start the stream over from ``seed``, as ``tane.manual_seed`` does; nothing happens where there is no device."""
    if device_count():
        random.manual_seed(seed)


def seed() -> None:
    """Start the stream over from a seed nobody knows beforehand; nothing happens where there is no device."""
    if device_count():
        random.seed()


manual_seed_all, seed_all = manual_seed, seed


def initial_seed() -> int:
    """The seed the stream was last started from."""
    present()
    return random.initial_seed()


def get_rng_state(device: Any = "cuda") -> Tensor:
    """The state of the stream, as bytes."""
    present()
    return random.get_rng_state()


def set_rng_state(new_state: Tensor, device: Any = "cuda") -> None:
    """Go back to a state."""
    present()
    random.set_rng_state(new_state)


def get_rng_state_all() -> list[Tensor]:
    """The state for every device: the same one each."""
    return [random.get_rng_state() for _ in range(device_count())]


def set_rng_state_all(new_states: list[Tensor]) -> None:
    """Go back to the states that :func:`get_rng_state_all` gave."""
    if new_states:
        set_rng_state(new_states[0])
