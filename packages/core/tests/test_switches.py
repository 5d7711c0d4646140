"""Switches for speed and repeatability are remembered, and refuse what PyTorch refuses."""

import pytest

import tane
from tane.switches import Settings


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    for name in ("mode", "precision", "threads", "interop_threads"):
        monkeypatch.setattr(Settings, name, getattr(Settings, name))


def test_repeatability():
    assert not tane.are_deterministic_algorithms_enabled()
    tane.use_deterministic_algorithms(True)
    assert tane.are_deterministic_algorithms_enabled()
    assert not tane.is_deterministic_algorithms_warn_only_enabled()
    assert tane.get_deterministic_debug_mode() == 2
    tane.use_deterministic_algorithms(True, warn_only=True)
    assert tane.is_deterministic_algorithms_warn_only_enabled()
    tane.set_deterministic_debug_mode("default")
    assert tane.get_deterministic_debug_mode() == 0
    with pytest.raises(TypeError, match="must be bool, not int"):
        tane.use_deterministic_algorithms(1)
    for bad in ("bad", 5):
        with pytest.raises(RuntimeError, match="invalid value of debug_mode, expected"):
            tane.set_deterministic_debug_mode(bad)
    with pytest.raises(TypeError, match="str or int"):
        tane.set_deterministic_debug_mode(1.0)


def test_precision():
    assert tane.get_float32_matmul_precision() == "highest"
    tane.set_float32_matmul_precision("high")
    assert tane.get_float32_matmul_precision() == "high"
    with pytest.warns(UserWarning, match="is not one of 'highest', 'high', or 'medium'"):
        tane.set_float32_matmul_precision("low")
    assert tane.get_float32_matmul_precision() == "high"


@pytest.mark.parametrize("name", ["num_threads", "num_interop_threads"])
def test_threads(name):
    set_number, number = getattr(tane, f"set_{name}"), getattr(tane, f"get_{name}")
    assert number() >= 1
    set_number(3)
    assert number() == 3
    with pytest.raises(RuntimeError, match="expects a positive integer"):
        set_number(0)
    with pytest.raises(RuntimeError, match="expects an int, but got float"):
        set_number(1.5)


def test_the_default_device():
    assert tane.get_default_device() == tane.device("cpu")
    tane.set_default_device("strict")
    try:
        assert tane.get_default_device() == tane.device("strict")
    finally:
        tane.set_default_device(None)


def test_tane_is_compiled_for_nothing():
    assert tane.version.__version__ == tane.__version__
    assert tane.version.cuda is None
    assert tane.version.hip is None
