"""Means and spreads of what the jump tables hold, and of the response they lead to."""

from typing import Any

import numpy as np

from pcmsim.array.state import SATURATED
from pcmsim.devices.jump_table import mean_step
from pcmsim.devices.model import Floats
from pcmsim.kernels.jump import CONDUCTANCE_CELLS
from pcmsim.kernels.layer import DeviceTables

# The row of a jump table that belongs to the middle of the range.
MIDDLE = CONDUCTANCE_CELLS // 2
# A device that has come so far up its range counts as filled.
FILLED = 0.9


def asymmetry_of(tables: DeviceTables) -> float:
    """Return (up - down) / (up + down) of mean steps in the middle of the range.

    They are steps of a bidirectional device.
    """
    up = float(mean_step(tables.set_jumps[-1])[MIDDLE])
    down = -float(mean_step(tables.reset_jumps)[MIDDLE])
    return (up - down) / (up + down)


def pulses_to_fill(tables: DeviceTables, course: Floats) -> int | None:
    """Return after how many pulses a noise-free response has filled a device; None if never."""
    low, high = float(tables.g_min), float(tables.g_max)
    return pulses_to_reach(course, low + FILLED * (high - low))


def residue_quantiles(tables: DeviceTables) -> Floats:
    """Return quantiles, at equal steps of probability, of the conductance (S) a RESET leaves.

    The RESET is that of a full device.
    """
    after = tables.g_max + tables.reset_jumps[-1].astype(np.float64)
    return np.asarray(np.clip(after, tables.g_min, tables.g_max))


def pulses_to_reach(course: Floats, conductance: float) -> int | None:
    """Return after how many pulses a noise-free response is at a conductance (S).

    None if it never is.  A thousandth of the way is forgiven: tables are rounded.
    """
    nearly = conductance - 0.001 * (conductance - course[0])
    reached: Any = np.flatnonzero(course >= nearly)
    return int(reached[0]) if reached.size else None


def pulses_to_saturation(course: Floats) -> int:
    """Return after how many pulses a noise-free response is at 95 % of its final rise."""
    nearly = course[0] + SATURATED * (course[-1] - course[0])
    return max(int(np.argmax(course >= nearly)), 1)
