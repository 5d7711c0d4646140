"""Worker processes: what they deliver, how their errors come back, how they die, and that nothing of them is left."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import tane
from tane.data import DataLoader, Dataset, IterableDataset, get_worker_info
from tane.data.worker import parent_ends

pytestmark = [
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="these datasets reach their workers by a fork"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on a machine with one processor
    pytest.mark.timeout(120),
]
FORK = {"multiprocessing_context": "fork"} if "fork" in multiprocessing.get_all_start_methods() else {}


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    if "parity" in request.keywords:  # PyTorch's loaders let go of theirs some time later
        yield
        return
    gc.collect()
    before = set(multiprocessing.active_children())
    ends, files = len(parent_ends), open_files()
    yield
    gc.collect()
    assert set(multiprocessing.active_children()) <= before
    assert len(parent_ends) == ends
    assert open_files() <= files  # fewer, where PyTorch's loaders of an earlier test let go of theirs meanwhile


def open_files():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


class Mapped(Dataset):
    """``function(i)`` for ``i`` below ``n``."""

    def __init__(self, n, function):
        self.n, self.function = n, function

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return self.function(i)


class Sharded(IterableDataset):
    """Each worker gives its share of ``range(n)``, and one more takes longer to give: lengths differ."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        info = get_worker_info()
        return iter(range(self.n)) if info is None else iter(range(info.id, self.n, info.num_workers))


# ---- what they deliver ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 1000, 300_000])  # in the pipe; at its edge; in memory of its own
@pytest.mark.parametrize("dtype", [tane.float32, tane.int64, tane.bool, tane.float16, tane.complex64])
def test_tensors_arrive_as_they_are(size, dtype):
    data = Mapped(3, lambda i: (tane.ones(size, dtype=dtype), i))
    for i, (x, n) in enumerate(DataLoader(data, batch_size=1, num_workers=1, **FORK)):
        assert x.dtype == dtype
        assert tuple(x.shape) == (1, size)
        assert n.tolist() == [i]
        assert (x.numpy() == 1).all()
        x.numpy()[...] = 0  # it can be written to


def test_anything_arrives():
    samples = [{"name": "a" * 100_000, "array": np.arange(5), "none": None, "view": tane.arange(12).reshape(3, 4).T}]
    loader = DataLoader(samples, batch_size=None, num_workers=1, collate_fn=lambda sample: sample, **FORK)
    (sample,) = loader
    assert sample["name"] == "a" * 100_000
    assert sample["array"].tolist() == [0, 1, 2, 3, 4]
    assert sample["none"] is None
    assert sample["view"].tolist() == tane.arange(12).reshape(3, 4).T.tolist()


def test_leaves_ask_for_their_gradients_again():
    loader = DataLoader(Mapped(1, lambda i: tane.ones(2, requires_grad=True)), batch_size=None, num_workers=1, **FORK)
    (x,) = loader
    assert x.requires_grad
    assert x.is_leaf


def test_history_does_not_travel():
    loader = DataLoader(Mapped(1, lambda i: tane.ones(2, requires_grad=True) * 2), batch_size=None, num_workers=1, **FORK)
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor"):
        list(loader)


def test_many_large_indices():
    # More than fits into the pipes, in both directions: neither side may wait for the other.
    sampler = [list(range(20_000)) for _ in range(40)]
    loader = DataLoader(
        range(20_000), batch_sampler=sampler, num_workers=1, prefetch_factor=40, collate_fn=lambda s: ["x" * 1000] * 30, **FORK
    )
    assert sum(len(batch) for batch in loader) == 40 * 30


def test_order():
    data = Mapped(40, lambda i: i)
    assert [b.tolist() for b in DataLoader(data, 3, num_workers=3, prefetch_factor=3, **FORK)] == [b.tolist() for b in DataLoader(data, 3)]
    batches = [b.item() for b in DataLoader(data, num_workers=3, in_order=False, **FORK)]
    assert sorted(batches) == list(range(40))


def test_not_in_order_the_fast_overtake_the_slow():
    # Worker 0 makes nothing before the batch of the other has arrived: in order, this could not end.
    read, write = os.pipe()
    data = Mapped(10, lambda i: i or int(os.read(read, 1)))
    iterator = iter(DataLoader(data, num_workers=2, in_order=False, sampler=[0, 9], **FORK))
    assert next(iterator).item() == 9
    os.write(write, b"7")
    assert next(iterator).item() == 7
    assert list(iterator) == []
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("persistent", [False, True])
def test_shards(persistent):
    loader = DataLoader(Sharded(11), 2, num_workers=2, persistent_workers=persistent, **FORK)
    for _ in range(2):
        assert [b.tolist() for b in loader] == [[0, 2], [1, 3], [4, 6], [5, 7], [8, 10], [9]]
    del loader


def test_one_shard_is_empty():
    assert [b.tolist() for b in DataLoader(Sharded(1), 2, num_workers=2, **FORK)] == [[0]]


@pytest.mark.parity
@pytest.mark.parametrize("n", [0, 1, 5, 13])
@pytest.mark.parametrize("options", [{}, {"batch_size": 3}, {"batch_size": 2, "drop_last": True}, {"batch_size": None}])
def test_uneven_shards_come_in_pytorchs_order(n, options):
    torch = pytest.importorskip("torch")

    def share(info):
        return iter(range(n)) if info.id else iter(range(100, 100 + 2 * n))

    class Mine(IterableDataset):
        def __iter__(self):
            return share(get_worker_info())

    class Theirs(torch.utils.data.IterableDataset):
        def __iter__(self):
            return share(torch.utils.data.get_worker_info())

    mine = DataLoader(Mine(), num_workers=2, **options, **FORK)
    theirs = torch.utils.data.DataLoader(Theirs(), num_workers=2, **options, **FORK)
    assert [np.asarray(b).tolist() for b in mine] == [np.asarray(b).tolist() for b in theirs]


def test_infinite():
    class Endless(IterableDataset):
        def __iter__(self):
            i = 0
            while True:
                yield i
                i += 1

    iterator = iter(DataLoader(Endless(), 2, num_workers=2, **FORK))
    assert next(iterator).tolist() == [0, 1]
    del iterator


def test_persistent_workers_are_the_same_processes():
    loader = DataLoader(Mapped(4, lambda i: os.getpid()), num_workers=2, persistent_workers=True, **FORK)
    first = {b.item() for b in loader}
    assert {b.item() for b in loader} == first
    next(iter(loader))  # a pass that is broken off does not disturb the next
    assert [b.item() in first for b in loader] == [True] * 4
    del loader


def test_worker_info():
    assert get_worker_info() is None
    loader = DataLoader(Mapped(4, lambda i: (get_worker_info().id, get_worker_info().num_workers)), num_workers=2, **FORK)
    assert [[v.item() for v in b] for b in loader] == [[0, 2], [1, 2], [0, 2], [1, 2]]


def test_init_function():
    state = []
    loader = DataLoader(Mapped(2, lambda i: state[0]), num_workers=2, worker_init_fn=lambda worker: state.append(10 + worker), **FORK)
    assert [b.item() for b in loader] == [10, 11]
    assert state == []


# ---- errors -----------------------------------------------------------------------------------------------------------------------------
class TwoArguments(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


def fail(error):
    def function(i):
        if i == 2:
            raise error
        return i

    return Mapped(4, function)


def test_an_exception_comes_back_with_its_traceback():
    iterator = iter(DataLoader(fail(ZeroDivisionError("by me")), num_workers=2, **FORK))
    assert next(iterator).item() == 0
    assert next(iterator).item() == 1
    with pytest.raises(ZeroDivisionError) as caught:
        next(iterator)
    text = str(caught.value)
    assert text.startswith("Caught ZeroDivisionError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n")
    assert "in function\n    raise error" in text
    assert text.endswith("ZeroDivisionError: by me\n")
    assert next(iterator).item() == 3  # the others are still there
    with pytest.raises(StopIteration):
        next(iterator)


def test_a_key_error_can_be_read():
    with pytest.raises(KeyError) as caught:
        list(DataLoader(fail(KeyError("k")), num_workers=1, **FORK))
    assert "\nOriginal Traceback" in str(caught.value)


def test_an_exception_that_wants_more_is_a_runtime_error():
    with pytest.raises(RuntimeError, match="Caught TwoArguments in DataLoader worker process 0"):
        list(DataLoader(fail(TwoArguments(1, 2)), num_workers=1, **FORK))


def test_an_exception_class_that_does_not_travel():
    class Local(Exception):
        pass

    with pytest.raises(RuntimeError, match=r"(?s)Local.*here it is"):
        list(DataLoader(fail(Local("here it is")), num_workers=1, **FORK))


def test_a_batch_that_does_not_travel():
    loader = DataLoader(Mapped(1, lambda i: lambda: i), num_workers=1, collate_fn=lambda s: s, **FORK)
    with pytest.raises(Exception, match=r"(?s)in DataLoader worker process 0.*pickle"):
        list(loader)


@pytest.mark.parametrize("where", ["worker_init_fn", "dataset"])
def test_errors_before_the_first_batch(where):
    class Broken(IterableDataset):
        def __iter__(self):
            raise ValueError("broken")

    def broken(worker):
        raise ValueError("broken")

    options = {"dataset": Broken()} if where == "dataset" else {"dataset": range(3), "worker_init_fn": broken}
    with pytest.raises(ValueError, match=r"(?s)in DataLoader worker process 0.*broken"):
        next(iter(DataLoader(num_workers=2, **options, **FORK)))


@pytest.mark.parametrize(
    ("end", "reason"), [(lambda: os.kill(os.getpid(), signal.SIGKILL), "killed by SIGKILL"), (lambda: os._exit(3), "exit code 3")]
)
def test_a_worker_that_dies_is_an_error(end, reason):
    data = Mapped(10, lambda i: end() if i == 3 else i)
    iterator = iter(DataLoader(data, num_workers=2, **FORK))
    with pytest.raises(RuntimeError, match=rf"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly: {reason}"):
        list(iterator)


def test_a_worker_that_dies_idle():
    loader = DataLoader(Mapped(4, lambda i: i), num_workers=1, persistent_workers=True, **FORK)
    assert len(list(loader)) == 4
    (process,) = loader._iterator._workers.processes
    process.kill()
    process.join()
    with pytest.raises(RuntimeError, match=r"exited unexpectedly"):
        list(loader)
    assert len(list(loader)) == 4  # with new workers
    del loader


def test_timeout(monkeypatch):
    monkeypatch.setattr("tane.data.workers.GRACE", 0.05)
    loader = DataLoader(Mapped(1, lambda i: signal.pause()), num_workers=1, timeout=0.05, **FORK)
    with pytest.raises(RuntimeError, match=r"DataLoader timed out after 0\.05 seconds"):
        next(iter(loader))


# ---- ends -------------------------------------------------------------------------------------------------------------------------------
def test_an_abandoned_iterator_ends_its_workers():
    iterator = iter(DataLoader(Mapped(100, lambda i: tane.zeros(100_000)), num_workers=2, **FORK))
    next(iterator)
    processes = iterator._workers.processes
    del iterator
    gc.collect()
    assert [p.exitcode for p in processes] == [0, 0]


def test_workers_that_will_not_end_are_killed(monkeypatch):
    monkeypatch.setattr("tane.data.workers.GRACE", 0.05)
    started = multiprocessing.get_context("fork").Event()

    def forever(i):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        started.set()
        while True:
            signal.pause()

    iterator = iter(DataLoader(Mapped(2, forever), num_workers=1, **FORK))
    assert started.wait(60)
    (process,) = iterator._workers.processes
    del iterator
    gc.collect()
    assert process.exitcode == -signal.SIGKILL


def test_a_fork_leaves_its_parents_workers_alone():
    iterator = iter(DataLoader(Mapped(4, lambda i: i), num_workers=1, **FORK))
    assert next(iterator).item() == 0
    child = multiprocessing.get_context("fork").Process(target=iterator._workers.close)
    child.start()
    child.join()
    assert child.exitcode == 0
    assert [b.item() for b in iterator] == [1, 2, 3]


PROGRAM = """
    import os, signal, sys
    import tane
    import tane.data.workers
    from tane.data import DataLoader, Dataset

    tane.data.workers.GRACE = 0.2
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background ignores it, and that is inherited

    class Slow(Dataset):
        def __len__(self):
            return 1000
        def __getitem__(self, i):
            if i >= {slow}:
                signal.pause()
            return tane.zeros(200_000)

    iterator = iter(DataLoader(Slow(), num_workers=2, multiprocessing_context="fork"))
    next(iterator), next(iterator)
    print(*(p.pid for p in iterator._workers.processes), flush=True)
    {then}
"""


def alive(pid):
    """Whether a process runs: one that has ended and waits for somebody to ask is not alive."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def shared_memory():
    return set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="asks /proc which processes there are")
@pytest.mark.parametrize(
    ("then", "slow", "signals"),
    [
        pytest.param("signal.pause()", 4, signal.SIGINT, id="Ctrl-C"),
        pytest.param("for batch in iterator: pass", 4, signal.SIGINT, id="Ctrl-C while waiting"),
        pytest.param("signal.pause()", 1000, signal.SIGKILL, id="killed"),
        pytest.param("sys.exit(0)", 1000, None, id="exit"),
        pytest.param("sys.exit(0)", 4, None, id="exit while they are busy"),
    ],
)
def test_nothing_outlives_a_program(then, slow, signals):
    before = shared_memory()
    program = textwrap.dedent(PROGRAM).format(then=then, slow=slow)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        if signals == signal.SIGINT:
            os.killpg(process.pid, signals)  # what a terminal does: all of them get it
        elif signals is not None:
            process.kill()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == (0 if signals is None else -signals)
    assert (b"KeyboardInterrupt" in errors) == (signals == signal.SIGINT)
    assert b"leaked" not in errors
    while any(map(alive, pids)):  # the timeout of the test ends this
        os.sched_yield()
    assert shared_memory() <= before
