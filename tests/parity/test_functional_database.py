"""``nn.functional`` on the samples of PyTorch's operator database: values, types, gradients of both orders, errors."""

import importlib.util
import pathlib
import re
import warnings

import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytestmark = pytest.mark.parity

_spec = importlib.util.spec_from_file_location("databases", pathlib.Path(__file__).parent / "databases.py")
db = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(db)

PREFIX = "nn.functional."
DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
    *(torch.complex128, torch.int64, torch.int32, torch.uint8, torch.bool),
)
MOST = 60  # samples of one op and type; of those with more, every second, third, …

OPS = {
    ".".join(filter(None, (op.name.removeprefix(PREFIX), op.variant_test_name))): op
    for op in db.database("common_methods_invocations", "op_db")
    if op.name.startswith(PREFIX)
}

MISSING = {"linear_cross_entropy": "a linear layer and its loss in one, for models whose scores do not fit in memory; new in PyTorch 2.13"}

# Arguments that are refused in so many words, where PyTorch takes them.
REFUSED = {
    "embedding": ("sparse", "sparse gradients do not exist here"),
    "embedding_bag": ("sparse", "sparse gradients do not exist here"),
}

# Where a result may be further from PyTorch's than its element type allows elsewhere: op, type, tolerance (None: it is not compared), reason.
LOOSE = {
    ("binary_cross_entropy_with_logits", "bfloat16"): (0.3, "PyTorch rounds after each operation, tane once"),
    ("bilinear", "bfloat16"): (0.15, "sums of 64 products of 8 bits, in another order"),
    ("conv_transpose2d", "bfloat16"): (0.6, "sums of products of 8 bits, in another order"),
    ("conv_transpose2d", "float16"): (0.1, "sums of products of 11 bits, in another order"),
    ("conv_transpose3d", "bfloat16"): (1.2, "sums of products of 8 bits, in another order"),
    ("conv_transpose3d", "float16"): (0.2, "sums of products of 11 bits, in another order"),
    ("grid_sample", "bfloat16"): (0.25, "cubic weights of 8 bits, from another order of operations"),
    ("grid_sample", "float16"): (0.02, "cubic weights of 11 bits, from another order of operations"),
    ("hinge_embedding_loss", "bfloat16"): (0.15, "PyTorch adds up in 8 bits, tane in 24"),
    ("multi_head_attention_forward", "bfloat16"): (None, "the samples' weights are so large that the softmax turns on one bit of a score"),
    ("multi_head_attention_forward", "float16"): (None, "the samples' weights are so large that the softmax turns on one bit of a score"),
    ("multi_head_attention_forward", "float32"): (2e-3, "the samples' weights are so large that the softmax turns on one bit of a score"),
    ("soft_margin_loss", "float16"): (None, "PyTorch's exponential overflows to infinity, tane's does not"),
}

# By how much bytes may differ: PyTorch weighs them with weights of 7 to 15 bits.
SLACK = {"interpolate.bilinear": 1, "interpolate.bicubic": 2, "upsample_bilinear": 1}

HERE = {name: op for name, op in OPS.items() if name.partition(".")[0] not in MISSING}
CASES = [(name, dtype) for name, op in HERE.items() for dtype in DTYPES if dtype in op.supported_dtypes("cpu")]


def ours_of(op):
    """tane's function, with the database's order of arguments."""
    function = getattr(tane.nn.functional, op.name.removeprefix(PREFIX))
    return (lambda weight, index, **options: function(index, weight, **options)) if op.name.endswith(".embedding") else function


def samples(op, dtype, requires_grad):
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(op.sample_inputs("cpu", dtype, requires_grad=requires_grad))
    return found[:: len(found) // MOST + 1]


def test_what_is_not_there():
    assert {name.partition(".")[0] for name, op in OPS.items() if not hasattr(tane.nn.functional, op.name.removeprefix(PREFIX))} == set(
        MISSING
    )


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=[f"{name}-{db.dtype_name(dtype)}" for name, dtype in CASES])
def test_function(name, dtype):
    op, kind = HERE[name], db.dtype_name(dtype)
    function, (option, words) = ours_of(op), REFUSED.get(name, (None, ""))
    tolerance, reason = LOOSE.get((name, kind), (0, ""))
    # PyTorch has no derivative of some ops for complex numbers.
    exact = dtype is torch.float64 or (
        dtype is torch.complex128 and dtype in op.supported_backward_dtypes("cpu") and name != "silu.complex"
    )
    for number, sample in enumerate(samples(op, dtype, exact)):
        where, memo = f"sample {number}: {sample.args} {sample.kwargs}"[:400], {}
        given = (sample.input, *sample.args)
        args, kwargs = db.translated((given, sample.kwargs), memo)
        if sample.kwargs.get(option):
            _, error = db.attempt(function, *args, **kwargs)
            assert isinstance(error, NotImplementedError), where
            assert words in str(error), where
            continue
        tane.manual_seed(42)  # as the database's own wrappers of random functions do
        torch.manual_seed(42)
        (y, error), (expected, failure) = db.attempt(function, *args, **kwargs), db.attempt(op.op, *given, **sample.kwargs)
        assert type(error) is type(failure), f"{where}: {error!r} and {failure!r}"
        if failure is None and tolerance is not None:
            db.compare(y, expected, where, (tolerance, tolerance) if tolerance else None, SLACK.get(name, 0))
        if failure is None and exact:
            pairs = [(memo[id(t)][0], t) for t in db.tensors([given, sample.kwargs])]
            second = op.supports_gradgrad and dtype is torch.float64
            db.compare_gradients(db.tensors([y]), db.tensors([expected]), pairs, second=second, where=f"{where}, gradient")


FAULTY = [name for name, op in HERE.items() if op.error_inputs_func is not None]


@pytest.mark.parametrize("name", FAULTY)
def test_errors(name):
    op = HERE[name]
    torch.manual_seed(1)
    for number, fault in enumerate(op.error_inputs("cpu")):
        sample = fault.sample_input
        given = (sample.input, *sample.args)
        _, expected = db.attempt(op.op, *given, **sample.kwargs)
        args, kwargs = db.translated((given, sample.kwargs))
        _, error = db.attempt(ours_of(op), *args, **kwargs)
        where = f"fault {number}: {error!r}, PyTorch {expected!r}"
        assert type(error) is type(expected), where
        if expected is not None and re.search(fault.error_regex, str(expected)):
            assert re.search(fault.error_regex, str(error)), where
