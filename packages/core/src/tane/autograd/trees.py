"""Nested tuples, lists and dicts of values, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["flatten", "map_tree", "unflatten"]


def _is_branch(x: Any) -> bool:
    return isinstance(x, (tuple, list, dict))


def _children(x: Any) -> Sequence[Any]:
    return list(x.values()) if isinstance(x, dict) else x


def flatten(tree: Any) -> list[Any]:
    """The leaves, from left to right: whatever is no tuple, list or dict.

    >>> flatten({"a": 1, "b": [2, (3, None)]})
    [1, 2, 3, None]
    """
    if not _is_branch(tree):
        return [tree]
    return [leaf for child in _children(tree) for leaf in flatten(child)]


def unflatten(like: Any, leaves: Sequence[Any]) -> Any:
    """A tree of the form of ``like`` with these leaves.

    >>> unflatten({"a": 1, "b": [2, 3]}, "xyz")
    {'a': 'x', 'b': ['y', 'z']}
    """
    remaining = iter(leaves)
    return map_tree(lambda _: next(remaining), like)


def map_tree(function: Callable[..., Any], tree: Any, *more: Any) -> Any:
    """``function`` applied to the leaves of ``tree``, and of others of the same form beside them."""
    if isinstance(tree, dict):
        return type(tree)((k, map_tree(function, v, *(m[k] for m in more))) for k, v in tree.items())
    if isinstance(tree, (tuple, list)):
        children = [map_tree(function, *parts) for parts in zip(tree, *more, strict=True)]
        return type(tree)(*children) if hasattr(tree, "_fields") else type(tree)(children)
    return function(tree, *more)
