"""One op on one sample, in one dtype, on one device: the inputs in their forms, the call, and what a failure says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tane.autograd.gradients import grad
from tane.backends.backend import Backend, backend_for
from tane.dtypes import COMPLEX, FLOAT, from_numpy_dtype
from tane.ops.joint import Joint
from tane.ops.primitive import Primitive
from tane.surface.conversion import host
from tane.tensor import Tensor, wrap
from tane.testing.sample import Sample, leaves, with_leaves

__all__ = ["OpCheckError", "Trial", "close"]

# How far two ways to compute one thing may be apart, relative to the largest value: some dozens of roundings.
ROUNDING = {"float64": 1e-11, "float32": 2e-5, "float16": 1e-2, "bfloat16": 8e-2, "complex128": 1e-11, "complex64": 2e-5}


class OpCheckError(AssertionError):
    """A check of :func:`tane.testing.opcheck` failed; the message names op, sample, device, dtype and check, and shows values."""


def close(actual: Any, expected: Any, dtype: str, tolerance: float) -> bool:
    """Whether arrays are equal up to the rounding of a dtype; NaN equals NaN."""
    if actual.shape != expected.shape:
        return False
    if not actual.size:
        return True
    a, e = wide(actual), wide(expected)
    finite = np.abs(e[np.isfinite(e)]) if e.dtype.kind in "fc" else np.abs(e)
    limit = tolerance * ROUNDING.get(dtype, 0.0) if a.dtype.kind in "fc" else 0.0
    with np.errstate(all="ignore"):
        same = (a == e) | ((a != a) & (e != e))
        if not limit:
            return bool(same.all())
        near = np.abs(a - e) <= limit * (np.abs(e) + max(min(float(finite.max(initial=0)), 1e30), 1e-3) * 0.5)
        return bool((near | same).all())


def wide(array: Any) -> Any:
    """The same values in the widest type of their kind; bools stay bools."""
    kind = from_numpy_dtype(array.dtype).category
    if array.dtype.kind == "b":
        return array
    return array.astype(np.complex128 if kind == COMPLEX else np.float64 if kind == FLOAT else np.int64)


class Trial:
    """An op, ready to be called on a sample."""

    def __init__(self, op: Any, name: str, sample: Sample, device: str, dtype: str, reference: Callable[..., Any] | None) -> None:
        self.op, self.name, self.sample, self.device, self.dtype = op, name, sample, device, dtype
        self.reference = sample.reference or reference
        self.backend: Backend = backend_for(device)
        self.args, self.kwargs = sample.drawn(dtype, name)
        self.primitive = isinstance(op, (Primitive, Joint))
        # Keywords of a primitive are raw values; a function composed of ops takes Tensors anywhere.
        self.arrays = list(leaves(self.args if self.primitive else [self.args, self.kwargs]))
        self.check = "forward"
        self.rng = np.random.default_rng(len(self.arrays))

    # ---- calling ------------------------------------------------------------------------------------------------------------
    def raw(self, array: Any) -> Any:
        """A NumPy array brought to the device, as memory of its own."""
        return self.backend.from_numpy(np.array(array))

    def tensors(self, arrays: Sequence[Any] | None = None, requires: Sequence[int] | None = None) -> list[Tensor]:
        """The tensor inputs, in order; those at ``requires`` (default: all that can) want gradients."""
        made = [wrap(self.raw(a)) for a in (self.arrays if arrays is None else arrays)]
        for i in self.differentiable if requires is None else requires:
            made[i].requires_grad = True
        return made

    def call(self, tensors: Sequence[Tensor], keep: list[Any] | None = None) -> list[Tensor]:
        """The results for these inputs. ``keep`` collects the raw arrays that went in as keywords."""
        given = iter(tensors)
        args = with_leaves(self.args, lambda _: next(given))

        def raw(array: Any) -> Any:
            made = self.raw(array)
            if keep is not None:
                keep.append((made, array))
            return made

        kwargs = with_leaves(self.kwargs, raw if self.primitive else lambda _: next(given))
        result = self.op(*args, **kwargs)
        return [r for r in (result if isinstance(result, (tuple, list)) else (result,)) if isinstance(r, Tensor)]

    @cached_property
    def outputs(self) -> list[Tensor]:
        """The results on the device, from contiguous inputs."""
        return self.call(self.tensors())

    # ---- gradients ----------------------------------------------------------------------------------------------------------
    @cached_property
    def differentiable(self) -> list[int]:
        """The inputs that can have a gradient."""
        able = [i for i, a in enumerate(self.arrays) if from_numpy_dtype(a.dtype).category >= FLOAT]
        formulas = getattr(self.op, "gradients", None)
        if self.primitive and isinstance(formulas, tuple):
            return [i for i in able if formulas[i] is not None]
        return able

    @cached_property
    def sources(self) -> list[int]:
        """The results that gradients can start from."""
        return [i for i, y in enumerate(self.outputs) if y.requires_grad and y.dtype.category >= FLOAT]

    @property
    def smooth(self) -> bool:
        """Whether there are gradients to be checked."""
        return bool(self.differentiable) and bool(self.sources) and "gradients" not in self.sample.skips

    def cotangents(self, number: int = 0) -> list[Any]:
        """A random gradient for every result that takes one, as NumPy arrays."""
        rng = np.random.default_rng(7 + number)
        return [random_like(rng, host(self.outputs[i])) for i in self.sources]

    def pulled(
        self, inputs: Sequence[Tensor], cotangents: Sequence[Any], create: bool = False, outputs: Sequence[Tensor] | None = None
    ) -> list[Any]:
        """The gradients of ``inputs`` (those that want one), Tensors; ``cotangents`` are Tensors or NumPy arrays."""
        results = self.call(inputs) if outputs is None else outputs
        seeds = [c if isinstance(c, Tensor) else wrap(self.raw(c)) for c in cotangents]
        wanted = [x for x in inputs if x.requires_grad]
        return pull([results[i] for i in self.sources], wanted, seeds, create)

    # ---- failing ------------------------------------------------------------------------------------------------------------
    def input_name(self, i: int) -> str:
        names = getattr(self.op, "inputs", ())
        return f"input {i} ('{names[i]}')" if i < len(names) else f"input {i}"

    def fail(self, text: str, cause: BaseException | None = None, **values: Any) -> None:
        """Raise the error that says what was found."""
        shown = {**values, **{self.input_name(i): a for i, a in enumerate(self.arrays)}}
        lines = [
            f"op {self.name!r}, sample {self.sample.text}, device {self.device!r}, dtype {self.dtype}, check {self.check!r}: {text}",
            *(f"  {name} = {values_text(value)}" for name, value in shown.items()),
        ]
        raise OpCheckError("\n".join(lines)) from cause

    def compare(self, what: str, actual: Any, expected: Any, tolerance: float = 1.0) -> None:
        """Fail unless two results are the same up to rounding."""
        if actual.shape != expected.shape:
            self.fail(f"{what} has shape {list(actual.shape)}, expected {list(expected.shape)}", actual=actual, expected=expected)
        coarser = max(dtype_name(actual), self.dtype, key=lambda name: ROUNDING.get(name, 0.0))
        if not close(actual, expected, coarser, tolerance * self.sample.tolerance):
            a, e = (x.astype(int) if x.dtype.kind == "b" else wide(x) for x in (actual, expected))
            self.fail(f"{what} is wrong by up to {np.nanmax(np.abs(a - e))}", actual=actual, expected=expected)


def pull(outputs: Sequence[Tensor], wanted: Sequence[Tensor], seeds: Sequence[Tensor], create: bool = False) -> list[Any]:
    """The gradients of ``wanted``, zeros where nothing arrives."""
    found = grad(outputs, wanted, seeds, create_graph=create, allow_unused=True)
    return [wrap(zeros_like(x.array)) if g is None else g for g, x in zip(found, wanted, strict=True)]


def zeros_like(array: Any) -> Any:
    zeros = array.copy()
    zeros[...] = 0
    return zeros


def random_like(rng: np.random.Generator, array: Any) -> Any:
    """Standard normals of the shape and dtype of an array."""
    values: Any = rng.standard_normal(array.shape)
    if array.dtype.kind == "c":
        values = values + 1j * rng.standard_normal(array.shape)
    return np.asarray(values).astype(array.dtype)


def values_text(value: Any) -> str:
    """A value as far as it fits a line."""
    if not isinstance(value, np.ndarray):
        return str(value)
    with np.printoptions(threshold=24, edgeitems=4, linewidth=10_000):
        text = " ".join(str(value.tolist() if value.ndim == 0 else value).split())
    return f"{text} ({dtype_name(value)}{list(value.shape)})"


def dtype_name(array: Any) -> str:
    return from_numpy_dtype(array.dtype).name
