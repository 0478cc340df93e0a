"""Repair before training: synapses with a faulty device move to spare pairs.

Spare are the devices of the physical array that no synapse uses, in pairs as they lie.  They have
faults of their own, and only pairs without any are of use.  The synapses to be moved first are
those of which a network can spare the fewest: layer by layer from the output on, in each those
with two faulty devices before those with one.

A synapse takes its random numbers with it, and so the ranges, the endurance and the response that
its own devices would have had: runs with and without repair differ by the faults alone.
"""

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.codes import HEALTHY

Shape = tuple[int, int]


def move_to_spares(codes: NDArray[np.uint8], shapes: list[Shape]) -> None:
    """Free synapses of their faults, in place, as far as there are spare pairs without one.

    ``codes`` are the fault codes of all devices: those of layers of (rows, columns) synapses, one
    layer after the other, then the spares.
    """
    pairs = codes.reshape(-1, 2)
    sizes = [rows * columns for rows, columns in shapes]
    faults = np.sum(pairs != HEALTHY, axis=1)
    of_synapses, of_spares = np.split(faults, [sum(sizes)])
    layer = np.repeat(np.arange(len(sizes)), sizes)
    most_urgent_first = np.lexsort((-of_synapses, -layer))
    faulty = most_urgent_first[of_synapses[most_urgent_first] > 0]
    pairs[faulty[: np.sum(of_spares == 0)]] = HEALTHY
