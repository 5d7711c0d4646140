"""Where tane knowingly differs from PyTorch on the samples of its operator database.

Of each op: what is compared, in which element type (``"*"``: in any), and why it is not the same. The test fails for an entry that is no longer true.
"""

OUT_TYPE = "out= of another element type is cast to, where the types allow it; PyTorch refuses it for some ops"
OUT_OVERLAP = "the result is complete before it is written to out=, so that out= may be one of the operands"
UNBOUND = "a method that is called on something else than a tensor is Python's affair in PyTorch"
HINT = "memory_format is a hint that means nothing"
NO_GRADIENT = "numbers are drawn without a graph; in PyTorch they have one, whose gradients are zero"
REAL = "of real numbers only"
CONJUGATES = "conjugates are computed at once, into memory of their own"

DIFFERENCES = {
    **{name: [("errors", "*", UNBOUND)] for name in ("__radd__", "__rand__", "__rmul__", "__ror__", "__rxor__")},
    **{
        name: [("memory", kind, HINT)]
        for name, kind in {
            "bool": "bool",
            "cdouble": "complex128",
            "cfloat": "complex64",
            "double": "float64",
            "float": "float32",
            "half": "float16",
            "long": "int64",
        }.items()
    },
    "aminmax": [("errors", "*", OUT_TYPE)],
    "as_strided_scatter": [("gradient", "*", "PyTorch's gradient is that of the places which are replaced; it fails its own gradcheck")],
    "bernoulli": [("requires_grad", "*", NO_GRADIENT)],
    "cat": [("errors", "*", OUT_OVERLAP)],
    "complex": [("errors", "*", OUT_TYPE)],
    "conj": [("memory", "*", CONJUGATES)],
    "fft.ihfft2": [("out=", "*", "PyTorch writes something else to out= than it returns without")],
    "fft.ihfftn": [("out=", "*", "PyTorch writes something else to out= than it returns without")],
    "gather": [("errors", "*", f"{OUT_TYPE}; {OUT_OVERLAP}")],
    "H": [("memory", "*", CONJUGATES)],
    "mH": [("memory", "*", CONJUGATES)],
    "kthvalue": [("errors", "*", OUT_OVERLAP)],
    "linalg.lstsq": [("requires_grad", "*", "residuals that are not computed have no history")],
    "linalg.lstsq grad_oriented": [("requires_grad", "*", "residuals that are not computed have no history")],
    "logcumsumexp": [(check, kind, REAL) for check in ("result", "method", "out=") for kind in ("complex64", "complex128")],
    "masked_select": [("errors", "*", OUT_OVERLAP)],
    "matrix_exp": [(check, "float16", "computed in float32; PyTorch's powers overflow") for check in ("result", "method")],
    "multinomial": [("errors", "*", OUT_TYPE)],
    "narrow_copy": [("errors", "*", "a dimension out of range is an IndexError; PyTorch's is an internal assertion")],
    "normal": [("requires_grad", "*", NO_GRADIENT)],
    "normal number_mean": [("requires_grad", "*", NO_GRADIENT)],
    "take": [("errors", "*", OUT_OVERLAP)],
}
