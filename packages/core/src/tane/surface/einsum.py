"""``einsum``: sums of products in the notation of A. Einstein, made of permutations, reshapes and batched matrix products.

Operands are contracted two at a time, from left to right. Each pair becomes one matrix product: labels that both have and the rest needs are its
batch, labels that only one has its rows or columns, and those that nothing needs any more are summed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from tane.autocasting import to_half
from tane.ops import matmul
from tane.ops import shape as op
from tane.ops.pointwise import alias
from tane.ops.primitive import F
from tane.surface.shape import reshape
from tane.tensor import Tensor

__all__ = ["einsum"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@to_half
def einsum(equation: Any, *operands: Any) -> Tensor:
    """The sums of products that ``equation`` describes: ``"ij,jk->ik"`` is a matrix product.

    Operands follow one by one or as a list; or each is followed by a list of numbers for its labels, and the result's may come last. ``...`` stands for
    dimensions without labels.

    >>> import tane
    >>> tane.einsum("ij,j->i", tane.ones(2, 3), tane.arange(3.))
    tensor([3., 3.])
    """
    if isinstance(equation, Tensor):
        equation, operands = _lettered(equation, *operands)
    elif len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    if not isinstance(equation, str):
        raise TypeError(f"einsum(): the equation must be a str, not {type(equation).__name__}")
    for x in operands:
        if not isinstance(x, Tensor):
            raise TypeError(f"einsum(): operands must be Tensors, not {type(x).__name__}")
    inputs, output = parsed(equation, tuple([x.array.ndim for x in operands]))
    _consistent(inputs, operands)
    terms = [_plain(x, labels) for x, labels in zip(operands, inputs, strict=True)]
    if len(terms) > 1:
        _same_types(operands)
    current, labels = terms[0]
    for position, (x, own) in enumerate(terms[1:], 1):
        later = set(output).union(*(names for _, names in terms[position + 1 :]))
        current, labels = _contracted(current, labels, x, own, later, output)
    result = _delivered(current, labels, output)
    return alias.call(result) if result is operands[0] else result


def _same_types(operands: Sequence[Tensor]) -> None:
    first = operands[0]
    for x in operands[1:]:
        if x.array.dtype != first.array.dtype:
            kinds = [t.dtype.tensor_name.removesuffix("Tensor") for t in (first, x)]
            raise RuntimeError(f"expected scalar type {kinds[0]} but found {kinds[1]}")


# ---- the notation -----------------------------------------------------------------------------------------------------------------------
def _lettered(*given: Any) -> tuple[str, tuple[Tensor, ...]]:
    """Operands and lists of numbers as an equation in letters."""

    def text(labels: Any) -> str:
        parts = []
        for n in labels:
            if n is Ellipsis:
                parts.append("...")
            elif not 0 <= n < len(LETTERS):
                raise ValueError(f"einsum(): subscript {n} in the sublist is not within the valid range [0, 52)")
            else:
                parts.append(LETTERS[n])
        return "".join(parts)

    pairs = len(given) // 2
    equation = ",".join(text(given[2 * i + 1]) for i in range(pairs))
    if len(given) % 2:
        equation += "->" + text(given[-1])
    return equation, tuple([given[2 * i] for i in range(pairs)])


@functools.lru_cache(maxsize=1024)
def parsed(equation: str, ndims: tuple[int, ...]) -> tuple[list[str], str]:
    """The labels of every operand and of the result, a character each; unlabelled dimensions get characters of their own."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        more = "fewer" if len(terms) > len(ndims) else "more"
        raise RuntimeError(f"einsum(): {more} operands were provided than specified in the equation")
    for i, c in enumerate(equation):
        if not (c.isascii() and c.isalpha()) and c not in " ,.->":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {i} in the equation string, subscripts must be in [a-zA-Z]: {equation!r}"
            )
    wide = 0
    inputs = []
    for n, (term, ndim) in enumerate(zip(terms, ndims, strict=True)):
        named = len(term.replace("...", ""))
        if "." in term.replace("...", "", 1):
            raise RuntimeError(f"einsum(): found '.' for operand {n} that is not part of any ellipsis")
        if "..." in term:
            if named > ndim:
                raise RuntimeError(
                    f"einsum(): the number of subscripts in the equation ({named}) is more than the number of dimensions ({ndim}) for operand {n}"
                )
            wide = max(wide, ndim - named)
        elif named != ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions ({ndim}) for operand {n} and "
                "no ellipsis was given"
            )
        inputs.append(term)
    dots = "".join(map(str, range(wide))) if wide <= 10 else "".join(map(chr, range(200, 200 + wide)))
    inputs = [t.replace("...", dots[wide - (ndim - len(t.replace("...", ""))) :]) for t, ndim in zip(inputs, ndims, strict=True)]
    if arrow:
        if "." in right.replace("...", "", 1):
            raise RuntimeError("einsum(): found '.' for output but an ellipsis (...) was already found")
        output = right.replace("...", dots)
    else:
        everything = "".join(inputs)
        output = dots + "".join(sorted(c for c in set(everything) if c not in dots and everything.count(c) == 1))
    for c in output:
        if output.count(c) > 1:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
        if not any(c in t for t in inputs) and c not in dots:
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")
    return inputs, output


def _consistent(inputs: Sequence[str], operands: Sequence[Tensor]) -> None:
    sizes: dict[str, int] = {}
    for n, (labels, x) in enumerate(zip(inputs, operands, strict=True)):
        for c, d in zip(labels, x.array.shape, strict=True):
            known = sizes.get(c, 1)
            if d != known and d != 1 and known != 1:
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {d} for operand {n} which does not broadcast with previously seen size {known}"
                )
            sizes[c] = d if known == 1 else known


# ---- the work ---------------------------------------------------------------------------------------------------------------------------
def _plain(x: Tensor, labels: str) -> tuple[Tensor, str]:
    """An operand with every label once: of a label that it repeats, the diagonal."""
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            i = labels.index(c)
            j = labels.index(c, i + 1)
            if x.array.shape[i] != x.array.shape[j]:
                raise RuntimeError(
                    f"einsum(): subscript {c} is repeated for operand but the sizes don't match, {x.array.shape[j]} != {x.array.shape[i]}"
                )
            x = op.diagonal.call(x, 0, i, j)
            labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + c
    return x, labels


def _summed(x: Tensor, labels: str, unwanted: Sequence[str]) -> tuple[Tensor, str]:
    if not unwanted:
        return x, labels
    return x.sum(tuple([labels.index(c) for c in unwanted])), "".join(c for c in labels if c not in unwanted)


def _contracted(a: Tensor, left: str, b: Tensor, right: str, later: set[str], output: str) -> tuple[Tensor, str]:
    """The product of two operands, summed over the labels that nobody else needs; and its labels."""
    # A size of 1 that meets a larger one is no label of that operand: it is taken away.
    shared = [c for c in left if c in right]
    for c in shared:
        p, q = a.array.shape[left.index(c)], b.array.shape[right.index(c)]
        if p != q:
            if p == 1:
                a, left = op.squeeze.call(a, (left.index(c),)), left.replace(c, "")
            else:
                b, right = op.squeeze.call(b, (right.index(c),)), right.replace(c, "")
    a, left = _summed(a, left, [c for c in left if c not in later and c not in right])
    b, right = _summed(b, right, [c for c in right if c not in later and c not in left])
    inside = [c for c in left if c in right and c not in later]
    if not inside:
        return _multiplied(a, left, b, right)
    batch = [c for c in left if c in right and c in later]
    rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
    for names in (batch, rows, columns):
        names.sort(key=lambda c: output.find(c))  # in the order of the result, so that it needs no permutation in the end
    size = {**dict(zip(left, a.array.shape, strict=True)), **dict(zip(right, b.array.shape, strict=True))}

    def count(names: Sequence[str]) -> int:
        return math.prod(size[c] for c in names)

    first = _arranged(a, left, (*batch, *rows, *inside))
    second = _arranged(b, right, (*batch, *inside, *columns))
    if batch:
        first = reshape(first, (count(batch), count(rows), count(inside)))
        second = reshape(second, (count(batch), count(inside), count(columns)))
        product = matmul.bmm.call(first, second)
    else:
        product = matmul.mm.call(reshape(first, (count(rows), count(inside))), reshape(second, (count(inside), count(columns))))
    left_over = (*batch, *rows, *columns)
    return op.reshape.call(product, tuple([size[c] for c in left_over])), "".join(left_over)


def _arranged(x: Tensor, labels: str, wanted: Sequence[str]) -> Tensor:
    order = tuple([labels.index(c) for c in wanted])
    return x if order == tuple(range(len(order))) else op.permute.call(x, order)


def _multiplied(a: Tensor, left: str, b: Tensor, right: str) -> tuple[Tensor, str]:
    """The product of two operands where nothing is summed: elements are multiplied, with sizes of 1 where a label is missing."""
    names = [*left, *(c for c in right if c not in left)]
    wide = []
    for x, labels in ((a, left), (b, right)):
        x = _arranged(x, labels, [c for c in names if c in labels])
        size = dict(zip([c for c in names if c in labels], x.array.shape, strict=True))
        wide.append(reshape(x, tuple([size.get(c, 1) for c in names])) if len(size) < len(names) else x)
    return wide[0] * wide[1], "".join(names)


def _delivered(x: Tensor, labels: str, output: str) -> Tensor:
    """The result with its labels in order; those of the output that no operand has left are sizes of 1."""
    x, labels = _summed(x, labels, [c for c in labels if c not in output])
    missing = [c for c in output if c not in labels]
    if missing:
        x, labels = reshape(x, (*x.array.shape, *(1 for _ in missing))), labels + "".join(missing)
    return _arranged(x, labels, output) if labels != output else x


def _in_formulas(equation: str, *operands: Any, optimize: Any = True) -> Tensor:
    return einsum(equation, *operands)


F.einsum = _in_formulas  # type: ignore[attr-defined]  # gradient formulas that use NumPy's einsum can be differentiated again
