"""The command line: sub-commands that plug-ins bring, and `tane plugins`."""

from __future__ import annotations

import json
import re

import pytest

from tane import plugins
from tane.commands.command import Command, command_of
from tane.commands.main import main
from tane.commands.plugins import PluginsCommand, table
from tane.plugins import PluginRecord
from tane.version import __version__

HELLO = """
class Hello:
    help = "greet somebody, 100% friendly"

    def configure(self, parser):
        parser.add_argument("name")
        parser.add_argument("--status", type=int, default=0)

    def run(self, args):
        print("hello,", args.name)
        return args.status
"""


@pytest.fixture
def hello(site, manager, offers):
    site.write("hello_command", HELLO)
    site.install("tane-hello", offers(commands={"say_hello": "hello_command:Hello"}))
    return site


def test_a_plugin_brings_a_command(hello, capsys):
    assert main(["say-hello", "world"]) == 0
    assert main(["say-hello", "world", "--status", "3"]) == 3
    assert capsys.readouterr().out == "hello, world\n" * 2


def test_help_lists_the_commands(hello, capsys):
    for arguments in ([], ["--help"]):
        assert main(arguments) == 0
        said = capsys.readouterr().out
        assert re.search(r"^ +say-hello +greet somebody, 100% friendly$", said, re.MULTILINE)
        assert re.search(r"^ +plugins +list the plug-ins", said, re.MULTILINE)


def test_help_of_a_command(hello, capsys):
    assert main(["say-hello", "--help"]) == 0
    assert "usage: tane say-hello [-h] [--status STATUS] name" in capsys.readouterr().out


def test_version(hello, capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tane {__version__}\n"


def test_wrong_arguments(hello, capsys):
    assert main(["say-hello"]) == 2
    assert "the following arguments are required: name" in capsys.readouterr().err
    assert main(["--absent"]) == 2


def test_an_unknown_command(hello, capsys):
    assert main(["say-helo"]) == 1
    assert capsys.readouterr().err.startswith("tane: there is no command 'say-helo': did you mean 'say-hello'?")


def test_a_broken_plugin_does_not_break_the_command_line(hello, capsys):
    hello.install("tane-bad", "raise ValueError('broken')")
    assert main(["say-hello", "world"]) == 0
    said = capsys.readouterr()
    assert said.out == "hello, world\n"
    assert said.err.startswith("tane: warning: plug-in 'bad' of tane-bad 1.0 failed to load: ValueError: broken")
    plugins.strict()
    assert main(["say-hello", "world"]) == 1
    assert "tane: plug-in 'bad' of tane-bad 1.0 failed to load" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ImportError('no display')", "ImportError: no display"),
        (
            "class Broken: help = 'x'",
            "TypeError: a command has help, configure(parser) and run(args); Broken lacks configure, run",
        ),
        ("def Broken(): raise OSError('disk')", "OSError: disk"),
    ],
)
def test_a_broken_command_does_not_break_the_others(hello, offers, capsys, source, reason):
    hello.write("broken_command", source)
    hello.install("tane-broken", offers(commands={"broken": "broken_command:Broken"}))
    assert main(["broken"]) == 1
    said = capsys.readouterr().err
    assert "of tane-broken 1.0" in said
    assert reason in said
    assert main([]) == 0
    assert "(broken:" in capsys.readouterr().out
    assert main(["say-hello", "world"]) == 0


def test_conflicts_do_not_break_the_command_line(hello, offers, capsys):
    hello.install("tane-a", offers(ops={"x": "math:exp"}))
    hello.install("tane-b", offers(ops={"x": "math:exp"}))
    assert main(["say-hello", "world"]) == 0
    assert "tane: warning: ops: 'x' is offered by plug-ins 'a' of tane-a 1.0 and 'b'" in capsys.readouterr().err
    assert main(["plugins"]) == 0
    assert "is offered by plug-ins" in capsys.readouterr().out


def test_a_broken_core_is_told(site, manager, capsys):
    site.write("stub_core", "raise OSError('core is broken')")
    assert main(["plugins"]) == 1
    assert "core is broken" in capsys.readouterr().err


def test_an_interrupted_command(manager, capsys):
    class Endless:
        help = "never ends"

        def configure(self, parser):
            parser.add_argument("--loud", action="store_true")

        def run(self, args):
            raise KeyboardInterrupt

    class Hooks:
        @plugins.hookimpl
        def tane_commands(self):
            return {"endless": Endless()}

    plugins.register(Hooks())
    assert main(["endless"]) == 130


def test_a_command_is_an_instance_a_class_or_a_function():
    made = PluginsCommand()
    assert isinstance(made, Command)
    assert command_of(made) is made
    assert isinstance(command_of(PluginsCommand), PluginsCommand)
    assert isinstance(command_of(lambda: made), PluginsCommand)


def test_nobody_reads_on(site):
    code = "import sys; from tane.commands.main import main; sys.stdin.read(); sys.exit(main(['plugins']))"
    with site.process(code) as process:
        process.stdout.close()
        process.stdin.close()  # go
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_plugins_as_json(hello, capsys):
    hello.install("tane-bad", "raise ValueError('broken')")
    assert main(["plugins", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    core, bad, good = json.loads(said.out)
    assert (core["name"], core["distribution"], core["state"]) == ("core", "tane-core", "loaded")
    assert (bad["state"], bad["error"]) == ("failed", "ValueError: broken")
    assert "Traceback" in bad["traceback"]
    assert good["contributions"] == {"commands": ["say_hello"]}


def test_the_table_fits_eighty_columns():
    many = tuple(f"operation_{number}" for number in range(200))
    records = [
        PluginRecord("core", "tane-core", "0.1.0", "tane.plugins.builtin", "loaded", {"backends": ("cpu",), "ops": many}, 12.34),
        PluginRecord("x", None, None, "m", "blocked", {}, None, note="because " * 20),
        PluginRecord(
            "bad",
            "a-bad-one",
            "2.0",
            "m",
            "failed",
            {},
            1.0,
            error="OSError: x",
            traceback="Traceback:\n  line\nOSError: x\n",
        ),
    ]
    lines = table(records, 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:4] == [
        "name  distribution  version  state    load time",
        "-----------------------------------------------",
        "core  tane-core     0.1.0    loaded   12.3 ms",
        "    backends: cpu",
    ]
    assert lines[4].startswith("    ops: operation_0, operation_1, ")
    assert any(line.endswith("more (--json has all)") for line in lines[5:7])
    assert "x     -             -        blocked  -" in lines
    assert lines[-5:] == [
        "bad   a-bad-one     2.0      failed   1.0 ms",
        "    OSError: x",
        "        Traceback:",
        "          line",
        "        OSError: x",
    ]
