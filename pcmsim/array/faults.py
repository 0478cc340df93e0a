"""Fault maps: which devices can be read but not programmed, and at what they are stuck."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import Key, random_words, uniform
from pcmsim.config.settings import Faults
from pcmsim.kernels.layer import DEAD, HEALTHY, STUCK_ON, STUCK_PRESENT, STUCK_RANDOM
from pcmsim.kernels.philox import FAULT_PLACE, FAULT_VALUE

Shape = tuple[int, int]
Map = NDArray[np.uint8]

# Each kind of fault picks its devices by a random word of its own, in this order.
KINDS = (
    (DEAD, "dead"),
    (STUCK_ON, "stuck_on"),
    (STUCK_RANDOM, "stuck_random"),
    (STUCK_PRESENT, "stuck_present"),
)


def draw_fault_map(faults: Faults, shapes: list[Shape], key: Key) -> list[Map]:
    """Draw the fault code of every device of an array; one (rows, columns, 2) map per layer.

    The number of devices of each kind is exact, over the whole array; where rounding asks for
    more devices than there are, the last kind gets what is left.  The devices with the
    smallest random numbers fail first, so under one seed the devices that fail at one fraction
    are among those that fail at any larger one.
    """
    sizes = [2 * rows * columns for rows, columns in shapes]
    codes = np.full(sum(sizes), HEALTHY, np.uint8)
    for kind, (code, name) in enumerate(KINDS):
        wanted = round(getattr(faults, name) * codes.size)
        if wanted > 0:
            ranks = np.argsort(_draws(kind, shapes, key), kind="stable")
            free = ranks[codes[ranks] == HEALTHY]
            codes[free[:wanted]] = code
    parts = np.split(codes, np.cumsum(sizes)[:-1])
    return [part.reshape(*shape, 2) for part, shape in zip(parts, shapes, strict=True)]


def _draws(kind: int, shapes: list[Shape], key: Key) -> NDArray[np.uint32]:
    """Return one random word per device, in the order of layer, row, column, side."""
    return np.concatenate(
        [
            random_words(FAULT_PLACE, layer, shape, key, step=kind)[..., :2].ravel()
            for layer, shape in enumerate(shapes)
        ]
    )


def set_stuck_conductances(
    conductance: NDArray[np.float32],
    fault: Map,
    lowest: NDArray[np.float32],
    highest: NDArray[np.float32],
    faults: Faults,
    layer: int,
    key: Key,
) -> None:
    """Give the faulty devices of one layer the conductance (S) they are stuck at, in place.

    ``lowest`` and ``highest`` bound each device's own range; all arrays are (rows, columns, 2).
    """
    span = highest - lowest
    rows, columns, _ = conductance.shape
    place = uniform(random_words(FAULT_VALUE, layer, (rows, columns), key)[..., :2])
    levels = {
        DEAD: lowest,
        STUCK_ON: lowest + faults.stuck_on_level * span,
        STUCK_RANDOM: lowest + place * span,
    }
    for code, level in levels.items():
        # Rounding may put a full device a hair above its own maximum.
        conductance[fault == code] = np.minimum(level, highest)[fault == code]
