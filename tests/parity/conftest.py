"""Programs set switches for their whole process; the next test finds them as they were."""

import pytest

import tane


@pytest.fixture(autouse=True)
def switches_are_put_back(monkeypatch):
    cudnn = tane.backends.cudnn
    for name in ("allow_tf32", "benchmark", "deterministic", "enabled"):
        monkeypatch.setattr(cudnn, name, getattr(cudnn, name))
