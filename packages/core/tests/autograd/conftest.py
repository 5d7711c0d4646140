"""Every test that takes ``lib`` states facts about PyTorch's API: it runs on tane, and on PyTorch itself where that is installed."""

from __future__ import annotations

import importlib

import pytest


@pytest.fixture(params=["tane", "torch"])
def lib(request):
    return pytest.importorskip("torch") if request.param == "torch" else importlib.import_module("tane")
