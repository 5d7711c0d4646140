"""The records that `tane plugins` shows."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from tane import plugins
from tane.plugins import PluginRecord, PluginWarning


def test_without_loading_nothing_is_imported(site, manager, offers):
    site.install("tane-lion", offers(ops={"roar": "builtins:len"}))
    records = plugins.listing(load=False)
    assert [(r.name, r.state) for r in records] == [("core", "not loaded"), ("lion", "not loaded")]
    assert "tane_lion_plugin" not in sys.modules
    assert "stub_core" not in sys.modules


def test_a_record_of_each_state(site, manager, offers):
    site.install("tane-lion", offers(ops={"roar": "builtins:len", "purr": "builtins:abs"}, loggers={}))
    site.install("tane-bad", "raise ValueError('broken')")
    site.install("tane-new", "tane_api_version = 99")
    site.install("tane-out", "")
    plugins.block("out")
    with pytest.warns(PluginWarning):
        records = {record.name: record for record in plugins.listing()}
    assert {name: record.state for name, record in records.items()} == {
        "core": "loaded",
        "bad": "failed",
        "lion": "loaded",
        "new": "refused",
        "out": "blocked",
    }
    lion = records["lion"]
    assert lion == PluginRecord(
        "lion",
        "tane-lion",
        "1.0",
        "tane_lion_plugin",
        "loaded",
        {"ops": ("purr", "roar")},
        lion.milliseconds,
    )
    assert records["out"].milliseconds is None
    assert "ValueError: broken" in records["bad"].traceback


def test_a_record_goes_into_json(manager):
    import json

    assert json.loads(json.dumps([dataclasses.asdict(record) for record in plugins.listing()]))[0]["name"] == "core"


def test_everything_that_is_exported_exists():
    assert sorted(plugins.__all__) == list(plugins.__all__)
    for name in plugins.__all__:
        assert getattr(plugins, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        plugins.absent
