"""How many of many things fail, be they devices or lines."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import uniform


def how_many(share: float, draws: NDArray[np.uint32], placing: str) -> int:
    """Return how many fail of those that have drawn a random word each.

    ``exact``: the share of them, to the nearest whole number.  ``bernoulli``: those whose own
    number is below the share.  Either way it is those with the smallest numbers that fail.
    """
    if placing == "exact":
        return round(share * draws.size)
    return int(np.sum(uniform(draws) < share))
