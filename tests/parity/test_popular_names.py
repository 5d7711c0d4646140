"""The names programs use most work as PyTorch's do: each of :mod:`popular_names`' programs gives on tane what it gives on PyTorch."""

import importlib
import importlib.util
import pathlib
import warnings

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

_spec = importlib.util.spec_from_file_location("popular_names", pathlib.Path(__file__).parent / "popular_names.py")
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
NAMES = _module.NAMES

# float32 results of different summation orders; the largest sums here have about a thousand terms.
RTOL, ATOL = 2e-5, 1e-5


def execute(library, program: str, folder: pathlib.Path):
    functional, *_ = (
        importlib.import_module(f"{library.__name__}.{name}") for name in ("nn.functional", "utils.data", "utils.tensorboard")
    )
    folder.mkdir()
    rng = np.random.default_rng(0)
    scope = {
        "torch": library,
        "nn": library.nn,
        "F": functional,
        "optim": library.optim,
        "tmp": str(folder),
        "x": library.from_numpy(rng.standard_normal((3, 4)).astype("float32")),
        "v": library.from_numpy(rng.standard_normal(6).astype("float32")),
        "i": library.tensor([2, 0, 1, 3, 2, 1]),
        "image": library.from_numpy(rng.standard_normal((2, 3, 8, 8)).astype("float32")),
        "p": library.from_numpy(rng.standard_normal((3, 4)).astype("float32")).requires_grad_(True),
    }
    library.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(program.replace("\\n", "\n"), scope)
    return scope["r"]


def same(ours, theirs, path="r"):
    """Compare two results: tensors by type, shape and value, everything else by equality."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, tane.Tensor), f"{path} is a {type(ours).__name__}"
        assert repr(ours.dtype) == repr(theirs.dtype), path
        assert tuple(ours.shape) == tuple(theirs.shape), path
        assert ours.requires_grad == theirs.requires_grad, f"{path}.requires_grad"
        a, b = (
            t.detach().to(dict(zip((tane, torch), (tane.float64, torch.float64)))[m] if t.dtype.is_floating_point else t.dtype)
            for t, m in ((ours, tane), (theirs, torch))
        )
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=RTOL, atol=ATOL, err_msg=path)
        if theirs.grad_fn is not None:
            assert ours.grad_fn.name() == theirs.grad_fn.name(), path
    elif isinstance(theirs, (list, tuple)) and not isinstance(theirs, torch.Size):
        assert len(ours) == len(theirs), path
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, f"{path}[{k}]")
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), path
        for key in theirs:
            same(ours[key], theirs[key], f"{path}[{key!r}]")
    elif isinstance(theirs, torch.dtype):
        assert repr(ours) == repr(theirs), path
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=RTOL, abs=ATOL), path
    else:
        assert ours == theirs, path


def test_there_are_enough_names():
    assert len({name for name, _ in NAMES}) >= 240


@pytest.mark.parametrize(("name", "program"), NAMES, ids=[name for name, _ in NAMES])
def test_popular_name(name, program, tmp_path, monkeypatch):
    # PyTorch's test databases, where they were imported before, forbid what programs do: setting its switches.
    monkeypatch.setitem(torch.backends.flags_frozen.__globals__, "__allow_nonbracketed_mutation_flag", True)
    same(execute(tane, program, tmp_path / "tane"), execute(torch, program, tmp_path / "torch"))
