"""The arrays of one crossbar layer, and the tables of the device it is made of."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.compile import part

Array = NDArray[Any]

_ZERO = np.float32(0.0)

# Fault codes, one per device, kept in files: append, never reuse.  Anything but HEALTHY is never
# programmed; all but OPEN, on a line without contact or disconnected on purpose, are read.
HEALTHY = 0
DEAD = 1
STUCK_ON = 2
STUCK_PRESENT = 3
STUCK_RANDOM = 4
OPEN = 5
STUCK_AT = 6
WORN = 7

# The two devices of a pair.
PLUS = 0
MINUS = 1
# Where the scales of their ranges come after their conductances.
SCALE = 2

# The two kinds of pulses that a device is worn out by.
SET_CYCLES = 0
RESET_CYCLES = 1


class ReadNoise(NamedTuple):
    """Read noise of a device: normal, with standard deviation ``absolute + relative * G``."""

    absolute: np.float32  # S
    relative: np.float32
    normal: Array  # (QUANTILE_CELLS + 1,) float32, quantiles of the standard normal


class Layer(NamedTuple):
    """A crossbar of ``rows`` x ``columns`` synapses; the last axis of a pair is (G+, G-).

    The weight is what a read sees, kept so that a read costs one multiplication per synapse: it
    is ``weight_per_siemens * (G+ - G-)``, renewed whenever one of the two conductances changes.
    It is kept a second time with rows and columns exchanged, so that a read from either side
    runs along the memory; the layer at the input is never read backwards and has no such copy.
    With read noise, so is the variance of the weight from read to read.
    """

    number: int  # 0 for the layer at the input
    weight_per_siemens: np.float32
    weight: Array  # (rows, columns) float32
    weight_across: Array  # (columns, rows) float32; (0, 0) in the layer at the input
    noise: ReadNoise
    variance: Array  # (rows, columns) float32, of the weight; (0, 0) without read noise
    variance_across: Array  # (columns, rows) float32; (0, 0) at the input or without read noise
    # (rows, columns, 4) float32: both conductances (S) and, from SCALE on, both devices' ranges
    # over the nominal one; so one access to memory reaches all that a pulse needs
    pairs: Array
    fault: Array  # (rows, columns, 2) uint8, a fault code
    pulses_since_reset: Array  # (rows, columns, 2) uint8; (0, 0, 0) for a device without memory
    cycles: Array  # (rows, columns, 2, 2) uint32, SETs and RESETs; (0, 0, 0, 0) without wear-out
    endurance: Array  # the same shape, uint32, how many of either a device endures
    worn_code: np.uint8  # the fault code of a device that has worn out, WORN or OPEN
    worn_level: np.float32  # conductance at which a nominal one is stuck from then on, S

    @property
    def conductance(self) -> Array:
        """Conductances: shape (rows, columns, 2), in S."""
        return self.pairs[..., :SCALE]

    @property
    def range_scale(self) -> Array:
        """Every device's range over the nominal one: shape (rows, columns, 2)."""
        return self.pairs[..., SCALE:]


class DeviceTables(NamedTuple):
    """A device as the engine knows it: a range and a pair of jump tables (all in S)."""

    g_min: np.float32
    g_max: np.float32
    cells_per_siemens: np.float32
    memory: int  # how many pulses since the last RESET change the answer; 1: none
    set_jumps: Array  # (memory, CONDUCTANCE_CELLS + 1, QUANTILE_CELLS + 1) float32
    reset_jumps: Array  # (CONDUCTANCE_CELLS + 1, QUANTILE_CELLS + 1) float32
    bidirectional: bool  # reset_jumps is a gradual depression, not an abrupt RESET


@part
def renew_weight(layer, row, column):
    """Bring what is stored of one synapse's weight up to date with its two conductances."""
    plus = layer.pairs[row, column, PLUS]
    minus = layer.pairs[row, column, MINUS]
    weight = layer.weight_per_siemens * (plus - minus)
    layer.weight[row, column] = weight
    if layer.weight_across.shape[0] > 0:
        layer.weight_across[column, row] = weight
    if is_noisy(layer):
        _renew_variance(layer, row, column)


@part
def is_noisy(layer):
    """Return whether the devices of a layer have read noise."""
    return layer.variance.shape[0] > 0


@part
def _renew_variance(layer, row, column):
    """Find the variance of one weight under read noise: both devices of the pair add theirs."""
    plus = _deviation(layer, row, column, PLUS)
    minus = _deviation(layer, row, column, MINUS)
    factor = layer.weight_per_siemens
    variance = factor * factor * (plus * plus + minus * minus)
    layer.variance[row, column] = variance
    if layer.variance_across.shape[0] > 0:
        layer.variance_across[column, row] = variance


@part
def _deviation(layer, row, column, side):
    """Return the standard deviation of the read of one device; none where its line is open."""
    deviation = layer.noise.absolute + layer.noise.relative * layer.pairs[row, column, side]
    return _ZERO if layer.fault[row, column, side] == OPEN else deviation
