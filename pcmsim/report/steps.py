"""Means and spreads of what the jump tables hold, and of the response they lead to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.state import SATURATED
from pcmsim.devices.jump_table import mean_step
from pcmsim.devices.model import Floats
from pcmsim.kernels.jump import CONDUCTANCE_CELLS
from pcmsim.kernels.layer import DeviceTables


def conductance_grid(tables: DeviceTables) -> Floats:
    """Return the conductances (S) that the rows of a jump table belong to."""
    low, high = float(tables.g_min), float(tables.g_max)
    return np.linspace(low, high, CONDUCTANCE_CELLS + 1)


def spread_of_step(jumps: NDArray[Any]) -> Floats:
    """Return the standard deviation (S) of each row of a jump table, straight between nodes."""
    nodes = jumps.astype(np.float64) - mean_step(jumps)[..., None]
    low, high = nodes[..., :-1], nodes[..., 1:]
    return np.asarray(np.sqrt(((low * low + low * high + high * high) / 3).mean(axis=-1)))


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
