"""``GradientTape``: TensorFlow 2's way to ask for gradients, over tane's graph."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from tane.autograd.engine import run
from tane.autograd.fill import one_hots, ones, zeros
from tane.autograd.fitting import namespaces
from tane.autograd.node import AccumulateGrad, Node
from tane.autograd.state import add_observer, remove_observer
from tane.autograd.trees import flatten, unflatten
from tane.backends.backend import backend_of
from tane.convert import as_array
from tane.ops.shape import stack
from tane.tensor import Tensor, wrap

__all__ = ["GradientTape"]


class _Active(threading.local):
    """The tapes that record in this thread."""

    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


_active = _Active()


class GradientTape:
    """Remembers the operations of a ``with`` block, so that gradients can be asked for afterwards.

    Tensors that require gradients (parameters) are watched by themselves; others are named with :meth:`watch`, and require gradients until the
    block ends. What is computed outside the block is constant to the tape.

    Args:
        persistent: may be asked more than once.
        watch_accessed_variables: with False, only what :meth:`watch` names is watched.

    >>> import tane
    >>> x = tane.tensor(3.0)
    >>> with tane.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x)
    tensor(6.)
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent, self._watch_accessed = persistent, watch_accessed_variables
        self._recording = False
        self._forget()
        self._used = False

    def _forget(self) -> None:
        self._nodes: set[Node] = set()  # what was recorded
        self._watched: dict[int, tuple[Tensor, Node]] = {}
        self._opened: list[tuple[Tensor, Any]] = []  # tensors that require gradients only for this tape
        self._variables: dict[Node, Any] = {}

    # ---- recording --------------------------------------------------------------------------------------------------------------
    def __enter__(self) -> GradientTape:
        if self._recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._used:
            self._forget()
            self._used = False
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._recording:
            self._stop()
        self._close()

    def _start(self) -> None:
        self._recording = True
        add_observer(self._record)
        _active.tapes.append(self)

    def _stop(self) -> None:
        self._recording = False
        _active.tapes.remove(self)
        remove_observer(self._record)

    def _close(self) -> None:
        for tensor, node in self._opened:
            node.tapes -= 1
            if not node.tapes and tensor.node is node:
                tensor.node = None
        self._opened = []

    def _record(self, n: Node) -> None:
        self._nodes.add(n)
        if self._watch_accessed:
            for e in n.edges:
                if type(e) is AccumulateGrad and e.tapes is None:
                    self._variables.setdefault(e, e.ref)

    def watch(self, tensor: Any) -> None:
        """Have gradients with respect to a tensor, or several in nested lists, tuples and dicts."""
        if self._used:
            raise RuntimeError("this tape was used up by gradient() and watches nothing more; enter it again, or make it persistent")
        for t in flatten(tensor):
            if not isinstance(t, Tensor):
                raise ValueError(f"Passed in object {t!r} of type {type(t).__name__!r}, not tane.Tensor")
            if not (t.dtype.is_floating_point or t.dtype.is_complex):
                warnings.warn(f"The dtype of the watched tensor must be floating (e.g. tane.float32), got {t.dtype!r}", stacklevel=2)
                continue
            node = t.node
            if node is None:
                node = t.node = AccumulateGrad(t)
                node.tapes = 0
            if type(node) is AccumulateGrad:
                if node.tapes is None:
                    self._variables.setdefault(node, node.ref)
                else:
                    node.tapes += 1
                    self._opened.append((t, node))
            self._watched[id(t)] = t, node

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Inside, this tape sees nothing; others go on."""
        if not self._recording:
            raise RuntimeError("Trying to stop recording a tape which is not recording.")
        self._stop()
        try:
            yield
        finally:
            self._start()

    def reset(self) -> None:
        """Forget everything recorded and watched so far, and go on recording."""
        if not self._recording:
            raise ValueError("Tape is not recording.")
        self._close()
        self._forget()

    def watched_variables(self) -> tuple[Tensor, ...]:
        """The parameters watched, in the order in which they were first used."""
        found = (ref() for ref in self._variables.values())
        return tuple(t for t in found if t is not None)

    # ---- asking -------------------------------------------------------------------------------------------------------------------
    def gradient(self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: str = "none") -> Any:
        """The gradient of the sum of ``target`` (a tensor or several) with respect to ``sources``, in the form that ``sources`` has.

        ``output_gradients`` weighs the elements of ``target``. Where a source has no influence the result is None, with
        ``unconnected_gradients="zero"`` zeros.
        """
        self._check(target, unconnected_gradients)
        targets = flatten(target)
        weights = [None] * len(targets) if output_gradients is None else flatten(output_gradients)
        if len(weights) != len(targets):
            raise ValueError(f"output_gradients has {len(weights)} tensors, target has {len(targets)}")
        found = self._pull(targets, weights, flatten(sources), self._persistent)
        self._finish()
        return unflatten(sources, [_or_zeros(g, s, unconnected_gradients) for g, s in zip(found, flatten(sources), strict=True)])

    def jacobian(
        self,
        target: Tensor,
        sources: Any,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The gradient of every element of ``target``: of shape ``target.shape + source.shape`` for each source.

        ``parallel_iterations`` and ``experimental_use_pfor`` choose between TensorFlow's loops and change no result.
        """
        self._check(target, unconnected_gradients)
        flat = flatten(sources)
        rows = [self._pull([target], [seed], flat, True) for seed in one_hots(target)]
        self._finish()
        found = [_joined([row[i] for row in rows], (*target.shape, *s.shape)) for i, s in enumerate(flat)]
        if unconnected_gradients == "zero":
            found = [zeros(s, (*target.shape, *s.shape)) if j is None else j for j, s in zip(found, flat, strict=True)]
        return unflatten(sources, found)

    def batch_jacobian(
        self,
        target: Tensor,
        source: Tensor,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor | None:
        """As :meth:`jacobian` for each row of a batch by itself: of shape ``(batch, *target.shape[1:], *source.shape[1:])``, where row ``i`` of
        ``target`` depends on row ``i`` of ``source`` alone.
        """
        self._check(target, unconnected_gradients)
        if not target.array.ndim or not source.array.ndim or target.shape[0] != source.shape[0]:
            raise ValueError(f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match.")
        seeds = one_hots(wrap(target.array[0]))
        rows = [
            self._pull([target], [wrap(namespaces[type(seed.array)].broadcast_to(seed.array, target.shape))], [source], True)[0]
            for seed in seeds
        ]
        self._finish()
        shape = (*target.shape, *source.shape[1:])
        if not rows or rows[0] is None:
            return zeros(source, shape) if unconnected_gradients == "zero" else None
        return stack.call(rows, 1).reshape(shape)

    def _check(self, target: Any, unconnected: str) -> None:
        if self._used:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors, Variables or CompositeTensors to be differentiated, "
                "but received None."
            )
        unconnected = getattr(unconnected, "value", unconnected)
        if unconnected not in ("none", "zero"):
            raise ValueError(f"Unknown value for unconnected_gradients: {unconnected!r}")
        if self._recording and not self._persistent:
            self._stop()

    def _finish(self) -> None:
        if not self._persistent:
            self._close()
            self._nodes, self._watched, self._used = set(), {}, True

    def _pull(self, targets: list[Any], weights: list[Any], sources: list[Any], keep: bool) -> list[Tensor | None]:
        """One backward pass; recorded itself if any tape is recording."""
        create = bool(_active.tapes)
        roots: dict[Node, Any] = {}
        for t, w in zip(targets, weights, strict=True):
            node = self._node(t)
            if node is not None:
                seed = _seed(t, w)
                roots[node] = roots[node] + seed if node in roots else seed
        ends = [self._node(s) for s in sources]
        wanted = [n for n in ends if n is not None]
        if create:
            found = run(roots, True, True, wrap, wanted, accumulate=False, within=self._nodes)
        else:
            found = run({n: g.array for n, g in roots.items()}, False, keep, wrap, wanted, accumulate=False, within=self._nodes)
        results: list[Tensor | None] = []
        for n in ends:
            g = None if n is None else found[n]
            results.append(g if g is None or create else wrap(g.copy()))
        return results

    def _node(self, t: Any) -> Node | None:
        if not isinstance(t, Tensor):
            raise ValueError(f"a GradientTape differentiates Tensors, not {type(t).__name__}")
        watched = self._watched.get(id(t))
        if watched is not None:
            return watched[1]
        node = t.node
        if type(node) is AccumulateGrad and not self._watch_accessed:
            return None
        return node


def _seed(t: Tensor, weight: Any) -> Tensor:
    if weight is None:
        return ones(t)
    if not isinstance(weight, Tensor):
        weight = wrap(backend_of(type(t.array)).from_numpy(as_array(weight)))
    if weight.shape != t.shape:
        raise ValueError(f"output_gradients has shape {tuple(weight.shape)} where its target has {tuple(t.shape)}")
    return weight.to(t.dtype)


def _joined(rows: list[Any], shape: tuple[int, ...]) -> Tensor | None:
    return None if not rows or rows[0] is None else stack.call(rows, 0).reshape(shape)


def _or_zeros(g: Tensor | None, source: Tensor, unconnected: str) -> Tensor | None:
    return zeros(source) if g is None and getattr(unconnected, "value", unconnected) == "zero" else g
