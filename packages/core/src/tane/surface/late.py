"""The families that are loaded when one of their names is first used, and which names those are.

Reading them would take a third of the time of ``import tane``, and a program uses few of them. A function is found here by ``tane.__getattr__``. A method
is a :class:`Late` in its place on ``Tensor``; operators and properties, which Python looks up in its own ways, are never late, nor are ops: a
formula may use any of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tane.ops import copying, cumulative, fourier, linalg, softmax, sort, statistics  # noqa: F401 - tables that only late families build on
from tane.tensor import Tensor

__all__ = ["HOMES", "METHODS", "Late", "set_method"]

_EACH = """abs acos add addcdiv addcmul asin atan ceil clamp_max clamp_min cos cosh div erf erfc exp expm1 floor frac lerp lgamma log log10 log1p log2
maximum minimum mul neg pow reciprocal round rsqrt sigmoid sign sin sinh sqrt sub tan tanh trunc"""

# Each family, its functions of ``tane``, and its methods.
FAMILIES = {
    "choice": (
        "addcdiv addcmul clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_ lerp masked_fill where",
        "addcdiv addcdiv_ addcmul addcmul_ clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_ lerp lerp_ masked_fill masked_fill_ where",
    ),
    "comparison": (
        "allclose equal is_complex is_floating_point is_nonzero is_same_size is_signed is_tensor isclose isreal numel result_type",
        "allclose equal is_complex is_floating_point is_nonzero is_same_size is_signed isclose isreal",
    ),
    "covariance": ("corrcoef cov gradient", "corrcoef cov"),
    "cumulative": (
        "cummax cummin cumprod cumsum cumulative_trapezoid diff logcumsumexp trapezoid trapz",
        "cummax cummin cumprod cumprod_ cumsum cumsum_ diff logcumsumexp",
    ),
    "diagonals": (
        "diag diag_embed diagflat diagonal diagonal_copy trace tril tril_indices triu triu_indices",
        "diag diag_embed diagflat diagonal diagonal_copy trace tril tril_ triu triu_",
    ),
    "drawing": (
        "bernoulli binomial multinomial normal poisson",
        "bernoulli bernoulli_ cauchy_ exponential_ geometric_ log_normal_ multinomial normal_ random_ uniform_",
    ),
    "einsum": ("einsum", ""),
    "filling": ("fill fill_ zero_", "copy_ fill_ fill_diagonal_ zero_"),
    "foreach": (
        "_amp_foreach_non_finite_check_and_unscale_ _foreach_clone _foreach_copy_ _foreach_max _foreach_norm _foreach_zero_ "
        + " ".join(f"_foreach_{name} _foreach_{name}_" for name in _EACH.split()),
        "",
    ),
    "gathering": (
        "gather index_add index_copy index_fill index_put index_reduce index_select put scatter scatter_add scatter_reduce take take_along_dim",
        "gather index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put index_put_ index_reduce index_reduce_ index_select "
        "put put_ scatter scatter_ scatter_add scatter_add_ scatter_reduce scatter_reduce_ take take_along_dim",
    ),
    "linalg": (
        "cdist cholesky cholesky_inverse cholesky_solve det inverse logdet matrix_exp matrix_power pinverse qr slogdet svd vander",
        "cholesky cholesky_inverse cholesky_solve det inverse logdet matrix_exp matrix_power pinverse qr slogdet svd",
    ),
    "lowrank": ("pca_lowrank svd_lowrank", ""),
    "lu": ("lu_solve lu_unpack", "lu_solve"),
    "masking": (
        "argwhere masked_scatter masked_select nonzero unravel_index",
        "argwhere masked_scatter masked_scatter_ masked_select nonzero",
    ),
    "norm": ("dist norm renorm", "dist norm renorm renorm_"),
    "reordering": ("flip fliplr flipud roll rot90", "flip fliplr flipud roll rot90"),
    "searching": ("bincount bucketize histc histogram searchsorted", "bincount histc histogram"),
    "sets": ("isin unique unique_consecutive", "unique unique_consecutive"),
    "softmax": ("log_softmax logsumexp softmax", "log_softmax logsumexp softmax"),
    "sorting": ("argsort kthvalue msort sort topk", "argsort kthvalue msort sort topk"),
    "special": ("logit logit_ mvlgamma polygamma", "logit logit_ mvlgamma mvlgamma_ polygamma polygamma_"),
    "splitting": (
        "chunk dsplit hsplit split split_with_sizes tensor_split unbind unsafe_chunk unsafe_split vsplit",
        "chunk dsplit hsplit split split_with_sizes tensor_split unbind unsafe_chunk unsafe_split vsplit",
    ),
    "statistics": (
        "median mode nanmedian nanquantile quantile std std_mean var var_mean",
        "median mode nanmedian nanquantile quantile std var",
    ),
    "stft": ("istft stft", "istft stft"),
    "strided": (
        "as_strided as_strided_scatter diagonal_scatter narrow narrow_copy select select_scatter slice_scatter",
        "as_strided as_strided_ as_strided_scatter diagonal_scatter narrow narrow_copy select select_scatter slice_scatter unfold",
    ),
    "windows": ("bartlett_window blackman_window hamming_window hann_window kaiser_window", ""),
}
# Functions of layers, which tane.nn brings and PyTorch has under ``torch`` as well.
LAYERED = """adaptive_avg_pool1d avg_pool1d bilinear celu celu_ channel_shuffle conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
cosine_similarity dropout group_norm hardshrink layer_norm max_pool1d max_pool2d max_pool3d pairwise_distance pdist pixel_shuffle
pixel_unshuffle prelu rms_norm selu selu_ threshold threshold_"""
HOMES = dict.fromkeys(LAYERED.split(), "surface.layered") | {
    name: f"surface.{family}" for family, (functions, _) in FAMILIES.items() for name in functions.split()
}


class Late:
    """A method whose family is not loaded yet: at the first look it loads it, and puts the method itself in its place on ``Tensor``."""

    __slots__ = ("family", "function", "name")

    def __init__(self, name: str, family: str) -> None:
        self.name, self.family = name, family
        self.function: Any = None  # what set_method was given

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        # Where another thread has begun to load it, this waits: a function must not run before all of its module is there.
        import_module(f"tane.surface.{self.family}")
        if vars(Tensor).get(self.name) is self:  # else the program has put a method of its own there
            setattr(Tensor, self.name, self.function)
        return self.function.__get__(instance, owner)


METHODS = {name: Late(name, family) for family, (_, methods) in FAMILIES.items() for name in methods.split()}
for _name, _late in METHODS.items():
    setattr(Tensor, _name, _late)


def set_method(name: str, function: Any) -> None:
    """Make a function a method of Tensor: at once, or what the late one of that name becomes."""
    if name in METHODS:
        METHODS[name].function = function
    else:
        setattr(Tensor, name, function)
