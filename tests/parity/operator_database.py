"""One op of PyTorch's operator database on both libraries: what is called, how values go over, and everything that is compared.

``python tests/parity/operator_database.py`` prints how many of the database's names tane has, and which it has not.
"""

import contextlib
import importlib.util
import io
import pathlib

import numpy as np

import tane

_spec = importlib.util.spec_from_file_location("databases", pathlib.Path(__file__).parent / "databases.py")
db = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(db)
torch = db.torch

DTYPES = (torch.float64, torch.float32, torch.float16, torch.int64, torch.bool, torch.complex64, torch.complex128)
EXACT = (torch.float64, torch.complex128)  # in which gradients are compared
SHOWN = {torch.float32, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bfloat16, *DTYPES}  # types that both have
TOLERANCE = {**db.TOLERANCE, "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7)}
SEED = 42  # op_db's own, of the ops that draw numbers


def operators():
    """The database without ``nn.functional``, which has a test of its own."""
    return [op for op in db.database("common_methods_invocations", "op_db") if not op.name.startswith("nn.functional.")]


def full_name(op):
    return " ".join(filter(None, (op.name, op.variant_test_name)))


# ---- what is called -----------------------------------------------------------------------------------------------------------------------
def method(name):
    """A method, or what an attribute says."""
    kind = getattr(tane.Tensor, name)
    return (lambda self, *args, **kwargs: getattr(self, name)(*args, **kwargs)) if callable(kind) else lambda self: getattr(self, name)


# Where op_db calls something else than the function of its name.
CALLED = {
    "cauchy": "cauchy_",
    "exponential": "exponential_",
    "geometric": "geometric_",
    "log_normal": "log_normal_",
    "normal in_place": "normal_",
    "uniform": "uniform_",
    **{name: name for name in ("bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "double", "float", "half", "int", "long", "short")},
    "einsum": lambda tensors, equation: tane.einsum(equation, tensors),
    "linalg.lstsq grad_oriented": lambda a, b, driver: tane.linalg.lstsq(a, b, driver=driver)[:2],
    "linalg.pinv singular": lambda a, b: tane.linalg.pinv(a @ b.mT),
    "normal number_mean": lambda std, mean, *args, **kwargs: tane.normal(mean, std, *args, **kwargs),
    **{f"polygamma polygamma_n_{n}": lambda x, n, **kwargs: tane.polygamma(n, x, **kwargs) for n in range(5)},
    # op_db's calls seed the generator; the samples are two factors of the matrix.
    "pca_lowrank": lambda a, b, **kwargs: (tane.manual_seed(42), tane.pca_lowrank(a @ b.mT, **kwargs))[1],
    "svd_lowrank": lambda a, b, **kwargs: (tane.manual_seed(42), tane.svd_lowrank(a @ b.mT, **kwargs))[1],
    "rand_like": lambda x, *args, **kwargs: tane.randn_like(x, *args, **kwargs),  # op_db's call, whatever its name says
    "resize_": lambda x, shape: x.clone().resize_(shape),
    "resize_as_": lambda x, other: x.clone().resize_as_(other),
    "special.polygamma special_polygamma_n_0": lambda x, n, **kwargs: tane.special.polygamma(n, x, **kwargs),
    "where": lambda self, condition, other, **kwargs: tane.where(condition, self, other, **kwargs),
    "zero_": lambda x: x.clone().zero_(),
}


def function(op):
    """tane's function for an op, or None."""
    called = CALLED.get(full_name(op))
    if called is not None:
        if callable(called):
            return called
        return method(called) if hasattr(tane.Tensor, called) else None
    found = tane
    for part in op.name.split("."):
        found = getattr(found, part, None)
    return method(op.name) if found is None and hasattr(tane.Tensor, op.name) else found


# ---- values -------------------------------------------------------------------------------------------------------------------------------
class Untranslated(Exception):
    """A sample holds something that tane has not: a sparse tensor, another device, another element type."""


class Twin:
    """The arguments of a sample for both libraries, copied, with the memory around each tensor, its strides and what it requires."""

    def __init__(self, sample, detached=False):
        self.detached = detached
        self.pairs = {}
        whole = (sample.input, sample.args, sample.kwargs)
        self.theirs, self.ours = (self.copied(whole, mine) for mine in (False, True))

    def call(self, ours, theirs):
        """The results of both functions, or what they raised."""
        results = []
        for library, f, (first, args, kwargs) in ((tane, ours, self.ours), (torch, theirs, self.theirs)):
            library.manual_seed(SEED)
            with contextlib.redirect_stdout(io.StringIO()):
                results.append(db.attempt(f, first, *args, **kwargs))
        return results

    def leaves(self):
        return [(a, b) for a, b, _ in self.pairs.values() if b.requires_grad]

    def copied(self, value, mine):
        if isinstance(value, torch.Tensor):
            if id(value) not in self.pairs:
                self.pairs[id(value)] = (*both(value, value.requires_grad and not self.detached), value)
            return self.pairs[id(value)][0 if mine else 1]
        if isinstance(value, dict):
            return {k: self.copied(v, mine) for k, v in value.items()}
        if isinstance(value, torch.Size):
            return tane.Size(value) if mine else value
        if isinstance(value, (list, tuple)):
            parts = [self.copied(v, mine) for v in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if mine and isinstance(value, torch.dtype):
            return dtype(value)
        if mine and isinstance(value, torch.layout):
            return tane.strided
        return db.translated(value) if mine else value


def dtype(kind):
    if kind not in SHOWN:
        raise Untranslated(str(kind))
    return getattr(tane, db.dtype_name(kind))


def both(t, requires_grad):
    """A tensor of each library with the values and the layout of ``t``, in memory of the same size."""
    if t.layout is not torch.strided or t.device.type != "cpu" or t.ndim > 64:
        raise Untranslated(f"{t.layout} on {t.device} with {t.ndim} dimensions")
    kind = dtype(t.dtype)
    plain = t.detach().resolve_conj().resolve_neg()
    room = plain.untyped_storage().nbytes() // plain.element_size()
    memory = torch.as_strided(plain, (room,), (1,), 0).clone()
    theirs = torch.as_strided(memory, plain.shape, plain.stride(), plain.storage_offset()).detach()
    if t.dtype is torch.bfloat16:
        ours = tane.from_numpy(plain.float().numpy().copy()).to(kind)
    else:
        flat = memory.clone().numpy()
        strides = tuple(s * flat.itemsize for s in plain.stride())
        start = flat[min(plain.storage_offset(), room) :]
        ours = tane.from_numpy(
            np.lib.stride_tricks.as_strided(start, tuple(plain.shape), strides) if room else np.empty(t.shape, flat.dtype)
        )
    return ours.requires_grad_(requires_grad), theirs.requires_grad_(requires_grad)


def flat(value):
    """The parts of a result."""
    if isinstance(value, (list, tuple)):
        return [part for v in value for part in flat(v)]
    return [value]


def brief(sample):
    def text(x):
        if isinstance(x, torch.Tensor):
            return f"{x.item()}" if x.ndim == 0 and x.device.type == "cpu" else f"T{list(x.shape)}"
        if isinstance(x, (list, tuple)):
            return f"({', '.join(map(text, x))})"
        return f"{{{', '.join(f'{k}={text(v)}' for k, v in x.items())}}}" if isinstance(x, dict) else repr(x)

    return f"{text(sample.input)} {text(sample.args)} {text(sample.kwargs)}"[:200]


# ---- comparison ---------------------------------------------------------------------------------------------------------------------------
# In the place of a wrapper that is written for PyTorch's tensors alone.
WRAPPED = {"cholesky_inverse": lambda f, x, upper=False: f(x.triu() if upper else x.tril(), upper=upper)}
LOOSE = {"addbmm": 5e-2, "matrix_exp": 1e-3, "polygamma": 1e-4, "special.polygamma": 1e-4}  # sums in another order; series cut elsewhere
UNSET = {"empty", "empty_like", "new_empty", "new_empty_strided", "empty_strided"}  # whose values are whatever the memory held
# The sample's own function makes unique what is not.
UP_TO_PHASE = {"svd", "svd_lowrank", "pca_lowrank", "linalg.svd", "linalg.eigh", "linalg.eig"}
RANKED = {"sort": 0, "argsort": 0, "topk": 1}  # where the dimension stands among the arguments; equal elements may change places
FOUND = {"kthvalue", "mode"}  # the index is that of any of several equal elements


def settled(op, sample, result, library):
    """What of a result PyTorch defines."""
    if op.name in UNSET:
        return result.detach().zero_()
    if op.name in UP_TO_PHASE:
        return sample.output_process_fn_grad(result)
    if op.name in FOUND:
        return result[0]
    if op.name in RANKED:
        place = RANKED[op.name]
        dim = sample.args[place] if len(sample.args) > place else sample.kwargs.get("dim", -1)
        indices = result if op.name == "argsort" else result[1]
        ranked = library.take_along_dim(first(sample, library), indices, dim) if indices.ndim else indices
        return (ranked,) if op.name == "argsort" else (result[0], ranked)
    return result


def first(sample, library):
    t = sample.input.detach()
    return t if library is torch else both(t, False)[0]


def difference(ours, theirs, loose=0):
    """In what two results differ, in words; None if they agree."""
    if isinstance(theirs, (list, tuple)) and isinstance(theirs, tuple) != isinstance(ours, tuple):
        return f"a {type(ours).__name__}, not a {type(theirs).__name__}"
    mine, yours = flat(ours), flat(theirs)
    if len(mine) != len(yours):
        return f"{len(mine)} results, not {len(yours)}"
    for a, b in zip(mine, yours, strict=True):
        if not isinstance(b, torch.Tensor):
            same = a == (dtype(b) if isinstance(b, torch.dtype) else b) or (a != a and b != b) or np.isclose(a, b)
            if not same or (type(a).__name__ != type(b).__name__):
                return f"{a!r}, not {b!r}"
            continue
        if not isinstance(a, tane.Tensor) or db.dtype_name(a.dtype) != db.dtype_name(b.dtype):
            return f"{getattr(a, 'dtype', type(a).__name__)}, not {b.dtype}"
        if tuple(a.shape) != tuple(b.shape):
            return f"shape {list(a.shape)}, not {list(b.shape)}"
        x, y = db.array(a), db.array(b.clone() if b._is_zerotensor() else b)
        rtol, atol = (max(loose, t) for t in TOLERANCE.get(db.dtype_name(b.dtype), (0, 0)))
        with np.errstate(all="ignore"):
            close = np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=True)
        if not close.all():
            return f"{x[~close][:4]}, not {y[~close][:4]} ({(~close).sum()} of {close.size})"
    return None


def errors_differ(ours, theirs):
    """How what two calls raised differs; None where neither raised, or both the same class."""
    if type(ours) is type(theirs):
        return None
    return f"{ours!r:.200}, not {theirs!r:.200}"


def aliases(results, inputs, library):
    """Which results lie in the memory of which inputs."""
    if library is torch:
        shared = lambda a, b: a.layout is torch.strided and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
    else:
        shared = lambda a, b: owner(a.array) is owner(b.array)
    parts = [r for r in results if isinstance(r, library.Tensor)]
    return [[bool(r.numel() and x.numel() and shared(r, x)) for x in inputs] for r in parts]


def owner(array):
    """What owns the memory that an array looks at."""
    while getattr(array, "base", None) is not None:
        array = array.base
    return array


class Trial:
    """Everything there is to compare about one op; ``found`` collects the differences as ``(check, element type, text)``."""

    def __init__(self, op):
        self.op, self.ours, self.found = op, function(op), []

    def run(self, sample, kind):
        self.where, self.kind = brief(sample), db.dtype_name(kind)
        differentiable = kind in EXACT and self.op.supports_autograd
        try:
            if self.result(sample) and differentiable:
                self.gradients(sample)
            for check, variant in (("method", self.op.method_variant), ("in place", self.op.inplace_variant)):
                self.variant(sample, check, variant)
            if kind is torch.float64 and differentiable and self.op.supports_inplace_autograd and not sample.broadcasts_input:
                self.gradients_in_place(sample)
            if self.op.supports_out:
                self.out(sample)
        except Untranslated:
            return

    def unlike(self, sample, ours, theirs):
        """In what two results of the op differ as far as PyTorch defines them."""
        narrow = self.kind in ("float16", "float32")
        return difference(
            settled(self.op, sample, ours, tane), settled(self.op, sample, theirs, torch), LOOSE.get(self.op.name, 0) if narrow else 0
        )

    def differ(self, check, text):
        if text is not None:
            self.found.append((check, self.kind, f"{check}, {self.kind}: {self.where}: {text}"))
        return text is not None

    def result(self, sample):
        """The function: its values, whether it changes its inputs, returns views of them, and requires gradients."""
        twin = Twin(sample)
        (y, error), (expected, failure) = twin.call(self.ours, self.op.op)
        if any(isinstance(r, torch.Tensor) and r.dtype not in SHOWN for r in flat(expected)):
            raise Untranslated
        if self.differ("result", errors_differ(error, failure)) or error is not None:
            return False
        if self.differ("result", self.unlike(sample, y, expected)):
            return False
        parts, their_parts = flat(y), flat(expected)
        inputs = list(twin.pairs.values())
        for a, b, _ in inputs:
            self.differ("inputs afterwards", difference(a, b))
        mine, yours = aliases(parts, [a for a, _, _ in inputs], tane), aliases(their_parts, [b for _, b, _ in inputs], torch)
        self.differ("memory", None if mine == yours else f"shared with the inputs: {mine}, not {yours}")
        asked, wanted = ([r.requires_grad for r in rs if hasattr(r, "requires_grad")] for rs in (parts, their_parts))
        self.differ("requires_grad", None if asked == wanted else f"{asked}, not {wanted}")
        return True

    def gradients(self, sample):
        """The gradients of all inputs, for random gradients of all results."""
        twin = Twin(sample)
        plain = lambda f, *args, **kwargs: f(*args, **kwargs)
        wrapped = WRAPPED.get(self.op.name) or self.op.gradcheck_wrapper or plain
        process = sample.output_process_fn_grad
        run = lambda f: lambda *args, **kwargs: process(wrapped(f, *args, **kwargs))
        (y, error), (expected, failure) = twin.call(run(self.ours), run(self.op.op))
        if not self.differ("gradient", errors_differ(error, failure)) and error is None:
            self.compare_gradients("gradient", twin, flat(y), flat(expected))

    def gradients_in_place(self, sample):
        variant = self.named(self.op.inplace_variant)
        if variant is None or not isinstance(sample.input, torch.Tensor):
            return
        twin = Twin(sample)
        run = lambda f: lambda first, *args, **kwargs: f(first.clone(), *args, **kwargs)
        (y, error), (expected, failure) = twin.call(run(variant), run(self.op.inplace_variant))
        if not self.differ("gradient in place", errors_differ(error, failure)) and error is None:
            self.compare_gradients("gradient in place", twin, flat(y), flat(expected))

    def compare_gradients(self, check, twin, ours, theirs):
        leaves = twin.leaves()
        wanted = [i for i, b in enumerate(theirs) if isinstance(b, torch.Tensor) and b.requires_grad]
        if not leaves or not wanted or len(ours) != len(theirs):
            return
        rng = np.random.default_rng(0)
        weights = []
        for i in wanted:
            w = rng.standard_normal(tuple(theirs[i].shape))
            weights.append(torch.tensor(w + 1j * rng.standard_normal(w.shape) if theirs[i].is_complex() else w).to(theirs[i].dtype))
        expected, failure = db.attempt(torch.autograd.grad, [theirs[i] for i in wanted], [b for _, b in leaves], weights, allow_unused=True)
        mine = [(ours[i], w) for i, w in zip(wanted, weights, strict=True) if ours[i].requires_grad]
        found, error = [None] * len(leaves), None
        if mine:
            found, error = db.attempt(
                tane.autograd.grad, [y for y, _ in mine], [a for a, _ in leaves], [db.tensor(w) for _, w in mine], allow_unused=True
            )
        if self.differ(check, errors_differ(error, failure)) or error is not None:
            return
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            if a is None or b is None:  # whether a gradient of zero is told from none is not compared
                nonzero = next((g for g in (a, b) if g is not None and db.array(g.clone()).any()), None)
                self.differ(check, None if nonzero is None else f"of input {i}: {a}, not {b}")
            else:
                self.differ(check, difference(a, b))

    def named(self, variant):
        """tane's method of the name of PyTorch's."""
        name = getattr(variant, "__name__", "<lambda>")
        return getattr(tane.Tensor, name, None)

    def variant(self, sample, check, variant):
        mine = self.named(variant)
        if mine is None or full_name(self.op) in CALLED or self.op.name in UNSET or not isinstance(sample.input, torch.Tensor):
            return
        if check == "in place" and sample.broadcasts_input:
            return
        twin = Twin(sample, detached=True)
        (y, error), (expected, failure) = twin.call(mine, variant)
        if self.differ(check, errors_differ(error, failure)) or error is not None:
            return
        self.differ(check, self.unlike(sample, y, expected))
        if check == "in place":
            self.differ(check, None if (y is twin.ours[0]) == (expected is twin.theirs[0]) else "returns another tensor")
            self.differ(check, difference(twin.ours[0], twin.theirs[0]))

    def out(self, sample):
        """``out=``, of the result's own type and shape."""
        if "out" in sample.kwargs or self.op.name in UNSET:
            return
        expected, failure = db.attempt(lambda t: self.op.op(t[0], *t[1], **t[2]), Twin(sample, detached=True).theirs)
        several = isinstance(expected, (list, tuple))
        if failure is not None or not all(isinstance(r, torch.Tensor) and r.dtype in SHOWN for r in flat(expected)):
            return
        yours = tuple(torch.empty_like(r) for r in expected) if several else torch.empty_like(expected)
        mine = tuple(tane.empty(tuple(r.shape), dtype=dtype(r.dtype)) for r in flat(expected))
        twin = Twin(sample, detached=True)
        twin.ours[2]["out"], twin.theirs[2]["out"] = mine if several else mine[0], yours
        (y, error), (expected, failure) = twin.call(self.ours, self.op.op)
        if failure is None and not self.differ("out=", errors_differ(error, failure)):
            self.differ("out=", self.unlike(sample, mine if several else mine[0], yours))
            self.differ("out=", None if several or y is mine[0] else "returns another tensor")

    def errors(self):
        """op_db's faulty calls: tane is to raise what PyTorch raises."""
        self.kind = "errors"
        for fault in self.op.error_inputs("cpu"):
            self.where = brief(fault.sample_input)
            try:
                twin = Twin(fault.sample_input)
            except Untranslated:
                continue
            (_, error), (_, failure) = twin.call(self.ours, self.op.op)
            if failure is not None:
                self.differ("errors", errors_differ(error, failure))


if __name__ == "__main__":
    names = sorted({op.name for op in operators()})
    missing = sorted({op.name for op in operators() if function(op) is None})
    print(f"{len(names) - len(missing)} of {len(names)} names; not there: {', '.join(missing)}")
