"""Datasets and the loader arrive as plug-ins."""

from __future__ import annotations

import tane.data
from tane import plugins
from tane.data import plugin


def test_ours():
    with plugins.isolated():
        plugins.register(plugin, name="data")
        assert plugins.lookup("loaders", "DataLoader") is tane.data.DataLoader
        for name in plugins.names("datasets"):
            assert plugins.lookup("datasets", name) is getattr(tane.data, name)
        assert set(plugins.names("datasets")) == set(plugin.DATASETS)
