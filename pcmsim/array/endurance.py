"""Endurance: how many pulses each device takes until it is worn out."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import Key, normal, random_words
from pcmsim.config.settings import Faults
from pcmsim.kernels.codes import RESET_CYCLES, SET_CYCLES
from pcmsim.kernels.layer import DeviceTables
from pcmsim.kernels.philox import ENDURANCE

# A count that no training reaches, kept in 32 bits.
NEVER = 2**32 - 1

Shape = tuple[int, int]


def draw_endurance(faults: Faults, layer: int, shape: Shape, key: Key) -> NDArray[np.uint32]:
    """Draw the pulses after which each device of a layer is worn out, log-normal about the median.

    Shape (rows, columns, 2, 2), the last axis being SETs and RESETs; (0, 0, 0, 0) where nothing
    wears out.  Under one seed all devices live longer by the same factor as the median does.
    """
    if faults.endurance_set is None and faults.endurance_reset is None:
        return np.zeros((0, 0, 0, 0), np.uint32)
    deviates = normal(random_words(ENDURANCE, layer, shape, key)).reshape(*shape, 2, 2)
    factor = np.exp(faults.endurance_spread * deviates.astype(np.float64))
    endurance = np.full((*shape, 2, 2), NEVER, np.uint32)
    for kind, median in (
        (SET_CYCLES, faults.endurance_set),
        (RESET_CYCLES, faults.endurance_reset),
    ):
        if median is not None:
            endurance[..., kind] = np.clip(np.rint(median * factor[..., kind]), 1, NEVER)
    return endurance


def worn_level(faults: Faults, device: DeviceTables) -> np.float32:
    """Return the conductance (S) at which a worn-out device of nominal range is stuck."""
    level = faults.stuck_on_level if faults.worn_state == "stuck_on" else 0.0
    # Rounding may put a full device a hair above its maximum.
    return min(np.float32(device.g_min + level * (device.g_max - device.g_min)), device.g_max)
