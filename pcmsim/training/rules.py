"""From settings to the plain numbers and arrays that the kernels read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.volatile import nominal_worth
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Network, Settings, Update
from pcmsim.devices.jump_table import nominal_step
from pcmsim.errors import UserError
from pcmsim.kernels import neuron, update
from pcmsim.kernels.layer import DeviceTables, Layer
from pcmsim.kernels.neuron import Neurons
from pcmsim.kernels.reset import OccasionalReset
from pcmsim.kernels.update import UpdateRule

ACTIVATIONS = {"tanh": neuron.TANH, "logistic": neuron.LOGISTIC}
DERIVATIVES = {"exact": neuron.EXACT, "piecewise": neuron.PIECEWISE}
RULES = {"crossbar": update.CROSSBAR, "conventional": update.CONVENTIONAL}


def neurons_of(network: Network) -> Neurons:
    """Return how the neurons answer their currents."""
    floors = per_layer(network.derivative_floor, len(network.layers) - 1)
    return Neurons(
        activation=ACTIVATIONS[network.activation],
        slope=np.float32(network.slope),
        derivative=DERIVATIVES[network.derivative],
        knee=np.float32(network.derivative_knee),
        derivative_floor=np.array(floors, np.float32),
        target_low=np.float32(network.target_low),
        target_high=np.float32(network.target_high),
    )


def update_rule_of(
    settings: Settings, device: DeviceTables, layers: tuple[Layer, ...]
) -> UpdateRule:
    """Return when neurons fire, with the learning rate expressed in pulses."""
    rates = per_layer(settings.training.learning_rate, len(layers))
    pulses = [
        rate / step for rate, step in zip(rates, _steps(settings, device, layers), strict=True)
    ]
    return UpdateRule(
        rule=RULES[settings.update.rule],
        pulses_per_delta=np.array(pulses, np.float32),
        x_thresholds=x_thresholds(settings.update, len(layers)),
        pulse_thresholds=pulse_thresholds(settings.update, len(layers)),
        coincidences=coincidences(settings.update.slots),
    )


def _steps(settings: Settings, device: DeviceTables, layers: tuple[Layer, ...]) -> list[Any]:
    """Return by how much a pulse changes the weights of each layer, in mid-range."""
    volatile = settings.synapse.volatile
    if volatile.interval == 0:
        step = nominal_step(device)
        return [step * layer.weight_per_siemens for layer in layers]
    ranges = per_layer(settings.network.weight_range, len(layers))
    step = nominal_step(layers[0].element.tables)
    return [step * nominal_worth(volatile, weight_range) for weight_range in ranges]


def x_thresholds(update: Update, layers: int) -> NDArray[np.float32]:
    """Return the thresholds on |x|, shape (layers, slots): from the first at equal distances.

    The distances are such that one more threshold would lie at |x| = 1.
    """
    first = np.array(per_layer(update.x_threshold, layers))[:, None]
    steps = np.arange(update.slots)[None, :] / update.slots
    return (first + (1 - first) * steps).astype(np.float32)


def pulse_thresholds(update: Update, layers: int) -> NDArray[np.float32]:
    """Return the thresholds on a change wanted in pulses, shape (layers, slots)."""
    first = np.array(per_layer(update.pulse_threshold, layers))[:, None]
    return (first + np.arange(update.slots)[None, :]).astype(np.float32)


def coincidences(slots: int) -> NDArray[np.uint32]:
    """Return in how many slots a train of n pulses upstream and one of m downstream both fire.

    Downstream pulses fill the window from its start, upstream pulses spread evenly over it, so
    that this is about n * m / slots: the product that the conventional rule would have formed.
    Shape (slots + 1, slots + 1), n first.
    """
    common = np.zeros((slots + 1, slots + 1), np.uint32)
    for n in range(1, slots + 1):
        fired = [(2 * k + 1) * slots // (2 * n) for k in range(n)]
        for m in range(slots + 1):
            common[n, m] = sum(slot < m for slot in fired)
    return common


def reset_policy_of(settings: Settings, device: DeviceTables) -> OccasionalReset:
    """Return when pairs are inspected; never if bidirectional, unless charges are transferred.

    Raises:
        UserError: charges would be transferred to bidirectional devices.
    """
    reset, transfer_interval = settings.reset, settings.synapse.volatile.interval
    if transfer_interval > 0 and device.bidirectional:
        raise UserError(
            "synapse.volatile.interval: must be 0 where steps down are gradual: charges are "
            "transferred by partial SETs and RESETs"
        )
    return OccasionalReset(
        interval=0 if device.bidirectional else transfer_interval or reset.interval,
        larger_above=np.float32(reset.larger_above * device.g_max),
        smaller_above=np.float32(reset.smaller_above * device.g_max),
        tolerance=np.float32(reset.tolerance * device.g_max),
        max_pulses=reset.max_pulses,
        failures=np.uint64(round(reset.failure * 2**32)),
        fault_aware=reset.fault_aware,
    )
