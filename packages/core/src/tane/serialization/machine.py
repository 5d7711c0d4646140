"""Reads pickles without executing them.

A pickle is a program for a small stack machine, and Python's own calls whatever the program names. This one knows the instructions that data needs,
and resolves names in a table of its own: a name that is not there ends the reading, with an error that says it.
"""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from tane.serialization.errors import LoadError

__all__ = ["Call", "Machine"]

DEEPEST_KEY = 64  # tuples within tuples as keys of a dict: hashing goes down them in C, and would exhaust its stack
COPIED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, OrderedDict, Counter)
MARK = object()


class Call:
    """What a name in the table may stand for when it is to be called. ``new``: also by the instruction that makes an instance of a class."""

    def __init__(self, function: Callable[..., Any], new: bool = False) -> None:
        self.function, self.new = function, new


class Machine:
    """Reads one pickle of ``data`` from position ``at``, where it stands behind the pickle afterwards."""

    def __init__(
        self,
        data: bytes,
        find: Callable[[str, str], Any],
        persistent: Callable[[Any], Any],
        build: Mapping[type, Callable[[Any, Any], None]],
        at: int = 0,
        encoding: str = "utf-8",
    ) -> None:
        self.data, self.at, self.encoding = data, at, encoding
        self.find, self.persistent, self.builders = find, persistent, build
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.spent, self.most = 0, 16 * len(data) + 4096

    def load(self) -> Any:
        """The object."""
        while True:
            code = self.take(1)[0]
            if code == 0x2E:  # STOP
                return self.pop()
            if code == 0x51:  # BINPERSID: errors of whoever answers are not the pickle's
                self.push(self.persistent(self.pop()))
                continue
            step = STEPS.get(code)
            if step is None:
                raise LoadError(
                    f"Unsupported operand {code}: the pickle has an instruction that is not needed for data, at byte {self.at - 1}"
                )
            try:
                step(self)
            except LoadError:
                raise
            except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, struct.error, MemoryError) as error:
                raise LoadError(f"the pickle is damaged at byte {self.at}: {type(error).__name__}: {error}") from error

    # ---- reading -------------------------------------------------------------------------------------------------------------------
    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise LoadError(f"the pickle is cut short: {count} bytes wanted at byte {self.at}, {len(piece)} left")
        self.at += count
        return piece

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def line(self) -> str:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise LoadError(f"the pickle is cut short: a name at byte {self.at} does not end")
        return self.take(end + 1 - self.at)[:-1].decode("utf-8")

    # ---- the stack -----------------------------------------------------------------------------------------------------------------
    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if not self.stack:
            raise LoadError(f"the pickle is damaged: nothing on the stack at byte {self.at}")
        value = self.stack.pop()
        if value is MARK:
            raise LoadError(f"the pickle is damaged: a mark where a value should be, at byte {self.at}")
        return value

    def top(self) -> Any:
        value = self.pop()
        self.stack.append(value)
        return value

    def since_mark(self) -> list[Any]:
        for i in range(len(self.stack) - 1, -1, -1):
            if self.stack[i] is MARK:
                values = self.stack[i + 1 :]
                del self.stack[i:]
                return values
        raise LoadError(f"the pickle is damaged: no mark at byte {self.at}")

    # ---- instructions that need more than a line -------------------------------------------------------------------------------------
    def extend(self, values: list[Any]) -> None:
        target = self.top()
        if type(target) is not list:
            raise LoadError(f"the pickle appends to a {type(target).__name__}: only lists can be appended to")
        target.extend(values)

    def fill(self, values: list[Any]) -> None:
        target = self.top()
        if type(target) not in (dict, OrderedDict, Counter):
            raise LoadError(f"the pickle sets items of a {type(target).__name__}: only those of dicts can be set")
        if len(values) % 2:
            raise LoadError("the pickle is damaged: a key without a value")
        for key, value in zip(values[::2], values[1::2]):
            target[checked_key(key)] = value

    def add_all(self, values: list[Any]) -> None:
        target = self.top()
        if type(target) is not set:
            raise LoadError(f"the pickle adds to a {type(target).__name__}: only sets can be added to")
        target.update(map(checked_key, values))

    def name(self, module: str, name: str) -> None:
        self.push(self.find(module, name))

    def stack_name(self) -> None:
        name, module = self.pop(), self.pop()
        if type(name) is not str or type(module) is not str:
            raise LoadError("the pickle is damaged: a name that is no text")
        self.name(module, name)

    def reduce(self) -> None:
        args, function = self.pop(), self.pop()
        self.call(function, args, False)

    def new(self) -> None:
        args, function = self.pop(), self.pop()
        self.call(function, args, True)

    def call(self, function: Any, args: Any, new: bool) -> None:
        if type(function) is not Call or (new and not function.new):
            raise LoadError(f"the pickle wants to call a {type(function).__name__}, which is data")
        if type(args) is not tuple:
            raise LoadError("the pickle is damaged: arguments that are no tuple")
        self.spend(args)
        self.push(function.function(*args))

    def build(self) -> None:
        state = self.pop()
        target = self.top()
        builder = self.builders.get(type(target))
        if builder is None:
            raise LoadError(f"the pickle wants to set attributes of a {type(target).__name__}")
        if type(state) is tuple:
            self.spend(state)
        builder(target, state)

    def spend(self, args: tuple[Any, ...]) -> None:
        """Count what a call may copy: a few bytes of a pickle can ask for the same copy a million times."""
        self.spent += sum(len(a) for a in args if type(a) in COPIED)
        if self.spent > self.most:
            raise LoadError("the pickle copies the same data over and over: loading it would fill the memory")

    def remember(self, index: int) -> None:
        self.memo[index] = self.top()

    def recall(self, index: int) -> None:
        if index not in self.memo:
            raise LoadError(f"the pickle is damaged: it refers to number {index}, which there is not")
        self.push(self.memo[index])

    def text(self, count: int) -> None:
        self.push(self.take(count).decode("utf-8", "surrogatepass"))

    def old_text(self, count: int) -> None:
        raw = self.take(count)
        self.push(raw if self.encoding == "bytes" else raw.decode(self.encoding))

    def protocol(self) -> None:
        number = self.take(1)[0]
        if number > 5:
            raise LoadError(f"unsupported pickle protocol {number}: 2 to 5 can be read")


def checked_key(key: Any) -> Any:
    """``key``, if hashing it is harmless."""
    level: list[Any] = [key]
    for _ in range(DEEPEST_KEY):
        level = [x for value in level if type(value) in (tuple, frozenset) for x in value]
        if not level:
            return key
    raise LoadError("the pickle has a key of tuples within tuples, deeper than any data is")


M = Machine
STEPS: dict[int, Callable[[Machine], None]] = {
    ord(code): step
    for code, step in {
        "\x80": M.protocol,
        "\x95": lambda m: m.take(8),  # FRAME: only a hint
        "(": lambda m: m.push(MARK),
        "0": lambda m: m.pop(),
        "1": lambda m: m.since_mark(),
        "2": lambda m: m.push(m.top()),
        # values
        "N": lambda m: m.push(None),
        "\x88": lambda m: m.push(True),
        "\x89": lambda m: m.push(False),
        "K": lambda m: m.push(m.number(1)),
        "M": lambda m: m.push(m.number(2)),
        "J": lambda m: m.push(struct.unpack("<i", m.take(4))[0]),
        "\x8a": lambda m: m.push(int.from_bytes(m.take(m.number(1)), "little", signed=True)),
        "\x8b": lambda m: m.push(int.from_bytes(m.take(m.number(4)), "little", signed=True)),
        "G": lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
        "X": lambda m: m.text(m.number(4)),
        "\x8c": lambda m: m.text(m.number(1)),
        "\x8d": lambda m: m.text(m.number(8)),
        "U": lambda m: m.old_text(m.number(1)),
        "T": lambda m: m.old_text(m.number(4)),
        "C": lambda m: m.push(m.take(m.number(1))),
        "B": lambda m: m.push(m.take(m.number(4))),
        "\x8e": lambda m: m.push(m.take(m.number(8))),
        "\x96": lambda m: m.push(bytearray(m.take(m.number(8)))),
        # containers
        ")": lambda m: m.push(()),
        "\x85": lambda m: m.push((m.pop(),)),
        "\x86": lambda m: m.push((m.pop(), m.pop())[::-1]),
        "\x87": lambda m: m.push((m.pop(), m.pop(), m.pop())[::-1]),
        "t": lambda m: m.push(tuple(m.since_mark())),
        "]": lambda m: m.push([]),
        "l": lambda m: m.push(m.since_mark()),
        "a": lambda m: m.extend([m.pop()]),
        "e": lambda m: m.extend(m.since_mark()),
        "}": lambda m: m.push({}),
        "s": lambda m: m.fill([m.pop(), m.pop()][::-1]),
        "u": lambda m: m.fill(m.since_mark()),
        "\x8f": lambda m: m.push(set()),
        "\x90": lambda m: m.add_all(m.since_mark()),
        "\x91": lambda m: m.push(frozenset(map(checked_key, m.since_mark()))),
        # what was there before
        "q": lambda m: m.remember(m.number(1)),
        "r": lambda m: m.remember(m.number(4)),
        "\x94": lambda m: m.remember(len(m.memo)),
        "h": lambda m: m.recall(m.number(1)),
        "j": lambda m: m.recall(m.number(4)),
        # names and what is done with them
        "c": lambda m: m.name(m.line(), m.line()),
        "\x93": M.stack_name,
        "R": M.reduce,
        "\x81": M.new,
        "b": M.build,
    }.items()
}
