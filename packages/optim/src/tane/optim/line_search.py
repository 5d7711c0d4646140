"""A line search for the strong Wolfe conditions: how far to go in a direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Point", "strong_wolfe"]

SUFFICIENT, FLAT = 1e-4, 0.9  # of the first slope: how much must be gained, and how flat it must have become


class Point(NamedTuple):
    """A place on the line: its distance ``t``, the loss there, the gradient, and its slope along the line."""

    t: float
    loss: float
    gradient: Any
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point], start: Point, t: float, longest: float, tolerance: float, rounds: int = 25
) -> tuple[Point, int]:
    """A point that satisfies the strong Wolfe conditions, or the best found in so many rounds; and how often the loss was computed.

    J. Nocedal and S. Wright, Numerical Optimization, algorithms 3.5 and 3.6: go on until a stretch holds such a point, then narrow it
    down by cubic interpolation. ``longest`` is the largest element of the direction; a stretch that moves no element by
    more than ``tolerance`` is not narrowed further.
    """
    before, here, calls, turn = start, evaluate(t), 1, 0
    while turn < rounds:
        if _too_high(here, start) or (turn > 1 and here.loss >= before.loss):
            stretch = [before, here]
            break
        if abs(here.slope) <= -FLAT * start.slope:
            return here, calls
        if here.slope >= 0:
            stretch = [before, here]
            break
        t = _cubic(before, here, here.t + 0.01 * (here.t - before.t), here.t * 10)
        before, here = here, evaluate(t)
        calls += 1
        turn += 1
    else:
        stretch = [start, here]

    low = 0 if stretch[0].loss <= stretch[1].loss else 1
    stuck = False
    while turn < rounds:
        left, right = sorted((stretch[0].t, stretch[1].t))
        if (right - left) * longest < tolerance:
            break
        t = _cubic(stretch[0], stretch[1], left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:  # twice too near to an end: step away from it
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        here = evaluate(t)
        calls += 1
        turn += 1
        if _too_high(here, start) or here.loss >= stretch[low].loss:
            stretch[1 - low] = here
            low = 0 if stretch[0].loss <= stretch[1].loss else 1
            continue
        if abs(here.slope) <= -FLAT * start.slope:
            return here, calls
        if here.slope * (stretch[1 - low].t - stretch[low].t) >= 0:
            stretch[1 - low] = stretch[low]
        stretch[low] = here
    return stretch[low], calls


def _too_high(here: Point, start: Point) -> bool:
    return here.loss > start.loss + SUFFICIENT * here.t * start.slope


def _cubic(a: Point, b: Point, lowest: float, highest: float) -> float:
    """The minimum of the cubic through two points with their slopes, kept within bounds; halfway where there is none."""
    if a.t > b.t:
        a, b = b, a
    try:
        d = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
        square = d * d - a.slope * b.slope
        if square >= 0:
            root = math.sqrt(square)
            t = b.t - (b.t - a.t) * ((b.slope + root - d) / (b.slope - a.slope + 2 * root))
            return min(max(t, lowest), highest)
    except ZeroDivisionError:
        pass
    return (lowest + highest) / 2
