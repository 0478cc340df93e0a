"""What was measured near each node of a grid.

A node takes its value from the samples nearest to it.  Their weights fall with the distance
(tricube) and reach zero at the last of them, so that a neighbourhood is narrow where there are many
samples and as wide as it must be where there are few.
"""

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import quantile_nodes
from pcmsim.traces.traces import Floats


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
