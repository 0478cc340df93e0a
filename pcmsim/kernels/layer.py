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

# The two devices of a synapse, in 16 bytes that lie together: a pulse fetches them all at once.
PAIR = np.dtype(
    [
        ("conductance", np.float32, 2),  # S
        ("range_scale", np.uint16, 2),  # the device's range over the nominal one, in SCALE_UNITs
        ("fault", np.uint8, 2),  # a fault code
        ("pulses_since_reset", np.uint8, 2),  # as far as the device remembers them
    ]
)
SCALE_UNIT = np.float32(1e-4)

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
    With read noise, so is the variance of the weight from read to read.  All four are padded to
    whole lines of the cache, which the processor reads a quarter faster.
    """

    number: int  # 0 for the layer at the input
    weight_per_siemens: np.float32
    rows: int
    columns: int
    weight_by_row: Array  # (rows, columns and padding) float32
    weight_by_column: Array  # (columns, rows and padding) float32; (0, 0) at the input
    noise: ReadNoise
    variance_by_row: Array  # of the weights, the same shapes; (0, 0) without read noise
    variance_by_column: Array
    pairs: Array  # (rows, columns) PAIR
    # (rows, columns, 4) float32, the same memory, with G+ and G- (S) first: for looking at all
    # conductances of a row at once
    levels: Array
    cycles: Array  # (rows, columns, 2, 2) uint32, SETs and RESETs; (0, 0, 0, 0) without wear-out
    endurance: Array  # the same shape, uint32, how many of either a device endures
    worn_code: np.uint8  # the fault code of a device that has worn out, WORN or OPEN
    worn_level: np.float32  # conductance at which a nominal one is stuck from then on, S

    @property
    def weight(self) -> Array:
        """Weights: shape (rows, columns); a view."""
        return self.weight_by_row[:, : self.columns]

    @property
    def weight_across(self) -> Array:
        """The copy for backward reads: shape (columns, rows), or (0, 0); a view."""
        return self.weight_by_column[:, : self.rows]

    @property
    def variance(self) -> Array:
        """Variance of the weights: shape (rows, columns), or (0, 0); a view."""
        return self.variance_by_row[:, : self.columns]

    @property
    def variance_across(self) -> Array:
        """The copy for backward reads: shape (columns, rows), or (0, 0); a view."""
        return self.variance_by_column[:, : self.rows]

    @property
    def conductance(self) -> Array:
        """Conductances: shape (rows, columns, 2), in S; a view."""
        return self.pairs["conductance"]

    @property
    def range_scale(self) -> Array:
        """Every device's range over the nominal one: shape (rows, columns, 2)."""
        return self.pairs["range_scale"] * SCALE_UNIT

    @property
    def fault(self) -> Array:
        """Fault codes: shape (rows, columns, 2); a view."""
        return self.pairs["fault"]

    @property
    def pulses_since_reset(self) -> Array:
        """Pulses since the last RESET: shape (rows, columns, 2); a view."""
        return self.pairs["pulses_since_reset"]


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
    conductance = layer.pairs[row, column].conductance
    weight = layer.weight_per_siemens * (conductance[PLUS] - conductance[MINUS])
    layer.weight_by_row[row, column] = weight
    if layer.weight_by_column.shape[0] > 0:
        layer.weight_by_column[column, row] = weight
    if is_noisy(layer):
        _renew_variance(layer, row, column)


@part
def is_noisy(layer):
    """Return whether the devices of a layer have read noise."""
    return layer.variance_by_row.shape[0] > 0


@part
def _renew_variance(layer, row, column):
    """Find the variance of one weight under read noise: both devices of the pair add theirs."""
    pair = layer.pairs[row, column]
    plus = _deviation(layer.noise, pair, PLUS)
    minus = _deviation(layer.noise, pair, MINUS)
    factor = layer.weight_per_siemens
    variance = factor * factor * (plus * plus + minus * minus)
    layer.variance_by_row[row, column] = variance
    if layer.variance_by_column.shape[0] > 0:
        layer.variance_by_column[column, row] = variance


@part
def _deviation(noise, pair, side):
    """Return the standard deviation of the read of one device; none where its line is open."""
    deviation = noise.absolute + noise.relative * pair.conductance[side]
    return _ZERO if pair.fault[side] == OPEN else deviation


@part
def range_scale(pair, side):
    """Return a device's range over the nominal one."""
    return np.float32(pair.range_scale[side]) * SCALE_UNIT
