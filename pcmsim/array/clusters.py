"""Clustered faults: fault centres on the physical array, each with a neighbourhood.

After Stapper's picture of defects (published, second hand): centres are devices drawn at random,
and a device at distance r from a centre fails with probability exp(-r^2 / (2 radius^2)).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pcmsim.array.placement import Numbers, Placement
from pcmsim.array.random import Key, random_words, uniform
from pcmsim.kernels.philox import FAULT_CENTRE, FAULT_NEIGHBOUR

# Neighbourhoods end at so many radii, where 3 in 10,000 would still fail.
REACH = 4
# Random words drawn at a time, for as many centres as these are enough for.
WORDS_AT_A_TIME = 2**16


class Pool(NamedTuple):
    """Devices that clusters stay within: ``first`` to ``last`` (exclusive)."""

    layer: int  # the first layer they belong to, which addresses the random numbers
    first: int
    last: int


def cluster_by_cluster(
    placement: Placement, radius: float, pool: Pool, key: Key
) -> Iterator[Numbers]:
    """Yield devices of a pool in the order in which they fail.

    It goes on for ever, centre after centre, each followed by its neighbours from the nearest
    on.  Where clusters overlap devices come again, but not twice in one array.
    """
    down, right = _cells(radius)
    chance = np.exp(-(down**2 + right**2) / (2 * radius**2))
    centres = max(1, WORDS_AT_A_TIME // chance.size)
    turn = 0
    while True:
        place = uniform(random_words(FAULT_CENTRE, pool.layer, (centres, 1), key, turn)[..., 0])
        centre = pool.first + (place * (pool.last - pool.first)).astype(np.int64)
        words = random_words(FAULT_NEIGHBOUR, pool.layer, (centres, chance.size), key, turn)
        fails = uniform(words[..., 0]) < chance
        device = placement.neighbour(centre, down, right)[fails]
        device = device[(pool.first <= device) & (device < pool.last)]
        _, first_time = np.unique(device, return_index=True)
        yield device[np.sort(first_time)]
        turn += 1


def _cells(radius: float) -> tuple[Numbers, Numbers]:
    """Return steps down and right to all places in reach, from the nearest to the farthest."""
    reach = int(np.ceil(REACH * radius))
    steps = np.arange(-reach, reach + 1)
    down, right = (cells.ravel() for cells in np.meshgrid(steps, steps, indexing="ij"))
    nearest_first = np.argsort(down**2 + right**2, kind="stable")
    return down[nearest_first], right[nearest_first]
