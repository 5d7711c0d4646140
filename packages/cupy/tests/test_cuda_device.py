"""The device ``"cuda"``, through the suite that every device must pass. Without one every test here skips, with the reason."""

from __future__ import annotations

import pytest

import tane
from tane.testing import BackendSuite

pytestmark = pytest.mark.gpu


class TestCuda(BackendSuite):
    device = "cuda"

    def test_tensors_are_on_a_numbered_device(self) -> None:
        x = tane.ones(2, device="cuda")
        assert x.device == tane.device("cuda", tane.cuda.current_device())
        assert x.is_cuda
        assert "device='cuda:0'" in repr(tane.ones(2).cuda())

    def test_devices_of_one_type_are_told_apart(self) -> None:
        if tane.cuda.device_count() < 2:
            pytest.skip("needs two CUDA devices")
        x = tane.ones(2, device="cuda:0", requires_grad=True)
        y = x.to("cuda:1")
        assert y.device.index == 1
        (y * y).sum().backward()
        assert x.grad is not None
        assert x.grad.device.index == 0

    def test_whole_numbers_and_complex_ones_add_up_at_repeated_positions(self) -> None:
        for dtype in (tane.int64, tane.int32, tane.uint8, tane.complex64, tane.float64, tane.float16):
            x = tane.zeros(3, dtype=dtype, device="cuda")
            index = tane.tensor([0, 2, 0], device="cuda")
            x.index_put_((index,), tane.ones(3, dtype=dtype, device="cuda"), accumulate=True)
            assert x.cpu().tolist() == [2, 0, 1]

    def test_memory_is_counted(self) -> None:
        before = tane.cuda.memory_allocated()
        x = tane.zeros(1 << 20, device="cuda")
        assert tane.cuda.memory_allocated() - before >= x.nbytes
        assert tane.cuda.max_memory_allocated() >= tane.cuda.memory_allocated()
        free, total = tane.cuda.mem_get_info()
        assert 0 < free < total
        del x
        tane.cuda.empty_cache()
        assert tane.cuda.memory_allocated() <= before

    def test_work_can_go_into_another_stream(self) -> None:
        start, end = tane.cuda.Event(enable_timing=True), tane.cuda.Event(enable_timing=True)
        stream = tane.cuda.Stream()
        with tane.cuda.stream(stream):
            start.record()
            x = tane.ones(100, device="cuda") * 2
            end.record()
        tane.cuda.current_stream().wait_stream(stream)
        stream.synchronize()
        assert x.sum().item() == 200.0
        assert start.elapsed_time(end) >= 0.0
        assert stream.query()
