"""The namespace over a stand-in for CuPy: NumPy behind the strict device's arrays, with the functions that CuPy has and the limits that it sets."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tane_cupy.namespace import CupyNamespace, add_at, combine_at

# Runs every sample of every op on the strict device, whose namespace becomes that of CuPy over the stand-in.
EVERY_OP = """
import numpy as np
from tane.backends import strict
from tane.testing import opcheck
from tane.testing.samples import TABLE
from tane.ops.primitive import primitives
from tane_cupy.library import cupy
from tane_cupy.namespace import ATOMIC, CupyNamespace

class Limited(strict._Function):
    def __getattr__(self, name):
        allowed = {"reduce": ("add", "multiply"), "accumulate": ("add", "multiply"), "reduceat": ("add",), "at": ("add", "maximum", "minimum")}
        if name in allowed and self.function.__name__ not in allowed[name]:
            def refuse(*args, **kwargs):
                raise NotImplementedError(f"cupy has no {self.function.__name__}.{name}")
            return refuse
        found = super().__getattr__(name)
        if name == "at":
            def at(out, index, values):
                if out.dtype.name not in ATOMIC:
                    raise TypeError(f"scatter_add of {out.dtype}")
                found(out, index, values)
            return at
        return found

class Standin(strict._Module):
    def __getattr__(self, name):
        if cupy is not None and not hasattr(cupy, name):
            raise AttributeError(name)
        found = super().__getattr__(name)
        if type(found) is strict._Function and isinstance(found.function, np.ufunc):
            found = self.__dict__[name] = Limited(found.function)
        return found

strict.StrictBackend.F = CupyNamespace(Standin(np, "cupy"), None)
count = 0
for name, samples in TABLE.items():
    count += opcheck(primitives[name], samples, devices=["strict"]).passed
print(count)
"""


def test_every_op_computes_within_the_limits_of_cupy():
    done = subprocess.run([sys.executable, "-c", EVERY_OP], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 1000


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "complex64", "complex128"])
def test_sums_at_repeated_positions(rng, dtype):
    out, index = np.arange(12).reshape(4, 3).astype(dtype), np.array([2, 0, 2, 2])
    values = rng.integers(0, 5, (4, 3)).astype(dtype)
    expected = out.copy()
    np.add.at(expected, index, values)
    add_at(np, out, index, values)
    assert out.tolist() == expected.tolist()


@pytest.mark.parametrize("ufunc", [np.multiply, np.maximum, np.minimum, np.logaddexp], ids=lambda u: u.__name__)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 50])
def test_anything_associative_at_repeated_positions(rng, ufunc, count):
    out = rng.uniform(0.5, 1.5, (4, 3))
    index = (rng.integers(0, 4, count), rng.integers(0, 3, count))
    values = rng.uniform(0.5, 1.5, count)
    for layout in (out, np.asfortranarray(out), out[:, ::2].repeat(2, 1)[:, :3]):
        mine, expected = layout.copy(order="K"), layout.copy()
        ufunc.at(expected, index, values)
        combine_at(np, ufunc, mine, index, values)
        np.testing.assert_allclose(mine, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["maximum", "minimum", "logaddexp", "add", "multiply"])
@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((4, 7), 1), ((3, 6, 2), 1), ((1,), 0), ((0,), 0)])
def test_running_results(rng, name, shape, axis):
    F, x = CupyNamespace(np, None), rng.uniform(-1, 1, shape)
    np.testing.assert_allclose(getattr(F, name).accumulate(x, axis), getattr(np, name).accumulate(x, axis), rtol=1e-12)


def test_kernels_of_cupy_go_before_formulas():
    class Special:
        @staticmethod
        def erf(x):
            return "theirs"

    assert CupyNamespace(np, Special).erf(1.0) == "theirs"
    assert CupyNamespace(np, None).erf(np.array([0.5])).item() == pytest.approx(0.5204998778130465)
