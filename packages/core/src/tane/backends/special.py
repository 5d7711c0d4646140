"""Special functions that NumPy lacks, written on the namespace ``F``: ``erf(F, x)`` is offered to formulas as ``F.erf(x)``.

Each takes a raw float32 or float64 array and gives one of the same type and shape; computing goes in blocks that stay in the processor's cache, and
in float64 unless said otherwise. The coefficients are Chebyshev expansions of the functions named beside them, computed with 50 digits.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["digamma", "erf", "erfc", "erfcx", "erfinv", "hurwitz_zeta", "i0", "i0e", "i1", "i1e", "lgamma", "polygamma"]

BLOCK = 16384

# atanh(erf(x)) / x in powers of x * x, up to x = 4.1: erf as a hyperbolic tangent, for float32
ERF_SINGLE = (
    1.1283792023237742,
    0.10277131489309069,
    -0.00020215149825135624,
    -0.0006036815663987983,
    7.649002634790518e-05,
    -1.8612256934277076e-06,
    -5.150633540442494e-07,
    5.3913669389586305e-08,
    -1.6406576688862588e-09,
)
# erf(x) / x in powers of x * x, up to x = 1
ERF_NEAR = (
    1.1283791670955126,
    -0.37612638903183754,
    0.1128379167095512,
    -0.026866170645129854,
    0.005223977625423455,
    -0.0008548327021945428,
    0.00012055332903350668,
    -1.4925647581008593e-05,
    1.6462045711013026e-06,
    -1.6364645854816389e-07,
    1.479243542696247e-08,
    -1.2164764337224506e-09,
    8.709755232851789e-11,
    -4.2320376764874594e-12,
)
# (1 + 2x) exp(x * x) erfc(x) in t = (x - 3.75) / (x + 3.75)
ERFC = (
    1.1775789345674017,
    -0.004590054580646478,
    -0.08424913336651792,
    0.05920993999819189,
    -0.026658668435305753,
    0.009074997670705265,
    -0.002413163540417608,
    0.0004907758365258086,
    -6.916973302501207e-05,
    4.13902798607301e-06,
    7.74038306619849e-07,
    -2.1886401049234397e-07,
    1.076499946567091e-08,
    4.521959811218287e-09,
    -7.754400208831351e-10,
    -6.318088340886684e-11,
    2.86879501093067e-11,
    1.9455868545777347e-13,
    -9.65469674843344e-13,
    3.25254814814874e-14,
    3.3478119482868056e-14,
    -1.864562880419313e-15,
    -1.2507950530688648e-15,
    7.418235256624044e-17,
    5.068148904796111e-17,
)
# erfinv(x) / x, where w = -log(1 - x * x), in powers of 0.4 w - 1, up to w = 5
ERFINV_NEAR = (
    1.5014093511111337,
    0.6166006918278022,
    -0.026108235821027996,
    -0.019573559821484773,
    0.008525401863784993,
    -0.00048791206826975965,
    -0.000834142907132446,
    0.0002922578139701246,
    2.0500713640637226e-05,
    -4.1603826547960136e-05,
    8.593224017421989e-06,
    3.093849335885945e-06,
    -1.7855539124273385e-06,
    -5.00653211594573e-08,
    1.605301368533563e-07,
)
# the same from there on, in sqrt(w) between sqrt(5) and 6.2
ERFINV_FAR = (
    4.059939195187006,
    2.001648554591906,
    0.0030339874105450157,
    -0.004949202022582119,
    0.0034389643404303958,
    -0.0021069771913887684,
    0.0014727151438784101,
    -0.0014097088949723137,
    0.0016745251065466234,
    -0.0018026942776657806,
    0.001368272121564838,
    -0.0008543171521817989,
    0.0007330867803064925,
    -4.681185404165001e-05,
    -0.0011139111940213142,
    0.0008823628773823093,
    0.00026349854544452974,
    -0.00041877768963663497,
    3.5192184985320795e-06,
    5.866328274853842e-05,
)
# lgamma(x) / ((x - 1)(x - 2)) between 1 and 4
LGAMMA = (
    0.40676971088674885,
    -0.13139881559064118,
    0.029010481831240078,
    -0.007290620127061838,
    0.0019650974267476137,
    -0.0005530031002721232,
    0.00016016557030730817,
    -4.7341742334782436e-05,
    1.4205062903251938e-05,
    -4.3115612019455155e-06,
    1.320570270387422e-06,
    -4.074458928735307e-07,
    1.264754340131899e-07,
    -3.945965860427692e-08,
    1.2364890714739306e-08,
    -3.889239002354793e-09,
    1.2273664073690524e-09,
    -3.884673118087012e-10,
    1.2327338212636616e-10,
    -3.921071230761426e-11,
    1.2498678247988048e-11,
    -3.991761238709304e-12,
    1.2771282013942927e-12,
    -4.092714185787641e-13,
    1.3135312815628444e-13,
    -4.221559853727771e-14,
    1.358519330833045e-14,
    -4.377039029971556e-15,
    1.4118288566879043e-15,
    -4.558683467539701e-16,
    1.473412117188276e-16,
    -4.7666219232030815e-17,
    1.5433889108900242e-17,
    -5.001459859773768e-18,
    1.6220165075709367e-18,
)
# exp(-x) I0(x) between 0 and 8
I0_NEAR = (
    0.33839763720473803,
    -0.3046826723431984,
    0.17162090152220877,
    -0.09490109704804764,
    0.04930528423967071,
    -0.02373741480589947,
    0.010546460394594998,
    -0.004324309995050576,
    0.0016394756169413357,
    -0.0005763755745385824,
    0.00018850288509584165,
    -5.754195010082104e-05,
    1.6448448070728896e-05,
    -4.4167383584587505e-06,
    1.1173875391201037e-06,
    -2.670793853940612e-07,
    6.046995022541919e-08,
    -1.300025009986248e-08,
    2.6598237246823866e-09,
    -5.189795601635263e-10,
    9.675809035373237e-11,
    -1.726826291441556e-11,
    2.95505266312964e-12,
    -4.856446783111929e-13,
    7.676185498604936e-14,
    -1.1685332877993451e-14,
    1.715391285555133e-15,
    -2.431279846547955e-16,
    3.3307945188222384e-17,
    -4.4153416464793395e-18,
)
# exp(-x) sqrt(x) I0(x) in 1 / x, from 8 on
I0_FAR = (
    0.4022452055070542,
    0.0033691164782561024,
    6.889758346876182e-05,
    2.8913705212383852e-06,
    2.0489185854717174e-07,
    2.266669029972803e-08,
    3.396231637031147e-09,
    4.940606203667468e-10,
    1.1888773741018297e-11,
    -3.1498801112247285e-11,
    -1.3216165811580069e-11,
    -1.7938357254937036e-12,
    7.176817425125176e-13,
    3.8559553241460405e-13,
    1.509704596828931e-14,
    -4.121658661452679e-14,
    -9.828453104819233e-15,
    4.069037998512062e-15,
    1.532155974379277e-15,
    -1.1975520712282008e-16,
    -4.873355781466008e-16,
    2.2040579538721749e-16,
    -1.2184976576253816e-16,
    1.419327725811211e-16,
    -1.3385274276549172e-16,
    1.0712218616418797e-16,
    -8.41572056964403e-17,
    6.409008922779343e-17,
    -4.334577366224738e-17,
    2.191227674796146e-17,
    -2.0893918677864607e-17,
    4.217917234772017e-17,
    -6.33665239386105e-17,
)
# exp(-x) I1(x) / x between 0 and 8
I1_NEAR = (
    0.12629359322181682,
    -0.17641651835783406,
    0.1026436586898471,
    -0.05294598120809499,
    0.024726449030626516,
    -0.010564084894626197,
    0.004156422944312888,
    -0.0015135724506312532,
    0.0005122859561685758,
    -0.00016176081582589674,
    4.781565107550054e-05,
    -1.3273163656039436e-05,
    3.4702513081376785e-06,
    -8.568720264695455e-07,
    2.0032947535521353e-07,
    -4.445059128796328e-08,
    9.381537386495773e-09,
    -1.8872497517228294e-09,
    3.625590281552117e-10,
    -6.663489723502027e-11,
    1.1736186298890901e-11,
    -1.9839743977649436e-12,
    3.223793365945575e-13,
    -5.042185504727912e-14,
    7.600684294735408e-15,
    -1.1055969477353862e-15,
    1.5536319577362005e-16,
    -2.111421214358166e-17,
    2.7779141127610464e-18,
)
# exp(-x) sqrt(x) I1(x) in 1 / x, from 8 on
I1_FAR = (
    0.38928811750914033,
    -0.00976109749136204,
    -0.00011058893876205474,
    -3.882564809442765e-06,
    -2.512236232273984e-07,
    -2.6314689021534034e-08,
    -3.835379841821921e-09,
    -5.589748803758957e-10,
    -1.897443541553597e-11,
    3.2525526001267756e-11,
    1.4126302990899856e-11,
    2.0351486208606104e-12,
    -7.193921988988444e-13,
    -4.087998781503124e-13,
    -2.05900802854638e-14,
    4.231965489238456e-14,
    1.0803321857908328e-14,
    -4.17469948221418e-15,
    -1.5437925502936721e-15,
    1.8912867268488303e-17,
    5.826622920432976e-16,
    -2.922034742498101e-16,
    1.8660282900528488e-16,
    -2.0105204623300984e-16,
    1.8478279209510988e-16,
    -1.495118876700408e-16,
    1.182477331140659e-16,
    -8.983215873384075e-17,
    6.061475753774319e-17,
    -3.065058392021648e-17,
    2.9244867809546733e-17,
    -5.905122080466376e-17,
    8.87135869247791e-17,
)


def powers(x: Any, coefficients: Sequence[float]) -> Any:
    """A polynomial, the constant term first."""
    total = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    return total + coefficients[0]


def chebyshev(t: Any, coefficients: Sequence[float]) -> Any:
    """A sum of Chebyshev polynomials at ``t`` in [-1, 1], by Clenshaw's recurrence."""
    double = t * 2
    newer, older = double * 0 + coefficients[-1], double * 0
    for c in coefficients[-2:0:-1]:
        newer, older = double * newer - older + c, newer
    return t * newer - older + coefficients[0]


def blockwise(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A function ``kernel(F, x)`` of flat float64 arrays made one of arrays of any size, shape and precision."""

    @functools.wraps(kernel)
    def function(F: Any, x: Any, *args: Any) -> Any:
        flat = x.reshape(-1)
        if flat.size <= BLOCK:
            return F.cast(kernel(F, F.cast(flat, "float64"), *args), x.dtype).reshape(x.shape)
        out = F.empty(flat.shape, dtype=x.dtype)
        for start in range(0, flat.size, BLOCK):
            out[start : start + BLOCK] = kernel(F, F.cast(flat[start : start + BLOCK], "float64"), *args)
        return out.reshape(x.shape)

    return function


# ---- the error function -------------------------------------------------------------------------------------------------------------
def _erf_single(F: Any, x: Any, out: Any) -> None:
    u = F.minimum(x * x, 16.81)
    F.multiply(u, ERF_SINGLE[-1], out=out)
    for c in ERF_SINGLE[-2:0:-1]:
        out += c
        out *= u
    out += ERF_SINGLE[0]
    out *= x
    F.tanh(out, out=out)


def erf(F: Any, x: Any) -> Any:
    """The error function; float32 within 3 units in the last place, float64 within 2."""
    if x.dtype.itemsize != 4:
        return _erf(F, x)
    flat = x.reshape(-1)
    out = F.empty(flat.shape, dtype=x.dtype)
    for start in range(0, flat.size, BLOCK):
        _erf_single(F, flat[start : start + BLOCK], out[start : start + BLOCK])
    return out.reshape(x.shape)


def _scaled_erfc(F: Any, x: Any) -> Any:
    """``exp(x * x) * erfc(x)`` for x >= 0."""
    finite = F.minimum(x, 1e300)
    return chebyshev((finite - 3.75) / (finite + 3.75), ERFC) / (2 * x + 1)


def _gauss(F: Any, x: Any) -> Any:
    """``exp(-x * x)``, the square taken apart so that its rounding does no harm."""
    x = F.minimum(x, 40.0)
    high = F.cast(F.cast(x, "float32"), "float64")
    return F.exp(-high * high) * F.exp((high - x) * (high + x))


@blockwise
def _erf(F: Any, x: Any) -> Any:
    size = abs(x)
    far = 1 - _gauss(F, size) * _scaled_erfc(F, size)
    return F.where(size < 1, x * powers(F.minimum(x * x, 1.0), ERF_NEAR), F.copysign(far, x))


@blockwise
def erfc(F: Any, x: Any) -> Any:
    """``1 - erf(x)``, without the loss of digits where erf is near 1."""
    size = abs(x)
    far = _gauss(F, size) * _scaled_erfc(F, size)
    return F.where(size < 0.5, 1 - x * powers(F.minimum(x * x, 1.0), ERF_NEAR), F.where(x < 0, 2 - far, far))


@blockwise
def erfcx(F: Any, x: Any) -> Any:
    """``exp(x * x) * erfc(x)``."""
    far = _scaled_erfc(F, abs(x))
    return F.where(x < 0, 2 * F.exp(x * x) - far, far)


def erfinv(F: Any, x: Any) -> Any:
    """The inverse of the error function: 1 and -1 give infinities, what lies outside NaN. Rounded to nearest nearly always."""
    return _erfinv(F, x, x.dtype.itemsize > 4)


@blockwise
def _erfinv(F: Any, x: Any, double: bool) -> Any:
    size = abs(x)
    w = -F.log((1 - size) * (1 + size))
    y = powers(w * 0.4 - 1, ERFINV_NEAR)
    far = (w > 5) & (size < 1)
    half = (6.2 - math.sqrt(5)) / 2
    y[far] = powers((F.sqrt(w[far]) - math.sqrt(5)) / half - 1, ERFINV_FAR)
    y *= x
    if double:  # one step of Halley's; float32 needs none
        error = F.where(size < 0.5, _erf(F, y) - x, F.sign(x) * ((1 - size) - erfc(F, abs(y))))
        step = error * F.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = F.where(size < 1, y - step / (1 + y * step), y)
    return F.where(size == 1, F.copysign(math.inf, x), F.where(size > 1, math.nan, y))


# ---- the gamma function ---------------------------------------------------------------------------------------------------------------
# B(2k) / (2k (2k - 1)) for lgamma, -B(2k) / 2k for digamma, in powers of 1 / x ** 2.
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400, 43867 / 244188)
ASYMPTOTE = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12, 3617 / 8160)
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def _sine_of_pi(F: Any, x: Any) -> Any:
    """``|sin(pi x)|``, exact where it is 0."""
    return abs(F.sin((x - F.rint(x)) * math.pi))


def _lgamma_positive(F: Any, x: Any) -> Any:
    small = x < 1
    y = F.where(small, x + 1, x)
    near = F.minimum(y, 4.0)
    zeros = F.where(small, x * (x - 1), (near - 1) * (near - 2))
    low = zeros * chebyshev((near - 2.5) / 1.5, LGAMMA) - F.where(small, F.log(F.where(small, x, 1)), 0) + 0.0
    shift = y < 8
    z = F.where(shift, y + 4, y)
    moved = F.where(shift, F.log(F.where(shift, y * (y + 1) * (y + 2) * (y + 3), 1)), 0)
    high = (z - 0.5) * F.log(z) - z + 0.5 * math.log(2 * math.pi) + powers(1 / (z * z), STIRLING) / z - moved
    return F.where(y < 4, low, F.where(x == math.inf, x, high))


@blockwise
def lgamma(F: Any, x: Any) -> Any:
    """The logarithm of ``|gamma(x)|``; infinite at 0, -1, -2, …"""
    negative = x < 0
    value = _lgamma_positive(F, F.where(negative, 1 - x, x))
    mirrored = math.log(math.pi) - F.log(_sine_of_pi(F, F.where(negative, x, 0.5))) - value
    return F.where(negative, F.where(x == -math.inf, math.inf, mirrored), value)


@blockwise
def digamma(F: Any, x: Any) -> Any:
    """The derivative of lgamma; NaN at the negative whole numbers, infinite at 0."""
    negative = x < 0
    y = F.where(negative, 1 - x, x)
    total = y * 0
    for _ in range(10):
        low = y < 10
        total = total - F.where(low, 1 / F.where(low, y, 1), 0)
        y = F.where(low, y + 1, y)
    inverse = 1 / (y * y)
    value = total + F.log(y) - 0.5 / y + inverse * powers(inverse, ASYMPTOTE)
    value = F.where(x == math.inf, x, value)
    cotangent = math.pi / F.tan((x - F.rint(x)) * math.pi)
    value = F.where(negative, F.where(x == F.rint(x), math.nan, value - cotangent), value)
    return F.where(x == 0, -F.copysign(math.inf, x), value)


def hurwitz_zeta(F: Any, s: Any, q: Any) -> Any:
    """The sum of ``(q + k) ** -s`` over k = 0, 1, …: by Euler and Maclaurin's formula after ten terms (more for negative q).

    Infinite at s = 1 and at q = 0, -1, …, NaN for s < 1, and for negative q where s is not whole.
    """
    kind = next(x.dtype for x in (q, s) if hasattr(x, "dtype"))
    s, q = (F.cast(F.asarray(x), "float64") for x in (s, q))
    s, q = s + q * 0, q + s * 0
    pole = (q <= 0) & (q == F.floor(q))
    undefined = (s < 1) | (s != s) | (q != q) | ((q < 0) & (s != F.rint(s)))
    skip = pole | undefined | (s == 1) | (q < -10000)
    s, q = F.where(skip, 2.0, s), F.where(skip, 1.0, q)
    total = q * 0
    last = q
    for _ in range(10 + math.ceil(max(0.0, -float(F.amin(q, axis=None).item()) if q.size else 0.0))):
        total = total + F.power(last, -s)
        last = last + 1
    power = F.power(last, -s)
    total = total + power * last / (s - 1) + power / 2
    term = power * s / last
    for k, b in enumerate(BERNOULLI):
        total = total + term * (b / math.factorial(2 * k + 2))
        term = term * (s + 2 * k + 1) * (s + 2 * k + 2) / (last * last)
    return F.cast(F.where(undefined, math.nan, F.where(skip, math.inf, total)), kind)


def polygamma(F: Any, n: int, x: Any) -> Any:
    """The ``n``-th derivative of digamma."""
    if n == 0:
        return digamma(F, x)
    flat = F.cast(x.reshape(-1), "float64")
    if n == 1:
        negative = flat < 0
        value = hurwitz_zeta(F, flat * 0 + 2, F.where(negative, 1 - flat, flat))
        sine = _sine_of_pi(F, F.where(negative, flat, 0.5))
        value = F.where(negative, (math.pi / sine) ** 2 - value, value)
    else:
        value = hurwitz_zeta(F, flat * 0 + (n + 1), flat) * ((-1.0) ** (n + 1) * math.gamma(n + 1))
    return F.cast(value, x.dtype).reshape(x.shape)


# ---- modified Bessel functions --------------------------------------------------------------------------------------------------------
def _scaled_bessel(F: Any, x: Any, near: Sequence[float], far: Sequence[float]) -> tuple[Any, Any]:
    low, high = F.minimum(x, 8.0), F.maximum(x, 8.0)
    return chebyshev(low / 4 - 1, near), chebyshev(16 / high - 1, far) / F.sqrt(high)


@blockwise
def i0e(F: Any, x: Any) -> Any:
    """``exp(-|x|) * I0(x)``."""
    size = abs(x)
    low, high = _scaled_bessel(F, size, I0_NEAR, I0_FAR)
    return F.where(size < 8, low, high)


@blockwise
def i0(F: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 0."""
    return i0e(F, x) * F.exp(abs(x))


@blockwise
def i1e(F: Any, x: Any) -> Any:
    """``exp(-|x|) * I1(x)``."""
    size = abs(x)
    low, high = _scaled_bessel(F, size, I1_NEAR, I1_FAR)
    return F.where(size < 8, x * low, F.copysign(high, x))


@blockwise
def i1(F: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 1."""
    return i1e(F, x) * F.exp(abs(x))
