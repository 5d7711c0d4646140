"""The ``_foreach_*`` family: one operation on many tensors, made from the functions and methods of single ones.

``_foreach_add(xs, ys)`` gives a tuple, ``_foreach_add_(xs, ys)`` changes ``xs`` and gives it back. The second operand is a list of tensors, a list of
numbers, one number, or one tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tane.surface import choice, pointwise
from tane.surface.norm import vector_norm
from tane.surface.reduction import max as max_of
from tane.tensor import Tensor

ONE = """abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal round rsqrt sigmoid sign sin sinh
sqrt tan tanh trunc"""
TWO = "add sub mul div pow clamp_max clamp_min maximum minimum"
THREE = "addcmul addcdiv"
__all__ = [
    "_amp_foreach_non_finite_check_and_unscale_",
    "_foreach_clone",
    "_foreach_copy_",
    "_foreach_max",
    "_foreach_norm",
    "_foreach_zero_",
]


def _function(name: str) -> Callable[..., Any]:
    name = {"maximum": "clamp_min", "minimum": "clamp_max"}.get(name, name)  # which take numbers, too
    return getattr(pointwise, name, None) or getattr(choice, name)


def _each(xs: Sequence[Tensor], operand: Any, name: str) -> Sequence[Any]:
    """An operand for every tensor: the list's own, or the one number or tensor again and again."""
    if not isinstance(xs, (list, tuple)):
        raise TypeError(f"_foreach_{name}(): argument 'self' (position 1) must be tuple of Tensors, not {type(xs).__name__}")
    if not isinstance(operand, (list, tuple)):
        return [operand] * len(xs)
    if len(operand) != len(xs):
        raise RuntimeError(f"Tensor lists must have the same number of tensors, got {len(xs)} and {len(operand)}")
    return operand


def _export(name: str, function: Callable[..., Any], doc: str) -> None:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    globals()[name] = function
    __all__.append(name)


def _make_one(name: str) -> None:
    call, change = _function(name), getattr(Tensor, f"{name}_")

    def many(self: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return tuple(call(x) for x in self)

    def many_(self: Sequence[Tensor]) -> Sequence[Tensor]:
        for x in self:
            change(x)
        return self

    _export(f"_foreach_{name}", many, f"``{name}`` of every tensor.")
    _export(f"_foreach_{name}_", many_, f"``{name}_`` of every tensor.")


def _make_two(name: str) -> None:
    call = _function(name)
    change = getattr(Tensor, f"{call.__name__}_")

    # PyTorch calls the second operand other, scalar, scalars or exponent, by what it is.
    def operand(other: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        for key in ("scalar", "scalars", "tensor", "exponent", "others"):
            if other is None and key in named:
                other = named.pop(key)
        if other is None:
            raise TypeError(f'_foreach_{name}() missing 1 required positional arguments: "other"')
        return other, named

    def many(self: Any, other: Any = None, **named: Any) -> tuple[Tensor, ...]:
        other, named = operand(other, named)
        if name == "pow" and not isinstance(self, (list, tuple)):
            return tuple(call(self, y) for y in other)
        return tuple(call(x, y, **named) for x, y in zip(self, _each(self, other, name), strict=True))

    def many_(self: Sequence[Tensor], other: Any = None, **named: Any) -> Sequence[Tensor]:
        other, named = operand(other, named)
        for x, y in zip(self, _each(self, other, name), strict=True):
            change(x, y, **named)
        return self

    _export(f"_foreach_{name}", many, f"``{name}`` of every tensor and its operand.")
    _export(f"_foreach_{name}_", many_, f"``{name}_`` of every tensor and its operand.")


def _make_three(name: str) -> None:
    call, change = _function(name), getattr(Tensor, f"{name}_")

    def factors(self: Any, value: Any, scalars: Any) -> Sequence[Any]:
        value = value if scalars is None else scalars
        return value.tolist() if isinstance(value, Tensor) and value.array.ndim else _each(self, value, name)

    def many(
        self: Sequence[Tensor], tensor1: Sequence[Tensor], tensor2: Sequence[Tensor], value: Any = 1, *, scalars: Any = None
    ) -> tuple[Tensor, ...]:
        return tuple(call(x, a, b, value=v) for x, a, b, v in zip(self, tensor1, tensor2, factors(self, value, scalars), strict=True))

    def many_(
        self: Sequence[Tensor], tensor1: Sequence[Tensor], tensor2: Sequence[Tensor], value: Any = 1, *, scalars: Any = None
    ) -> Sequence[Tensor]:
        for x, a, b, v in zip(self, tensor1, tensor2, factors(self, value, scalars), strict=True):
            change(x, a, b, value=v)
        return self

    _export(f"_foreach_{name}", many, f"``{name}`` of every tensor and its two operands.")
    _export(f"_foreach_{name}_", many_, f"``{name}_`` of every tensor and its two operands.")


for _name in ONE.split():
    _make_one(_name)
for _name in TWO.split():
    _make_two(_name)
for _name in THREE.split():
    _make_three(_name)


def _weights(self: Any, weight: Any, named: dict[str, Any]) -> Sequence[Any]:
    given = named.get("weights", named.get("scalars", weight)) if weight is None else weight
    return _each(self, given, "lerp")


def _lerp(self: Sequence[Tensor], tensors1: Sequence[Tensor], weight: Any = None, **named: Any) -> tuple[Tensor, ...]:
    return tuple(choice.lerp(x, y, w) for x, y, w in zip(self, tensors1, _weights(self, weight, named), strict=True))


def _lerp_(self: Sequence[Tensor], tensors1: Sequence[Tensor], weight: Any = None, **named: Any) -> Sequence[Tensor]:
    for x, y, w in zip(self, tensors1, _weights(self, weight, named), strict=True):
        choice.lerp_(x, y, w)
    return self


_export("_foreach_lerp", _lerp, "``lerp`` of every tensor towards its end.")
_export("_foreach_lerp_", _lerp_, "``lerp_`` of every tensor towards its end.")


def _foreach_zero_(self: Sequence[Tensor]) -> Sequence[Tensor]:
    """Set every tensor to 0."""
    for x in self:
        x.zero_()
    return self


def _foreach_copy_(self: Sequence[Tensor], src: Sequence[Tensor], non_blocking: bool = False) -> Sequence[Tensor]:
    """Copy every source into its tensor."""
    for x, y in zip(self, src, strict=True):
        x.copy_(y)
    return self


def _foreach_clone(self: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """A copy of every tensor."""
    return tuple(x.clone() for x in self)


def _foreach_norm(self: Sequence[Tensor], ord: float = 2, dtype: Any = None) -> tuple[Tensor, ...]:
    """The norm of every tensor."""
    return tuple(vector_norm(x, ord, dtype=dtype) for x in self)


def _foreach_max(self: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The largest element of every tensor."""
    return tuple(max_of(x) for x in self)


def _amp_foreach_non_finite_check_and_unscale_(self: Sequence[Tensor], found_inf: Tensor, inv_scale: Tensor) -> None:
    """Multiply every gradient by ``inv_scale`` and set ``found_inf`` to 1 if any holds an infinity or a NaN."""
    factor = inv_scale.item()
    for x in self:
        if not bool(pointwise.isfinite(x.detach()).all()):  # type: ignore[attr-defined]
            found_inf.fill_(1.0)
        if factor != 1.0:
            x.mul_(factor)
