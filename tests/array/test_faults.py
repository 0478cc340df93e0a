"""Faulty devices: exactly as many as asked for, read at what they are stuck at, never changed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pcmsim.array.faults import draw_fault_map
from pcmsim.array.random import make_key
from pcmsim.config.settings import Faults, Settings
from pcmsim.kernels.layer import (
    DEAD,
    HEALTHY,
    STUCK_ON,
    STUCK_PRESENT,
    STUCK_RANDOM,
    Array,
    Layer,
)
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.cases import draw_examples

CODES = {
    "dead": DEAD,
    "stuck_on": STUCK_ON,
    "stuck_random": STUCK_RANDOM,
    "stuck_present": STUCK_PRESENT,
}
KEY = make_key(5, 0)

exact = settings(max_examples=50, derandomize=True, deadline=None, database=None)
shapes = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=3)
seeds = st.integers(0, 2**32 - 1)


def codes_of(faults: Faults, shapes: list[tuple[int, int]], seed: int = 5) -> Array:
    """Return the fault codes of all devices of an array, one after the other."""
    return np.concatenate([m.ravel() for m in draw_fault_map(faults, shapes, make_key(seed, 0))])


def make(faults: dict[str, float], spread: float = 0.15) -> Synapses:
    """Make an array with two layers of weights, all of them wide."""
    return make_synapses(settings_with(faults, spread), KEY)


def settings_with(faults: dict[str, float], spread: float) -> Settings:
    device: dict[str, Any] = {
        "kind": "pcm",
        "pulses_to_90_percent": 6,
        "step_spread": 1.0,
        "range_spread": spread,
    }
    return Settings(
        network={"layers": [12, 10, 5], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 1.0},
        device=device,
        reset={"interval": 2, "larger_above": 0.3, "smaller_above": 0.1},
        faults=faults,
    )


def own_range(synapses: Synapses, layer: Layer) -> tuple[Array, Array]:
    """Return the lowest and highest conductance of every device of a layer, in S."""
    return layer.range_scale * synapses.device.g_min, layer.range_scale * synapses.device.g_max


@exact
@given(st.lists(st.integers(0, 25), min_size=4, max_size=4), shapes, seeds)
def test_counts_are_exact(percents: list[int], shapes: list[tuple[int, int]], seed: int) -> None:
    """Each kind has its fraction of all devices, to the nearest whole number.

    Where rounding up asks for more devices than there are, the last kind gets what is left.
    """
    fractions = dict(zip(CODES, (percent / 100 for percent in percents), strict=True))
    codes = codes_of(Faults(**fractions), shapes, seed)
    left = codes.size
    for kind, code in CODES.items():
        expected = min(round(fractions[kind] * codes.size), left)
        assert np.sum(codes == code) == expected
        left -= expected


@exact
@given(st.sampled_from(list(CODES)), st.floats(0, 1), st.floats(0, 1), shapes, seeds)
def test_rising_fractions_nest(
    kind: str, one: float, other: float, shapes: list[tuple[int, int]], seed: int
) -> None:
    """The devices that fail at a fraction are among those that fail at a larger one."""
    few = codes_of(Faults(**{kind: min(one, other)}), shapes, seed) != HEALTHY
    many = codes_of(Faults(**{kind: max(one, other)}), shapes, seed) != HEALTHY
    assert (few <= many).all()


def test_faults_are_spread_evenly() -> None:
    """Chi-square over layers and sides, of 1 % of a large array; one false alarm in a thousand."""
    shapes = [(300, 100), (100, 100), (100, 30)]
    maps = draw_fault_map(Faults(dead=0.01), shapes, KEY)
    counts = np.concatenate([(m == DEAD).sum(axis=(0, 1)) for m in maps])
    devices = np.concatenate([[m.size / 2] * 2 for m in maps])
    assert stats.chisquare(counts, counts.sum() * devices / devices.sum()).pvalue > 1e-3


def test_faulty_devices_stay_at_their_level() -> None:
    """Dead: at their own minimum.  Stuck: on, present or random.  Training changes no bit."""
    faults = dict.fromkeys(CODES, 0.15) | {"stuck_on_level": 0.7}
    synapses, sound = make(faults), make({})
    before = [layer.conductance.copy() for layer in synapses.layers]
    for layer, healthy in zip(synapses.layers, sound.layers, strict=True):
        lowest, highest = own_range(synapses, layer)
        g, code = layer.conductance, layer.fault
        assert np.array_equal(g[code == DEAD], lowest[code == DEAD])
        on = (lowest + 0.7 * (highest - lowest))[code == STUCK_ON]
        assert g[code == STUCK_ON] == pytest.approx(on, rel=1e-6)
        present = code == STUCK_PRESENT
        assert np.array_equal(g[present], healthy.conductance[present])
        assert np.array_equal(g[code == HEALTHY], healthy.conductance[code == HEALTHY])

    config = settings_with(faults, 0.15)
    examples = draw_examples(seed=3, images=60, pixels=12, classes=5)
    work = make_workspace(config.network.layers, 1)
    synapses.learn(neurons_of(config.network), examples, 0, 60, 0, work)

    for layer, conductance in zip(synapses.layers, before, strict=True):
        faulty = layer.fault != HEALTHY
        assert np.array_equal(layer.conductance[faulty], conductance[faulty])
        # Of the others most have moved, or the line above would say nothing.
        assert np.mean(layer.conductance[~faulty] != conductance[~faulty]) > 0.9


def test_stuck_random_is_uniform_over_each_devices_own_range() -> None:
    """Kolmogorov-Smirnov on the place in the range; one false alarm in a thousand."""
    config = Settings(
        network={"layers": [99, 100]},
        data={"crop": None},
        device={"kind": "pcm"},
        faults={"stuck_random": 0.5},
    )
    synapses = make_synapses(config, KEY)
    (layer,) = synapses.layers
    lowest, highest = own_range(synapses, layer)
    stuck = layer.fault == STUCK_RANDOM
    place = ((layer.conductance - lowest) / (highest - lowest))[stuck]
    assert place.size == 10_000
    assert stats.kstest(place, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_stuck_on_stays_within_its_range(level: float) -> None:
    """At a level of 1 the device is at its own maximum, not a rounding above it."""
    synapses = make({"stuck_on": 1.0, "stuck_on_level": level})
    for layer in synapses.layers:
        lowest, highest = own_range(synapses, layer)
        assert (layer.conductance >= lowest).all()
        assert (layer.conductance <= highest).all()
