"""Batches from one process to another: small ones through the pipe, large ones through memory that has no name.

What is pickled leaves its arrays aside (pickle protocol 5), and these are written to an anonymous file in memory whose descriptor goes
through the pipe. Nobody has to clean up: when the last descriptor is closed, by whatever end of a process, the memory is free. Where
the system has no such files, arrays go through the pipe, too.
"""

from __future__ import annotations

import io
import os
import pickle
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler, recv_handle, send_handle
from typing import Any

import numpy as np

from tane.backends.backend import backend_for, backend_of
from tane.tensor import Tensor, wrap

__all__ = ["Packed", "receive"]

INLINE = 32 * 1024  # what is smaller costs less in the pipe than a file does


def rebuild(array: Any, device: str, index: int | None, requires_grad: bool) -> Tensor:
    """A tensor again, where it was."""
    t = wrap(array if device == "cpu" else backend_for(device).from_numpy(array, index))
    if requires_grad:
        t.requires_grad = True
    return t


def reduce_tensor(t: Tensor) -> tuple[Any, ...]:
    """What a tensor is pickled as: its values, without history."""
    if not t.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing process "
            "boundaries.  If you just want to transfer the data, call detach() on the tensor before serializing (e.g., putting it on "
            "the queue)."
        )
    home = t.device
    values = backend_of(type(t.array)).to_numpy(t.array)
    return rebuild, (np.asarray(values, order="C"), home.type, home.index, t.requires_grad)


ForkingPickler.register(Tensor, reduce_tensor)  # for datasets that are sent to a spawned worker


class Pickler(ForkingPickler):
    """Tensors by their values, arrays aside."""

    def __init__(self, file: Any, aside: list[Any]) -> None:
        super().__init__(file, 5, True, lambda buffer: aside.append(buffer.raw()))


class Packed:
    """A value ready to be sent: the message for the pipe, and what goes beside it."""

    def __init__(self, value: Any) -> None:
        aside: list[Any] = []
        file = io.BytesIO()
        Pickler(file, aside).dump(value)
        parts = [file.getbuffer(), *aside]
        sizes = [part.nbytes for part in parts]
        self.parts: list[memoryview] = []
        if sum(sizes) <= INLINE:
            self.message = pickle.dumps((None, [bytes(part) for part in parts]))
        else:
            self.message = pickle.dumps((sizes, hasattr(os, "memfd_create")))
            self.parts = parts

    def send(self, connection: Connection) -> None:
        """Put it into the pipe. Waits if that is full; large values do not fill it."""
        if not self.parts:
            connection.send_bytes(self.message)
        elif not hasattr(os, "memfd_create"):
            connection.send_bytes(self.message)
            for part in self.parts:
                if part.nbytes:
                    connection.send_bytes(part)
        else:
            memory = os.memfd_create("tane-data", os.MFD_CLOEXEC)
            try:
                for part in self.parts:
                    while part.nbytes:  # one call writes two GiB at most
                        part = part[os.write(memory, part) :]
                connection.send_bytes(self.message)
                send_handle(connection, memory, None)
            finally:
                os.close(memory)


def receive(connection: Connection) -> Any:
    """The next value; raises EOFError or OSError where the other side is gone."""
    parts: list[Any]
    sizes, content = pickle.loads(connection.recv_bytes())
    if sizes is None:
        parts = [bytearray(part) for part in content]  # arrays that can be written to
    elif not content:
        parts = [np.empty(size, np.uint8) for size in sizes]
        for part in parts:
            if part.nbytes:
                connection.recv_bytes_into(part)
    else:
        memory = recv_handle(connection)
        try:
            parts, start = [], 0
            for size in sizes:
                part = np.empty(size, np.uint8)
                _read(memory, part.data, start)
                parts.append(part)
                start += size
        finally:
            os.close(memory)
    return pickle.loads(parts[0], buffers=parts[1:])


def _read(memory: int, into: memoryview, start: int) -> None:
    done = 0
    while done < into.nbytes:
        count = os.preadv(memory, [into[done:]], start + done)
        if count == 0:
            raise EOFError("a batch ended before its announced size")
        done += count
