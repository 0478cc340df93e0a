"""Whether steps up depend on the partial SETs since the last RESET, beside the conductance.

The count
    It begins at an abrupt RESET, and where a trace begins at the bottom: with a reading in the
    lowest fifth of the range, which is taken for one just after a RESET.  A later reading of which
    is not known what was fired before it counts so only if it has fallen there, by at least half
    of the way.  Otherwise the count is unknown, and steps say nothing of memory, until ``LONGEST``
    pulses have passed.  Missing readings do not stop the count; where a trace begins with one, it
    is taken to begin as most others do.

The model
    Mean and variance of a step are those long after a RESET, which depend on the conductance, plus
    additions that depend on the count alone.  The additions are straight between 0, 1, 2, 4, 8, ...
    pulses, as what fades away changes less and less, and end at 0.  So each count borrows from its
    neighbours, and the table after any count reaches over the whole range although devices were
    seen in a part of it only.

The test
    Steps less their mean without memory are regressed on the additions, on the conductance
    (straight between quantiles of it), and with a random factor for each device, so that devices
    which differ are not taken for memory: on the mean step, or on what a wider range makes of it,
    whichever is more likely.  (A fixed factor would be correlated with the conductances that its
    own steps led to.)  Read noise makes a step answer the one before: so the two steps before and
    the first reading of a train, less their means, are regressed on as well.  For the spread the
    same is done with the absolute values of what is left, over their mean (Levene's test).  The
    covariance of the additions is taken from train to train ("sandwich"), so that neither the form
    of distributions nor correlations within a train matter; and the test is that of Hotelling:
    with p additions and n trains, T^2 (n - p) / (p (n - 1)) is distributed as F(p, n - p); n is
    made less by the other columns, which cost as much freedom.  A device has memory if one of the
    two exceeds what one in a thousand devices without memory would (``FALSE_ALARM``; half of it for
    each), and an addition is at least ``LEAST_ADDITION`` of the largest mean step or of the spread.
    Where ranges are misjudged, false alarms are more frequent: of 80 simulated measurements of 100
    devices without memory whose ranges differ by 20 %, there was one (measured).

How far it goes
    The fewest counts, of 1, 2, 4, 8, ..., after which what is left of the additions is small, by
    the same limit, or cannot be told from none at one in ten; but at least ``SHORTEST``.  Additions
    for too few counts would be missing in the table long after, too many make it less certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import DOWN, START, UP, Floats, Traces

Counts = NDArray[np.int16]
Flags = NDArray[np.bool_]

UNKNOWN = -1
# Pulses since a RESET of which more make no difference.
LONGEST = 32
# Part of the range from the bottom up in which a trace may begin as after a RESET, and part of the
# way to the bottom that a later reading must have fallen.
BOTTOM = 0.2
FALLEN = 0.5
MOST_COUNTED = 10_000
FALSE_ALARM = 1e-3
GOES_ON = 0.1
SHORTEST = 8
LEAST_ADDITION = 0.05
# Trains, and steps after as many pulses, that are needed to tell anything.
FEWEST_TRAINS = 20
FEWEST_STEPS = 20
# Steps from which additions are known well enough.
MOST_STEPS = 40_000
# Pieces of the range in which mean and spread are straight in the regression, and steps in each.
FEWEST_PIECES, MOST_PIECES, STEPS_OF_PIECE = 4, 24, 400
# Standard deviations of the factors of devices that are tried.
FACTORS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.6)
# By how much the logarithm of the likelihood, doubled, must grow if devices differ: 5 % of chance.
UNLIKELY = 3.84
# Directions that hold less than this part of the largest are not told apart.
SINGULAR = 1e-9


def pulses_since_reset(traces: Traces) -> Counts:
    """Return (devices, readings) partial SETs since the last RESET; ``UNKNOWN`` where unknown."""
    place = np.arange(traces.pulse.shape[1], dtype=np.int32)
    fired = np.cumsum(traces.pulse == UP, axis=1, dtype=np.int32)
    begins = _begins(traces)
    known = begins | (traces.pulse == DOWN)
    lost = (traces.pulse == START) & ~begins
    lost[:, 0] |= ~known[:, 0]
    last_known = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    last_lost = np.maximum.accumulate(np.where(lost, place, -1), axis=1)
    since = fired - np.take_along_axis(fired, np.maximum(last_known, last_lost), axis=1)
    since = np.where((last_known > last_lost) | (since >= LONGEST), since, UNKNOWN)
    return np.asarray(np.minimum(since, MOST_COUNTED).astype(np.int16))


def _begins(traces: Traces) -> Flags:
    """Return the readings with which a trace begins as after a RESET."""
    reading, start = traces.conductance, traces.pulse == START
    low, high = np.nanquantile(reading, [0.01, 0.99])
    bottom = low + BOTTOM * (high - low)
    before = _last_readings(reading)
    begins = start & (reading <= bottom)
    begins[:, 1:] &= before[:, 1:] > bottom
    begins[:, 1:] &= before[:, 1:] - reading[:, 1:] >= FALLEN * (before[:, 1:] - low)
    first = reading[start[:, 0] & np.isfinite(reading[:, 0]), 0]
    if first.size and np.mean(first <= bottom) > 0.5:
        begins[:, 0] |= start[:, 0] & np.isnan(reading[:, 0])
    return np.asarray(begins)


def _last_readings(reading: Floats) -> Floats:
    """Return the last reading before each; NaN where there was none."""
    place = np.where(np.isfinite(reading), np.arange(reading.shape[1], dtype=np.int32), -1)
    last = np.maximum.accumulate(place, axis=1)
    before = np.full(reading.shape, np.nan)
    before[:, 1:] = np.take_along_axis(reading, np.maximum(last[:, :-1], 0), axis=1)
    return before


@dataclass(frozen=True)
class Additions:
    """What early pulses add to mean and variance of a step long after a RESET.

    Attributes:
        mean: (memory,) to the mean, S, after 0, 1, 2, ... pulses; the last is 0.
        variance: (memory,) to the variance, S^2; the last is 0.
    """

    mean: Floats
    variance: Floats

    @property
    def memory(self) -> int:
        """After how many counts the step differs."""
        return self.mean.size

    def count(self, past: Counts) -> NDArray[np.int64]:
        """Return which addition holds after some pulses; an unknown count is a long one."""
        longest = self.memory - 1
        return np.where(past == UNKNOWN, longest, np.minimum(past, longest)).astype(np.int64)

    def mean_at(self, past: Counts) -> Floats:
        """Return what is added to the mean after some pulses, S."""
        return np.asarray(self.mean[self.count(past)])

    def variance_at(self, past: Counts) -> Floats:
        """Return what is added to the variance after some pulses, S^2."""
        return np.asarray(self.variance[self.count(past)])


@dataclass(frozen=True)
class Told:
    """Steps of which is known how many pulses came before, device by device and in order.

    Attributes:
        device: (steps,) which device, as an index.
        place: (steps,) which reading came before the pulse.
        past: (steps,) partial SETs since the last RESET.
        before: (steps,) conductance before the pulse, S.
        step: (steps,) S.
        mean: (steps,) what is expected without memory, S.
        wider: (steps,) by how much that grows with the range of the device, S.
        variance: (steps,) of the step without memory, S^2.
    """

    device: NDArray[np.int64]
    place: NDArray[np.int64]
    past: Counts
    before: Floats
    step: Floats
    mean: Floats
    wider: Floats
    variance: Floats

    @property
    def train(self) -> NDArray[np.int64]:
        """Which train each step belongs to: a new one begins where the count begins anew."""
        other = np.diff(self.device, prepend=-1) != 0
        return np.cumsum(other | (self.past == 0) | (np.diff(self.past, prepend=0) < 0))

    def take(self, chosen: Flags) -> "Told":
        """Return some of the steps."""
        return Told(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Regression:
    """Additions at counts between which they are straight.

    Attributes:
        value: (additions,) without the last, which is 0.
        covariance: (additions, additions) of these, from train to train.
        trains: how many trains there are, less the other columns of the regression.
        rest: (steps,) what the regression leaves of the values, times the root of their weights.
    """

    value: Floats
    covariance: Floats
    trains: int
    rest: Floats

    def by_chance(self, first: int = 0) -> float:
        """Return how probable it is that additions from one on are as large by chance."""
        value, covariance = self.value[first:], self.covariance[first:, first:]
        size, freedom = value.size, self.trains - value.size
        if freedom < 1:
            return 1.0
        inverse = np.linalg.pinv(covariance, rcond=SINGULAR, hermitian=True)
        square = float(value @ inverse @ value)
        return tail_of_f(square * freedom / (size * (self.trains - 1)), size, freedom)

    def tells(self, first: int, level: float) -> bool:
        """Return whether additions from one on are neither by chance, at a level, nor small."""
        large = np.abs(self.value[first:]).max() >= LEAST_ADDITION
        return bool(large and self.by_chance(first) < level)


def find_memory(told: Told) -> int:
    """Return after how many counts steps differ; 1 if there is no memory that can be told."""
    told = _enough(told)
    counts = _counts(told)
    if counts.size < 2:
        return 1
    both = regressions(told, counts)
    if not any(one.tells(0, FALSE_ALARM / 2) for one in both):
        return 1
    for place in range(1, counts.size - 1):
        if counts[place] >= SHORTEST and not any(one.tells(place, GOES_ON / 2) for one in both):
            return int(counts[place]) + 1
    return int(counts[-1]) + 1


def additions_of(told: Told, memory: int) -> Additions:
    """Return what early pulses add, with ``memory`` counts after which steps differ."""
    told = _enough(told)
    counts = np.array([0, *(2**n for n in range(12) if 2**n < memory)], np.int16)
    size = float(np.abs(told.mean).max()) or 1.0
    every = np.arange(memory)
    weight = size**2 / told.variance
    rest = told.step - told.mean
    mean = _regress(told, counts, rest / size, weight, [told.mean / size, told.wider / size])
    added = size * np.interp(every, counts, [*mean.value, 0.0])
    square = (rest - added[np.minimum(told.past, memory - 1)]) ** 2 / size**2
    spread = _regress(told, counts, square, weight**2, [])
    return Additions(added, size**2 * np.interp(every, counts, [*spread.value, 0.0]))


def regressions(told: Told, counts: Counts) -> tuple[Regression, Regression]:
    """Return additions to the mean, over the largest mean, and to the spread, over its mean."""
    chosen, lags = _answers(told)
    some, size = told.take(chosen), float(np.abs(told.mean).max()) or 1.0
    rest, weight = (some.step - some.mean) / size, size**2 / some.variance
    mean = _regress(some, counts, rest, weight, [some.mean / size, some.wider / size], lags)
    every, heavy = (told.step - told.mean) / size, size**2 / told.variance
    left = _regress(told, counts, every, heavy, [told.mean / size, told.wider / size]).rest
    deviation, ones = np.abs(left), np.ones(left.size)
    return mean, _regress(told, counts, deviation / deviation.mean(), ones, [ones])


def _enough(told: Told) -> Told:
    """Return whole trains at equal distances, as many as more would tell nothing of."""
    every = -(-told.step.size // MOST_STEPS)
    return told if every == 1 else told.take(told.train % every == 0)


def _counts(told: Told) -> Counts:
    """Return the counts between which additions are straight, as far as there are steps."""
    last = 1
    while last < LONGEST and (told.past >= 2 * last).sum() >= FEWEST_STEPS:
        last *= 2
    late = told.past >= last
    if np.unique(told.train[late]).size < FEWEST_TRAINS or (told.past == 0).sum() < FEWEST_STEPS:
        return np.zeros(1, np.int16)
    return np.array([0, *(2**n for n in range(last.bit_length()))], np.int16)


def _answers(told: Told) -> tuple[Flags, Floats]:
    """Return what noise makes a step answer: (steps, 4) in S, and which steps it is known of."""
    rest = told.step - told.mean
    relative = rest / told.variance * np.median(told.variance)
    first = told.past == 0
    start = np.where(first, told.before - told.before[first].mean(), 0.0)
    follows = (np.diff(told.place, prepend=-2) == 1) & (np.diff(told.train, prepend=-1) == 0)
    one = np.where(follows, np.roll(rest, 1), 0.0)
    again = follows & np.roll(follows, 1)
    columns = [
        one,
        np.where(follows, np.roll(relative, 1), 0),
        np.where(again, np.roll(rest, 2), 0),
    ]
    chosen = first | follows
    return chosen, np.stack([*columns, start], axis=1)[chosen] / np.sqrt(np.median(told.variance))


def _regress(
    told: Told,
    counts: Counts,
    value: Floats,
    weight: Floats,
    factors: Sequence[Floats],
    others: Floats | None = None,
) -> Regression:
    """Regress values on additions, on conductance, and on a random factor for each device.

    Generalised least squares: the inverse covariance of the values of a device is
    W - s^2 / (1 + s^2 S) W z z' W, with weights W, the direction z of its factor, one of
    ``factors``, S = z' W z, and s the standard deviation of factors under which values are most
    likely.
    """
    early = _hats(told.past, counts)[:, :-1]
    pieces = int(np.clip(value.size // STEPS_OF_PIECE, FEWEST_PIECES, MOST_PIECES))
    ends = np.unique(np.quantile(told.before, np.linspace(0, 1, pieces + 1)))
    parts = [early, _hats(told.before, ends), *([] if others is None else [others]), value[:, None]]
    root = np.sqrt(weight)
    columns = np.hstack(parts) * root[:, None]
    size = np.sqrt((columns**2).sum(axis=0))
    size[size == 0] = 1.0
    columns /= size
    along = [np.zeros(value.size), *(factor * root for factor in factors)]
    found = _most_likely(told.device, columns, along, size[-1])
    rest = columns[:, -1] - (columns[:, :-1] * found.value).sum(axis=1)
    rest -= found.along * (found.drawn * np.bincount(told.device, found.along * rest))[told.device]
    train = told.train - 1
    scores = np.stack([np.bincount(train, one * rest) for one in columns.T[:-1]], axis=1)
    trains = len(scores)
    inner = np.einsum("ij,kj->ik", found.inverse[: early.shape[1]], scores)
    covariance = _products(inner.T, inner.T) * trains / (trains - 1)
    kept = slice(0, early.shape[1])
    unit = size[-1] / size[kept]
    left = trains - (columns.shape[1] - 1 - early.shape[1])
    return Regression(
        found.value[kept] * unit, covariance * np.outer(unit, unit), left, size[-1] * rest
    )


class _Solution(NamedTuple):
    """The coefficients of a regression under the most likely spread of factors."""

    value: Floats  # (columns,)
    inverse: Floats  # (columns, columns), of the products of columns
    along: Floats  # (steps,) the direction z of the factor, weighted
    drawn: Floats  # (devices,) s^2 / (1 + s^2 S)


def _most_likely(
    device: NDArray[np.int64], columns: Floats, directions: Sequence[Floats], size: float
) -> _Solution:
    """Regress the last column on the others, with factors of one direction and one spread."""
    whole = _products(columns, columns)
    # Columns have length 1; so little keeps those apart that hold the same.
    ridge = SINGULAR * np.eye(len(whole) - 1)
    best, least = None, np.inf
    for along in directions:
        square = np.bincount(device, along**2).astype(np.float64)
        shares: Floats = np.stack([np.bincount(device, along * one) for one in columns.T], axis=1)
        for spread in FACTORS if square.any() else (0.0,):
            drawn: Floats = np.asarray(spread**2 / (1 + spread**2 * square))
            products: Floats = whole - _products(shares, drawn[:, None] * shares)
            inverse = np.linalg.inv(products[:-1, :-1] + ridge)
            value = inverse @ products[:-1, -1]
            left = size**2 * (products[-1, -1] - value @ products[:-1, -1])
            misfit = left + np.log1p(spread**2 * square).sum() + (UNLIKELY if spread else 0.0)
            if misfit < least:
                best, least = _Solution(value, np.asarray(inverse), along, drawn), misfit
    assert best is not None
    return best


def _products(one: Floats, other: Floats) -> Floats:
    """Return the products of all columns; of tall arrays, on which many threads are wasted."""
    return np.asarray(np.einsum("ij,ik->jk", one, other))


def _hats(place: Floats | Counts, nodes: Floats | Counts) -> Floats:
    """Return functions that are 1 at one node, 0 at all others, and straight between them."""
    return np.stack([np.interp(place, nodes, one) for one in np.eye(nodes.size)], axis=1)


def tail_of_f(ratio: float, one: int, other: int) -> float:
    """Return the probability with which an F(one, other) variable exceeds a ratio.

    It is that of a beta variable, with parameters a and b half of ``other`` and ``one``, to be
    below x = other / (other + one * ratio); with t = x u^(1/a) the integral has no pole at 0.
    """
    if not ratio > 0:
        return 1.0
    end, a, b = other / (other + one * ratio), other / 2, one / 2
    node, weight = np.polynomial.legendre.leggauss(64)
    inside: Floats = (1 - end * ((node + 1) / 2) ** (1 / a)) ** (b - 1)
    whole = a * log(end) - log(a) + lgamma(a + b) - lgamma(a) - lgamma(b)
    return min(exp(whole) * float(weight @ inside) / 2, 1.0)
