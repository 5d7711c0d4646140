"""detect_anomaly: errors of backward say where they come from."""

from __future__ import annotations

import threading
import warnings

import pytest

import tane


def watching(lib, **settings):
    """detect_anomaly without its warning that it is slow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lib.autograd.detect_anomaly(**settings)


def test_switching_on_warns(lib):
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        lib.autograd.detect_anomaly()


def leaf(lib, *values):
    return lib.tensor(list(values), requires_grad=True)


def root_of_zero(x):
    return (x * 0).sqrt() * 0  # the line to be named


def test_nan_names_the_function(lib):
    x = leaf(lib, 1.0)
    root_of_zero(x).sum().backward()
    with watching(lib):
        y = root_of_zero(x).sum()
        with pytest.raises(RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output"):
            y.backward()


def test_nan_says_where_it_was_recorded():
    with watching(tane):
        y = root_of_zero(leaf(tane, 1.0)).sum()
        with pytest.raises(RuntimeError, match=r"SqrtBackward0 was recorded at:(.|\n)*the line to be named"):
            y.backward()


def test_check_nan_false(lib):
    x = leaf(lib, 1.0)
    with watching(lib, check_nan=False):
        root_of_zero(x).sum().backward()


def test_in_place_error_names_op_and_both_lines():
    with watching(tane):
        x = leaf(tane, 1.0) * 1
        y = x.sin()  # saves x
        x.add_(1)  # changes x
        with pytest.raises(RuntimeError) as error:
            y.sum().backward()
    text = str(error.value)
    assert "SinBackward0 saved it" in text
    assert "add_ changed it afterwards" in text
    assert "# saves x" in text
    assert "# changes x" in text


def test_in_place_error_without_anomaly_detection_points_to_it():
    x = leaf(tane, 1.0) * 1
    y = x.sin()
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"SinBackward0 saved it as 'input', and add_ changed it .*set_detect_anomaly\(True\)"):
        y.sum().backward()


def test_set_detect_anomaly_as_switch_and_as_context(lib):
    enabled = lambda: (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled())
    assert enabled() == (False, True)
    with lib.autograd.set_detect_anomaly(True, check_nan=False):
        assert enabled() == (True, False)
        with lib.autograd.set_detect_anomaly(False):
            assert enabled() == (False, True)
        assert enabled() == (True, False)
    assert enabled() == (False, True)
    lib.autograd.set_detect_anomaly(True)
    assert enabled() == (True, True)
    lib.autograd.set_detect_anomaly(False)
    assert enabled() == (False, True)


def test_an_error_in_a_custom_backward_is_traced():
    class Broken(tane.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise ValueError("broken on purpose")

    with tane.autograd.set_detect_anomaly(True):
        y = Broken.apply(leaf(tane, 1.0)).sum()  # the call to be named
        with (
            pytest.raises(ValueError, match="broken on purpose"),
            pytest.warns(UserWarning, match=r"Error detected in BrokenBackward(.|\n)*the call to be named"),
        ):
            y.backward()


def test_other_threads_do_not_watch():
    seen = []
    with tane.autograd.set_detect_anomaly(True):
        thread = threading.Thread(target=lambda: seen.append((tane.is_anomaly_enabled(), leaf(tane, 1.0).exp().grad_fn.trace)))
        thread.start()
        thread.join()
    assert seen == [(False, None)]
