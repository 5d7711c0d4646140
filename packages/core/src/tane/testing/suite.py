"""``BackendSuite``: the tests that every device must pass, for the test file of the package that brings it.

    from tane.testing import BackendSuite

    class TestMyDevice(BackendSuite):
        device = "mydevice"

A subclass cannot lose a test unnoticed: one that is deleted or replaced is an error when the class is made, unless it carries
``@pytest.mark.xfail(reason=...)``. Ops that a device cannot do yet go into ``xfail_ops``, with their reasons, and fail once they work.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

import tane
from tane.autograd.modes import no_grad
from tane.backends.backend import Backend, backend_for, backend_of
from tane.dtypes import ALL_DTYPES
from tane.surface.conversion import host
from tane.tensor import wrap
from tane.testing.checker import opcheck
from tane.testing.formulas import functions_used, resolve
from tane.testing.sample import dtype_named
from tane.testing.samples import TABLE, samples_of
from tane.testing.suite_cases import ARRAY_INDICES, INDICES, METHODS, OPERATORS, thinned

__all__ = ["BackendSuite"]


class BackendSuite:
    """Subclass it with ``device`` set to the device's name. Where the machine has no such device every test skips, with the backend's reason."""

    device: ClassVar[str]
    #: Ops that fail on this device, each with the reason; a test says so when one works again.
    xfail_ops: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        complaints = [
            text
            for name in vars(BackendSuite)
            if name.startswith(("test_", "_test_device"))
            for text in [thinned(name, inspect.getattr_static(cls, name, None), vars(BackendSuite)[name])]
            if text
        ]
        marks = cls.__dict__.get("pytestmark", [])
        for mark in marks if isinstance(marks, (list, tuple)) else [marks]:
            if mark.name in ("skip", "skipif", "xfail"):
                complaints.append(f"the whole class is marked {mark.name!r}: a device that is not there skips by itself")
        complaints += [f"xfail_ops[{op!r}] needs a reason" for op, reason in cls.xfail_ops.items() if not reason.strip()]
        complaints += [f"xfail_ops names {op!r}, and there is no such op" for op in cls.xfail_ops if op not in TABLE]
        if complaints:
            raise TypeError(f"{cls.__name__}: " + "; ".join(complaints))

    @pytest.fixture(autouse=True)
    def _test_device(self) -> None:
        backend = backend_for(self.device)
        if not backend.device_count():
            pytest.skip(f"no device {self.device!r}: {backend.unavailable()}")

    @property
    def backend(self) -> Backend:
        return backend_for(self.device)

    def put(self, array: Any) -> Any:
        """A NumPy array on the device."""
        return self.backend.from_numpy(np.array(array))

    def same(self, raw: Any, expected: Any, rtol: float = 1e-6) -> None:
        """Assert that a raw array is of the device and has these values."""
        assert type(raw[...]) is self.backend.array_type
        np.testing.assert_allclose(self.backend.to_numpy(raw), expected, rtol=rtol, atol=1e-7)

    # ---- the backend itself -----------------------------------------------------------------------------------------------------
    def test_is_registered_under_its_name(self) -> None:
        assert isinstance(self.backend, Backend)
        assert self.backend.name == self.device
        assert backend_of(self.backend.array_type) is self.backend
        assert backend_for(self.device) is self.backend

    def test_counts_and_names_its_devices(self) -> None:
        count = self.backend.device_count()
        assert count >= 1
        assert all(self.backend.device_name(i) for i in range(count))
        assert 0 <= self.backend.current_device() < count
        self.backend.set_device(self.backend.current_device())
        with pytest.raises(RuntimeError):
            self.backend.set_device(count)
        with pytest.raises(RuntimeError, match=self.device):
            tane.zeros(1, device=f"{self.device}:{count}")

    def test_waits_and_counts_memory(self) -> None:
        self.backend.synchronize()
        self.backend.synchronize(self.backend.current_device())
        stats = self.backend.memory_stats()
        assert all(isinstance(k, str) and isinstance(v, int) and v >= 0 for k, v in stats.items())

    @pytest.mark.parametrize("dtype", [d.name for d in ALL_DTYPES])
    def test_arrays_come_and_go_unchanged(self, dtype: str) -> None:
        if dtype in self.backend.unsupported:
            assert self.backend.unsupported[dtype].strip(), "an unsupported dtype needs a reason"
            return
        numpy = dtype_named(dtype).numpy
        for shape in [(), (0,), (3,), (2, 3), (2, 0, 3)]:
            array: Any = np.asarray(np.arange(np.prod(shape)).reshape(shape) % 3).astype(numpy)
            raw: Any = self.backend.from_numpy(array)
            kind: Any = type(raw)
            assert kind is self.backend.array_type
            assert (raw.shape, raw.ndim, raw.size, raw.nbytes) == (array.shape, array.ndim, array.size, array.nbytes)
            assert raw.dtype == numpy
            back = self.backend.to_numpy(raw)
            assert type(back) is np.ndarray
            assert back.dtype == numpy
            assert back.tolist() == array.tolist()

    def test_layouts_come_and_go_unchanged(self) -> None:
        array = np.arange(24.0).reshape(2, 3, 4)
        for form in (array.T, array[:, ::2], array[..., 1:3], np.broadcast_to(array[:1], (2, 3, 4)), array[::-1]):
            assert self.backend.to_numpy(self.backend.from_numpy(form)).tolist() == form.tolist()

    def test_an_array_knows_its_device(self) -> None:
        found = self.backend.device_of(self.put([1.0]))
        assert found.type == self.device
        assert found.index == self.backend.index_of(self.put([1.0]))

    def test_views_have_one_owner_and_copies_another(self) -> None:
        x = self.put(np.arange(6.0).reshape(2, 3))
        owner = self.backend.owner(x)
        assert self.backend.owner(x) is owner
        views = {"part": x[0], "T": x.T, "reshape": x.reshape((3, 2)), "nested": x.T[1:].T, "number": x[0, 0, ...]}
        assert [name for name, v in views.items() if self.backend.owner(v) is not owner] == []
        assert [name for name, v in views.items() if v.base is None] == []
        copies = {"copy": x.copy(), "sum": x + x, "taken": x[self.put(np.array([0]))]}
        assert [name for name, v in copies.items() if self.backend.owner(v) is owner] == []
        assert weakref.ref(owner)() is owner

    def test_addresses_tell_views_apart(self) -> None:
        x = tane.zeros(4, device=self.device)
        try:
            start = x.data_ptr()
        except NotImplementedError as error:  # a device need not tell
            if type(self.backend).__name__ not in str(error):
                raise
            return
        assert (x[1:].data_ptr() - start, x[1:].storage_offset(), x.clone().data_ptr() == start) == (4, 1, False)

    # ---- arrays as formulas use them ------------------------------------------------------------------------------------------------
    @pytest.mark.parametrize("symbol", sorted(OPERATORS))
    def test_operators(self, symbol: str) -> None:
        a, b = np.array([[1.5, 2.0, 3.0], [4.0, 5.0, 2.0]], np.float32), np.array([2.0, 2.0, 3.0], np.float32)
        x, y, f = self.put(a), self.put(b), OPERATORS[symbol]
        for raw, expected in [(f(x, y), f(a, b)), (f(x, 2.0), f(a, 2.0)), (f(2.0, x), f(2.0, a)), (f(y, x), f(b, a)), (f(x, 2), f(a, 2))]:
            self.same(raw, expected)
            assert raw.dtype == expected.dtype

    @pytest.mark.parametrize("name", sorted(METHODS))
    def test_methods(self, name: str) -> None:
        a = np.array([[1.5, -2.0, 3.0], [4.0, 5.0, 2.0]], np.float32)
        raw, expected = METHODS[name](self.put(a)), METHODS[name](a)
        self.same(raw, expected)
        assert raw.dtype == expected.dtype

    def test_arithmetic_in_place_keeps_the_array(self) -> None:
        x = self.put(np.array([1.0, 2.0]))
        kept, view = x, x[1:]
        x += 1
        x *= self.put(np.array([2.0, 3.0]))
        x -= 0.5
        x /= 2
        assert x is kept
        self.same(kept, [1.75, 4.25])
        self.same(view, [4.25])

    @pytest.mark.parametrize("case", sorted(INDICES))
    def test_basic_indices_are_views(self, case: str) -> None:
        a, index = np.arange(6.0).reshape(2, 3), INDICES[case]
        x, expected = self.put(a), a[index]
        self.same(x[index], expected)
        x[index] = 9.0
        a[index] = 9.0
        self.same(x, a)
        part = x[(*index, ...) if isinstance(index, tuple) and ... not in index else index]
        part[...] = 7.0
        a[index] = 7.0
        self.same(x, a)

    @pytest.mark.parametrize("case", sorted(ARRAY_INDICES))
    def test_array_indices_are_on_the_device(self, case: str) -> None:
        a, index = np.arange(6.0).reshape(2, 3), ARRAY_INDICES[case]
        there = tuple(self.put(i) if isinstance(i, np.ndarray) else i for i in index) if isinstance(index, tuple) else self.put(index)
        x = self.put(a)
        self.same(x[there], a[index])
        x[there] = 9.0
        a[index] = 9.0
        self.same(x, a)

    def test_reductions_of_everything_can_be_made_arrays(self) -> None:
        F, x = self.backend.F, self.put(np.arange(1.0, 7.0).reshape(2, 3))
        for name, expected in {"sum": 21.0, "prod": 720.0, "amax": 6.0, "amin": 1.0, "mean": 3.5}.items():
            whole = getattr(F, name)(x, axis=None)[...]
            assert (whole.shape, type(whole)) == ((), self.backend.array_type)
            self.same(whole, expected)
            kept = getattr(F, name)(x, axis=(0, 1), keepdims=True)
            assert kept.shape == (1, 1)

    def test_every_function_that_formulas_use_exists(self) -> None:
        missing = {}
        for name, user in functions_used().items():
            try:
                resolve(self.backend.F, name)
            except AttributeError as error:
                missing[name] = f"{user}: {error}"
        assert missing == {}

    # ---- ops ------------------------------------------------------------------------------------------------------------------------
    @pytest.mark.parametrize("name", sorted(TABLE))
    def test_op(self, name: str, request: pytest.FixtureRequest) -> None:
        if name in self.xfail_ops:
            request.applymarker(pytest.mark.xfail(reason=self.xfail_ops[name], strict=True))
        report = opcheck(tane.ops.primitive.primitives[name], samples_of(name), devices=[self.device])
        assert report.passed

    def test_python_numbers_do_not_widen(self) -> None:
        for dtype in (tane.float32, tane.float16, tane.int32):
            x = tane.ones(2, dtype=dtype, device=self.device)
            assert [(x * 2).dtype, (2 + x).dtype, (x - 1).dtype] == [dtype] * 3

    # ---- tensors --------------------------------------------------------------------------------------------------------------------
    def test_tensors_are_made_there(self) -> None:
        made = {
            "tensor": tane.tensor([1.0, 2.0], device=self.device),
            "zeros": tane.zeros(2, 3, device=self.device),
            "ones": tane.ones(2, device=self.device),
            "full": tane.full((2,), 3.0, device=self.device),
            "arange": tane.arange(5, device=self.device),
            "linspace": tane.linspace(0, 1, 5, device=self.device),
            "eye": tane.eye(3, device=self.device),
            "empty": tane.empty(2, device=self.device),
            "rand": tane.rand(2, device=self.device),
        }
        made |= {f"{n}_like": getattr(tane, f"{n}_like")(made["ones"]) for n in ("zeros", "ones", "empty", "rand")}
        assert {n: t.device.type for n, t in made.items()} == dict.fromkeys(made, self.device)
        assert made["arange"].tolist() == [0, 1, 2, 3, 4]
        assert made["full"].sum().item() == 6.0

    def test_a_tensor_shows_its_device(self) -> None:
        assert (f"device='{self.device}" in repr(tane.tensor([1.0, 2.0], device=self.device))) is (self.device != "cpu")
        assert repr(tane.tensor([1.5, 2.0], device=self.device)).startswith("tensor([1.5000, 2.0000]")

    def test_random_numbers_are_those_of_the_cpu(self) -> None:
        def drawn(device: str) -> list[Any]:
            tane.manual_seed(3)
            made = [
                tane.rand(3, device=device),
                tane.randn(20, device=device),
                tane.randint(0, 9, (4,), device=device),
                tane.randperm(5, device=device),
            ]
            made.append(tane.empty(3, device=device).uniform_(-1, 1))
            made.append(tane.empty(3, device=device).normal_())
            return [t.tolist() for t in made]

        assert drawn(self.device) == drawn("cpu")

    def test_values_come_out(self) -> None:
        x = tane.tensor([[1.0, 2.0], [3.0, 4.0]], device=self.device)
        assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
        assert (x[0, 1].item(), float(x[1, 0]), int(x[1, 1]), bool(x[0, 0])) == (2.0, 3.0, 4, True)
        assert len(x) == 2
        assert [row.tolist() for row in x] == [[1.0, 2.0], [3.0, 4.0]]
        assert f"{x[1, 1]:.1f}" == "4.0"

    def test_tensors_are_indexed_and_written(self) -> None:
        def run(device: str) -> list[Any]:
            x = tane.arange(12.0, device=device).reshape(3, 4).clone()
            i = tane.tensor([2, 0], device=device)
            taken = [x[i], x[:, 1], x[x > 5], x[i, [1, 2]], x[tane.tensor(1, device=device)], x[..., None, 1:3]]
            x[0] = 1.0
            x[i, 1] = tane.tensor([5.0, 6.0], device=device)
            x[x > 9] = -1.0
            x[1:, ::2] += 10
            return [t.tolist() for t in [*taken, x]]

        assert run(self.device) == run("cpu")

    # ---- several devices --------------------------------------------------------------------------------------------------------------
    def test_transfer_copies_and_lets_gradients_back(self) -> None:
        x = tane.tensor([1.0, 2.0], requires_grad=True)
        y = x.to(self.device)
        assert (y.device.type, y.requires_grad) == (self.device, True)
        (y * y).sum().to("cpu").backward()
        assert x.grad is not None
        assert (x.grad.device.type, x.grad.tolist()) == ("cpu", [2.0, 4.0])
        z = x.detach().to(self.device)
        z[0] = 9.0
        assert x.tolist() == ([1.0, 2.0] if self.device != "cpu" else [9.0, 2.0])
        assert z.to(self.device) is z
        assert z.cpu().device.type == "cpu"

    def test_mixing_devices_raises_and_names_both(self) -> None:
        if self.device == "cpu":
            return
        here, there = tane.ones(2), tane.ones(2, device=self.device)
        for mix in (
            lambda: here + there,
            lambda: there * here,
            lambda: tane.cat([here, there]),
            lambda: there.reshape(1, 2) @ here.reshape(2, 1),
        ):
            with pytest.raises(RuntimeError, match=rf"(?s)cpu.*{self.device}|{self.device}.*cpu"):
                mix()
        with pytest.raises(RuntimeError):
            there.grad = here

    def test_a_0d_cpu_tensor_may_join(self) -> None:
        x = tane.ones(2, device=self.device, requires_grad=True)
        factor = tane.tensor(3.0, requires_grad=True)
        y = x * factor
        assert (y.device.type, y.tolist()) == (self.device, [3.0, 3.0])
        y.sum().backward()
        assert x.grad is not None
        assert factor.grad is not None
        assert (x.grad.tolist(), x.grad.device.type) == ([3.0, 3.0], self.device)
        assert (factor.grad.item(), factor.grad.device.type) == (2.0, "cpu")

    # ---- autograd ------------------------------------------------------------------------------------------------------------------------
    def test_gradients_stay_on_the_device(self) -> None:
        x = tane.tensor([1.0, 2.0, 3.0], device=self.device, requires_grad=True)
        (x**3).sum().backward()
        (x * 2).sum().backward()
        assert x.grad is not None
        assert (x.grad.device.type, x.grad.tolist()) == (self.device, [5.0, 14.0, 29.0])

    def test_derivatives_of_higher_order(self) -> None:
        x = tane.tensor([2.0], device=self.device, requires_grad=True)
        y: Any = x**4
        for expected in (32.0, 48.0, 48.0, 24.0):
            [y] = tane.autograd.grad(y.sum(), [x], create_graph=True)
            assert y.item() == expected
            assert y.device.type == self.device

    def test_a_saved_value_that_was_changed_is_noticed(self) -> None:
        changes: list[Any] = [lambda y: y.add_(1), lambda y: y[:1].add_(1), lambda y: y.reshape(2, 1).mul_(2)]
        x = tane.tensor([1.0, 2.0], device=self.device, requires_grad=True)
        for change in changes:
            y = x.exp()
            z = y.exp()
            change(y)
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                z.sum().backward()

    def test_writing_into_a_view_is_differentiable(self) -> None:
        def gradient(device: str) -> list[Any]:
            x = tane.tensor([[1.0, 2.0], [3.0, 4.0]], device=device, requires_grad=True)
            v = tane.tensor([5.0, 6.0], device=device, requires_grad=True)
            y = x * 1
            y[0] = v
            y[:, 1] *= 3
            (y * y).sum().backward()
            return [t.grad.tolist() for t in (x, v) if t.grad is not None]

        assert gradient(self.device) == gradient("cpu")

    def test_training_gives_the_losses_of_the_cpu(self) -> None:
        def losses(device: str) -> list[float]:
            tane.manual_seed(0)
            x = tane.randn(16, 3, device=device)
            target = (x[:, :1] * 2 - x[:, 1:2]).sin()
            w1 = (tane.randn(3, 8) * 0.5).to(device).requires_grad_()
            w2 = (tane.randn(8, 1) * 0.5).to(device).requires_grad_()
            found = []
            for _ in range(10):
                loss = ((x @ w1).tanh() @ w2 - target).pow(2).mean()
                loss.backward()
                with no_grad():
                    for w in (w1, w2):
                        w -= 0.1 * w.grad
                        w.grad = None
                found.append(loss.item())
            assert found[-1] < found[0]
            return found

        assert losses(self.device) == pytest.approx(losses("cpu"), rel=1e-4)

    def test_host_gives_numpy_arrays(self) -> None:
        raw = self.put(np.array([1.0, 2.0]))
        assert type(host(wrap(raw))) is np.ndarray
