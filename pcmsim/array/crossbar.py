"""Making an array: crossbars of device pairs that hold the initial weights."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.endurance import draw_endurance, worn_level
from pcmsim.array.faults import leave_out, make_fault_maps, set_stuck_conductances
from pcmsim.array.random import Key, normal, random_words, uniform
from pcmsim.config.settings import Network, Read, Settings, per_layer
from pcmsim.devices.jump_table import mean_step, standard_normal_nodes
from pcmsim.kernels.jump import CONDUCTANCE_CELLS
from pcmsim.kernels.layer import MINUS, OPEN, PLUS, WORN, DeviceTables, Layer, ReadNoise
from pcmsim.kernels.philox import INITIAL_WEIGHT, RANGE_SCALE
from pcmsim.kernels.prepare import renew_weights

# A device's range is no narrower than this part of the nominal one, whatever the spread.
NARROWEST_RANGE = 0.1

Shape = tuple[int, int]


def layer_shapes(network: Network) -> list[Shape]:
    """Return (rows, columns) of every layer of weights; one row more than neurons, the bias."""
    return [(rows + 1, columns) for rows, columns in pairwise(network.layers)]


def initial_weights(network: Network, key: Key) -> list[NDArray[np.float32]]:
    """Draw the weights that training starts from, the same with and without devices."""
    shapes = layer_shapes(network)
    widths = per_layer(network.initial_weight, len(shapes))
    weights = []
    for layer, (shape, width) in enumerate(zip(shapes, widths, strict=True)):
        place = uniform(random_words(INITIAL_WEIGHT, layer, shape, key)[..., 0])
        weights.append((width / np.sqrt(shape[0]) * (2 * place - 1)).astype(np.float32))
    return weights


def build_layers(
    settings: Settings, device: DeviceTables, range_spread: float, key: Key
) -> tuple[Layer, ...]:
    """Make the crossbars of an array of devices, faults included, holding the initial weights.

    ``range_spread`` is the standard deviation of the devices' ranges over their mean.

    Raises:
        UserError: the fault map that the settings name cannot be used.
    """
    network = settings.network
    shapes = layer_shapes(network)
    ranges = per_layer(network.weight_range, len(shapes))
    full_scale = network.full_scale or device.g_max
    faults = settings.faults
    fault_maps = make_fault_maps(faults, shapes, key)
    worn_code, stuck_level = WORN, worn_level(faults, device)
    # Bidirectional pairs rest in mid-range: one that lost a device would be far off balance.
    if settings.reset.fault_aware and not device.bidirectional:
        fault_maps = [leave_out(one) for one in fault_maps]
        worn_code, stuck_level = OPEN, np.float32(0.0)
    layers = []
    for number, weight in enumerate(initial_weights(network, key)):
        weight_per_siemens = np.float32(ranges[number] / full_scale)
        scale = _draw_range_scale(range_spread, number, shapes[number], key)
        lowest, highest = scale * device.g_min, scale * device.g_max
        conductance = _hold(weight / weight_per_siemens, device, lowest, highest)
        fault_map = fault_maps[number]
        set_stuck_conductances(conductance, fault_map, lowest, highest, faults, number, key)
        endurance = draw_endurance(faults, number, shapes[number], key)
        stored = np.zeros(shapes[number], np.float32)
        noise = _read_noise(settings.read)
        variance = stored if noise.absolute > 0 or noise.relative > 0 else stored[:0, :0]
        layers.append(
            Layer(
                number=number,
                weight_per_siemens=weight_per_siemens,
                weight=stored,
                weight_across=_across(number, stored),
                noise=noise,
                variance=variance.copy(),
                variance_across=_across(number, variance),
                pairs=np.concatenate([conductance, scale], axis=-1),
                fault=fault_map.code,
                pulses_since_reset=_pulses_to_reach(conductance / scale, device),
                cycles=np.zeros_like(endurance),
                endurance=endurance,
                worn_code=np.uint8(worn_code),
                worn_level=stuck_level,
            )
        )
        renew_weights(layers[-1])
    return tuple(layers)


def build_float_layers(settings: Settings, key: Key) -> tuple[Layer, ...]:
    """Make layers that hold the initial weights as exact numbers, with no devices behind them."""
    none = np.zeros((0, 0), np.float32)
    no_pairs = np.zeros((0, 0, 0), np.float32)
    codes = np.zeros((0, 0, 0), np.uint8)
    counts = np.zeros((0, 0, 0, 0), np.uint32)
    return tuple(
        Layer(
            number=number,
            weight_per_siemens=np.float32(1.0),
            weight=weight,
            weight_across=_across(number, weight),
            noise=_read_noise(Read()),
            variance=none,
            variance_across=none,
            pairs=no_pairs,
            fault=codes,
            pulses_since_reset=codes,
            cycles=counts,
            endurance=counts,
            worn_code=np.uint8(WORN),
            worn_level=np.float32(0.0),
        )
        for number, weight in enumerate(initial_weights(settings.network, key))
    )


def _across(number: int, stored: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the copy that backward reads use; there is none in the layer at the input."""
    return np.ascontiguousarray(stored.T) if number > 0 else np.zeros((0, 0), np.float32)


def _read_noise(read: Read) -> ReadNoise:
    return ReadNoise(
        absolute=np.float32(read.noise_absolute),
        relative=np.float32(read.noise_relative),
        normal=standard_normal_nodes(),
    )


def _draw_range_scale(spread: float, layer: int, shape: Shape, key: Key) -> NDArray[np.float32]:
    """Draw every device's range over the nominal one: normal about 1, not below a tenth."""
    deviates = normal(random_words(RANGE_SCALE, layer, shape, key)[..., :2])
    scale: NDArray[np.float32] = np.maximum(1 + spread * deviates, NARROWEST_RANGE)
    return scale.astype(np.float32)


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

    A device with memory starts with the history that its initial conductance tells of; one
    without needs none.
    """
    if device.memory == 1:
        return np.zeros((0, 0, 0), np.uint8)
    grid = np.linspace(device.g_min, device.g_max, CONDUCTANCE_CELLS + 1)
    reached = [float(device.g_min)]
    for past in range(device.memory - 1):
        step = np.interp(reached[-1], grid, mean_step(device.set_jumps[past]))
        reached.append(reached[-1] + float(step))
    return (np.searchsorted(reached, conductance, side="right") - 1).clip(0).astype(np.uint8)
