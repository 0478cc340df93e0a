"""Regression of steps on the pulses before them, with devices that differ; see ``memory``."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.estimating.pulse_count import Counts
from pcmsim.traces.traces import Flags, Floats

# An addition below this part of the largest mean step, or of the spread, is none.
LEAST_ADDITION = 0.05
# Pieces of the range in which mean and spread are straight in the regression, and steps in each.
FEWEST_PIECES, MOST_PIECES, STEPS_OF_PIECE = 4, 24, 400
# Standard deviations of the factors of devices that are tried.
FACTORS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.6)
# By how much the logarithm of the likelihood, doubled, must grow if devices differ: 5 % of chance.
UNLIKELY = 3.84
# Directions that hold less than this part of the largest are not told apart.
SINGULAR = 1e-9


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


def regress(
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
