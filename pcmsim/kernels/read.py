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
from pcmsim.kernels.layer import MINUS, PLUS, Array
from pcmsim.kernels.philox import philox, stream

LANES = 16
_ZERO = np.float32(0.0)


class ReadNoise(NamedTuple):
    """Read noise of a device: normal, with standard deviation ``absolute + relative * G``."""

    absolute: np.float32  # S
    relative: np.float32
    normal: Array  # (QUANTILE_CELLS + 1,) float32, quantiles of the standard normal


@part
def read_forward(layer, noise, x, current, variance, purpose, step, key):
    """Read all columns: ``current[c] = sum_r x[r] * weight[r, c]``, with read noise if any."""
    sum_forward(layer.weight, x, current)
    if noise.absolute > _ZERO or noise.relative > _ZERO:
        variance[:] = _ZERO
        for row in range(layer.weight.shape[0]):
            if x[row] != _ZERO:
                for column in range(layer.weight.shape[1]):
                    variance[column] += x[row] * x[row] * _variance(layer, noise, row, column)
        _add_noise(layer, noise, current, variance, purpose, step, key)


@part
def read_backward(layer, noise, delta, lanes, current, variance, purpose, step, key):
    """Read all rows: ``current[r] = sum_c delta[c] * weight[r, c]``, with read noise if any."""
    sum_backward(layer.weight, delta, lanes, current)
    if noise.absolute > _ZERO or noise.relative > _ZERO:
        for row in range(current.shape[0]):
            total = _ZERO
            for column in range(delta.shape[0]):
                total += delta[column] * delta[column] * _variance(layer, noise, row, column)
            variance[row] = total
        _add_noise(layer, noise, current, variance, purpose, step, key)


@part
def sum_forward(weight, x, current):
    """Add up the columns, row after row; a row at zero voltage drives no current."""
    current[:] = _ZERO
    for row in range(weight.shape[0]):
        voltage = x[row]
        if voltage != _ZERO:
            for column in range(weight.shape[1]):
                current[column] += voltage * weight[row, column]


@part
def sum_backward(weight, delta, lanes, current):
    """Add up the rows, in ``LANES`` interleaved partial sums that are added at the end.

    A fixed order that the processor can follow sixteen columns at a time.  The first
    ``len(current)`` rows are read: nobody listens to the row of the bias.  ``lanes`` is scratch.
    """
    columns = weight.shape[1]
    whole = columns - columns % LANES
    for row in range(current.shape[0]):
        lanes[:] = _ZERO
        for start in range(0, whole, LANES):
            for lane in range(LANES):
                lanes[lane] += delta[start + lane] * weight[row, start + lane]
        for column in range(whole, columns):
            lanes[column - whole] += delta[column] * weight[row, column]
        total = _ZERO
        for lane in range(LANES):
            total += lanes[lane]
        current[row] = total


@part
def _variance(layer, noise, row, column):
    """Return the variance of one weight under read noise: both devices of the pair add theirs."""
    plus = noise.absolute + noise.relative * layer.conductance[row, column, PLUS]
    minus = noise.absolute + noise.relative * layer.conductance[row, column, MINUS]
    factor = layer.weight_per_siemens
    return factor * factor * (plus * plus + minus * minus)


@part
def _add_noise(layer, noise, current, variance, purpose, step, key):
    """Add the noise of a whole line in one draw: a sum of independent normals is normal."""
    for line in range(current.shape[0]):
        words = philox(line, 0, step, stream(purpose, layer.number, 0), key)
        deviate = draw_quantile(noise.normal, words[0])
        current[line] += np.float32(math.sqrt(variance[line])) * deviate
