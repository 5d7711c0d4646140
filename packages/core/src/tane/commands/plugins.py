"""``tane plugins``: which plug-ins there are, what they offer, and what is wrong with those that do not load."""

from __future__ import annotations

import json
import shutil
import textwrap
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from tane.plugins import PluginRecord, PluginWarning, listing

__all__ = ["PluginsCommand"]

HEADINGS = ("name", "distribution", "version", "state", "load time")
INDENT = "    "


class PluginsCommand:
    """The command, offered by core."""

    help = "list the plug-ins, what they offer, and why one does not load"

    def configure(self, parser: ArgumentParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def run(self, args: Namespace) -> int:
        """Print the list. A plug-in that does not load is a line of the list, not a failure of the command."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PluginWarning)  # the list says the same, and more
            records = listing()
        width = max(40, shutil.get_terminal_size().columns)
        print(json.dumps([asdict(record) for record in records], indent=2) if args.json else table(records, width))
        return 0


def table(records: Sequence[PluginRecord], width: int = 80) -> str:
    """The records as aligned text: a line for each, and below it what it offers and what is wrong."""
    rows = [HEADINGS, *map(cells, records)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    blocks = ["\n".join((line, *details(record, width))) for line, record in zip(lines[1:], records, strict=True)]
    return "\n".join((lines[0], "-" * len(lines[0]), *blocks))


def cells(record: PluginRecord) -> tuple[str, ...]:
    time = "-" if record.milliseconds is None else f"{record.milliseconds:.1f} ms"
    return record.name, record.distribution or "-", record.version or "-", record.state, time


def details(record: PluginRecord, width: int) -> Iterator[str]:
    for kind, names in record.contributions.items():
        yield shortened(f"{kind}: ", names, width)
    for text in (record.note, record.error):
        if text:
            yield textwrap.fill(
                text,
                width,
                initial_indent=INDENT,
                subsequent_indent=INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
    if record.traceback:
        yield textwrap.indent(record.traceback.rstrip(), INDENT * 2)


def shortened(heading: str, names: Sequence[str], width: int, lines: int = 3) -> str:
    """The names, or as many of them as go on a few lines and the number of the rest: core alone has hundreds of ops."""
    shown = len(names)
    while True:
        rest = f" and {len(names) - shown} more (--json has all)" if shown < len(names) else ""
        text = heading + ", ".join(names[:shown]) + rest
        wrapped = textwrap.wrap(text, width, initial_indent=INDENT, subsequent_indent=INDENT * 2, break_long_words=False)
        if len(wrapped) <= lines or shown <= 1:
            return "\n".join(wrapped)
        shown -= 1
