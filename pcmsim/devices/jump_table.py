"""From a device model to jump tables: quantiles of the conductance change on a grid."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.model import DeviceModel, Floats
from pcmsim.devices.normal import normal_quantile
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, QUANTILE_CELLS
from pcmsim.kernels.layer import DeviceTables

TAIL_POINTS = 64

# A law is looked at closely in the middle of so many equal parts of the probabilities.
SAMPLES = 16_384
SPACED = (np.arange(SAMPLES) + 0.5) / SAMPLES


def tabulate(model: DeviceModel) -> DeviceTables:
    """Compile ``model`` into the pair of tables that the array engine draws from."""
    grid = conductance_grid(model.g_min, model.g_max)[:, None]
    set_jumps = [
        quantile_nodes(partial(_set_step, model, grid, past)) for past in range(model.memory)
    ]
    reset_jumps = quantile_nodes(partial(model.reset_step, grid))
    return DeviceTables(
        g_min=np.float32(model.g_min),
        g_max=np.float32(model.g_max),
        cells_per_siemens=np.float32(CONDUCTANCE_CELLS / (model.g_max - model.g_min)),
        memory=model.memory,
        set_jumps=np.stack(set_jumps).astype(np.float32),
        reset_jumps=reset_jumps.astype(np.float32),
        bidirectional=model.bidirectional,
    )


def conductance_grid(g_min: Any, g_max: Any) -> Floats:
    """Return the conductances (S) that the rows of a jump table over this range belong to."""
    return np.linspace(g_min, g_max, CONDUCTANCE_CELLS + 1)


def _set_step(model: DeviceModel, grid: Floats, past: int, probability: Floats) -> Any:
    return model.set_step(grid, probability, past)


def quantile_nodes(quantile: Callable[[Floats], Any]) -> Floats:
    """Sample a quantile function at equal steps of probability, the two ends included.

    The quantiles at probability 0 and 1 may be infinite.  The end nodes are put where straight
    lines to their neighbours give the two end cells the mean they really have, so that drawing
    from the table keeps the mean of the distribution.

    Args:
        quantile: maps probabilities, shape (1, n), to quantiles, shape (grid, n).

    Returns:
        shape (grid, QUANTILE_CELLS + 1), not falling along the last axis.
    """
    inner = np.arange(1, QUANTILE_CELLS)[None, :] / QUANTILE_CELLS
    in_end_cell = (np.arange(TAIL_POINTS)[None, :] + 0.5) / TAIL_POINTS / QUANTILE_CELLS
    nodes = np.asarray(quantile(inner))
    first = 2 * np.mean(quantile(in_end_cell), axis=-1, keepdims=True) - nodes[:, :1]
    last = 2 * np.mean(quantile(1 - in_end_cell), axis=-1, keepdims=True) - nodes[:, -1:]
    return np.concatenate([first, nodes, last], axis=-1)


def standard_normal_nodes() -> NDArray[np.float32]:
    """Return the standard normal as quantile nodes, shape (QUANTILE_CELLS + 1,)."""
    nodes: NDArray[np.float32] = quantile_nodes(normal_quantile)[0].astype(np.float32)
    return nodes


def mean_step(jumps: NDArray[Any]) -> Floats:
    """Return the mean conductance change (S) of each row of a jump table."""
    nodes = jumps.astype(np.float64)
    return np.asarray((nodes[..., :-1] + nodes[..., 1:]).mean(axis=-1) / 2)


def spread_of_step(jumps: NDArray[Any]) -> Floats:
    """Return the standard deviation (S) of each row of a jump table, straight between nodes."""
    nodes = jumps.astype(np.float64) - mean_step(jumps)[..., None]
    low, high = nodes[..., :-1], nodes[..., 1:]
    return np.asarray(np.sqrt(((low * low + low * high + high * high) / 3).mean(axis=-1)))


def nominal_step(tables: DeviceTables) -> float:
    """Return the mean partial-SET step (S) in the middle of the range, long after a RESET.

    The yardstick that turns a change of weight into a number of pulses.
    """
    return float(mean_step(tables.set_jumps[-1])[CONDUCTANCE_CELLS // 2])
