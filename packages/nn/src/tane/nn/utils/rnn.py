"""Batches of sequences of different lengths: padded to one length, or packed step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tane.creation import full, tensor
from tane.dtypes import int64
from tane.nn.functional.padding import pad
from tane.ops.shape import cat
from tane.tensor import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences side by side, step after step: ``data`` holds the first step of all, then the second of those that have one, and so on.

    ``batch_sizes`` (on the CPU) counts the rows of each step. The sequences are in the order ``sorted_indices``, longest first;
    ``unsorted_indices`` leads back. Made by :func:`pack_padded_sequence` and :func:`pack_sequence`.
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("PackedSequence needs data and batch_sizes")
            data, batch_sizes = data
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. They should be instantiated by "
                f"functions like pack_sequence and pack_padded_sequences in nn.utils.rnn. Got {batch_sizes.device}"
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same sequences in another type or on another device; see ``Tensor.to``."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        kwargs = {k: v for k, v in kwargs.items() if k not in ("device", "dtype")}
        moved = (None if i is None else i.to(data.device, **kwargs) for i in (self.sorted_indices, self.unsorted_indices))
        return type(self)(data, self.batch_sizes, *moved)

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """On a CUDA device."""
        return self.to(device="cuda" if not args else args[0], **kwargs)

    def cpu(self) -> PackedSequence:
        """On the CPU."""
        return self.to(device="cpu")

    def double(self) -> PackedSequence:
        """In float64."""
        return self._typed("double")

    def float(self) -> PackedSequence:
        """In float32."""
        return self._typed("float")

    def half(self) -> PackedSequence:
        """In float16."""
        return self._typed("half")

    def long(self) -> PackedSequence:
        """In int64."""
        return self._typed("long")

    def int(self) -> PackedSequence:
        """In int32."""
        return self._typed("int")

    def _typed(self, name: str) -> PackedSequence:
        data = getattr(self.data, name)()
        return self if data is self.data else type(self)(data, *self[1:])

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a CUDA device."""
        return self.data.device.type == "cuda"

    def is_pinned(self) -> bool:
        """Whether the data lies in pinned memory."""
        return bool(self.data.is_pinned())


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The order that undoes another."""
    if permutation is None:
        return None
    undone: Tensor = permutation.argsort()
    return undone


def pack_padded_sequence(input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> PackedSequence:
    """Sequences padded to one length, (T, N, …) or (N, T, …) with ``batch_first``, packed by their ``lengths``.

    The lengths have to decrease, unless ``enforce_sorted`` is False.
    """
    if not isinstance(lengths, Tensor):
        lengths = tensor(lengths, dtype=int64)
    elif lengths.device.type != "cpu":
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.ndim}D {lengths.device} {lengths.dtype} tensor"
        )
    if lengths.ndim != 1 or lengths.dtype is not int64:
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.ndim}D {lengths.device} {lengths.dtype} tensor"
        )
    order = None
    if not enforce_sorted:
        counts = lengths.tolist()
        ranked = sorted(range(len(counts)), key=lambda i: -counts[i])
        order = tensor(ranked, dtype=int64, device=input.device)
        input = input.index_select(0 if batch_first else 1, order)
        lengths = tensor([counts[i] for i in ranked], dtype=int64)
    if batch_first:
        input = input.transpose(0, 1)
    counts = lengths.tolist()
    total, batch = input.array.shape[:2]
    if len(counts) != batch:
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} (batch_size={batch})")
    if not counts or min(counts) <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if sorted(counts, reverse=True) != counts:
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to "
            "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability."
        )
    if counts[0] > total:
        raise RuntimeError(f"Expected `len(lengths)` to be at most the sequence length {total}, but got {counts[0]}")
    sizes = [sum(n > t for n in counts) for t in range(counts[0])]
    # Runs of steps with the same number of rows are one slice.
    parts, start = [], 0
    for t in range(1, len(sizes) + 1):
        if t == len(sizes) or sizes[t] != sizes[start]:
            parts.append(input[start:t, : sizes[start]].reshape(-1, *input.array.shape[2:]))
            start = t
    data = parts[0] if len(parts) == 1 else cat.call(parts, 0)
    return PackedSequence(data, tensor(sizes, dtype=int64), order, None)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: Any = None
) -> tuple[Tensor, Tensor]:
    """The sequences padded with ``padding_value``, to ``total_length`` where one is given, and their lengths."""
    sizes = sequence.batch_sizes.tolist()
    longest = len(sizes)
    if total_length is not None:
        if total_length < longest:
            raise ValueError(
                f"Expected total_length to be at least the length of the longest sequence in input, but got total_length={total_length} "
                f"and max sequence length being {longest}"
            )
        longest = total_length
    data, batch = sequence.data, sizes[0]
    inner = len(data.array.shape) - 1
    parts, row, start = [], 0, 0
    for t in range(1, len(sizes) + 1):
        if t == len(sizes) or sizes[t] != sizes[start]:
            n, count = sizes[start], t - start
            part = data[row : row + n * count].reshape(count, n, *data.array.shape[1:])
            parts.append(pad(part, (0, 0) * inner + (0, batch - n), value=padding_value) if n < batch else part)
            row += n * count
            start = t
    if longest > len(sizes):
        empty = full((longest - len(sizes), batch, *data.array.shape[1:]), padding_value, dtype=data.dtype, device=data.device)
        parts.append(empty)
    padded = parts[0] if len(parts) == 1 else cat.call(parts, 0)
    lengths = tensor([sum(n > i for n in sizes) for i in range(batch)], dtype=int64)
    if batch_first:
        padded = padded.transpose(0, 1)
    if sequence.unsorted_indices is not None:
        order = sequence.unsorted_indices
        return padded.index_select(0 if batch_first else 1, order), lengths[order.cpu()]
    return padded, lengths


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right") -> Tensor:
    """Tensors (L, …) of different lengths as one (longest, N, …), or (N, longest, …) with ``batch_first``.

    >>> import tane
    >>> pad_sequence([tane.tensor([1, 2]), tane.tensor([3])], batch_first=True)
    tensor([[1, 2],
            [3, 0]])
    """
    if not isinstance(sequences, (list, tuple, Tensor)) and not isinstance(sequences, Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    items = list(sequences.unbind(0) if isinstance(sequences, Tensor) else sequences)
    if not items:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    longest = max(s.array.shape[0] for s in items)
    rows = []
    for s in items:
        missing = longest - s.array.shape[0]
        around = (0, 0) * (s.ndim - 1) + ((0, missing) if padding_side == "right" else (missing, 0))
        rows.append((pad(s, around, value=padding_value) if missing else s).unsqueeze(0 if batch_first else 1))
    joined: Tensor = cat.call(rows, 0 if batch_first else 1)
    return joined


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded batch, each at its own length."""
    batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:n] for row, n in zip(batch.unbind(0), lengths.tolist(), strict=True)]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """A list of tensors (L, …), packed; longest first, unless ``enforce_sorted`` is False."""
    lengths = tensor([s.array.shape[0] for s in sequences], dtype=int64)
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The list of tensors that :func:`pack_sequence` had packed."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
