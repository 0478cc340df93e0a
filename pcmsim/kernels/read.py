"""Reading a crossbar: the currents of all columns, or of all rows, at once.

Forward, each row carries a voltage x_r and each column collects the current
sum_r x_r W_rc (Ohm and Kirchhoff).  Backward, the columns carry the errors and the rows
collect.  The sums run in a fixed order, so that a result depends neither on the compiler nor
on the number of threads; each thread reads its share of the columns or rows.
"""

import math
from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.jump import draw_quantile
from pcmsim.kernels.layer import Array, is_noisy
from pcmsim.kernels.philox import philox, stream
from pcmsim.kernels.team import share

_ZERO = np.float32(0.0)

# So many lines are read at a time, and for one example of a batch before the next one.
EIGHT = 8
LINES_OF_A_BATCH = 64


class Lines(NamedTuple):
    """Scratch: the lines that are driven in a read, and what its noise is made of."""

    driven: Array  # (most lines driven,) uint32
    squares: Array  # (1, most lines driven) float32, of the voltages
    variance: Array  # (1, most lines read) float32, of the currents


@part
def read_forward(team, layer, size, x, currents, lines, purpose, step, key):
    """Read the columns for the first ``size`` examples, with read noise if any.

    ``currents[n, c] = sum_r x[n, r] * weight[r, c]``.
    """
    columns = share(team, layer.columns)
    add_up(layer.weight_by_row, size, x, currents, columns, lines.driven)
    if is_noisy(layer):
        variance = layer.variance_by_row
        _add_noise(layer, variance, size, x, currents, columns, lines, purpose, step, key)


@part
def read_backward(team, layer, size, delta, currents, lines, purpose, step, key):
    """Read the rows for the first ``size`` examples, with read noise if any.

    ``currents[n, r] = sum_c delta[n, c] * weight[r, c]``, but for the last row: nobody listens to
    that of the bias.
    """
    rows = share(team, layer.rows - 1)
    add_up(layer.weight_by_column, size, delta, currents, rows, lines.driven)
    if is_noisy(layer):
        variance = layer.variance_by_column
        _add_noise(layer, variance, size, delta, currents, rows, lines, purpose, step, key)


@part
def add_up(weight, size, drives, currents, bounds, driven):
    """Add up ``currents[n, c] = sum_k drives[n, k] * weight[k, c]`` for all c within ``bounds``.

    Of a batch, all examples are read with some lines before the next lines are fetched from
    memory.  Each sum runs in the same order, however many examples there are.
    """
    for n in range(size):
        for c in _all(bounds):
            currents[n, c] = _ZERO
    lines = weight.shape[0]
    together = lines if size == 1 else LINES_OF_A_BATCH
    for first in range(0, lines, together):
        for n in range(size):
            last = min(first + together, lines)
            _add_lines(weight, first, last, drives[n], currents[n], bounds, driven)


@part
def _add_lines(weight, first, last, drive, current, bounds, driven):
    """Add what lines ``first`` to ``last`` (exclusive) contribute to the currents.

    A line that is not driven carries no current and is passed over.  Lines are taken eight at a
    time, which spares seven eighths of the way to memory.
    """
    count = 0
    for k in range(first, last):
        driven[count] = k
        count += drive[k] != _ZERO
    together = count // EIGHT * EIGHT
    for n in range(0, together, EIGHT):
        _add_eight(weight, drive, driven[n : n + EIGHT], current, bounds)
    for n in range(together, count):
        k = driven[n]
        for c in _all(bounds):
            current[c] += drive[k] * weight[k, c]


@part
def _add_eight(weight, drive, driven, current, bounds):
    k0, k1, k2, k3 = driven[0], driven[1], driven[2], driven[3]
    k4, k5, k6, k7 = driven[4], driven[5], driven[6], driven[7]
    d0, d1, d2, d3 = drive[k0], drive[k1], drive[k2], drive[k3]
    d4, d5, d6, d7 = drive[k4], drive[k5], drive[k6], drive[k7]
    for c in _all(bounds):
        total = current[c] + d0 * weight[k0, c]
        total += d1 * weight[k1, c]
        total += d2 * weight[k2, c]
        total += d3 * weight[k3, c]
        total += d4 * weight[k4, c]
        total += d5 * weight[k5, c]
        total += d6 * weight[k6, c]
        current[c] = total + d7 * weight[k7, c]


@part
def _all(bounds):
    """Return the lines to be read, as numbers of which the compiler knows that none is negative."""
    return range(np.uint64(bounds[0]), np.uint64(bounds[1]))


@part
def _add_noise(layer, variance, size, drives, currents, bounds, lines, purpose, step, key):
    """Add the noise of a whole line in one draw: a sum of independent normals is normal.

    Its variance, ``sum_k drive[k]**2 * variance[k, c]``, is a read of its own.
    """
    for n in range(size):
        for k in range(variance.shape[0]):
            lines.squares[0, k] = drives[n, k] * drives[n, k]
        add_up(variance, 1, lines.squares, lines.variance, bounds, lines.driven)
        for line in range(bounds[0], bounds[1]):
            words = philox(line, 0, step + n, stream(purpose, layer.number, 0), key)
            deviate = draw_quantile(layer.noise.normal, words[0])
            currents[n, line] += np.float32(math.sqrt(lines.variance[0, line])) * deviate
