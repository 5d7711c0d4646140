"""The CPU random stream against published numbers, and against PyTorch where it is installed."""

import copy
import math
import pickle
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tane.backends import boxmuller, rounding
from tane.backends.stream import DEFAULT_SEED, Stream

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype("f2"), BFLOAT16, np.dtype("f4"), np.dtype("f8")]
INTEGERS = [np.dtype(name) for name in ("bool", "u1", "i1", "i2", "i4", "i8")]
# Around the 16 elements at which PyTorch changes its algorithm, and around a chunk of ours.
SIZES = [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 100, 1000, 16384, 16399]


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


def bits(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Equal bits are equal integers; NaN and the sign of zero included."""
    return array.view(f"i{array.dtype.itemsize}") if array.dtype.kind != "c" else array.view("i4")


def as_numpy(tensor: Any) -> np.ndarray[Any, Any]:
    return tensor.view(-1).numpy() if str(tensor.dtype) != "torch.bfloat16" else tensor.float().numpy().astype(BFLOAT16)


class Pair:
    """A stream of ours and a generator of PyTorch's, asked for the same things in the same order."""

    def __init__(self, torch: Any, seed: int) -> None:
        self.torch = torch
        self.ours = Stream(seed)
        self.theirs = torch.Generator().manual_seed(seed)

    def empty(self, size: int, dtype: np.dtype[Any]) -> Any:
        return self.torch.empty(size, dtype=getattr(self.torch, dtype.name))

    def check(self, ours: np.ndarray[Any, Any], theirs: Any) -> None:
        expected = as_numpy(theirs)
        assert ours.dtype == expected.dtype
        assert ours.flags.c_contiguous
        np.testing.assert_array_equal(bits(ours.ravel()), bits(expected.ravel()))

    def check_state(self) -> None:
        np.testing.assert_array_equal(self.ours.get_state(), self.theirs.get_state().numpy())


# ---------------------------------------------------------------- without PyTorch


def test_published_normals_of_seed_zero() -> None:
    stream = Stream(0)
    drawn = [round(float(stream.normal((), np.float32)), 4) for _ in range(4)]
    assert drawn == [1.5410, -0.2934, -2.1788, 0.5684]


def test_golden_values() -> None:
    assert Stream(0).uniform((3,), np.float32).tolist() == [
        0.49625658988952637,
        0.7682217955589294,
        0.08847743272781372,
    ]
    assert Stream(0).permutation(10).tolist() == [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]
    assert Stream(0).integers((5,), 0, 10).tolist() == [4, 9, 3, 0, 3]
    assert np.round(Stream(0).normal((16,), np.float32)[:4], 4).tolist() == pytest.approx([-1.1258, -1.1524, -0.2506, -0.4339])


def test_seeds() -> None:
    assert Stream().initial_seed() == DEFAULT_SEED
    assert Stream(-1).initial_seed() == 2**64 - 1
    assert Stream().manual_seed(7).initial_seed() == 7
    stream = Stream()
    assert stream.seed() == stream.initial_seed() < 2**53
    np.testing.assert_array_equal(Stream(2**32 + 5).words(9), Stream(5).words(9))  # only the low half counts
    for seed in (2**64, -(2**63) - 1):
        with pytest.raises(ValueError, match="Overflow"):
            Stream().manual_seed(seed)
    for not_a_seed in ("1", 1.5, None, True):
        with pytest.raises(RuntimeError, match="expected a long"):
            Stream().manual_seed(not_a_seed)  # type: ignore[arg-type]


def test_copies_continue_alike_and_apart() -> None:
    stream = Stream(3)
    stream.normal((3,), np.float32)  # leaves a normal in the cache
    twins = [copy.deepcopy(stream), pickle.loads(pickle.dumps(stream)), Stream()]
    twins[2].set_state(stream.get_state())
    expected = stream.normal((5,), np.float64)
    for twin in twins:
        assert twin.initial_seed() == 3
        np.testing.assert_array_equal(twin.normal((5,), np.float64), expected)


def test_refused_states() -> None:
    stream = Stream()
    with pytest.raises(TypeError):
        stream.set_state(np.zeros(5056))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="5056"):
        stream.set_state(np.zeros(50, np.uint8))
    with pytest.raises(RuntimeError, match="Invalid"):
        stream.set_state(np.zeros(5056, np.uint8))


def test_refused_arguments() -> None:
    stream = Stream()
    before = stream.get_state()
    refused = [
        lambda: stream.uniform((3,), np.float32, 2.0, 1.0),
        lambda: stream.uniform((3,), np.float32, 0.0, 1e39),
        lambda: stream.uniform((3,), np.float32, -3e38, 3e38),
        lambda: stream.uniform((3,), np.int64),
        lambda: stream.normal((3,), np.float32, 0.0, -1.0),
        lambda: stream.normal((3,), np.int64),
        lambda: stream.normal((2,), np.float32, 0.0, np.array([1.0, -1.0])),
        lambda: stream.exponential((3,), np.float32, 0.0),
        lambda: stream.exponential((3,), np.int64),
        lambda: stream.cauchy((3,), np.float32, 0.0, 0.0),
        lambda: stream.log_normal((3,), np.float32, 0.0, 0.0),
        lambda: stream.geometric((3,), 1.0),
        lambda: stream.bernoulli((3,), 1.5),
        lambda: stream.bernoulli((1,), np.array([-0.5])),
        lambda: stream.integers((3,), 5, 5),
        lambda: stream.integers((3,), 0, 1000, np.int8),
        lambda: stream.integers((3,), -1, 3, np.uint8),
        lambda: stream.integers((3,), 0, 3, np.complex64),
        lambda: stream.random((3,), np.complex64),
        lambda: stream.permutation(-1),
        lambda: stream.multinomial(np.zeros(2), 1),
        lambda: stream.multinomial(np.zeros(2), 2, replacement=True),
        lambda: stream.multinomial(np.array([-1.0, 2.0]), 1),
        lambda: stream.multinomial(np.array([-1.0, 2.0]), 2, replacement=True),
        lambda: stream.multinomial(np.array([np.inf, 2.0]), 2, replacement=True),
        lambda: stream.multinomial(np.ones(2), 3),
        lambda: stream.multinomial(np.ones(2), 0),
        lambda: stream.multinomial(np.array([1, 2]), 1),
        lambda: stream.multinomial(np.ones((2, 2, 2)), 1),
        lambda: stream.poisson(np.array([-1.0])),
        lambda: stream.poisson(np.array([1])),
    ]
    for call in refused:
        with pytest.raises((RuntimeError, NotImplementedError)):
            call()
    np.testing.assert_array_equal(stream.get_state(), before)  # a refused call draws nothing


def test_shapes() -> None:
    stream = Stream()
    assert stream.uniform((), np.float32).shape == ()
    assert stream.normal((2, 3, 4), np.float64).shape == (2, 3, 4)
    assert stream.integers((0, 3), 0, 5).shape == (0, 3)
    assert stream.permutation(0).shape == (0,)
    assert stream.bernoulli((4, 1), 0.5).shape == (4, 1)
    assert stream.multinomial(np.ones((2, 5)), 3).shape == (2, 3)


def test_fused_multiply_add_rounds_once() -> None:
    generator = np.random.Generator(np.random.PCG64(0))
    for _ in range(2000):
        a, b, c = generator.standard_normal(3) * 2.0 ** generator.integers(-20, 20, 3)
        fused = rounding.fma64(np.array([a]), float(b), float(c))[0]
        assert fused == float(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c)))
    # 1.5 times an odd significand is a tie; a sum far too small to be seen decides it.
    odd = np.array([1.0 + 2.0**-52])
    assert rounding.fma64(odd, 1.5, 1e-300)[0] == 1.5 + 2.0**-51
    assert rounding.fma64(odd, 1.5, -1e-300)[0] == 1.5 + 2.0**-52
    # 1 + 2**-24 is a tie of float32; what decides is the 2**-60 that float64 has no room for.
    a32 = np.array([1.0 + 2.0**-23, 1.0 - 2.0**-23], np.float32) * np.float32(2.0**-30)
    np.testing.assert_array_equal(rounding.fma32(a32, 2.0**-30, 1.0 + 2.0**-23), np.full(2, 1.0 + 2.0**-23, np.float32))
    tie = rounding.fma32(np.array([1.0 + 2.0**-12], np.float32), 2.0**-24 * (1 - 2.0**-12), 1.0)
    assert tie[0] == 1.0  # 1 + 2**-24 - 2**-48, just below the tie that would go to even


def test_c_library_functions() -> None:
    x = Stream(0).uniform((5000,), np.float64, 0.0, 2 * math.pi)
    sine, cosine = rounding.sincos(x)
    assert sine.tolist() == [math.sin(v) for v in x.tolist()]
    assert cosine.tolist() == [math.cos(v) for v in x.tolist()]
    assert rounding.exp(x).tolist() == [math.exp(v) for v in x.tolist()]


def test_polynomials_are_accurate() -> None:
    k = np.arange(1, 2**24, 1001)
    x = (k * 2.0**-24).astype(np.float32)
    np.testing.assert_allclose(boxmuller.log_float32(x), np.log(x.astype(np.float64)), rtol=2e-7)
    angle = (x * np.float32(2 * math.pi)).astype(np.float64)
    sine, cosine = boxmuller.sincos_float32(angle)
    np.testing.assert_allclose(sine, np.sin(angle), atol=1e-7)
    np.testing.assert_allclose(cosine, np.cos(angle), atol=1e-7)


# ---------------------------------------------------------------- against PyTorch


@pytest.mark.parity
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_floating_distributions(torch: Any, dtype: np.dtype[Any], size: int) -> None:
    pair = Pair(torch, 11)
    ours, gen = pair.ours, pair.theirs
    for _ in range(2):  # once from a fresh seed, once with what the first round left in the cache
        pair.check(ours.uniform((size,), dtype), pair.empty(size, dtype).uniform_(generator=gen))
        pair.check(ours.uniform((size,), dtype, -0.3, 1.71), pair.empty(size, dtype).uniform_(-0.3, 1.71, generator=gen))
        pair.check(ours.normal((size,), dtype), pair.empty(size, dtype).normal_(generator=gen))
        pair.check(ours.normal((size,), dtype, 0.3, 1.7), pair.empty(size, dtype).normal_(0.3, 1.7, generator=gen))
        pair.check(ours.normal((size,), dtype, 0.0, 0.02), pair.empty(size, dtype).normal_(0.0, 0.02, generator=gen))
        pair.check(ours.exponential((size,), dtype, 0.7), pair.empty(size, dtype).exponential_(0.7, generator=gen))
        pair.check(ours.cauchy((size,), dtype, 0.7, 1.3), pair.empty(size, dtype).cauchy_(0.7, 1.3, generator=gen))
        pair.check(ours.log_normal((size,), dtype, 0.7, 1.3), pair.empty(size, dtype).log_normal_(0.7, 1.3, generator=gen))
        pair.check(ours.geometric((size,), 0.3, dtype), pair.empty(size, dtype).geometric_(0.3, generator=gen))
        pair.check(ours.bernoulli((size,), 0.3, dtype), pair.empty(size, dtype).bernoulli_(0.3, generator=gen))
        pair.check(ours.random((size,), dtype), pair.empty(size, dtype).random_(generator=gen))
        pair.check(ours.normal((1,), np.float32), pair.empty(1, np.dtype("f4")).normal_(generator=gen))
    pair.check_state()


@pytest.mark.parity
@pytest.mark.parametrize("dtype", [np.dtype("f4"), np.dtype("f8")], ids=str)
def test_many_normals_are_bit_identical(torch: Any, dtype: np.dtype[Any]) -> None:
    pair = Pair(torch, 2)
    size = 300_007
    pair.check(pair.ours.normal((size,), dtype), pair.empty(size, dtype).normal_(generator=pair.theirs))
    pair.check(pair.ours.normal((size,), dtype, -1.3, 0.7), pair.empty(size, dtype).normal_(-1.3, 0.7, generator=pair.theirs))
    pair.check(pair.ours.uniform((size,), dtype, -0.1, 0.1), pair.empty(size, dtype).uniform_(-0.1, 0.1, generator=pair.theirs))


def untempered(words: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The state that MT19937 turns into `words`: each of its four mixing steps undone."""
    state = words ^ words >> np.uint32(18)
    state ^= state << np.uint32(15) & np.uint32(0xEFC60000)
    for shift, mask in ((7, 0x9D2C5680), (-11, 0xFFFFFFFF)):
        mixed = state
        for _ in range(5):  # each round makes more bits right, from one end
            moved = state << np.uint32(shift) if shift > 0 else state >> np.uint32(-shift)
            state = mixed ^ moved & np.uint32(mask)
    return state


@pytest.mark.parity
@pytest.mark.slow
def test_normals_of_every_possible_uniform(torch: Any) -> None:
    """All 2**24 radii and all 2**24 angles, by giving PyTorch's generator the words to draw."""
    order = np.random.Generator(np.random.PCG64(0))
    radii, angles = (order.permutation(2**24).astype(np.uint32).reshape(-1, 8) for _ in range(2))
    words = np.stack([radii, angles], 1).ravel()
    template = torch.Generator().get_state()
    fields = template.numpy()
    fields[8:24] = np.array([624, 1, 0, 0], np.int32).view(np.uint8)  # a full block of words, none of them drawn
    key = fields[24 : 24 + 8 * 624].view(np.uint64)
    generator = torch.Generator()
    theirs = np.empty(words.size, np.float32)
    at_a_time = 38 * 16  # groups of 16 in a block of 624
    states = untempered(words)
    for start in range(0, words.size, at_a_time):
        block = states[start : start + at_a_time]
        key[: block.size] = block
        generator.set_state(template)
        theirs[start : start + at_a_time] = torch.randn(block.size, generator=generator).numpy()
    ours = boxmuller.box_muller_float32(words.astype(np.float32) * np.float32(2.0**-24), 0.0, 1.0)
    np.testing.assert_array_equal(bits(ours), bits(theirs))


@pytest.mark.parity
@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_complex(torch: Any, name: str) -> None:
    ours, gen = Stream(4), torch.Generator().manual_seed(4)
    dtype = getattr(torch, name)
    for shape in ((), (3,), (5, 7)):
        np.testing.assert_array_equal(ours.normal(shape, name), torch.randn(shape, dtype=dtype, generator=gen).numpy())
        np.testing.assert_array_equal(ours.uniform(shape, name), torch.rand(shape, dtype=dtype, generator=gen).numpy())


@pytest.mark.parity
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS, ids=str)
def test_integers(torch: Any, dtype: np.dtype[Any]) -> None:
    pair = Pair(torch, 6)
    ours, gen = pair.ours, pair.theirs
    largest = 1 if dtype.kind == "b" else 127 if dtype.itemsize == 1 else 256 if dtype.itemsize == 2 else 2**24
    bounds = [(0, 1), (0, largest), (largest // 2, largest), (0, largest + 1)]
    if dtype.kind in "if" or dtype == BFLOAT16:
        bounds += [(-largest, largest), (-5, 3)]
    if dtype.itemsize == 8 and dtype.kind == "i":
        bounds += [(0, 2**28 - 1), (0, 2**28), (-(2**40), 2**40), (0, 2**63 - 1), (-(2**63), 2**63 - 1)]
    if dtype == np.int32:
        bounds += [(0, 2**28), (-(2**31), 2**31 - 1)]
    for low, high in bounds:
        for size in (0, 1, 7, 1000):
            pair.check(ours.integers((size,), low, high, dtype), pair.empty(size, dtype).random_(low, high, generator=gen))
    for size in (0, 1, 7, 1000):
        pair.check(ours.integers((size,), 0, None, dtype), pair.empty(size, dtype).random_(0, None, generator=gen))
        pair.check(ours.random((size,), dtype), pair.empty(size, dtype).random_(generator=gen))
        if dtype.kind != "b":
            pair.check(ours.geometric((size,), 0.2, dtype), pair.empty(size, dtype).geometric_(0.2, generator=gen))
        pair.check(ours.bernoulli((size,), 0.2, dtype), pair.empty(size, dtype).bernoulli_(0.2, generator=gen))
    pair.check(ours.integers((9,), -(2**63), None), pair.empty(9, np.dtype("i8")).random_(-(2**63), None, generator=gen))
    pair.check_state()


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:.*out of bounds:UserWarning")  # PyTorch's own doubts about such bounds
def test_bounds_that_a_float_cannot_hold(torch: Any) -> None:
    pair = Pair(torch, 6)
    for name, low, high in (
        ("f2", 0, 65504),
        ("f2", 4097, 6001),
        ("f2", -6001, -4097),
        ("f4", -(2**26) - 1, 2**26 + 1),
    ):
        theirs = pair.empty(500, np.dtype(name)).random_(low, high, generator=pair.theirs)
        pair.check(pair.ours.integers((500,), low, high, name), theirs)


@pytest.mark.parity
def test_loader_base_seed(torch: Any) -> None:
    """What a DataLoader draws: one int64 for its workers, then the seed of its sampler, then the order."""
    for seed in range(5):
        torch.manual_seed(seed)
        ours = Stream(seed)
        for _ in range(3):
            base = ours.random((), np.int64)
            assert int(base) == int(torch.empty((), dtype=torch.int64).random_())
            np.testing.assert_array_equal(
                Stream(int(base)).permutation(50),
                torch.randperm(50, generator=torch.Generator().manual_seed(int(base))).numpy(),
            )


@pytest.mark.parity
@pytest.mark.parametrize("n", [0, 1, 2, 5, 10, 100, 1000, 30_000, 40_000, 100_000])
def test_permutations(torch: Any, n: int) -> None:
    pair = Pair(torch, 8)
    pair.check(pair.ours.permutation(n), torch.randperm(n, generator=pair.theirs))
    pair.check_state()


@pytest.mark.parity
@pytest.mark.parametrize("p", [0.0, 1e-9, 0.1, 0.5, 0.8, 1.0])
def test_bernoulli(torch: Any, p: float) -> None:
    pair = Pair(torch, 9)
    for size in SIZES:
        pair.check(pair.ours.bernoulli((size,), p), torch.empty(size).bernoulli_(p, generator=pair.theirs))
        for dtype in FLOATS:
            probabilities = np.full(size, p).astype(dtype)
            theirs = torch.full((size,), p, dtype=getattr(torch, dtype.name))
            pair.check(pair.ours.bernoulli((size,), probabilities, dtype), torch.bernoulli(theirs, generator=pair.theirs))
    pair.check_state()


@pytest.mark.parity
@pytest.mark.parametrize("threads", [1, 2])
def test_dropout_masks(torch: Any, threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for size in (1, 10, 799, 800, 801, 1601, 20_000):
            torch.manual_seed(size)
            kept = torch.nn.functional.dropout(torch.ones(size), 0.3) != 0
            np.testing.assert_array_equal(Stream(size).bernoulli((size,), 1 - 0.3, np.bool_), kept.numpy())
    finally:
        torch.set_num_threads(before)


@pytest.mark.parity
def test_normal_of_arrays(torch: Any) -> None:
    pair = Pair(torch, 10)
    mean = np.linspace(-1, 1, 40, dtype=np.float32).reshape(5, 8)
    std = np.linspace(0, 2, 8, dtype=np.float32)
    tm, ts = torch.from_numpy(mean), torch.from_numpy(std)
    pair.check(pair.ours.normal((5, 8), np.float32, mean, std), torch.normal(tm, ts, generator=pair.theirs))
    pair.check(pair.ours.normal((5, 8), np.float32, mean, 0.3), torch.normal(tm, 0.3, generator=pair.theirs))
    pair.check(pair.ours.normal((8,), np.float32, 0.7, std), torch.normal(0.7, ts, generator=pair.theirs))
    pair.check_state()


@pytest.mark.parity
def test_normal_of_a_strided_tensor(torch: Any) -> None:
    pair = Pair(torch, 12)
    for shape in ((3, 3), (40, 30)):
        theirs = torch.empty(shape[::-1]).t().normal_(0.5, 2.0, generator=pair.theirs)
        # Elements are drawn in the order of memory.
        ours = pair.ours.normal_pairs(shape[::-1], np.float32, 0.5, 2.0).T
        np.testing.assert_array_equal(ours, theirs.numpy())


@pytest.mark.parity
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_multinomial(torch: Any, dtype: np.dtype[Any]) -> None:
    pair = Pair(torch, 13)
    for shape in ((2,), (10,), (3, 10), (4, 257)):
        # Few repeated weights, and none of them zero: PyTorch leaves the order of equals open.
        weights = (Stream(1).uniform(shape, np.float64) + 0.25).astype(dtype)
        theirs = torch.from_numpy(weights.astype(np.float64)).to(getattr(torch, dtype.name))
        for samples, replacement in ((1, False), (1, True), (2, False), (2, True), (100, True)):
            ours = pair.ours.multinomial(weights, samples, replacement)
            pair.check(ours, torch.multinomial(theirs, samples, replacement, generator=pair.theirs))
    pair.check_state()


@pytest.mark.parity
def test_poisson(torch: Any) -> None:
    pair = Pair(torch, 14)
    rate = np.concatenate([[0.0, 1e-3, 9.99, 10.0], np.geomspace(0.1, 1e5, 500)])
    for dtype in (np.float32, np.float64):
        theirs = torch.from_numpy(rate.astype(dtype))
        for _ in range(3):
            pair.check(pair.ours.poisson(rate.astype(dtype)), torch.poisson(theirs, generator=pair.theirs))
    pair.check_state()


@pytest.mark.parity
@pytest.mark.parametrize("seed", [0, 1, 42, 2**32 - 1, 2**32, 2**63, 2**64 - 1, -1, -(2**63), DEFAULT_SEED])
def test_states_exchange(torch: Any, seed: int) -> None:
    pair = Pair(torch, seed)
    assert pair.ours.initial_seed() == pair.theirs.initial_seed()
    for count in (0, 1, 622, 1, 1, 623, 624, 3):  # up to, onto and over the refill of 624 words
        pair.check_state()
        pair.check(pair.ours.random((count,), np.int32), pair.empty(count, np.dtype("i4")).random_(generator=pair.theirs))
        pair.check(
            pair.ours.normal((count % 2,), np.float32),
            pair.empty(count % 2, np.dtype("f4")).normal_(generator=pair.theirs),
        )
    other = Stream()
    other.set_state(pair.theirs.get_state().numpy())
    back = torch.Generator()
    back.set_state(torch.from_numpy(pair.ours.get_state()))
    np.testing.assert_array_equal(other.normal((7,), np.float64), torch.randn(7, dtype=torch.float64, generator=back).numpy())


def reals(low: float, high: float) -> st.SearchStrategy[float]:
    """Parameters of distributions, none of them so small that results are subnormal: their last bit is left open."""
    return st.floats(low, high).filter(lambda value: value == 0.0 or abs(value) > 1e-30)


small = st.integers(0, 40)
floats = st.sampled_from(FLOATS)
CALLS = st.one_of(
    st.tuples(st.just("uniform"), small, floats, reals(-4, 0), reals(0, 4)),
    st.tuples(st.just("normal"), small, floats, reals(-4, 4), reals(0, 4)),
    st.tuples(st.just("exponential"), small, floats, reals(0.01, 9)),
    st.tuples(st.just("cauchy"), small, floats, reals(-4, 4), reals(0.01, 4)),
    st.tuples(st.just("log_normal"), small, floats, reals(-4, 4), reals(0.01, 2)),
    st.tuples(st.just("geometric"), small, floats, reals(0.01, 0.99)),
    st.tuples(st.just("bernoulli"), small, st.sampled_from(FLOATS + INTEGERS), reals(0, 1)),
    st.tuples(st.just("integers"), small, st.just(np.dtype("i8")), st.integers(-(2**40), 0), st.integers(1, 2**40)),
    st.tuples(st.just("random"), small, st.sampled_from(FLOATS + INTEGERS)),
    st.tuples(st.just("permutation"), small),
)


@pytest.mark.parity
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(-(2**63), 2**64 - 1), calls=st.lists(CALLS, max_size=8))
def test_any_sequence_of_calls(torch: Any, seed: int, calls: list[tuple[Any, ...]]) -> None:
    pair = Pair(torch, seed)
    for name, size, *rest in calls:
        if name == "permutation":
            pair.check(pair.ours.permutation(size), torch.randperm(size, generator=pair.theirs))
            continue
        dtype, *parameters = rest
        target = pair.empty(size, dtype)
        method = {"integers": "random_"}.get(name, f"{name}_")
        theirs = getattr(target, method)(*parameters, generator=pair.theirs)
        draw = getattr(pair.ours, name)
        if name in ("bernoulli", "geometric"):
            ours = draw((size,), parameters[0], dtype)
        elif name == "integers":
            ours = draw((size,), *parameters, dtype)
        else:
            ours = draw((size,), dtype, *parameters)
        pair.check(ours, theirs)
    pair.check_state()
