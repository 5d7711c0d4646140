"""The version of the hooks that a plug-in was written for."""

from __future__ import annotations

import pytest

from tane import plugins
from tane.plugins import API_VERSION, PluginLoadError, PluginWarning


def install(site, offers, version):
    site.install("tane-timed", f"tane_api_version = {version}\n" + offers(ops={"tick": "math:exp"}))


def record():
    return next(r for r in plugins.listing() if r.name == "timed")


def test_the_same_version_loads(site, manager, offers):
    install(site, offers, API_VERSION)
    assert plugins.names("ops") == ("tick",)


def test_none_is_the_first_version(site, manager, offers):
    site.install("tane-timed", offers(ops={"tick": "math:exp"}))
    assert plugins.names("ops") == ("tick",)


def test_a_newer_one_is_refused_with_the_reason(site, manager, offers):
    install(site, offers, API_VERSION + 1)
    reason = f"written for plug-in API {API_VERSION + 1}; this tane has {API_VERSION}: upgrade tane-core, or use an older"
    with pytest.warns(PluginWarning, match=f"plug-in 'timed' of tane-timed 1.0 was refused: {reason}"):
        assert plugins.names("ops") == ()
    assert record().state == "refused"
    assert record().error.startswith(reason)


def test_a_newer_one_is_refused_before_its_hooks_are_judged(site, manager):
    site.install("tane-timed", f"tane_api_version = {API_VERSION + 1}\n@hookimpl\ndef tane_holograms(): return {{}}")
    with pytest.warns(PluginWarning, match="refused"):
        plugins.load()


def test_a_newer_one_is_an_error_when_strict_or_explicit(site, manager, offers):
    install(site, offers, API_VERSION + 1)
    with pytest.raises(PluginLoadError, match="was refused"):
        plugins.register("tane_timed_plugin")
    plugins.strict()
    with pytest.raises(PluginLoadError, match="was refused"):
        plugins.load()


def test_an_older_one_is_warned_of_and_loads(site, manager, offers, monkeypatch):
    monkeypatch.setattr(plugins.loader, "API_VERSION", 2)
    install(site, offers, 1)
    with pytest.warns(PluginWarning, match=r"plug-in 'timed' of tane-timed 1\.0 is written for plug-in API 1; this tane has 2"):
        assert plugins.names("ops") == ("tick",)
    assert (record().state, record().note) == ("loaded", "written for plug-in API 1; this tane has 2")
    with pytest.warns(PluginWarning, match="written for plug-in API 1"):
        plugins.register("tane_timed_plugin", "again")


def test_a_hook_of_a_later_version_may_be_marked_optional(site, manager, offers):
    source = offers(ops={"tick": "math:exp"}) + "@hookimpl(optionalhook=True)\ndef tane_holograms(): return {}"
    site.install("tane-timed", source)
    assert plugins.names("ops") == ("tick",)
