"""``tane``: finds the sub-command, lets it read its arguments, and runs it."""

from __future__ import annotations

import os
import sys
import warnings
from argparse import ArgumentParser, RawTextHelpFormatter
from collections.abc import Mapping, Sequence
from textwrap import fill

from tane.commands.command import Command, command_of
from tane.plugins.active import current
from tane.plugins.errors import PluginError, PluginWarning
from tane.plugins.hints import unknown
from tane.plugins.plugin import Offer, describe
from tane.version import __version__

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    >>> main(["--version"])                         # doctest: +SKIP
    tane 0.1.0
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = dispatch(arguments)
        sys.stdout.flush()
        return status
    except PluginError as error:
        print(f"tane: {error}", file=sys.stderr)
        return 1
    except SystemExit as end:  # argparse's way to end after --help or a wrong argument
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # tane plugins | head: nobody reads on, and Python's flush at exit is not to complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def dispatch(arguments: list[str]) -> int:
    word = arguments[0] if arguments and not arguments[0].startswith("-") else None
    parser = ArgumentParser("tane", usage="tane [-h] [--version] command ...", formatter_class=RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"tane {__version__}")
    if word is None:
        if arguments != ["--version"]:
            parser.epilog = overview(offered())
        parser.parse_args(arguments)
        parser.print_help()
        return 0
    command = chosen(word)
    # Not a branch of the parser above: what --help shows of all commands would have to load them all.
    own = ArgumentParser(f"tane {word}", description=command.help.replace("%", "%%"))
    command.configure(own)
    return command.run(own.parse_args(arguments[1:])) or 0


def chosen(word: str) -> Command:
    """The command of that name. One of core's own is found without loading other plug-ins."""
    name = word.replace("-", "_")
    offer = current().basic().offers.get(("commands", name)) or offered().get(name)
    if offer is None:
        raise unknown(current(), "commands", word)
    try:
        return command_of(offer.resolve())
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(f"command {word!r} of plug-in {offer.plugin} is broken: {describe(error)}") from error


def offered() -> Mapping[str, Offer]:
    """All commands that can be had. What is wrong with a plug-in is told on standard error; only strict raises it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PluginWarning)
        manager = current()
        table = manager.checked() if manager.settings.strict else manager.complete()
    for text in (*(warning.message for warning in caught), *(conflict.with_advice() for conflict in table.conflicts)):
        print(f"tane: warning: {text}", file=sys.stderr)
    return table.of_kind("commands")


def overview(offers: Mapping[str, Offer]) -> str:
    """The commands with a line about each, and the reason for those that cannot be loaded."""
    lines = ["commands:"]
    column = max((len(name) for name in offers), default=0) + 4
    for name, offer in offers.items():
        try:
            text = command_of(offer.resolve()).help
        except (Exception, SystemExit) as error:
            text = f"(broken: {describe(error)})"
        lines.append(fill(f"  {name.replace('_', '-')}".ljust(column) + text, 80, subsequent_indent=" " * column))
    return "\n".join(lines)
