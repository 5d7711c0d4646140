"""Two plug-ins that claim one name, and what explicit registration settles."""

from __future__ import annotations

import types

import pytest

from tane import plugins
from tane.plugins import PluginConflictError, PluginLoadError, PluginWarning, hookimpl


class Mine:
    @hookimpl
    def tane_ops(self):
        return {"roar": abs}


@pytest.fixture
def contested(site, manager, offers):
    site.install("tane-lion", offers(ops={"roar": "builtins:len"}, loggers={"Roar": "builtins:print"}))
    site.install("big-zoo", offers(ops={"roar": "builtins:sum"}, datasets={"Animals": "builtins:list"}), version="2.1")


def test_both_distributions_are_named_and_the_way_out(contested):
    text = r"ops: 'roar' is offered by plug-ins 'lion' of tane-lion 1\.0 and 'zoo' of big-zoo 2\.1\. "
    for use in (plugins.load, lambda: plugins.lookup("ops", "roar"), lambda: plugins.names("ops")):
        with pytest.raises(PluginConflictError, match=text) as caught:
            use()
        assert "TANE_BLOCK_PLUGINS=zoo or tane.plugins.block('zoo')" in str(caught.value)


@pytest.mark.parametrize("name", ["zoo", "big-zoo", "Big_Zoo"])
def test_blocking_one_settles_it(contested, name):
    plugins.block(name)
    assert plugins.lookup("ops", "roar") is len
    assert plugins.names("datasets") == ()
    plugins.unblock(name)
    with pytest.raises(PluginConflictError):
        plugins.load()


def test_registering_one_explicitly_settles_it(contested):
    plugins.register(Mine())
    assert plugins.lookup("ops", "roar") is abs
    assert plugins.names("datasets") == ("Animals",)


def test_what_core_offers_stays_reachable(contested):
    assert plugins.lookup("backends", "cpu") is types.SimpleNamespace


def test_the_listing_tells_of_the_conflict_and_does_not_raise(contested):
    records = {record.name: record for record in plugins.listing()}
    assert "is offered by" in records["lion"].error
    assert "is offered by" in records["zoo"].error
    assert records["core"].error == ""


def test_a_stranger_cannot_take_a_name_of_core(site, manager, offers):
    site.install("tane-evil", offers(backends={"cpu": "builtins:object"}))
    with pytest.raises(PluginConflictError, match=r"'core' of tane-core .* and 'evil' of tane-evil 1\.0"):
        plugins.load()


def test_plugins_of_one_name_are_told_apart_by_their_distributions(site, manager, offers):
    site.install("a-lion", offers(ops={"roar": "builtins:len"}))
    site.install("b-lion", offers(ops={"roar": "builtins:sum"}))
    with pytest.raises(PluginConflictError, match="TANE_BLOCK_PLUGINS=b-lion"):
        plugins.load()
    plugins.block("b-lion")
    assert plugins.lookup("ops", "roar") is len


def test_explicit_registration_overrides_core_and_is_listed(site, manager):
    class Other:
        @hookimpl
        def tane_backends(self):
            return {"cpu": dict}

    plugins.register(Other(), "other")
    assert plugins.lookup("backends", "cpu") is dict
    records = {record.name: record for record in plugins.listing()}
    assert records["core"].note == "overridden by explicit registration: backends 'cpu'"
    assert records["other"].note == "registered explicitly"
    plugins.unregister("other")
    assert plugins.lookup("backends", "cpu") is types.SimpleNamespace


def test_two_explicit_plugins_that_claim_one_name(manager):
    plugins.register(Mine(), "first")
    with pytest.raises(PluginConflictError, match=r"'second' was not registered: unregister the other first"):
        plugins.register(Mine(), "second")
    assert plugins.lookup("ops", "roar") is abs
    assert [r.name for r in plugins.listing()] == ["core", "first"]


def test_a_name_is_registered_once(manager):
    plugins.register(Mine(), "mine")
    with pytest.raises(ValueError, match="already registered as 'mine'"):
        plugins.register(Mine(), "mine")
    with pytest.raises(ValueError, match="already registered as 'core'"):
        plugins.register(Mine(), "core")


def test_a_broken_plugin_is_not_registered(manager):
    broken = types.ModuleType("broken")
    broken.tane_ops = dict
    text = r"'broken' \(registered explicitly\) failed to load: tane_ops is not marked"
    with pytest.raises(PluginLoadError, match=text):
        plugins.register(broken)
    assert [r.name for r in plugins.listing()] == ["core"]


def test_registering_by_module_name(site, manager, offers):
    site.write("loose", offers(ops={"roar": "builtins:len"}))
    assert plugins.register("loose") == "loose"
    assert plugins.lookup("ops", "roar") is len
    with pytest.raises(PluginLoadError, match="No module named 'absent'"):
        plugins.register("absent")


@pytest.mark.parametrize("name", ["lion", None])
def test_what_is_registered_explicitly_stands_in_for_the_installed_one(site, manager, offers, name):
    site.install("tane-lion", offers(ops={"roar": "builtins:len"}))
    plugins.register("tane_lion_plugin", name)
    assert plugins.lookup("ops", "roar") is len
    plugins.load()
    assert [(r.name, r.state) for r in plugins.listing()][1:] == [
        ("lion", "disabled"),
        (name or "tane_lion_plugin", "loaded"),
    ]


def test_unregistering_what_is_not_registered(manager):
    plugins.register(Mine(), "mine")
    with pytest.raises(LookupError, match=r"no plug-in was registered as 'other'; registered: 'mine'\. .*block\(\)"):
        plugins.unregister("other")


def test_isolated_leaves_everything_as_it_was(manager):
    plugins.register(Mine(), "mine")
    with plugins.isolated():
        assert [r.name for r in plugins.listing()] == ["core"]
        plugins.register(Mine(), "other")
        plugins.strict()
    assert [r.name for r in plugins.listing()] == ["core", "mine"]
    assert not manager.settings.strict


def test_isolated_does_not_look_for_installed_plugins(site, offers):
    site.install("tane-bad", "raise ValueError")
    with plugins.isolated():
        plugins.load()
        assert [(r.name, r.state) for r in plugins.listing()] == [("core", "loaded"), ("bad", "disabled")]
    with plugins.isolated(autoload=True), pytest.warns(PluginWarning):
        plugins.load()
