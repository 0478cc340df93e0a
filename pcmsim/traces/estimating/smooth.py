"""Smoothing of what was measured at single places onto the nodes of a grid.

A node takes its value from the samples nearest to it.  Their weights fall with the distance
(tricube) and reach zero at the last of them, so that a neighbourhood is narrow where there are many
samples and as wide as it must be where there are few.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import quantile_nodes
from pcmsim.traces.traces import Floats

# Values that tell a smooth curve as well as anybody needs it.
ENOUGH = 20_000


def neighbours(samples: int, part: int, least: int, most: int) -> int:
    """Return how many samples make a neighbourhood: a part of all, within bounds."""
    return min(max(samples // part, least), most, samples)


class Neighbourhoods:
    """The samples nearest to each node of a grid, and their weights, tricube times their own."""

    def __init__(
        self, place: Floats, nodes: Floats, count: int, weight: Floats | None = None
    ) -> None:
        """Find the ``count`` samples nearest to each node, of all those at ``place``.

        Beyond the last places what holds there holds.  All have the same ``weight``, or their own.
        """
        inside = np.clip(nodes, place.min(), place.max())
        order = np.argsort(place, kind="stable")
        rising = place[order]
        # They are a window of the rising places: the first one after which no place is nearer to
        # the node than its own first.
        first = np.searchsorted(rising[:-count] + rising[count:], 2 * inside)
        window = first[:, None] + np.arange(count)
        self._which = order[window]
        self._away = rising[window] - inside[:, None]
        counts = _tricube(np.abs(self._away))
        if weight is not None:
            counts = counts * weight[self._which]
        self._share = counts / counts.sum(axis=1, keepdims=True)

    def mean(self, value: Floats) -> Floats:
        """Return the weighted mean of the values about each node."""
        return np.asarray((self._share * value[self._which]).sum(axis=1))

    def line(self, value: Floats) -> Floats:
        """Return what the weighted straight line through the values about each node is there."""
        share, away, near = self._share, self._away, value[self._which]
        centre = (share * away).sum(axis=1, keepdims=True)
        mean = (share * near).sum(axis=1, keepdims=True)
        width = (share * (away - centre) ** 2).sum(axis=1)
        wide = width > 1e-12 * (share * away**2).sum(axis=1)
        slope = (share * (away - centre) * (near - mean)).sum(axis=1)
        slope = np.divide(slope, width, out=np.zeros_like(slope), where=wide)
        return np.asarray(mean[:, 0] - slope * centre[:, 0])


def _weights(
    node: float, place: Floats, count: int, away: Floats | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """Return the ``count`` samples nearest to a node, and their weights, tricube.

    ``away`` is how far samples are from it beside the distance of their places.
    """
    distance = np.abs(place - node)
    if away is not None:
        distance += away
    nearest = np.argpartition(distance, count - 1)[:count]
    return nearest, _tricube(distance[nearest])


def _tricube(distance: Floats) -> Floats:
    """Return weights that fall to 0 at the largest distance, along the last axis."""
    reach = distance.max(axis=-1, keepdims=True) * (1 + 1e-9)
    part = np.divide(distance, reach, out=np.zeros_like(distance), where=reach > 0)
    return np.asarray((1 - part**3) ** 3)


def smooth_widely(
    place: Floats,
    value: Floats,
    variance: Floats,
    nodes: Floats,
    count: int,
    weight: Floats | None = None,
) -> Floats:
    """Smooth values (of a variance) by straight lines through as many as agree on one.

    At each node neighbourhoods of ``count`` values, twice as many, ... are tried, as long as their
    estimates with one standard error to either side have a place in common (the intersection of
    confidence intervals; Goldenshluger and Nemirovski, 1997), and up to ``ENOUGH``.  All have the
    same ``weight``, or their own.
    """
    order = np.argsort(place, kind="stable")
    own = np.ones(place.size) if weight is None else weight[order]
    rising, value, variance = place[order], value[order], variance[order]
    smooth = []
    for node in np.clip(nodes, rising[0], rising[-1]):
        low, high, many, level = -np.inf, np.inf, count, 0.0
        while True:
            near = _window(rising, node, many)
            estimate, error = _line(rising[near] - node, value[near], variance[near], own[near])
            low, high = max(low, estimate - error), min(high, estimate + error)
            if low > high:
                break
            level = estimate
            if many >= min(place.size, ENOUGH):
                break
            many = min(2 * many, place.size)
        smooth.append(level)
    return np.array(smooth)


def _window(rising: Floats, node: float, count: int) -> slice:
    """Return which ``count`` of rising places are nearest to a node."""
    first = bisect_left(
        range(rising.size - count), 2 * node, key=lambda n: rising[n] + rising[n + count]
    )
    return slice(first, first + count)


def _line(away: Floats, value: Floats, variance: Floats, own: Floats) -> tuple[float, float]:
    """Return a weighted straight line through values at its origin, and its error."""
    # Sums in place of products of vectors, on which many threads are wasted.
    share = _tricube(np.abs(away)) * own
    share = share / share.sum()
    centre = float((share * away).sum())
    width = float((share * (away - centre) ** 2).sum())
    if width > 1e-12 * float((share * away**2).sum()):
        share = share * (1 - centre * (away - centre) / width)
    level = float((share * value).sum())
    return level, float(np.sqrt((share**2 * variance).sum()))


def form_at(
    node: float,
    place: Floats,
    form: Floats,
    count: int,
    away: Floats | None = None,
    weight: Floats | None = None,
) -> Floats:
    """Return weighted quantiles of what is left of steps near a node: mean 0, variance 1."""
    nearest, counts = _weights(node, place, count, away)
    if weight is not None:
        counts = counts * weight[nearest]
    order = np.argsort(form[nearest], kind="stable")
    values, counts = form[nearest][order], counts[order]
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    nodes = quantile_nodes(lambda probability: np.interp(probability, middle, values))
    nodes = np.maximum.accumulate(nodes[0])
    nodes = nodes - (nodes[:-1] + nodes[1:]).mean() / 2
    low, high = nodes[:-1], nodes[1:]
    spread = float(np.sqrt(((low * low + low * high + high * high) / 3).mean()))
    return np.asarray(nodes / spread if spread > 0 else nodes)
