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
from pcmsim.kernels.layer import MINUS, OPEN, PLUS, Array
from pcmsim.kernels.philox import philox, stream

_ZERO = np.float32(0.0)


class ReadNoise(NamedTuple):
    """Read noise of a device: normal, with standard deviation ``absolute + relative * G``."""

    absolute: np.float32  # S
    relative: np.float32
    normal: Array  # (QUANTILE_CELLS + 1,) float32, quantiles of the standard normal


@part
def read_forward(layer, noise, x, current, variance, purpose, step, key):
    """Read all columns: ``current[c] = sum_r x[r] * weight[r, c]``, with read noise if any."""
    add_up(layer.weight, x, current)
    if noise.absolute > _ZERO or noise.relative > _ZERO:
        variance[:] = _ZERO
        for row in range(layer.weight.shape[0]):
            if x[row] != _ZERO:
                for column in range(layer.weight.shape[1]):
                    variance[column] += x[row] * x[row] * _variance(layer, noise, row, column)
        _add_noise(layer, noise, current, variance, purpose, step, key)


@part
def read_backward(layer, noise, delta, current, variance, purpose, step, key):
    """Read all rows: ``current[r] = sum_c delta[c] * weight[r, c]``, with read noise if any.

    ``current`` may be shorter than there are rows: nobody listens to the row of the bias.
    """
    add_up(layer.weight_across, delta, current)
    if noise.absolute > _ZERO or noise.relative > _ZERO:
        for row in range(current.shape[0]):
            total = _ZERO
            for column in range(delta.shape[0]):
                total += delta[column] * delta[column] * _variance(layer, noise, row, column)
            variance[row] = total
        _add_noise(layer, noise, current, variance, purpose, step, key)


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
def _variance(layer, noise, row, column):
    """Return the variance of one weight under read noise: both devices of the pair add theirs."""
    plus = _deviation(layer, noise, row, column, PLUS)
    minus = _deviation(layer, noise, row, column, MINUS)
    factor = layer.weight_per_siemens
    return factor * factor * (plus * plus + minus * minus)


@part
def _deviation(layer, noise, row, column, side):
    """Return the standard deviation of the read of one device; none where its line is open."""
    deviation = noise.absolute + noise.relative * layer.conductance[row, column, side]
    return _ZERO if layer.fault[row, column, side] == OPEN else deviation


@part
def _add_noise(layer, noise, current, variance, purpose, step, key):
    """Add the noise of a whole line in one draw: a sum of independent normals is normal."""
    for line in range(current.shape[0]):
        words = philox(line, 0, step, stream(purpose, layer.number, 0), key)
        deviate = draw_quantile(noise.normal, words[0])
        current[line] += np.float32(math.sqrt(variance[line])) * deviate
