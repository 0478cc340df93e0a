"""One stochastic conductance change, drawn from a jump table.

A jump table holds, for each conductance of a grid, the quantiles of the conductance change
that one pulse causes there: the device abstraction of Sidler et al., ESSDERC 2016
(published).  A draw is the inverse of the cumulative distribution at a uniform random number,
so one table serves a measured device as well as an analytic one.

Both axes have equal steps and both are interpolated linearly.  The number of quantile cells
is a power of two: the top bits of a random word choose the cell, the rest the place in it.
"""

import numpy as np

from pcmsim.kernels.compile import part

QUANTILE_BITS = 7
QUANTILE_CELLS = 1 << QUANTILE_BITS
CONDUCTANCE_CELLS = 32

_CELL_SHIFT = np.uint64(32 - QUANTILE_BITS)
_REST_MASK = np.uint64((1 << (32 - QUANTILE_BITS)) - 1)
_REST_SCALE = np.float32(2.0 ** -(32 - QUANTILE_BITS))
_LAST_CELL = np.float32(CONDUCTANCE_CELLS - 1)
_ZERO = np.float32(0.0)


@part
def draw_quantile(quantiles, word):
    """Draw from one distribution, given by ``QUANTILE_CELLS + 1`` quantiles, at a 32-bit word."""
    cell = quantile_cell(word)
    low = quantiles[cell]
    return low + _rest_of(word) * (quantiles[cell + 1] - low)


@part
def draw_jump(table, position, word):
    """Draw a conductance change (S) at a conductance given in cells of the table's grid.

    ``table`` has shape (``CONDUCTANCE_CELLS + 1``, ``QUANTILE_CELLS + 1``); ``position`` runs
    from 0 at the device's minimum conductance to ``CONDUCTANCE_CELLS`` at its maximum.
    """
    row, column = conductance_cell(position), quantile_cell(word)
    corners = (
        table[row, column],
        table[row, column + 1],
        table[row + 1, column],
        table[row + 1, column + 1],
    )
    return within_cell(corners, position, word)


@part
def conductance_cell(position):
    """Return the row of a table from which to the next one a conductance lies."""
    return np.int64(min(max(position, _ZERO), _LAST_CELL))


@part
def quantile_cell(word):
    """Return the column of a table from which to the next one a random word points."""
    return np.int64(word >> _CELL_SHIFT)


@part
def within_cell(corners, position, word):
    """Interpolate between the corners of a cell: two of a row of the table, two of the next."""
    low = corners[0] + _rest_of(word) * (corners[1] - corners[0])
    high = corners[2] + _rest_of(word) * (corners[3] - corners[2])
    return low + (position - np.float32(conductance_cell(position))) * (high - low)


@part
def _rest_of(word):
    return np.float32(np.int64(word & _REST_MASK)) * _REST_SCALE
