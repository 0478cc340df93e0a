"""Which side of a matrix of readings is that of the pulses, if nothing but the readings tells it.

From pulse to pulse the readings of a device go on from where they are, while devices that stand
next to each other are as different as any.  The roughness along a side is the mean square of the
differences of neighbours over twice the variance, of lines along it: 1 on average for values in any
order (von Neumann, 1941).  In place of readings stand their ranks, so that resistances are judged
as conductances are.  The side along which readings are at most half as rough (a choice) is that of
the pulses.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import Floats

MUCH_SMOOTHER = 0.5
# Readings along each side that suffice.
ENOUGH = 1000


def axis_of_pulses(matrix: NDArray[Any]) -> int | None:
    """Return the axis along which pulses follow each other, 0 or 1; None if it is unclear."""
    if matrix.dtype.kind not in "fiu":
        return None
    some = matrix[:ENOUGH, :ENOUGH].astype(np.float64)
    _, rank = np.unique(some, return_inverse=True)
    ranks = np.where(np.isfinite(some), rank.reshape(some.shape), np.nan)
    rough = [_roughness(lines) for lines in (ranks.T, ranks)]
    smooth = int(np.argmin(rough))
    return smooth if rough[smooth] <= MUCH_SMOOTHER * rough[1 - smooth] else None


def _roughness(lines: Floats) -> float:
    """Return how rough values are along lines; infinite where there are too few of them."""
    there = np.isfinite(lines)
    count = there.sum(axis=1)
    lines, there, count = lines[count > 1], there[count > 1], count[count > 1]
    mean = np.nansum(lines, axis=1) / count
    variance = np.nansum((lines - mean[:, None]) ** 2, axis=1) / (count - 1)
    both = there[:, 1:] & there[:, :-1]
    if not both.any() or not variance.any():
        return np.inf
    change = np.diff(lines, axis=1)[both]
    return float(np.mean(change**2) / (2 * np.average(variance, weights=count)))
