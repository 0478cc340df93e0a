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


class NoisyLines(NamedTuple):
    """Scratch: what the noise of a read is made of."""

    squares: Array  # (most lines driven,) float32, of the voltages
    variance: Array  # (most lines read,) float32, of the currents


@part
def read_forward(layer, x, current, noisy, purpose, step, key):
    """Read all columns: ``current[c] = sum_r x[r] * weight[r, c]``, with read noise if any."""
    add_up(layer.weight, x, current)
    if is_noisy(layer):
        _add_noise(layer, layer.variance, x, current, noisy, purpose, step, key)


@part
def read_backward(layer, delta, current, noisy, purpose, step, key):
    """Read all rows: ``current[r] = sum_c delta[c] * weight[r, c]``, with read noise if any.

    ``current`` may be shorter than there are rows: nobody listens to the row of the bias.
    """
    add_up(layer.weight_across, delta, current)
    if is_noisy(layer):
        _add_noise(layer, layer.variance_across, delta, current, noisy, purpose, step, key)


@part
def add_up(weight, drive, current):
    """Add up ``current[n] = sum_k drive[k] * weight[k, n]``, line after line.

    A line that is not driven carries no current and is passed over.  Lines are taken in fours,
    which spares three quarters of the way to memory; each sum still runs in the same order.
    """
    current[:] = _ZERO
    taken = 0
    k0 = k1 = k2 = 0
    for k in range(weight.shape[0]):
        if drive[k] != _ZERO:
            if taken == 3:
                _add_four(weight, drive, k0, k1, k2, k, current)
                taken = 0
            else:
                k0, k1, k2 = (
                    (k, k1, k2) if taken == 0 else (k0, k, k2) if taken == 1 else (k0, k1, k)
                )
                taken += 1
    for n in range(taken):
        k = k0 if n == 0 else k1 if n == 1 else k2
        for line in range(current.shape[0]):
            current[line] += drive[k] * weight[k, line]


@part
def _add_four(weight, drive, k0, k1, k2, k3, current):
    d0, d1, d2, d3 = drive[k0], drive[k1], drive[k2], drive[k3]
    for line in range(current.shape[0]):
        total = current[line] + d0 * weight[k0, line]
        total += d1 * weight[k1, line]
        total += d2 * weight[k2, line]
        current[line] = total + d3 * weight[k3, line]


@part
def _add_noise(layer, variance, drive, current, noisy, purpose, step, key):
    """Add the noise of a whole line in one draw: a sum of independent normals is normal.

    Its variance, ``sum_k drive[k]**2 * variance[k, n]``, is a read of its own.
    """
    squares = noisy.squares[: drive.shape[0]]
    for k in range(drive.shape[0]):
        squares[k] = drive[k] * drive[k]
    of_current = noisy.variance[: current.shape[0]]
    add_up(variance, squares, of_current)
    for line in range(current.shape[0]):
        words = philox(line, 0, step, stream(purpose, layer.number, 0), key)
        deviate = draw_quantile(layer.noise.normal, words[0])
        current[line] += np.float32(math.sqrt(of_current[line])) * deviate
