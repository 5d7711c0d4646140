"""Parameters that are updated together, as one array.

An update is a dozen array operations, and for a small parameter the price of an operation is that of calling it. So the small parameters of
a group share a bucket: their state lies side by side in flat arrays, of which ``state[p][...]`` are views, and a step copies values and
gradients into flat arrays, updates those, and copies the values back. A large parameter has a bucket of its own and is updated where it is.

Buckets are a cache: ``state`` is what counts. Whatever is put into it, or changed about a parameter, between two steps is noticed, and the
bucket is made anew from what ``state`` holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.versions import record_of
from tane.backends.backend import backend_of
from tane.creation import zeros
from tane.dtypes import default_float, float32, float64
from tane.tensor import Tensor, wrap

__all__ = ["Bucket", "Layout", "scalar_type", "sort"]

SMALL = 8192  # elements; copying that many costs less than the calls that it saves


class Layout:
    """What an optimizer keeps of each parameter: ``slots``, arrays of its shape, and ``numbers``, such as ``"step"``, on the host.

    ``initial`` gives what they start from: what is not named there starts from zero. With ``late`` the update writes the slots first.
    """

    def __init__(self, slots: Sequence[str], numbers: Sequence[str], initial: dict[str, Any], late: bool = False) -> None:
        self.slots, self.numbers, self.initial, self.late = tuple(slots), tuple(numbers), initial, late


class Bucket:
    """Some parameters, their state, and the arrays that an update works on."""

    def __init__(self, params: list[Tensor], state: dict[Any, Any], layout: Layout, together: bool) -> None:
        first = params[0].array
        self.keeps = bool(layout.slots or layout.numbers)  # plain gradient descent leaves no trace in ``state``
        self.params, self.arrays = params, [p.array for p in params]
        self.states: list[dict[str, Any]] = [state[p] for p in params] if self.keeps else []
        self.changes = [record_of(a) for a in self.arrays]
        self.F = namespaces[type(first)]
        self.fresh = is_late(self.states[0], layout) if self.keeps else False
        self.numbers = {name: _number(self.states[0], name, layout) for name in layout.numbers}
        self.watched: list[tuple[dict[str, Any], str, Tensor, Any]] = []  # what must still stand in ``state`` at the next step
        self.together = together
        self.scratch: tuple[Any, ...] = ()  # three arrays like ``p``: two for the rule, one for the gradient that is meant
        if together:
            self._gather(layout)
        else:
            self._alone(layout)
        self.records = [(record, record.count) for record in (record_of(h) for _, h in self.hosted)]

    def _gather(self, layout: Layout) -> None:
        ends, end = [], 0
        for array in self.arrays:
            end += array.size
            ends.append(end)
        first = self.params[0]
        dtype = first.dtype

        def flat() -> tuple[Any, list[Any]]:
            whole = zeros(end, dtype=dtype, device=first.device).array
            pieces = [whole[e - a.size : e].reshape(a.shape) for a, e in zip(self.arrays, ends)]
            return (whole.view(dtype.to_real().numpy) if dtype.is_complex else whole), pieces

        self.p, self.p_pieces = flat()
        self.g, self.g_pieces = flat()
        (t, self.t_pieces), (u, self.u_pieces) = flat(), flat()
        self.together_scratch = (t, u, self.g)
        self.hosted = []
        for name in layout.numbers:
            row = zeros(len(self.params), dtype=scalar_type(), device="cpu").array
            row[...] = self.numbers[name]
            self.hosted.append((name, row))
            for i, state in enumerate(self.states):
                self._put(state, name, row[i : i + 1].reshape(()))
        slots = []
        for name in layout.slots:
            whole, pieces = flat()
            slots.append(whole)
            for piece, p, state in zip(pieces, self.params, self.states):
                _fill(piece, state.get(name), layout.initial.get(name), p, name)
                self._put(state, name, piece)
        self.slots = tuple(slots)

    def _alone(self, layout: Layout) -> None:
        p, state = self.params[0], self.states[0] if self.keeps else {}
        self.p = self.arrays[0]
        self.hosted = []
        for name in layout.numbers:
            number = state.get(name)
            if not isinstance(number, Tensor) or number.dtype is not scalar_type() or number.device.type != "cpu":
                number = zeros((), dtype=scalar_type(), device="cpu")
                number.array[...] = self.numbers[name]
            self.hosted.append((name, self._put(state, name, number.array, number)))
        slots = []
        for name in layout.slots:
            held = state.get(name)
            if held is None or held.array.shape != p.array.shape or held.array.dtype != p.array.dtype:
                array = zeros(p.array.shape, dtype=p.dtype, device=p.device).array
                _fill(array, held, layout.initial.get(name), p, name)
                held = wrap(array)
            _same_device(held, p, name)
            slots.append(self._put(state, name, held.array, held))
        self.slots = tuple(slots)

    def _put(self, state: dict[str, Any], name: str, array: Any, tensor: Tensor | None = None) -> Any:
        tensor = wrap(array) if tensor is None else tensor
        state[name] = tensor
        self.watched.append((state, name, tensor, array))
        return array

    # ---- at each step -------------------------------------------------------------------------------------------------------------
    def intact(self, state: dict[Any, Any]) -> bool:
        """Whether nobody put another value into ``state``, or another array into a parameter, since the bucket was made."""
        for p, array in zip(self.params, self.arrays):
            if p.array is not array:
                return False
        for p, mine in zip(self.params, self.states):
            if state.get(p) is not mine:
                return False
        for mine, name, tensor, array in self.watched:
            if mine.get(name) is not tensor or tensor.array is not array:
                return False
        for record, count in self.records:  # noqa: SIM110 - a generator costs more than the loop
            if record.count != count:
                return False
        return True

    def fetch(self, values: bool) -> bool:
        """Fetch the gradients and, where asked for, the values; false where a parameter has no gradient."""
        if not self.together:
            grad = self.params[0]._grad
            if grad is None:
                return False
            self.g = grad.array
            return True
        try:
            for piece, p in zip(self.g_pieces, self.params):
                piece[...] = p._grad.array  # type: ignore[union-attr]
        except AttributeError:
            return False
        self.fetched = values
        if values:
            for piece, array in zip(self.p_pieces, self.arrays):
                piece[...] = array
        return True

    def finish(self, loss: Any) -> None:
        """Subtract what the values lose, and put new values and numbers where they belong."""
        if not self.together or self.fetched:
            if loss is not None:
                p = self.p
                p -= loss
            if self.together:
                for piece, array in zip(self.p_pieces, self.arrays):
                    array[...] = piece
        elif loss is not None:
            for piece, array in zip(self.t_pieces if loss is self.together_scratch[0] else self.u_pieces, self.arrays):
                array -= piece
        for name, array in self.hosted:
            array[...] = self.numbers[name]
            if name != "step":  # what the state can hold is what counts: a run that goes on from it must be the same run
                self.numbers[name] = array.item(0)
        self.fresh = False


def sort(params: Sequence[Tensor], state: dict[Any, Any], layout: Layout) -> list[Bucket]:
    """Buckets for parameters that have gradients: by device, type, and what is known of them so far."""
    owners: dict[int, int] = {}
    for p in params:
        key = id(backend_of(type(p.array)).owner(p.array))
        owners[key] = owners.get(key, 0) + 1
    shared: dict[Any, list[Tensor]] = {}
    for p in params:
        array = p.array
        # Of parameters that share memory, each must see what the update of the one before it made.
        apart = array.size > SMALL or owners[id(backend_of(type(array)).owner(array))] > 1
        known = state.get(p) or {}
        numbers = tuple(_number(known, name, layout) for name in layout.numbers)
        alike: Any = len(shared) if apart else (type(array), str(p.device), array.dtype, numbers, is_late(known, layout))
        shared.setdefault(alike, []).append(p)
    # Complex values are updated as pairs of real ones, in a copy: not every array can be seen as such.
    return [Bucket(alike, state, layout, together=len(alike) > 1 or alike[0].dtype.is_complex) for alike in shared.values()]


def is_late(known: dict[str, Any], layout: Layout) -> bool:
    return layout.late and bool(layout.slots) and known.get(layout.slots[0]) is None


def _number(state: dict[str, Any], name: str, layout: Layout) -> float:
    held = state.get(name)
    return float(layout.initial.get(name, 0.0) if held is None else held)


def _fill(piece: Any, held: Tensor | None, initial: Any, p: Tensor, name: str) -> None:
    if held is not None:
        if held.array.shape != p.array.shape:
            raise RuntimeError(
                f"The size of the optimizer's state {name!r} must match that of its parameter: {list(held.shape)} and {list(p.shape)}"
            )
        _same_device(held, p, name)
        piece[...] = held.array
    elif initial is not None:
        piece[...] = complex(initial, initial) if p.dtype.is_complex else initial


def _same_device(held: Tensor, p: Tensor, name: str) -> None:
    if type(held.array) is not type(p.array):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but the parameter is on {p.device} and its state {name!r} on {held.device}; "
            f"move the model before making the optimizer, or load_state_dict() afterwards"
        )


def scalar_type() -> Any:
    return float64 if default_float() is float64 else float32
