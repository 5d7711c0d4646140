"""Installed plug-ins are found at first use, one by one."""

from __future__ import annotations

import sys

import pytest

from tane import plugins
from tane.plugins import PluginWarning

OPS = {"swish": "math:exp"}


def record(name):
    return next(r for r in plugins.listing() if r.name == name)


def test_an_installed_plugin_is_found_at_first_use(site, manager, offers):
    site.install("tane-swish", offers(ops=OPS))
    assert plugins.names("ops") == ("swish",)
    found = record("swish")
    assert (found.distribution, found.version, found.state) == ("tane-swish", "1.0", "loaded")
    assert found.contributions == {"ops": ("swish",)}
    assert found.milliseconds > 0


def test_nothing_is_looked_for_when_tane_is_imported(site, offers):
    site.install("tane-swish", offers(ops=OPS))
    seen = """
        import sys, tane, tane.plugins
        print([n for n in ("pluggy", "importlib.metadata", "tane_swish_plugin", "stub_core") if n in sys.modules])
        print("swish" in tane.plugins.names("ops"), "tane_swish_plugin" in sys.modules)
    """
    assert site.run(seen).splitlines() == ["[]", "True True"]


def test_what_core_offers_is_answered_without_looking_for_others(site, offers):
    site.install("tane-swish", offers(ops=OPS))
    seen = "import sys; tane.plugins.lookup('backends', 'cpu'); print('importlib.metadata' in sys.modules)"
    assert site.run(seen) == "False"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("@hookimpl\ndef tane_ops(): raise KeyError('x')", "KeyError: 'x'"),
        ("@hookimpl\ndef tane_ops(): return ['swish']", "tane_ops must return a mapping from name to object, not list"),
        ("@hookimpl\ndef tane_ops(): return None", "tane_ops must return a mapping from name to object, not NoneType"),
        (
            "@hookimpl\ndef tane_ops(): return {'a-b': 1}",
            "tane_ops returned the name 'a-b': names are Python identifiers",
        ),
        (
            "@hookimpl\ndef tane_ops(): return {'if': 1}",
            "tane_ops returned the name 'if': names are Python identifiers",
        ),
        ("@hookimpl\ndef tane_ops(): return {1: 1}", "tane_ops returned the name 1: names are Python identifiers"),
        ("@hookimpl\ndef tane_ops(): return {'a': None}", "tane_ops returned None for 'a'"),
        ("@hookimpl\ndef tane_ops(): return {'a': 'math'}", "a string there reads 'module:attribute'"),
        ("@hookimpl\ndef tane_opps(): return {}", "there is no hook tane_opps: did you mean tane_ops?"),
        ("def tane_optimisers(): return {}", "there is no hook tane_optimisers: did you mean tane_optimizers?"),
        ("tane_api_versoin = 1", "there is no hook tane_api_versoin: did you mean tane_api_version?"),
        ("def tane_ops(): return {}", "tane_ops is not marked: write @hookimpl above it"),
        ("@hookimpl(wrapper=True)\ndef tane_ops(): yield", "tane_ops is a wrapper"),
        ("@hookimpl\ndef tane_ops(x): return {}", "PluginValidationError"),
        ("tane_api_version = '1'", "tane_api_version must be a positive whole number, not '1'"),
    ],
)
def test_a_plugin_that_fails_takes_nothing_else_down(site, manager, offers, source, reason):
    site.install("tane-bad", source, version="0.3")
    site.install("tane-swish", offers(ops=OPS))
    with pytest.warns(PluginWarning, match=r"plug-in 'bad' of tane-bad 0\.3 failed to load: "):
        plugins.load()
    assert plugins.names("ops") == ("swish",)
    found = record("bad")
    assert found.state == "failed"
    assert reason in found.error
    assert found.traceback.startswith("Traceback (most recent call last)")
    assert found.contributions == {}


def test_the_traceback_leads_to_the_line_that_failed(site, manager):
    site.install("tane-bad", "def helper():\n    raise OSError('no such device')\nhelper()\n")
    with pytest.warns(PluginWarning, match="OSError: no such device"):
        plugins.load()
    assert "in helper" in record("bad").traceback


def test_a_failing_plugin_contributes_nothing_at_all(site, manager, offers):
    site.install("tane-half", offers(ops=OPS) + "@hookimpl\ndef tane_optimizers(): raise ValueError('half done')")
    with pytest.warns(PluginWarning, match="half done"):
        assert plugins.names("ops") == ()


def test_a_warning_that_is_an_error_leaves_everything_in_place(site, manager, offers):
    site.install("tane-bad", "raise ValueError")
    site.install("tane-swish", offers(ops=OPS))
    with pytest.raises(PluginWarning):  # this is how pytest runs here
        plugins.load()
    assert plugins.names("ops") == ("swish",)


def test_a_distribution_found_twice_is_one(site, manager, offers, tmp_path, monkeypatch):
    site.install("tane-swish", offers(ops=OPS))
    (tmp_path / "source").mkdir()
    site.metadata("Tane_Swish", "0.9", "[tane]\nswish = tane_swish_plugin\n", tmp_path / "source")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "source"), *sys.path])
    assert plugins.names("ops") == ("swish",)
    assert [r.version for r in plugins.listing() if r.name == "swish"] == ["0.9"]


def test_malformed_metadata_is_the_failure_of_its_distribution_alone(site, manager, offers):
    site.metadata("tane-bad", "1", "[tane]\nbad ~ bad_plugin\n")
    site.metadata("other", "1", "[console_scripts]\nnonsense\n")
    site.install("tane-swish", offers(ops=OPS))
    with pytest.warns(PluginWarning, match=r"of tane-bad 1 failed to load: the entry_points.txt"):
        assert plugins.names("ops") == ("swish",)


def test_metadata_without_a_name_is_no_obstacle(site, manager, offers):
    site.install("tane-swish", offers(ops=OPS))
    (site.path / "tane_swish-1.0.dist-info" / "METADATA").unlink()
    assert plugins.names("ops") == ("swish",)
    assert record("swish").distribution is None


def test_a_value_may_name_an_object_and_extras(site, manager):
    site.write("lion_module", "class Hooks:\n  @hookimpl\n  def tane_ops(self): return {'roar': len}\nhooks = Hooks()")
    site.metadata("tane-lion", "1", "[tane]\nlion = lion_module:hooks [fast]\n")
    assert plugins.lookup("ops", "roar") is len


def test_a_plugin_may_ask_for_others_while_it_is_imported(site, manager, offers):
    site.install("tane-a", offers(ops=OPS))
    site.install("tane-b", "from tane import plugins\nseen = plugins.names('ops')\n" + offers(ops={"b": "math:exp"}))
    assert plugins.names("ops") == ("b", "swish")
    import tane_b_plugin

    assert tane_b_plugin.seen == ("swish",)


def test_core_may_ask_while_it_is_imported(site, manager):
    site.write(
        "stub_core",
        "from tane import plugins\nseen = plugins.names('ops')\n@hookimpl\ndef tane_ops(): return {'a': len}",
    )
    assert plugins.names("ops") == ("a",)


def test_reload_finds_what_was_installed_meanwhile(site, manager, offers):
    assert plugins.names("ops") == ()
    site.install("tane-swish", offers(ops=OPS))
    assert plugins.names("ops") == ()
    plugins.reload()
    assert plugins.names("ops") == ("swish",)


def test_without_core_nothing_works_and_the_reason_is_told(site, manager):
    site.write("stub_core", "raise OSError('core is broken')")
    with pytest.raises(plugins.PluginLoadError, match=r"'core' of tane-core .* core is broken") as caught:
        plugins.lookup("backends", "cpu")
    assert isinstance(caught.value.__cause__, OSError)
    assert record("core").state == "failed"


def test_core_named_by_its_own_entry_point_is_not_found_twice(site, manager):
    site.metadata("tane-core", "9", "[tane]\ncore = stub_core\n")
    assert plugins.names("backends") == ("cpu",)
    assert [r.name for r in plugins.listing()] == ["core"]


def test_threads_that_come_first_together_see_the_same(site, manager, offers):
    from concurrent.futures import ThreadPoolExecutor

    site.install("tane-made", "@hookimpl\ndef tane_ops(): return {'made': object()}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: plugins.lookup("ops", "made"), range(32)))
    assert len(set(found)) == 1
