"""What a device is judged by: the network that all are trained on, and the shipped devices.

The numbers are those of ``configs/burr2014.yaml``, ``ideal-linear.yaml``, ``nandakumar2018.yaml``
and ``float.yaml``, with their marks there; a test holds them together.
"""

from collections.abc import Sequence
from typing import Any

from pcmsim.config.document import Document
from pcmsim.config.overrides import with_overrides
from pcmsim.config.read import checked
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError

Values = dict[str, Any]

# Blocks of settings that belong to the hardware, and not to the network it is judged by.
OF_HARDWARE = ("device", "read", "faults")
# What the judge searches for itself.
SEARCHED = (
    "training.learning_rate",
    "network.weight_range",
    "network.full_scale",
    "network.initial_weight",
    "network.derivative_floor",
    "update.x_threshold",
    "update.pulse_threshold",
    "reset.interval",
    "reset.larger_above",
    "reset.smaller_above",
    "reset.tolerance",
    "reset.max_pulses",
)

NETWORK: Values = {
    "layers": [528, 250, 125, 10],
    "activation": "tanh",
    "derivative_floor": [0.2, 0.2, 0.7],
    "target_low": -0.45,
    "target_high": 0.88,
    "initial_weight": [1.5, 1.04, 1.04],
}
WEIGHT_RANGE = [0.085, 0.05, 0.06]
DATA: Values = {"train_images": 5000, "crop": [3, 25, 2, 26]}
TRAINING: Values = {"epochs": 20, "batch_size": 1}
UPDATE: Values = {
    "rule": "crossbar",
    "slots": 4,
    "x_threshold": [0.65, 0.20, 0.35],
    "pulse_threshold": 0.5,
}
RESET: Values = {
    "interval": 500,
    "larger_above": 0.90,
    "smaller_above": 0.43,
    "tolerance": 0.17,
    "max_pulses": 20,
}

# Learning rates of ideal-linear.yaml.
IDEAL_RATES = [0.015, 0.012, 0.0015]

FLOAT = "exact weights (float)"
IDEAL = "ideal linear device"
BURR = "phase-change cell of burr2014"
NANDAKUMAR = "phase-change cell of nandakumar2018"


def bench(hardware: Values, overrides: Sequence[str] = ()) -> Settings:
    """Return the reference network on some hardware, with the trainer of ``burr2014.yaml``.

    Args:
        hardware: values of the blocks ``OF_HARDWARE``.
        overrides: changes, such as ``training.epochs=3``.

    Raises:
        UserError: a change has a fault, is one of what is searched, or asks for volatile elements.
    """
    for override in overrides:
        name = override.partition("=")[0].strip()
        if name in SEARCHED:
            raise UserError(f"--set {name}: the judge searches for this itself; leave it out")
        if name.startswith("synapse.volatile"):
            raise UserError(f"--set {name}: the verdict is on pairs alone; leave it out")
    network = {**NETWORK, "weight_range": WEIGHT_RANGE}
    return _settings({"network": network, "update": UPDATE, "reset": RESET, **hardware}, overrides)


def references(overrides: Sequence[str] = ()) -> dict[str, Settings]:
    """Return the shipped devices, each with its shipped settings, by name.

    Changes that are about the judged hardware leave them as they are.

    Raises:
        UserError: a change has a fault.
    """
    on_array: Values = {
        "network": {**NETWORK, "weight_range": WEIGHT_RANGE, "full_scale": 25e-6},
        "update": UPDATE,
        "reset": RESET,
    }
    values: dict[str, Values] = {
        FLOAT: {"network": NETWORK, "training": _rates(0.01), "device": {"kind": "float"}},
        IDEAL: {
            **on_array,
            "training": _rates(IDEAL_RATES),
            "device": {"kind": "linear", "g_max": 50e-6, "g_min": 0.5e-6, "steps": 1000},
        },
        BURR: {
            **on_array,
            "training": _rates([0.095, 0.0047, 0.009]),
            "device": {
                "kind": "pcm",
                "g_max": 25e-6,
                "pulses_to_90_percent": 35,
                "step_spread": 0.60,
                "range_spread": 0.20,
            },
        },
        NANDAKUMAR: {
            **on_array,
            "network": {**NETWORK, "weight_range": WEIGHT_RANGE},
            "training": _rates([0.0477, 0.00236, 0.00452]),
            "device": {"kind": "nandakumar2018"},
            "read": {"noise_relative": 0.03, "noise_absolute": 0.13e-6},
        },
    }
    others = [one for one in overrides if one.split(".")[0].split("=")[0] not in OF_HARDWARE]
    return {name: _settings(each, others) for name, each in values.items()}


def _rates(rates: float | list[float]) -> Values:
    return {**TRAINING, "learning_rate": rates}


def _settings(values: Values, overrides: Sequence[str]) -> Settings:
    whole = {"data": DATA, "training": TRAINING, **values}
    # No file holds these values: messages name settings, and no lines.
    document = Document("the reference network", whole, {})
    return checked(Settings, with_overrides(document, overrides))
