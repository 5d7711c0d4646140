"""``tane.cuda``, ``tane.accelerator`` and ``tane.backends`` without a GPU, and with a stand-in for one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tane
import tane.plugins.discovery
from tane import accelerator, cuda, plugins
from tane.backends import backend as seam
from tane.backends.backend import backend_for
from tane.backends.strict import StrictArray, StrictBackend
from tane.plugins import hookimpl

QUIET = {
    "is_available": False,
    "device_count": 0,
    "is_initialized": False,
    "is_bf16_supported": False,
    "memory_allocated": 0,
    "max_memory_allocated": 0,
    "memory_reserved": 0,
    "max_memory_reserved": 0,
    "memory_stats": {},
    "empty_cache": None,
    "seed": None,
    "seed_all": None,
    "get_rng_state_all": [],
}
ASKING = [
    "current_device",
    "get_device_name",
    "get_device_properties",
    "synchronize",
    "init",
    "current_stream",
    "initial_seed",
    "mem_get_info",
]


@pytest.fixture
def bare(monkeypatch):
    """No plug-in brings CUDA here, whatever is installed."""
    monkeypatch.setattr(seam, "_backends", {n: b for n, b in seam._backends.items() if n != "cuda"})
    monkeypatch.setattr(tane.plugins.discovery, "discover", lambda: iter(()))
    with plugins.isolated():
        yield


class Pair(StrictArray):
    """An array of the stand-in, so that it has a type of its own."""

    __slots__ = ()


class Standin(StrictBackend):
    """Two devices that are none: enough for what only asks."""

    name = "cuda"
    accelerator = True
    array_type = Pair

    def __init__(self):
        self.current, self.waited, self.emptied = 0, [], 0

    def device_count(self):
        return 2

    def current_device(self):
        return self.current

    def set_device(self, index):
        if not 0 <= index < 2:
            raise RuntimeError(f"invalid device ordinal {index}")
        self.current = index

    def device_name(self, index=0):
        return f"Stand-in {index}"

    def properties(self, index=0):
        return {"name": self.device_name(index), "major": 9, "minor": 0, "total_memory": 100}

    def synchronize(self, index=None):
        self.waited.append(index)

    def memory_stats(self, index=None):
        return {"allocated": 3 << 20, "reserved": 5 << 20, "free": 7, "total": 9}

    def empty_cache(self, index=None):
        self.emptied += 1


@pytest.fixture
def two(monkeypatch):
    """A machine with two CUDA devices."""
    monkeypatch.setattr(seam, "_backends", {n: b for n, b in seam._backends.items() if n != "cuda"})
    standin = Standin()

    class Plugin:
        @hookimpl
        def tane_backends(self):
            return {"cuda": standin}

    with plugins.isolated():
        plugins.register(Plugin())
        yield standin


@pytest.mark.parametrize("name", QUIET)
def test_without_cuda_questions_have_answers(bare, name):
    assert getattr(cuda, name)() == QUIET[name]


@pytest.mark.parametrize("name", ASKING)
def test_without_cuda_what_needs_a_device_says_what_to_install(bare, name):
    with pytest.raises(RuntimeError, match=r"no CUDA device is available.*tane-cupy\[cuda12\]") as caught:
        getattr(cuda, name)()
    assert isinstance(caught.value, AssertionError)  # what PyTorch without CUDA raises


def test_without_cuda_seeding_is_silent(bare):
    tane.manual_seed(1)
    cuda.manual_seed(5)
    cuda.manual_seed_all(5)
    assert tane.initial_seed() == 1


@pytest.mark.parametrize(
    "move",
    [lambda x: x.cuda(), lambda x: x.to("cuda"), lambda x: tane.zeros(1, device="cuda"), lambda x: tane.tensor([1.0], device="cuda:0")],
)
def test_without_cuda_moving_there_says_what_to_install(bare, move):
    with pytest.raises(RuntimeError, match=r'pip install "tane-cupy\[cuda12\]"'):
        move(tane.ones(1))


def test_without_an_accelerator_the_cpu_is_what_there_is(bare):
    assert not accelerator.is_available()
    assert accelerator.current_accelerator() is None
    assert accelerator.device_count() == 0
    for ask in (
        accelerator.current_device_index,
        accelerator.synchronize,
        lambda: accelerator.set_device_index(0),
        accelerator.empty_cache,
    ):
        with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
            ask()


def test_the_strict_device_is_no_accelerator(bare):
    assert backend_for("strict").device_count() == 1
    assert not accelerator.is_available()


def test_devices_are_counted_named_and_chosen(two):
    assert cuda.is_available()
    assert (cuda.device_count(), cuda.current_device(), cuda.get_device_name(), cuda.get_device_name(1)) == (
        2,
        0,
        "Stand-in 0",
        "Stand-in 1",
    )
    assert cuda.get_device_capability() == (9, 0)
    assert cuda.get_device_properties("cuda:1").name == "Stand-in 1"
    cuda.set_device("cuda:1")
    assert cuda.current_device() == 1
    cuda.set_device(-1)
    with cuda.device(0):
        assert cuda.current_device() == 0
    with cuda.device("cuda:0"), cuda.device(None):
        assert cuda.current_device() == 0
    with cuda.device_of(tane.ones(1)):
        assert cuda.current_device() == 1
    with pytest.raises(RuntimeError, match="ordinal 2"):
        cuda.set_device(2)
    with pytest.raises(ValueError, match="Expected a cuda device, but got: cpu"):
        cuda.set_device("cpu")
    with pytest.raises(ValueError, match="specified index"):
        cuda.set_device("cuda")


def test_waiting_and_memory_are_the_backends(two):
    cuda.synchronize()
    cuda.synchronize(1)
    cuda.synchronize("cuda:0")
    assert two.waited == [None, 1, 0]
    assert (cuda.memory_allocated(), cuda.memory_reserved(), cuda.max_memory_allocated()) == (3 << 20, 5 << 20, 5 << 20)
    assert cuda.mem_get_info() == (7, 9)
    assert "allocated          3.0 MiB" in cuda.memory_summary()
    cuda.empty_cache()
    cuda.reset_peak_memory_stats()
    assert two.emptied == 2


def test_seeding_a_device_seeds_the_one_stream(two):
    cuda.manual_seed_all(7)
    first = tane.rand(3).tolist()
    tane.manual_seed(7)
    assert tane.rand(3).tolist() == first
    assert cuda.initial_seed() == 7
    states = cuda.get_rng_state_all()
    assert len(states) == 2
    drawn = tane.rand(2).tolist()
    cuda.set_rng_state_all(states)
    assert tane.rand(2).tolist() == drawn


def test_the_accelerator_is_the_device_that_says_so(two):
    assert accelerator.is_available()
    assert accelerator.current_accelerator() == tane.device("cuda")
    assert (accelerator.device_count(), accelerator.current_device_index()) == (2, 0)
    with accelerator.device_index(1):
        assert accelerator.current_device_index() == 1
    accelerator.set_device_index("cuda:1")
    assert two.current == 1
    with pytest.raises(ValueError, match="doesn't match the current accelerator cuda"):
        accelerator.synchronize("strict")
    assert accelerator.memory_allocated() == 3 << 20


def test_old_names_of_types_are_classes_to_ask_with():
    assert repr(cuda.FloatTensor) == "<class 'torch.cuda.FloatTensor'>"
    assert cuda.LongTensor.dtype is tane.int64
    assert not isinstance(tane.ones(1), cuda.FloatTensor)


@pytest.mark.parametrize(
    "call", [lambda: cuda.FloatTensor([1.0]), lambda: cuda.FloatTensor(2, 3), lambda: tane.ones(1).type(cuda.FloatTensor)]
)
def test_without_cuda_old_names_of_types_say_what_to_install(bare, call):
    with pytest.raises(RuntimeError, match="tane-cupy"):
        call()


def test_switches_of_libraries_that_are_not_used_can_be_set(monkeypatch):
    from tane.backends import cudnn

    assert (tane.backends.cudnn.enabled, cudnn.benchmark, cudnn.deterministic) == (True, False, False)
    monkeypatch.setattr(tane.backends.cudnn, "deterministic", True)
    assert cudnn.deterministic
    assert not cudnn.is_available()
    assert tane.backends.cuda.matmul.allow_tf32 is False
    assert not tane.backends.mps.is_available()
    with pytest.raises(AttributeError, match="no attribute 'cudn'"):
        _ = tane.backends.cudn


def test_an_array_of_the_standin_is_its_own(two):
    assert two.from_numpy(np.ones(2)).inner.tolist() == [1.0, 1.0]


def test_disabled_autocast_changes_nothing():
    from tane.amp import autocast

    with autocast("cpu", enabled=False):
        assert (tane.ones(2, 2) @ tane.ones(2, 2)).dtype is tane.float32

    @autocast("cpu", dtype=tane.bfloat16, enabled=False)
    def double(x):
        return x * 2

    assert double(tane.ones(1)).item() == 2.0
    assert double.__name__ == "double"


def test_autocast_is_of_the_cpu():
    from tane.amp import autocast, is_autocast_available

    assert is_autocast_available("cpu")
    assert not is_autocast_available("strict")
    with pytest.raises(NotImplementedError, match=r"autocast on 'strict' to torch.bfloat16 is not implemented.*\.to\(tane.bfloat16\)"):
        autocast("strict")


def test_autocast_to_a_gpu_that_is_not_there_disables_itself(bare):
    from tane.amp import autocast

    with pytest.warns(UserWarning, match="CUDA is not available"), autocast("cuda"):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        autocast("cuda", enabled=False)
    with pytest.warns(UserWarning, match="CUDA is not available"):
        cuda.amp.autocast()
