"""Which plug-ins load: by environment, and the same by function."""

from __future__ import annotations

import pytest

from tane import plugins
from tane.plugins import PluginLoadError, PluginWarning
from tane.plugins.settings import Settings

STATES = "print(*(f'{r.name}:{r.state}' for r in tane.plugins.listing()))"


@pytest.fixture
def two(site, offers):
    site.install("tane-a", offers(ops={"a": "math:exp"}))
    site.install("tane-b", offers(ops={"b": "math:exp"}))
    return site


@pytest.mark.parametrize(
    ("environment", "states"),
    [
        ({}, "a:loaded b:loaded"),
        ({"TANE_DISABLE_PLUGIN_AUTOLOAD": "1"}, "a:disabled b:disabled"),
        ({"TANE_DISABLE_PLUGIN_AUTOLOAD": "0"}, "a:loaded b:loaded"),
        ({"TANE_LOAD_PLUGINS": "b"}, "a:disabled b:loaded"),
        ({"TANE_LOAD_PLUGINS": " Tane_B , a "}, "a:loaded b:loaded"),
        ({"TANE_LOAD_PLUGINS": ""}, "a:disabled b:disabled"),
        ({"TANE_LOAD_PLUGINS": "core"}, "a:disabled b:disabled"),
        ({"TANE_BLOCK_PLUGINS": "a,core,absent"}, "a:blocked b:loaded"),
        ({"TANE_BLOCK_PLUGINS": "tane-b"}, "a:loaded b:blocked"),
        ({"TANE_LOAD_PLUGINS": "a", "TANE_BLOCK_PLUGINS": "a"}, "a:blocked b:disabled"),
        ({"TANE_LOAD_PLUGINS": "a", "TANE_DISABLE_PLUGIN_AUTOLOAD": "1"}, "a:disabled b:disabled"),
    ],
)
def test_the_environment_decides_what_loads_and_core_always_does(two, environment, states):
    assert two.run(STATES + "\nprint(tane.plugins.names('backends'))", **environment).splitlines() == [
        f"core:loaded {states}",
        "('cpu',)",
    ]


def test_a_disabled_plugin_is_not_even_imported(two):
    code = """
        import sys
        tane.plugins.load()
        print([m for m in sys.modules if m.startswith("tane_")], "importlib.metadata" in sys.modules)
    """
    assert two.run(code, TANE_DISABLE_PLUGIN_AUTOLOAD="1") == "[] False"
    assert two.run(code, TANE_LOAD_PLUGINS="b") == "['tane_b_plugin'] True"


def test_what_is_registered_explicitly_loads_whatever_the_switches_say(two):
    code = "tane.plugins.register('tane_a_plugin', 'a'); print(tane.plugins.names('ops'))"
    assert two.run(code, TANE_DISABLE_PLUGIN_AUTOLOAD="1", TANE_BLOCK_PLUGINS="a", TANE_LOAD_PLUGINS="") == "('a',)"


def test_strict_raises_what_is_a_warning_otherwise(site):
    site.install("tane-bad", "import nowhere")
    code = """
        try:
            tane.plugins.load()
        except tane.plugins.PluginLoadError as error:
            print(error, "|", repr(error.__cause__))
    """
    said = "plug-in 'bad' of tane-bad 1.0 failed to load: ModuleNotFoundError: No module named 'nowhere'"
    assert site.run(code, TANE_STRICT_PLUGINS="1", PYTHONWARNINGS="error") == (
        f"{said} | ModuleNotFoundError(\"No module named 'nowhere'\")"
    )
    assert site.run(code, TANE_STRICT_PLUGINS="0") == ""


def test_the_environment_gives_the_first_values_and_functions_change_them(two):
    code = "tane.plugins.unblock('a'); tane.plugins.disable_autoload(False);" + STATES
    assert two.run(code, TANE_BLOCK_PLUGINS="a", TANE_DISABLE_PLUGIN_AUTOLOAD="1") == "core:loaded a:loaded b:loaded"


def test_switches_work_at_any_time(two, manager):
    assert plugins.names("ops") == ("a", "b")
    plugins.block("a")
    assert plugins.names("ops") == ("b",)
    plugins.load_only("a")
    assert plugins.names("ops") == ()
    plugins.unblock("a")
    assert plugins.names("ops") == ("a",)
    plugins.disable_autoload()
    assert plugins.names("ops") == ()
    plugins.load_only()
    plugins.disable_autoload(False)
    assert plugins.names("ops") == ()
    plugins.load_only("a", "tane-b", "core")
    assert plugins.names("ops") == ("a", "b")


def test_strict_at_any_time(site, manager):
    site.install("tane-bad", "raise OSError('broken')")
    with pytest.warns(PluginWarning, match="broken"):
        plugins.load()
    plugins.strict()
    with pytest.raises(PluginLoadError, match="broken"):
        plugins.names("ops")
    assert [r.state for r in plugins.listing()] == ["loaded", "failed"]
    plugins.block("bad")
    assert plugins.names("ops") == ()


def test_a_plugin_is_loaded_once_however_often_the_switches_change(site, manager):
    site.install("tane-once", "@hookimpl\ndef tane_ops(): return {'once': object()}")
    first = plugins.lookup("ops", "once")
    plugins.block("once")
    plugins.unblock("once")
    assert plugins.lookup("ops", "once") is first


def test_a_name_on_the_list_that_nobody_has_is_told(two, manager):
    plugins.load_only("a", "swish")
    with pytest.warns(PluginWarning, match="asks for plug-in 'swish', which is not installed; there are: core, a, b"):
        assert plugins.names("ops") == ("a",)


def test_the_reason_is_in_the_listing(two, manager):
    plugins.block("a")
    plugins.load_only("a")
    notes = {record.name: record.note for record in plugins.listing()}
    assert notes["a"] == "TANE_BLOCK_PLUGINS or tane.plugins.block()"
    assert notes["b"] == "not in TANE_LOAD_PLUGINS or tane.plugins.load_only()"


def test_a_switch_that_says_neither_yes_nor_no():
    with pytest.raises(ValueError, match="TANE_STRICT_PLUGINS='maybe' is neither yes nor no: use 1 or 0"):
        Settings.from_environ({"TANE_STRICT_PLUGINS": "maybe"})


def test_reset_reads_the_environment_afresh(site, monkeypatch):
    with plugins.isolated():
        monkeypatch.setenv("TANE_BLOCK_PLUGINS", "a")
        plugins.reset()
        assert plugins.active.current().settings == Settings(blocked={"a"})
