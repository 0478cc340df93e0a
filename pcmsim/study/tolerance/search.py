"""How far one can go before a noisy loss exceeds a limit: the search itself.

On the way from near to far the loss is taken to rise.  At a value, the losses of a few replicates
are looked at, then of twice as many, and so on, until their mean is clearly within the limit or
clearly beyond it, or all replicates are used up and it stays unclear.

The first values lie at 1/16, 1/8, ... of the way, and end with the first that is beyond: so the
nearest crossing is found, and little is run far outside.  Then two gaps are bisected: the one
behind the leading values that are all within, and the one before the trailing values that are all
beyond.  These two values bound the one that is sought.

``CLEAR`` is stricter than the 95 % of the bounds, since a value is looked at several times, and
there are several values at which a mistake would spoil the bounds.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, takewhile
from typing import NamedTuple

from pcmsim.campaign.interval import Interval, interval
from pcmsim.study.tolerance.way import Way

# Losses at a value, of the first so many replicates.
Losses = Callable[[float, int], Sequence[float]]

FIRST_LOOK = 5
CLEAR = 0.98
OUTWARD = (0.0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
# Gaps are bisected until they are no wider than this, relatively, or all nearer than this part of
# the way.
PRECISION = 0.1
NEAREST = 1 / 512


class Verdict(StrEnum):
    """Whether the loss at a value is within the limit."""

    WITHIN = "within"
    UNCLEAR = "unclear"
    BEYOND = "beyond"


class Tested(NamedTuple):
    """A value that was tested.

    Attributes:
        part: how far along the way it is.
        value: the value.
        loss: mean over the replicates, with its 95 % confidence interval.
        replicates: how many there are.
        verdict: whether the loss is within the limit.
    """

    part: float
    value: float
    loss: Interval
    replicates: int
    verdict: Verdict


@dataclass(frozen=True)
class Limit:
    """How far one can go.

    Attributes:
        tested: all values that were tested, from near to far.
        within: the last of the leading values that are all clearly within the limit; None: even
            the near end is not.
        beyond: the first of the trailing values that are all clearly beyond it; None: not even
            the far end is.
        best: where the mean loss, made to rise steadily, reaches the limit; None: it does not.
    """

    tested: tuple[Tested, ...]
    within: float | None
    beyond: float | None
    best: float | None


def search(way: Way, losses: Losses, limit: float, replicates: int) -> Limit:
    """Find out how far one can go.

    Args:
        way: the values, from where the loss is small to where it is large.
        losses: gives the losses at a value.
        limit: the loss that is allowed.
        replicates: the most at a value; at least 2.
    """
    tested: list[Tested] = []
    for part in OUTWARD:
        if not tested or way.at(part) != tested[-1].value:
            tested.append(_judge(part, way, losses, limit, replicates))
        if tested[-1].verdict is Verdict.BEYOND:
            break
    while (middle := _middle_of_widest_gap(tested, way)) is not None:
        insort(tested, _judge(middle, way, losses, limit, replicates))
    within, beyond = _leading(tested, Verdict.WITHIN), _leading(tested[::-1], Verdict.BEYOND)
    crossing = _crossing(tested, limit)
    return Limit(
        tested=tuple(tested),
        within=within[-1].value if within else None,
        beyond=beyond[-1].value if beyond else None,
        best=None if crossing is None else way.at(crossing),
    )


def _judge(part: float, way: Way, losses: Losses, limit: float, replicates: int) -> Tested:
    """Look at more and more losses at a value, until it is clear what they mean."""
    value = way.at(part)
    for count in _looks(replicates):
        sample = losses(value, count)
        verdict = _verdict(interval(sample, CLEAR), limit)
        if verdict is not Verdict.UNCLEAR:
            break
    return Tested(part, value, interval(sample), count, verdict)


def _looks(replicates: int) -> Iterator[int]:
    count = FIRST_LOOK
    while count < replicates:
        yield count
        count *= 2
    yield replicates


def _verdict(loss: Interval, limit: float) -> Verdict:
    assert loss.half_width is not None, "there are at least two replicates"
    if loss.mean + loss.half_width <= limit:
        return Verdict.WITHIN
    if loss.mean - loss.half_width > limit:
        return Verdict.BEYOND
    return Verdict.UNCLEAR


def _leading(tested: Sequence[Tested], verdict: Verdict) -> list[Tested]:
    return list(takewhile(lambda one: one.verdict is verdict, tested))


def _middle_of_widest_gap(tested: Sequence[Tested], way: Way) -> float | None:
    """Return the middle of that of the two gaps that is relatively wider; None: both are narrow."""
    within = len(_leading(tested, Verdict.WITHIN))
    beyond = len(tested) - len(_leading(tested[::-1], Verdict.BEYOND))
    gaps = [
        (near.part, far.part)
        for number, (near, far) in enumerate(pairwise(tested), 1)
        if number in (within, beyond) and _is_wide(near, far, way)
    ]
    if not gaps:
        return None
    return sum(max(gaps, key=lambda gap: way.width(*gap))) / 2


def _is_wide(near: Tested, far: Tested, way: Way) -> bool:
    middle = way.at((near.part + far.part) / 2)
    return (
        way.width(near.part, far.part) > PRECISION
        and far.part > NEAREST
        and middle not in (near.value, far.value)
    )


def _crossing(tested: Sequence[Tested], limit: float) -> float | None:
    """Return the part of the way where the loss reaches the limit, by straight lines."""
    rising = _made_to_rise(tested)
    for (near, low), (far, high) in pairwise(zip(tested, rising, strict=True)):
        if low <= limit < high:
            return near.part + (limit - low) / (high - low) * (far.part - near.part)
    return None


def _made_to_rise(tested: Sequence[Tested]) -> list[float]:
    """Return the mean losses; neighbours that fall are replaced by their common mean.

    That is the rising sequence of least squares, weighted by the replicates (pool adjacent
    violators).
    """
    pools: list[tuple[float, int, int]] = []
    for one in tested:
        mean, weight, size = one.loss.mean, one.replicates, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, other_size = pools.pop()
            mean = (other_weight * other + weight * mean) / (other_weight + weight)
            weight, size = weight + other_weight, size + other_size
        pools.append((mean, weight, size))
    return [mean for mean, _, size in pools for _ in range(size)]
