"""The arrays of one crossbar layer, and the tables of the device it is made of."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.codes import HEALTHY, MINUS, OPEN, PLUS
from pcmsim.kernels.compile import part

Array = NDArray[Any]

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)

# The two devices of a synapse, in 16 bytes that lie together: a pulse fetches them all at once.  A
# faulty device follows no pulse and has no use for the scale of its range; the fault code stands
# in its place, with a minus sign.
PAIR = np.dtype(
    [
        ("conductance", np.float32, 2),  # S
        ("range_scale", np.float32, 2),  # the device's range over the nominal one; or a fault
    ]
)

# The volatile element of a synapse; see ``volatile``.
VOLATILE = np.dtype(
    [
        ("charge", np.float32),  # as part of the nominal range, from -1/2 to 1/2
        ("worth", np.float32),  # weight of a charge of 1
        ("up", np.float32),  # the element's steps up over the nominal ones
        ("down", np.float32),  # and its steps down
    ]
)


def scale_or_fault(scale: Array, fault: Array) -> Array:
    """Return what stands for ranges in pairs: scales, or fault codes; both (rows, columns, 2)."""
    return np.where(fault == HEALTHY, scale, -fault.astype(np.float32))


def levels_of(pairs: Array) -> Array:
    """Return pairs (rows, columns) as numbers (rows, columns, 4), G+ and G- (S) first: a view."""
    return pairs.view(np.float32).reshape(*pairs.shape, 4)


class ReadNoise(NamedTuple):
    """Read noise of a device: normal, with standard deviation ``absolute + relative * G``."""

    absolute: np.float32  # S
    relative: np.float32
    normal: Array  # (QUANTILE_CELLS + 1,) float32, quantiles of the standard normal


class DeviceTables(NamedTuple):
    """A device as the engine knows it: a range and a pair of jump tables (all in S)."""

    g_min: np.float32
    g_max: np.float32
    cells_per_siemens: np.float32
    memory: int  # how many pulses since the last RESET change the answer; 1: none
    set_jumps: Array  # (memory, CONDUCTANCE_CELLS + 1, QUANTILE_CELLS + 1) float32
    reset_jumps: Array  # (CONDUCTANCE_CELLS + 1, QUANTILE_CELLS + 1) float32
    bidirectional: bool  # reset_jumps is a gradual depression, not an abrupt RESET


class VolatileElement(NamedTuple):
    """What stands beside every pair of an array, where anything does."""

    interval: int  # examples between two transfers to the pairs; 0: there is no such element
    inverts: bool  # polarity is inverted at every transfer
    kept: np.float32  # of a charge after so many examples as LEAK_INTERVAL
    tables: DeviceTables  # of a nominal one, with places in its range, from 0 to 1, for S


class Layer(NamedTuple):
    """A crossbar of ``rows`` x ``columns`` synapses; the last axis of a pair is (G+, G-).

    The weight is what a read sees, kept so that a read costs one multiplication per synapse: it
    is ``weight_per_siemens * (G+ - G-)``, renewed whenever one of the two conductances changes.
    Where several pairs make a synapse, they lie in neighbouring columns of their own, pair k of
    synapse c in column ``c * pairs_per_synapse + k``, and their differences are added up.
    It is kept a second time with rows and columns exchanged, so that a read from either side
    runs along the memory; the layer at the input is never read backwards and has no such copy.
    A volatile element beside the pair adds its part.
    With read noise, so is the variance of the weight from read to read.  All four are padded to
    whole lines of the cache, which the processor reads a quarter faster.
    """

    number: int  # 0 for the layer at the input
    weight_per_siemens: np.float32
    rows: int
    columns: int
    pairs_per_synapse: np.uint64
    weight_by_row: Array  # (rows, columns and padding) float32
    weight_by_column: Array  # (columns, rows and padding) float32; (0, 0) at the input
    noise: ReadNoise
    variance_by_row: Array  # of the weights, the same shapes; (0, 0) without read noise
    variance_by_column: Array
    # From here on there is a column for each pair of a synapse.
    pairs: Array  # (rows, columns) PAIR
    # (rows, columns, 4) float32, the same memory, with G+ and G- (S) first: for looking at all
    # conductances of a row at once
    levels: Array
    # (rows, columns, 2) float32, a device's steps over the nominal ones, beside what its range
    # makes of them; (0, 0, 0) where it makes all of the difference
    step_scale: Array
    pulses_since_reset: Array  # (rows, columns, 2) uint8; (0, 0, 0) for a device without memory
    cycles: Array  # (rows, columns, 2, 2) uint32, SETs and RESETs; (0, 0, 0, 0) without wear-out
    endurance: Array  # the same shape, uint32, how many of either a device endures
    worn_code: np.uint8  # the fault code of a device that has worn out, WORN or OPEN
    worn_level: np.float32  # conductance at which a nominal one is stuck from then on, S
    element: VolatileElement
    volatile: Array  # (rows, columns) VOLATILE; (0, 0) where pairs stand alone

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
    def charge(self) -> Array:
        """Charges of the volatile elements: shape (rows, columns), or (0, 0); a view."""
        return self.volatile["charge"]

    @property
    def fault(self) -> Array:
        """Fault codes: shape (rows, columns, 2)."""
        code: Array = np.maximum(-self.pairs["range_scale"], HEALTHY)
        return code.astype(np.uint8)

    @property
    def range_scale(self) -> Array:
        """The healthy devices' range over the nominal one: shape (rows, columns, 2); else NaN."""
        scale = self.pairs["range_scale"]
        healthy: Array = np.where(scale > 0, scale, np.float32(np.nan))
        return healthy


@part
def renew_weight(layer, row, column):
    """Bring what is stored of a synapse's weight up to date; ``column`` is that of a pair of it."""
    synapse, first = np.uint64(column), np.uint64(column)
    difference = difference_of(layer.pairs[row, first])
    # One pair is looked at outside of the loop over several: that is 4 % of all training.
    if layer.pairs_per_synapse > 1:
        synapse //= layer.pairs_per_synapse
        first = synapse * layer.pairs_per_synapse
        difference = difference_of(layer.pairs[row, first])
        for k in range(1, layer.pairs_per_synapse):
            difference += difference_of(layer.pairs[row, first + k])
    weight = layer.weight_per_siemens * difference
    if has_volatile(layer):
        one = layer.volatile[row, synapse]
        weight += one.worth * one.charge
    layer.weight_by_row[row, synapse] = weight
    if layer.weight_by_column.shape[0] > 0:
        layer.weight_by_column[synapse, row] = weight
    if is_noisy(layer):
        _renew_variance(layer, row, synapse, first)


@part
def difference_of(pair):
    """Return G+ - G- of a pair, in S."""
    return pair.conductance[PLUS] - pair.conductance[MINUS]


@part
def has_volatile(layer):
    """Return whether a volatile element stands beside every pair of a layer."""
    return layer.volatile.shape[0] > 0


@part
def is_noisy(layer):
    """Return whether the devices of a layer have read noise."""
    return layer.variance_by_row.shape[0] > 0


@part
def _renew_variance(layer, row, synapse, first):
    """Find the variance of one weight under read noise: all devices of the synapse add theirs."""
    total = _variance_of(layer.noise, layer.pairs[row, first])
    for k in range(1, layer.pairs_per_synapse):
        total += _variance_of(layer.noise, layer.pairs[row, first + k])
    factor = layer.weight_per_siemens
    variance = factor * factor * total
    layer.variance_by_row[row, synapse] = variance
    if layer.variance_by_column.shape[0] > 0:
        layer.variance_by_column[synapse, row] = variance


@part
def _variance_of(noise, pair):
    """Return the variance of a read of G+ - G-, in S^2."""
    plus = _deviation(noise, pair, PLUS)
    minus = _deviation(noise, pair, MINUS)
    return plus * plus + minus * minus


@part
def _deviation(noise, pair, side):
    """Return the standard deviation of the read of one device; none where its line is open."""
    deviation = noise.absolute + noise.relative * pair.conductance[side]
    return _ZERO if _is_open(pair, side) else deviation


@part
def step_scale_of(layer, row, column, side):
    """Return how large the steps of a device are, over those of a nominal one."""
    return layer.step_scale[row, column, side] if layer.step_scale.shape[0] > 0 else _ONE


@part
def is_healthy(pair, side):
    """Return whether a device follows pulses."""
    return pair.range_scale[side] > _ZERO


@part
def set_fault(pair, side, code):
    """Make a device faulty."""
    pair.range_scale[side] = -np.float32(code)


@part
def _is_open(pair, side):
    return pair.range_scale[side] == -np.float32(OPEN)
