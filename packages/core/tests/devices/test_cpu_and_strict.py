"""The two devices that core brings, through the suite that every device must pass."""

from __future__ import annotations

from tane.testing import BackendSuite


class TestCpu(BackendSuite):
    device = "cpu"


class TestStrict(BackendSuite):
    device = "strict"
