"""A probe station: many equal devices in one column, pulsed by the kernels and read exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import make_key
from pcmsim.config.device_settings import ArrayDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.jump_table import tabulate
from pcmsim.devices.model import DeviceModel
from pcmsim.kernels.respond import respond
from pcmsim.training.synapses import make_synapses

SEED = 2014


def device_settings(device: dict[str, Any]) -> ArrayDevice:
    """Return the settings of a device, all devices being alike unless it says otherwise."""
    chosen = Settings(device={"range_spread": 0.0, **device}).device
    assert isinstance(chosen, ArrayDevice)
    return chosen


def fire(
    device: dict[str, Any],
    model: DeviceModel,
    start: float,
    pulses: int,
    devices: int,
    *,
    upwards: bool,
    past: int = 0,
) -> NDArray[np.float64]:
    """Return the conductances (S) after each pulse, shape (devices, pulses).

    Every device starts at ``start`` (S) and has seen ``past`` pulses since its last RESET.
    """
    settings = Settings(
        network={"layers": [devices - 1, 1], "initial_weight": 0.0},
        data={"crop": None},
        device=device_settings(device),
    )
    key = make_key(SEED, 0)
    (layer,) = make_synapses(settings, key).layers
    layer.conductance[...] = start
    layer.pulses_since_reset[...] = past
    conductance = np.empty((devices, pulses), np.float32)
    respond(layer, tabulate(model), upwards, 1, key, conductance)
    return conductance.astype(np.float64)
