"""How devices respond to pulses: many simulated ones, and one without randomness.

The simulated devices are those of an array, with its spread of ranges from device to device,
and they are programmed by the very kernels that training uses.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.crossbar import build_layers
from pcmsim.array.random import Key, make_key
from pcmsim.config.device_settings import ArrayDevice
from pcmsim.config.settings import Data, Network, Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.jump_table import conductance_grid, mean_step, tabulate
from pcmsim.kernels.codes import PLUS
from pcmsim.kernels.layer import DeviceTables, Layer
from pcmsim.kernels.respond import respond

# Long pulse trains are not read after every pulse; about so many readings show their course.
MOST_READINGS = 500
# A noise-free response is followed until a step is below this part of the range, or for so long.
SMALLEST_STEP = 1e-9
MOST_PULSES = 100_000


@dataclass(frozen=True)
class Response:
    """The conductance of many devices in the course of a train of pulses.

    Attributes:
        pulses: (readings,) pulses fired before each reading, from 0.
        conductance: (devices, readings) S.
        pulses_up: partial SETs in the train; whatever follows them are steps down.
    """

    pulses: NDArray[np.int64]
    conductance: NDArray[np.float32]
    pulses_up: int


def simulate_response(device: ArrayDevice, pulses: int, devices: int, seed: int) -> Response:
    """Fire a train of pulses at each of many devices.

    The train begins with at least ``pulses`` partial SETs on devices that have just been RESET.
    Bidirectional devices start from the bottom of their range instead, and as many steps down
    follow.

    Raises:
        UserError: a file that the device needs cannot be used.
    """
    tables = tabulate(build_model(device))
    key = make_key(seed, 0)
    layer = _empty_devices(device, devices, tables, key)
    pulses_per_reading = math.ceil(pulses / MOST_READINGS)
    readings = math.ceil(pulses / pulses_per_reading)

    def fire(upwards: bool, pulses_per_reading: int, readings: int) -> NDArray[np.float32]:
        conductance = np.empty((devices, readings), np.float32)
        respond(layer, tables, upwards, pulses_per_reading, key, conductance)
        return conductance

    if tables.bidirectional:
        start = layer.conductance[:, :, PLUS].copy()
        up = fire(True, pulses_per_reading, readings)
        phases = [start, up, fire(False, pulses_per_reading, readings)]
    else:
        phases = [fire(False, 1, 1), fire(True, pulses_per_reading, readings)]
    conductance = np.hstack(phases)
    return Response(
        pulses=pulses_per_reading * np.arange(conductance.shape[1]),
        conductance=conductance,
        pulses_up=pulses_per_reading * readings,
    )


def noise_free_response(tables: DeviceTables) -> NDArray[np.float64]:
    """Return the conductance (S) of a nominal device after 0, 1, 2, ... mean steps from empty.

    It ends where the device is full or no step changes it any more.
    """
    grid = conductance_grid(tables.g_min, tables.g_max)
    steps = mean_step(tables.set_jumps)
    conductance = [float(tables.g_min)]
    for pulse in range(MOST_PULSES):
        step = float(np.interp(conductance[-1], grid, steps[min(pulse, len(steps) - 1)]))
        conductance.append(min(conductance[-1] + step, float(tables.g_max)))
        if conductance[-1] - conductance[-2] < SMALLEST_STEP * (grid[-1] - grid[0]):
            break
    return np.array(conductance)


def _empty_devices(device: ArrayDevice, devices: int, tables: DeviceTables, key: Key) -> Layer:
    """Return a crossbar of one column whose devices are at the bottom of their range."""
    column = Network(layers=[devices - 1, 1], initial_weight=0.0)
    settings = Settings(network=column, data=Data(crop=None), device=device)
    (layer,) = build_layers(settings, tables, spread_of(device), key)
    layer.conductance[...] = layer.range_scale * tables.g_min
    return layer
