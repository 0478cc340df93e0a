"""Reading a crossbar: the currents of all columns, or of all rows, at once.

Forward, each row carries a voltage x_r and each column collects the current
sum_r x_r W_rc (Ohm and Kirchhoff).  Backward, the columns carry the errors and the rows
collect.  The sums run in a fixed order, so that a result depends neither on the compiler nor
on the number of threads.
"""

import math
from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.jump import draw_quantile
from pcmsim.kernels.layer import Array, is_noisy
from pcmsim.kernels.philox import philox, stream

_ZERO = np.float32(0.0)

# So many lines are read at a time.
EIGHT = 8


class Lines(NamedTuple):
    """Scratch: the lines that are driven in a read, and what its noise is made of."""

    driven: Array  # (most lines driven,) uint32
    squares: Array  # (most lines driven,) float32, of the voltages
    variance: Array  # (most lines read,) float32, of the currents


@part
def read_forward(layer, x, current, lines, purpose, step, key):
    """Read all columns: ``current[c] = sum_r x[r] * weight[r, c]``, with read noise if any."""
    add_up(layer.weight, x, current, lines.driven)
    if is_noisy(layer):
        _add_noise(layer, layer.variance, x, current, lines, purpose, step, key)


@part
def read_backward(layer, delta, current, lines, purpose, step, key):
    """Read all rows: ``current[r] = sum_c delta[c] * weight[r, c]``, with read noise if any.

    ``current`` may be shorter than there are rows: nobody listens to the row of the bias.
    """
    add_up(layer.weight_across, delta, current, lines.driven)
    if is_noisy(layer):
        _add_noise(layer, layer.variance_across, delta, current, lines, purpose, step, key)


@part
def add_up(weight, drive, current, driven):
    """Add up ``current[n] = sum_k drive[k] * weight[k, n]``, line after line.

    A line that is not driven carries no current and is passed over.  Lines are taken eight at a
    time, which spares seven eighths of the way to memory; each sum still runs in the same order.
    """
    count = 0
    for k in range(weight.shape[0]):
        driven[count] = k
        count += drive[k] != _ZERO
    current[:] = _ZERO
    together = count // EIGHT * EIGHT
    for first in range(0, together, EIGHT):
        _add_eight(weight, drive, driven[first : first + EIGHT], current)
    for n in range(together, count):
        k = driven[n]
        for line in range(current.shape[0]):
            current[line] += drive[k] * weight[k, line]


@part
def _add_eight(weight, drive, driven, current):
    k0, k1, k2, k3 = driven[0], driven[1], driven[2], driven[3]
    k4, k5, k6, k7 = driven[4], driven[5], driven[6], driven[7]
    d0, d1, d2, d3 = drive[k0], drive[k1], drive[k2], drive[k3]
    d4, d5, d6, d7 = drive[k4], drive[k5], drive[k6], drive[k7]
    for line in range(current.shape[0]):
        total = current[line] + d0 * weight[k0, line]
        total += d1 * weight[k1, line]
        total += d2 * weight[k2, line]
        total += d3 * weight[k3, line]
        total += d4 * weight[k4, line]
        total += d5 * weight[k5, line]
        total += d6 * weight[k6, line]
        current[line] = total + d7 * weight[k7, line]


@part
def _add_noise(layer, variance, drive, current, lines, purpose, step, key):
    """Add the noise of a whole line in one draw: a sum of independent normals is normal.

    Its variance, ``sum_k drive[k]**2 * variance[k, n]``, is a read of its own.
    """
    squares = lines.squares[: drive.shape[0]]
    for k in range(drive.shape[0]):
        squares[k] = drive[k] * drive[k]
    of_current = lines.variance[: current.shape[0]]
    add_up(variance, squares, of_current, lines.driven)
    for line in range(current.shape[0]):
        words = philox(line, 0, step, stream(purpose, layer.number, 0), key)
        deviate = draw_quantile(layer.noise.normal, words[0])
        current[line] += np.float32(math.sqrt(of_current[line])) * deviate
