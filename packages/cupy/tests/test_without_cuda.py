"""What can be tested of the backend on any machine: that it loads, counts devices, gives reasons, and that CuPy has what formulas use."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

import tane
from tane import plugins
from tane.backends.backend import Backend, backend_for, installed_backends
from tane.testing.formulas import functions_used, resolve
from tane_cupy.backend import CupyBackend
from tane_cupy.library import cupy


def test_installing_the_package_makes_the_device_exist():
    with plugins.isolated():
        plugins.register("tane_cupy.plugin")
        assert "cuda" in plugins.names("backends")
        assert plugins.contributions("backends")["cuda"] == "tane_cupy.backend:CupyBackend"


def test_it_has_every_method_with_the_signature_of_the_seam():
    import inspect

    for name, method in vars(Backend).items():
        if callable(method) and not name.startswith("_"):
            assert list(inspect.signature(getattr(CupyBackend, name)).parameters) == list(inspect.signature(method).parameters), name


def test_a_missing_device_is_counted_and_explained():
    backend = CupyBackend()
    if backend.device_count():
        pytest.skip("there is one")
    assert backend.device_count() == 0
    assert "CuPy" in backend.unavailable() or "CUDA" in backend.unavailable()
    assert backend.memory_stats() == {}
    backend.empty_cache()
    for ask in (backend.current_device, backend.synchronize, lambda: backend.set_device(0)):
        with pytest.raises(RuntimeError, match="no device of type 'cuda' is available: C"):
            ask()


def test_without_a_device_tane_answers_as_pytorch_does():
    with plugins.isolated():
        plugins.register("tane_cupy.plugin")
        if backend_for("cuda").device_count():
            pytest.skip("there is one")
        assert not tane.cuda.is_available()
        assert "cuda" in installed_backends()
        for ask in (
            lambda: tane.ones(1).cuda(),
            lambda: tane.ones(1, device="cuda"),
            lambda: tane.ones(1).to("cuda:0"),
            lambda: tane.tensor([1.0], device="cuda"),
            lambda: tane.randn(2, device="cuda"),
            lambda: tane.set_default_device("cuda") or tane.zeros(1),
        ):
            try:
                with pytest.raises(RuntimeError, match="no device of type 'cuda' is available: C"):
                    ask()
            finally:
                tane.set_default_device(None)
        with pytest.raises(AssertionError, match="no CUDA device is available: C"):
            tane.cuda.synchronize()


def test_loading_the_plugin_does_not_import_cupy():
    code = "import sys, tane_cupy.plugin as p; p.tane_backends(); print('cupy' in sys.modules, 'tane_cupy.backend' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.skipif(cupy is None, reason="CuPy is not installed")
def test_cupy_has_every_function_that_formulas_use():
    packages = ["tane.ops"]
    try:
        import tane.nn.ops  # noqa: F401

        packages.append("tane.nn.ops")
    except ModuleNotFoundError:
        pass
    missing = {}
    for name, user in functions_used(packages).items():
        try:
            resolve(CupyBackend.F, name)
        except AttributeError as error:
            missing[name] = f"{user}: {error}"
    assert missing == {}


@pytest.mark.skipif(cupy is not None, reason="CuPy is installed")
def test_without_cupy_the_reason_says_how_to_install_it():
    assert 'pip install "tane-cupy[cuda12]"' in CupyBackend().unavailable()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert CupyBackend().device_count() == 0
