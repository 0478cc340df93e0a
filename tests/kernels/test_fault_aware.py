"""Fault-aware RESET: faulty devices are left out, and those that lost a partner reset alone."""

from typing import Any

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.array.state import count_worn
from pcmsim.config.settings import Settings
from pcmsim.kernels.codes import DEAD, HEALTHY, MINUS, OPEN, PLUS
from pcmsim.kernels.layer import Layer
from pcmsim.kernels.program import RESETS, SET_PULSES
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.team import form_team
from pcmsim.training.synapses import DeviceSynapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.calling import called
from tests.kernels.cases import Case

KEY = make_key(3, 0)
FAULTS = {"dead": 0.1, "stuck_on": 0.1, "stuck_random": 0.1, "stuck_present": 0.1}
WEAR = {"endurance_set": 12, "endurance_reset": 3}


def settings_with(reset: dict[str, Any], faults: dict[str, Any], **device: Any) -> Settings:
    return Settings(
        network={"layers": [12, 10, 5], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 1.0},
        device={"kind": "pcm", "pulses_to_90_percent": 20, **device},
        reset={"interval": 2, "larger_above": 0.5, "smaller_above": 0.2, **reset},
        faults=faults,
    )


def make(aware: bool = True, failure: float = 0.0, **faults: Any) -> DeviceSynapses:
    """Make an array of devices without randomness in their steps."""
    reset = {"fault_aware": aware, "tolerance": 0.0, "failure": failure}
    calm = {"step_spread": 0.0, "range_spread": 0.0, "reset_spread": 0.0}
    settings = settings_with(reset, faults, **calm)
    return DeviceSynapses(settings, settings.device, KEY)


def inspect(synapses: DeviceSynapses, level: float) -> Layer:
    """Bring all devices that carry current to a part of the range, and inspect a layer."""
    layer = synapses.layers[0]
    layer.conductance[layer.fault != OPEN] = level * synapses.device.g_max
    hits = make_workspace([12, 10, 5], 1).hits
    (alone,) = form_team(1)
    called(inspect_layer)(
        alone, layer, synapses.device, synapses.policy, hits, 0, KEY, synapses.counters
    )
    return layer


def singles(layer: Layer) -> tuple[np.ndarray, ...]:
    """Return where healthy devices have a faulty partner: rows, columns, sides."""
    healthy = layer.fault == HEALTHY
    return np.nonzero(healthy & ~healthy[..., ::-1])


def test_faulty_devices_are_disconnected_and_the_others_as_they_would_be() -> None:
    aware, unaware = make(**FAULTS), make(aware=False, **FAULTS)
    for one, other in zip(aware.layers, unaware.layers, strict=True):
        healthy = other.fault == HEALTHY
        assert 0.4 < healthy.mean() < 0.8
        assert np.array_equal(one.fault, np.where(healthy, HEALTHY, OPEN))
        assert np.array_equal(one.conductance, np.where(healthy, other.conductance, 0))


def test_half_of_a_device_without_partner_is_written_back() -> None:
    """To the first pulse that reaches it; no pulse of a nominal device is a tenth of its range."""
    synapses = make(**FAULTS)
    layer = inspect(synapses, 0.8)
    places = singles(layer)
    assert len(places[0]) > 20
    g = layer.conductance[places] / synapses.device.g_max
    assert (g >= 0.4).all()
    assert (g < 0.5).all()
    sign = np.where(places[2] == PLUS, np.float32(1), np.float32(-1))
    weight = layer.weight_per_siemens * sign * layer.conductance[places]
    assert np.array_equal(layer.weight[places[:2]], weight)


@pytest.mark.parametrize("level", [0.3, 0.49])
def test_below_the_threshold_it_is_left_alone(level: float) -> None:
    """Whereas sound pairs at this level run full only above the larger one as well."""
    synapses = make(**FAULTS)
    layer = inspect(synapses, level)
    assert np.array_equal(
        layer.conductance[layer.fault == HEALTHY],
        np.full(np.sum(layer.fault == HEALTHY), np.float32(level * synapses.device.g_max)),
    )
    assert synapses.counters[RESETS] == 0


def test_resets_are_counted_once_for_single_devices_twice_for_pairs() -> None:
    synapses = make(**FAULTS)
    layer = inspect(synapses, 0.8)
    assert synapses.counters[RESETS] == np.sum(layer.fault == HEALTHY)


def test_a_single_device_whose_reset_fails_costs_no_pulses() -> None:
    """None is wasted on its partner, and there is nothing that the device itself lacks."""
    synapses = make(failure=1.0, dead=[0.3, 0.0])
    layer = inspect(synapses, 0.8)
    unchanged = np.float32(0.8 * synapses.device.g_max)
    assert (layer.conductance[layer.fault == HEALTHY] == unchanged).all()
    assert synapses.counters[SET_PULSES] == 0


def test_sound_pairs_are_treated_as_ever() -> None:
    """Those of an array with faults, bit for bit; and a whole training without any."""
    aware, unaware = (inspect(make(aware=aware, **FAULTS), 0.8) for aware in (True, False))
    sound = (aware.fault == HEALTHY).all(axis=-1)
    assert np.array_equal(aware.conductance[sound], unaware.conductance[sound])
    cases = [Case(settings_with({"fault_aware": aware}, {}), 8) for aware in (True, False)]
    for case in cases:
        case.train(0, 8)
    assert cases[0].arrays() == cases[1].arrays()
    assert cases[0].counters() == cases[1].counters()
    assert cases[0].counters()["RESETs"] > 0


def test_worn_out_devices_are_left_out_too() -> None:
    """At zero, as open as the others; they are counted as worn out all the same."""
    aware, unaware = (
        Case(settings_with({"fault_aware": aware}, WEAR), 8) for aware in (True, False)
    )
    for case in (aware, unaware):
        case.train(0, 8)
    worn = 0
    for layer in aware.synapses.layers:
        used_up = (layer.cycles == layer.endurance).any(axis=-1)
        worn += int(used_up.sum())
        assert np.array_equal(layer.fault == OPEN, used_up)
        assert (layer.conductance[used_up] == 0).all()
        difference = layer.conductance[..., PLUS] - layer.conductance[..., MINUS]
        assert np.array_equal(layer.weight, layer.weight_per_siemens * difference)
    assert count_worn(aware.synapses.layers) == worn > 10
    assert count_worn(unaware.synapses.layers) > 10


def test_bidirectional_devices_know_no_difference() -> None:
    settings = [
        Settings(
            network={"layers": [12, 10, 5]},
            data={"crop": None},
            device={"kind": "linear"},
            reset={"fault_aware": aware},
            faults={"dead": 0.3},
        )
        for aware in (True, False)
    ]
    one, other = (DeviceSynapses(each, each.device, KEY).layers for each in settings)
    for aware, unaware in zip(one, other, strict=True):
        assert np.array_equal(aware.conductance, unaware.conductance)
        assert np.array_equal(aware.fault, unaware.fault)
        assert (aware.fault == DEAD).any()
