"""Confidence intervals of a mean, by Student's t."""

import math
from collections.abc import Sequence
from functools import cache
from statistics import mean, stdev
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A mean, and half the width of its confidence interval, of 95 % where nothing else is said.

    ``half_width`` is None for a single value, which tells nothing about its error.
    """

    mean: float
    half_width: float | None


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return mean and confidence interval of independent values, at least one."""
    if len(values) == 1:
        return Interval(values[0], None)
    error = stdev(values) / math.sqrt(len(values))
    return Interval(mean(values), t_quantile(len(values) - 1, confidence) * error)


@cache
def t_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return the t within which, either way, Student's variable of so many degrees of freedom
    stays with this probability."""
    low, high = 0.0, 1.0
    while _share_within(high, freedom) < confidence:
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _share_within(middle, freedom) < confidence else (low, middle)
    return high


def _share_within(t: float, freedom: int) -> float:
    """Return the probability of a Student variable between -t and t.

    For whole degrees of freedom it is a finite sum: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    is_odd = freedom % 2 == 1
    term, total = (math.cos(angle), 0.0) if is_odd else (1.0, 0.0)
    for n in range(3 if is_odd else 2, freedom + 1, 2):
        total += term
        term *= (n - 1) / n * math.cos(angle) ** 2
    if is_odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
