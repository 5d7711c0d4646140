"""What a sub-command of ``tane`` is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Protocol, runtime_checkable

__all__ = ["Command", "command_of"]


@runtime_checkable
class Command(Protocol):
    """A sub-command, offered through ``tane_commands``: an instance, or a class or function that makes one.

    >>> class Hello:
    ...     help = "greet somebody"
    ...
    ...     def configure(self, parser):
    ...         parser.add_argument("name")
    ...
    ...     def run(self, args):
    ...         print(f"hello, {args.name}")
    ...         return 0
    >>> isinstance(Hello(), Command)
    True
    """

    @property
    def help(self) -> str:
        """One line for ``tane --help``."""

    def configure(self, parser: ArgumentParser) -> None:
        """Add the command's arguments to its own parser."""

    def run(self, args: Namespace) -> int:
        """Do it, and return the exit status: 0 for success."""


def command_of(offered: object) -> Command:
    """The command that was offered, made if it is a class or a function.

    Raises:
        TypeError: it lacks one of ``help``, ``configure`` and ``run``.
    """
    made = offered() if callable(offered) and (isinstance(offered, type) or not isinstance(offered, Command)) else offered
    if not isinstance(made, Command):
        lacking = ", ".join(name for name in ("help", "configure", "run") if not hasattr(made, name))
        raise TypeError(f"a command has help, configure(parser) and run(args); {type(made).__name__} lacks {lacking}")
    return made
