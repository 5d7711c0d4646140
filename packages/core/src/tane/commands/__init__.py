"""The ``tane`` command line. Its sub-commands arrive through the hook ``tane_commands``."""

from tane.commands.command import Command
from tane.commands.main import main

__all__ = ["Command", "main"]
