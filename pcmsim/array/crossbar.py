"""Making an array: crossbars of device pairs that hold the initial weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.endurance import draw_endurance, worn_level
from pcmsim.array.fault_map import FaultMap
from pcmsim.array.faults import leave_out, make_fault_maps, stuck_conductances
from pcmsim.array.random import Key, log_normal, normal, random_words, uniform
from pcmsim.array.volatile import element_of, volatile_of
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Network, Read, Settings
from pcmsim.devices.catalogue import Spread
from pcmsim.devices.jump_table import conductance_grid, mean_step, standard_normal_nodes
from pcmsim.kernels.codes import MINUS, OPEN, PLUS, WORN
from pcmsim.kernels.layer import (
    PAIR,
    VOLATILE,
    DeviceTables,
    Layer,
    ReadNoise,
    levels_of,
    scale_or_fault,
)
from pcmsim.kernels.philox import INITIAL_WEIGHT, RANGE_SCALE, STEP_SCALE
from pcmsim.kernels.prepare import renew_weights

# A device's range is no narrower than this part of the nominal one, whatever the spread.
NARROWEST_RANGE = 0.1
# An array is made so many synapses at a time: what is needed on the way is ten times as large.
SYNAPSES_AT_A_TIME = 2**18
FLOATS_OF_A_CACHE_LINE = 16

Shape = tuple[int, int]


def layer_shapes(network: Network) -> list[Shape]:
    """Return (rows, columns) of every layer of weights; one row more than neurons, the bias."""
    return [(rows + 1, columns) for rows, columns in pairwise(network.layers)]


def initial_weights(network: Network, key: Key) -> list[NDArray[np.float32]]:
    """Draw the weights that training starts from, the same with and without devices."""
    weights = []
    for layer, shape in enumerate(layer_shapes(network)):
        weights.append(np.empty(shape, np.float32))
        for rows in blocks_of_rows(shape):
            weights[-1][rows] = _weights_of_rows(network, layer, shape, rows, key)
    return weights


def build_layers(
    settings: Settings, device: DeviceTables, spread: Spread, key: Key
) -> tuple[Layer, ...]:
    """Make the crossbars of an array of devices, faults included, holding the initial weights.

    ``spread`` tells how devices differ.

    Raises:
        UserError: the fault map that the settings name cannot be used, or a volatile element
            stands beside bidirectional devices.
    """
    network = settings.network
    together, volatile = settings.synapse.pairs, settings.synapse.volatile
    element = element_of(volatile)
    shapes = layer_shapes(network)
    shapes_of_pairs = [(rows, columns * together) for rows, columns in shapes]
    ranges = per_layer(network.weight_range, len(shapes))
    full_scale = network.full_scale or device.g_max
    faults = settings.faults
    fault_maps = make_fault_maps(faults, shapes_of_pairs, key)
    worn_code, stuck_level = WORN, worn_level(faults, device)
    # Bidirectional pairs rest in mid-range: one that lost a device would be far off balance.
    if settings.reset.fault_aware and not device.bidirectional:
        fault_maps = [leave_out(one) for one in fault_maps]
        worn_code, stuck_level = OPEN, np.float32(0.0)
    layers = []
    for number, shape in enumerate(shapes):
        weight_per_siemens = np.float32(ranges[number] / full_scale / together)
        maker = PairMaker(settings, device, spread.range, weight_per_siemens, number, shape, key)
        endurance = draw_endurance(faults, number, shapes_of_pairs[number], key)
        noise = _read_noise(settings.read)
        noisy = shape if noise.absolute > 0 or noise.relative > 0 else (0, 0)
        pairs, pulses_since_reset = maker.pairs(fault_maps[number])
        layers.append(
            Layer(
                number=number,
                weight_per_siemens=weight_per_siemens,
                rows=shape[0],
                columns=shape[1],
                pairs_per_synapse=np.uint64(together),
                weight_by_row=_padded(shape),
                weight_by_column=_padded(_across(number, shape)),
                noise=noise,
                variance_by_row=_padded(noisy),
                variance_by_column=_padded(_across(number, noisy)),
                pairs=pairs,
                levels=levels_of(pairs),
                step_scale=step_scales(spread.step, number, shapes_of_pairs[number], key),
                pulses_since_reset=pulses_since_reset,
                cycles=np.zeros_like(endurance),
                endurance=endurance,
                worn_code=np.uint8(worn_code),
                worn_level=stuck_level,
                element=element,
                volatile=volatile_of(volatile, ranges[number], number, shape, key),
            )
        )
        renew_weights(layers[-1])
    return tuple(layers)


def build_float_layers(settings: Settings, key: Key) -> tuple[Layer, ...]:
    """Make layers that hold the initial weights as exact numbers, with no devices behind them."""
    none = _padded((0, 0))
    element = element_of(settings.synapse.volatile)
    counts = np.zeros((0, 0, 0, 0), np.uint32)
    layers = tuple(
        Layer(
            number=number,
            weight_per_siemens=np.float32(1.0),
            rows=shape[0],
            columns=shape[1],
            pairs_per_synapse=np.uint64(1),
            weight_by_row=_padded(shape),
            weight_by_column=_padded(_across(number, shape)),
            noise=_read_noise(Read()),
            variance_by_row=none,
            variance_by_column=none,
            pairs=np.zeros((0, 0), PAIR),
            levels=np.zeros((0, 0, 4), np.float32),
            step_scale=np.zeros((0, 0, 0), np.float32),
            pulses_since_reset=np.zeros((0, 0, 0), np.uint8),
            cycles=counts,
            endurance=counts,
            worn_code=np.uint8(WORN),
            worn_level=np.float32(0.0),
            element=element,
            volatile=np.zeros((0, 0), VOLATILE),
        )
        for number, shape in enumerate(layer_shapes(settings.network))
    )
    for layer, weight in zip(layers, initial_weights(settings.network, key), strict=True):
        layer.weight[...] = weight
        if layer.number > 0:
            layer.weight_across[...] = weight.T
    return layers


@dataclass(frozen=True)
class PairMaker:
    """What the pairs of devices of one layer are made from."""

    settings: Settings
    device: DeviceTables
    range_spread: float
    weight_per_siemens: np.float32
    layer: int
    shape: Shape
    key: Key

    def pairs(self, fault_map: FaultMap) -> tuple[NDArray[np.void], NDArray[np.uint8]]:
        """Make all pairs, holding the initial weights as far as faults and ranges allow.

        The pairs of a synapse hold the same part of its weight.  Returns them, and the pulses that
        their devices have seen since RESET: (rows, columns, 2), or (0, 0, 0) for a device without
        memory; with a column for each pair.
        """
        together = self.settings.synapse.pairs
        shape = self.shape[0], self.shape[1] * together
        pairs = np.empty(shape, PAIR)
        pulses = np.zeros((*shape, 2) if self.device.memory > 1 else (0, 0, 0), np.uint8)
        for rows in blocks_of_rows(self.shape):
            network, layer = self.settings.network, self.layer
            weight = _weights_of_rows(network, layer, self.shape, rows, self.key)
            weight = np.repeat(weight / np.float32(together), together, axis=1)
            scale = range_scales(self.range_spread, layer, shape, rows, self.key)
            lowest, highest = scale * self.device.g_min, scale * self.device.g_max
            wanted = _hold(weight / self.weight_per_siemens, self.device, lowest, highest)
            of_rows = FaultMap(fault_map.code[rows], fault_map.conductance[rows])
            conductance = stuck_conductances(
                wanted, of_rows, lowest, highest, self.settings.faults, layer, rows.start, self.key
            )
            pairs["conductance"][rows] = conductance
            pairs["range_scale"][rows] = scale_or_fault(scale, of_rows.code)
            if pulses.size:
                pulses[rows] = _pulses_to_reach(conductance / scale, self.device)
        return pairs, pulses


def range_scales(
    spread: float, layer: int, shape: Shape, rows: slice, key: Key
) -> NDArray[np.float32]:
    """Draw the devices' ranges over the nominal one: normal about 1, not below a tenth.

    They are those of some rows of a layer of this shape: (rows, columns, 2), healthy or not.
    """
    block = (rows.stop - rows.start, shape[1])
    words = random_words(RANGE_SCALE, layer, block, key, first_row=rows.start)
    scale: NDArray[np.float32] = np.maximum(1 + spread * normal(words[..., :2]), NARROWEST_RANGE)
    return scale.astype(np.float32)


def step_scales(spread: float, layer: int, shape: Shape, key: Key) -> NDArray[np.float32]:
    """Draw how large the devices' steps are, over those of a nominal one: log-normal about 1.

    Shape (rows, columns, 2); (0, 0, 0) without any spread.
    """
    if spread == 0:
        return np.zeros((0, 0, 0), np.float32)
    scale = np.empty((*shape, 2), np.float32)
    for rows in blocks_of_rows(shape):
        block = (rows.stop - rows.start, shape[1])
        words = random_words(STEP_SCALE, layer, block, key, first_row=rows.start)
        scale[rows] = log_normal(normal(words[..., :2]), spread)
    return scale


def blocks_of_rows(shape: Shape) -> Iterator[slice]:
    """Yield the rows of a layer, some at a time: so many synapses, or so many pairs of devices."""
    rows, columns = shape
    together = max(1, SYNAPSES_AT_A_TIME // columns)
    for first in range(0, rows, together):
        yield slice(first, min(first + together, rows))


def _weights_of_rows(
    network: Network, layer: int, shape: Shape, rows: slice, key: Key
) -> NDArray[np.float32]:
    """Draw the initial weights of some rows of a layer."""
    widths = per_layer(network.initial_weight, len(network.layers) - 1)
    block = (rows.stop - rows.start, shape[1])
    words = random_words(INITIAL_WEIGHT, layer, block, key, first_row=rows.start)
    place = uniform(words[..., 0])
    weight: NDArray[np.float64] = widths[layer] / np.sqrt(shape[0]) * (2 * place - 1)
    return weight.astype(np.float32)


def _padded(shape: Shape) -> NDArray[np.float32]:
    """Return zeros in lines that each begin, and end, with a line of the cache."""
    lines, length = shape
    whole = -(-length // FLOATS_OF_A_CACHE_LINE) * FLOATS_OF_A_CACHE_LINE
    room = np.zeros(lines * whole + FLOATS_OF_A_CACHE_LINE, np.float32)
    size = room.itemsize
    first = -room.ctypes.data % (FLOATS_OF_A_CACHE_LINE * size) // size
    return room[first : first + lines * whole].reshape(lines, whole)


def _across(number: int, shape: Shape) -> Shape:
    """Return the shape of the copy that backward reads use; there is none at the input."""
    rows, columns = shape
    return (columns, rows) if number > 0 else (0, 0)


def _read_noise(read: Read) -> ReadNoise:
    return ReadNoise(
        absolute=np.float32(read.noise_absolute),
        relative=np.float32(read.noise_relative),
        normal=standard_normal_nodes(),
    )


def _hold(
    difference: NDArray[np.float32],
    device: DeviceTables,
    lowest: NDArray[np.float32],
    highest: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return pairs of conductances (S) with the given difference, as far as their range allows.

    One device carries the difference, the other is empty; a bidirectional pair shares it about
    the middle of the range, so that both have room either way.
    """
    conductance = np.empty((*difference.shape, 2), np.float32)
    if device.bidirectional:
        middle = (device.g_min + device.g_max) / 2
        conductance[..., PLUS] = middle + difference / 2
        conductance[..., MINUS] = middle - difference / 2
    else:
        conductance[..., PLUS] = device.g_min + np.maximum(difference, 0)
        conductance[..., MINUS] = device.g_min + np.maximum(-difference, 0)
    return np.clip(conductance, lowest, highest)


def _pulses_to_reach(conductance: NDArray[np.float32], device: DeviceTables) -> NDArray[np.uint8]:
    """Return how many noise-free pulses after a RESET lead to each conductance (S).

    A device with memory starts with the history that its initial conductance tells of.
    """
    grid = conductance_grid(device.g_min, device.g_max)
    reached = [float(device.g_min)]
    for past in range(device.memory - 1):
        step = np.interp(reached[-1], grid, mean_step(device.set_jumps[past]))
        reached.append(reached[-1] + float(step))
    return (np.searchsorted(reached, conductance, side="right") - 1).clip(0).astype(np.uint8)
