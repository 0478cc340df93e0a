"""Volatile elements beside pairs: exact, but for how they differ from each other (statistical)."""

from typing import Any

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.array.retention import room_for
from pcmsim.array.volatile import element_of, volatile_of
from pcmsim.config.settings import Settings
from pcmsim.config.volatile_settings import Volatile
from pcmsim.errors import UserError
from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.hits import GROUP, entry_of
from pcmsim.kernels.layer import Layer
from pcmsim.kernels.prepare import renew_weights
from pcmsim.kernels.program import SET_PULSES
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.team import form_team
from pcmsim.kernels.volatile import LEAK_INTERVAL, leak_layer, pulse_volatile
from pcmsim.training.synapses import DeviceSynapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.calling import called

KEY = make_key(2, 0)
INTERVAL = 1000
# Elements that are all the same, with steps that are all the same.
IDEAL = {
    "slope": 0.0,
    "step_spread": 0.0,
    "range_spread": 0.0,
    "step_scale_spread": 0.0,
    "asymmetry_spread": 0.0,
}
# Two hundred steps of a place between 0 and 1, each rounded to 32 bits.
ROUNDING = 200 * 2.0**-24
PCM = {"kind": "pcm", "step_spread": 0.3}


def settings_with(device: dict[str, Any] = PCM, **volatile: Any) -> Settings:
    return Settings(
        network={"layers": [19, 20], "initial_weight": 0.5, "weight_range": 0.2},
        data={"crop": None},
        device=device,
        reset={"tolerance": 0.01, "max_pulses": 200, "larger_above": 0.6, "smaller_above": 0.3},
        synapse={"volatile": {"interval": INTERVAL, **IDEAL, **volatile}},
    )


def make(**volatile: Any) -> DeviceSynapses:
    settings = settings_with(**volatile)
    assert settings.device.kind == "pcm"
    return DeviceSynapses(settings, settings.device, KEY)


def pulse(layer: Layer, row: int, column: int, side: int, pulses: int, step: int) -> None:
    """Fire pulses at one element, that of G+ to let its weight grow."""
    hits = make_workspace([layer.rows - 1, layer.columns], 1).hits
    hits.entry[:GROUP] = called(entry_of)(row, column, pulses, side)
    called(pulse_volatile)(layer, hits, 1, step, KEY)


def transfer(synapses: DeviceSynapses) -> None:
    (layer,) = synapses.layers
    hits = make_workspace([layer.rows - 1, layer.columns], 1).hits
    (alone,) = form_team(1)
    called(inspect_layer)(
        alone, layer, synapses.device, synapses.policy, hits, 0, KEY, synapses.counters
    )


@pytest.mark.parametrize("inverted", [False, True])
def test_pulses_move_a_weight_by_what_steps_are_worth(inverted: bool) -> None:
    """400 of them cross the range, which is worth 2 / 3 of the range of the pair."""
    (layer,) = make().layers
    before = layer.weight.copy()
    step = INTERVAL * inverted
    pulse(layer, 3, 5, PLUS, 30, step)
    pulse(layer, 3, 6, MINUS, 30, step)
    change = layer.weight - before
    expected = np.zeros_like(change)
    expected[3, 5:7] = [30 / 400 * 2 / 3 * 0.2, -30 / 400 * 2 / 3 * 0.2]
    assert change == pytest.approx(expected, abs=ROUNDING)
    assert layer.charge[3, 5] == pytest.approx(30 / 400, abs=ROUNDING)


def test_a_charge_stays_in_its_range() -> None:
    (layer,) = make().layers
    for _ in range(2):
        pulse(layer, 0, 0, PLUS, 250, 0)
        pulse(layer, 0, 1, MINUS, 250, INTERVAL)
    assert layer.charge[0, :2] == pytest.approx([0.5, -0.5])


def test_inversion_takes_back_what_asymmetry_has_done() -> None:
    """As many pulses up as down: the weight creeps away, and back under the other polarity."""
    (layer,) = make(asymmetry=0.2).layers
    creep = []
    for step in (0, INTERVAL):
        pulse(layer, 0, 0, PLUS, 100, step)
        pulse(layer, 0, 0, MINUS, 100, step)
        creep.append(float(layer.charge[0, 0]))
    assert creep == pytest.approx([100 * 0.4 / 400, 0.0], abs=ROUNDING)


def test_without_inversion_asymmetry_goes_on() -> None:
    (layer,) = make(asymmetry=0.2, polarity_inversion=False).layers
    for step in (0, INTERVAL):
        pulse(layer, 0, 0, PLUS, 50, step)
        pulse(layer, 0, 0, MINUS, 50, step)
    assert layer.charge[0, 0] == pytest.approx(2 * 50 * 0.4 / 400, abs=ROUNDING)


def test_charges_leak_to_1_over_e_in_their_lifetime() -> None:
    (layer,) = make(lifetime=5000).layers
    layer.volatile["charge"] = 0.4
    renew_weights(layer)
    empty = layer.weight - layer.volatile["worth"] * np.float32(0.4)
    (alone,) = form_team(1)
    called(leak_layer)(alone, layer, 5000 // LEAK_INTERVAL)
    assert layer.charge == pytest.approx(np.full((20, 20), 0.4 / np.e), rel=1e-4)
    assert layer.weight == pytest.approx(empty + layer.volatile["worth"] * layer.charge, abs=1e-7)


def test_a_transfer_keeps_weights_and_empties_elements() -> None:
    """The pair takes up what it can to its tolerance or a step; the element keeps the rest."""
    synapses = make()
    (layer,) = synapses.layers
    layer.volatile["charge"] = np.linspace(-0.5, 0.5, 400).reshape(20, 20)
    renew_weights(layer)
    before, held = layer.weight.copy(), np.abs(layer.charge).mean()
    transfer(synapses)
    assert layer.weight == pytest.approx(before, abs=ROUNDING)
    assert np.abs(layer.charge).mean() < held / 4
    assert synapses.counters[SET_PULSES] > 400


def test_small_charges_are_not_transferred() -> None:
    synapses = make()
    (layer,) = synapses.layers
    worth_of_tolerance = 0.01 * 0.2 / layer.volatile["worth"][0, 0]
    layer.volatile["charge"] = 0.9 * worth_of_tolerance
    renew_weights(layer)
    before = layer.conductance.copy()
    transfer(synapses)
    assert np.array_equal(layer.conductance, before)


def test_elements_differ_as_asked_for() -> None:
    """40,000 of them: means and deviations within 5 standard errors, a false alarm in 10^6."""
    spreads = {"range_spread": 0.1, "step_scale_spread": 0.2, "asymmetry_spread": 0.05}
    volatile = Volatile(interval=1, significance=2.0, asymmetry=0.03, **spreads)
    made = volatile_of(volatile, 0.5, 0, (200, 200), KEY)
    scale, asymmetry = (made["up"] + made["down"]) / 2, (made["up"] - made["down"]) / 2
    for found, mean, deviation in (
        (made["worth"] / (2 * 0.5 / 2.0), 1.0, 0.1),
        (scale, 1.0, 0.2),
        (asymmetry, 0.03, 0.05),
    ):
        assert abs(found.mean() - mean) < 5 * deviation / 200
        # The log-normal of 20 % has a kurtosis of 3.7.
        assert abs(found.std() / deviation - 1) < 5 * np.sqrt((3.7 - 1) / 4 / 40_000)


def test_nominal_steps_are_those_of_the_open_code() -> None:
    """dw_min 0.005 (1 - 0.05 w) of a range of 2."""
    tables = element_of(Volatile()).tables
    w = np.linspace(-1, 1, tables.set_jumps.shape[1])
    assert tables.set_jumps[0].mean(axis=1) == pytest.approx(0.0025 * (1 - 0.05 * w), rel=1e-3)
    assert tables.reset_jumps.mean(axis=1) == pytest.approx(-0.0025 * (1 + 0.05 * w), rel=1e-3)


def test_a_network_that_is_kept_has_lost_its_charges() -> None:
    (layer,) = make().layers
    layer.volatile["charge"] = 0.3
    renew_weights(layer)
    kept = room_for(layer)
    renew_weights(kept)
    difference = layer.conductance[..., PLUS] - layer.conductance[..., MINUS]
    assert np.array_equal(kept.weight, layer.weight_per_siemens * difference)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"device": {"kind": "float"}}, "synapse.volatile.interval"),
        ({"synapse": {"pairs": 2, "volatile": {"interval": 5}}}, "volatile.interval"),
    ],
)
def test_what_has_no_transfer_is_refused(changes: dict[str, Any], name: str) -> None:
    wanted = {"device": PCM, "synapse": {"volatile": {"interval": 5}}, **changes}
    with pytest.raises(ValueError, match=rf"{name}: must be 0 where"):
        Settings(**wanted)


def test_nothing_is_transferred_to_bidirectional_devices() -> None:
    settings = settings_with({"kind": "linear"})
    with pytest.raises(UserError, match="must be 0 where steps down are gradual"):
        DeviceSynapses(settings, settings.device, KEY)  # type: ignore[arg-type]
