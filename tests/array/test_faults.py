"""Faulty devices: as many as asked for, read at what they are stuck at, never changed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pcmsim.array.faults import make_fault_maps
from pcmsim.array.random import make_key
from pcmsim.config.settings import FAULT_SHARES, Faults, Settings
from pcmsim.kernels.codes import DEAD, HEALTHY, STUCK_AT, STUCK_ON, STUCK_PRESENT, STUCK_RANDOM
from pcmsim.kernels.layer import Array, Layer
from pcmsim.kernels.team import form_team
from pcmsim.kernels.update import update_layer
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import DeviceSynapses, Synapses, make_synapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.calling import called
from tests.kernels.cases import draw_examples

CODES = {
    "dead": DEAD,
    "stuck_on": STUCK_ON,
    "stuck_random": STUCK_RANDOM,
    "stuck_present": STUCK_PRESENT,
    "stuck_at": STUCK_AT,
}
PLACINGS = ["exact", "bernoulli"]
FALSE_ALARM = 1e-3
KEY = make_key(5, 0)

exact = settings(max_examples=50, derandomize=True, deadline=None, database=None)
shapes = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=3)
seeds = st.integers(0, 2**32 - 1)


def codes_of(faults: Faults, shapes: list[tuple[int, int]], seed: int = 5) -> Array:
    """Return the fault codes of all devices of an array, one after the other."""
    return np.concatenate(
        [m.code.ravel() for m in make_fault_maps(faults, shapes, make_key(seed, 0))]
    )


def faults_of(**faults: Any) -> Faults:
    """Return faults on a small array, with a level for the kind that needs one."""
    return Faults(array_rows=9, array_columns=16, stuck_level=1e-5, **faults)


def make(faults: dict[str, Any], spread: float = 0.15) -> Synapses:
    """Make an array with two layers of weights, all of them wide."""
    return make_synapses(settings_with(faults, spread), KEY)


def settings_with(faults: dict[str, Any], spread: float) -> Settings:
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
    """Return the lowest and highest conductance of every healthy device of a layer, in S."""
    return layer.range_scale * synapses.device.g_min, layer.range_scale * synapses.device.g_max


@exact
@given(st.lists(st.integers(0, 20), min_size=5, max_size=5), shapes, seeds)
def test_counts_are_exact(percents: list[int], shapes: list[tuple[int, int]], seed: int) -> None:
    """Each kind has its fraction of all devices, to the nearest whole number.

    Where rounding up asks for more devices than there are, the last kind gets what is left.
    """
    fractions = dict(zip(CODES, (percent / 100 for percent in percents), strict=True))
    codes = codes_of(faults_of(**fractions), shapes, seed)
    left = codes.size
    for kind, code in CODES.items():
        expected = min(round(fractions[kind] * codes.size), left)
        assert np.sum(codes == code) == expected
        left -= expected


@exact
@given(st.sampled_from(FAULT_SHARES), shapes, seeds, st.data())
def test_every_layer_can_have_a_share_of_its_own(
    kind: str, shapes: list[tuple[int, int]], seed: int, data: st.DataObject
) -> None:
    shares = data.draw(st.lists(st.floats(0, 1), min_size=len(shapes), max_size=len(shapes)))
    maps = make_fault_maps(faults_of(**{kind: shares}), shapes, make_key(seed, 0))
    counts = [int(np.sum(one.code != HEALTHY)) for one in maps]
    assert counts == [round(s * one.code.size) for s, one in zip(shares, maps, strict=True)]


@exact
@given(
    st.sampled_from([*FAULT_SHARES, "dead_rows", "dead_columns"]),
    st.sampled_from(PLACINGS),
    st.sampled_from([{}, {"dead": 0.2, "stuck_on": 0.1}]),
    st.floats(0, 0.7),
    st.floats(0, 0.7),
    shapes,
    seeds,
)
def test_rising_shares_nest(
    kind: str,
    placing: str,
    others: dict[str, float],
    one: float,
    other: float,
    shapes: list[tuple[int, int]],
    seed: int,
) -> None:
    """The devices that fail at a share are among those that fail at a larger one.

    Whether counted or left to chance, and whatever other faults there are.
    """
    few, many = (
        codes_of(faults_of(**{**others, kind: share}, placing=placing), shapes, seed) != HEALTHY
        for share in sorted([one, other])
    )
    assert (few <= many).all()


@pytest.mark.parametrize("kind", FAULT_SHARES)
def test_left_to_chance_the_number_is_binomial(kind: str) -> None:
    """Mean and index of dispersion over 400 replicates; one false alarm in a thousand."""
    share, shapes, replicates = 0.1, [(8, 5), (6, 3)], 400
    faults = faults_of(**{kind: share}, placing="bernoulli")
    counts = np.array([np.sum(codes_of(faults, shapes, n) != HEALTHY) for n in range(replicates)])
    devices = sum(2 * rows * columns for rows, columns in shapes)
    false_alarm = FALSE_ALARM / (2 * len(FAULT_SHARES))
    total = stats.binomtest(int(counts.sum()), devices * replicates, share)
    assert total.pvalue > false_alarm
    mean, variance = devices * share, devices * share * (1 - share)
    dispersion = np.sum((counts - mean) ** 2) / variance
    assert 2 * min(
        stats.chi2(replicates).cdf(dispersion), stats.chi2(replicates).sf(dispersion)
    ) > (false_alarm)


def test_left_to_chance_devices_are_independent() -> None:
    """The two devices of a pair fail together as often as chance has it (binomial)."""
    maps = make_fault_maps(Faults(dead=0.3, placing="bernoulli"), [(300, 200)], KEY)
    both = (maps[0].code == DEAD).all(axis=-1)
    assert stats.binomtest(int(both.sum()), both.size, 0.3**2).pvalue > FALSE_ALARM


def test_faults_are_spread_evenly() -> None:
    """Chi-square over layers and sides, of 1 % of a large array; one false alarm in a thousand."""
    shapes = [(300, 100), (100, 100), (100, 30)]
    maps = [one.code for one in make_fault_maps(Faults(dead=0.01), shapes, KEY)]
    counts = np.concatenate([(m == DEAD).sum(axis=(0, 1)) for m in maps])
    devices = np.concatenate([[m.size / 2] * 2 for m in maps])
    assert stats.chisquare(counts, counts.sum() * devices / devices.sum()).pvalue > 1e-3


def test_faulty_devices_stay_at_their_level() -> None:
    """Dead: at their own minimum.  Stuck: on, present or random.  Training changes no bit."""
    faults = dict.fromkeys(CODES, 0.15) | {"stuck_on_level": 0.7, "stuck_level": 1e-5}
    synapses, sound = make(faults), make({})
    before = [layer.conductance.copy() for layer in synapses.layers]
    for layer, healthy in zip(synapses.layers, sound.layers, strict=True):
        lowest, highest = own_range(synapses, healthy)
        g, code = layer.conductance, layer.fault
        assert np.array_equal(g[code == DEAD], lowest[code == DEAD])
        on = (lowest + 0.7 * (highest - lowest))[code == STUCK_ON]
        assert g[code == STUCK_ON] == pytest.approx(on, rel=1e-6)
        present = code == STUCK_PRESENT
        assert np.array_equal(g[present], healthy.conductance[present])
        assert np.array_equal(g[code == HEALTHY], healthy.conductance[code == HEALTHY])

    config = settings_with(faults, 0.15)
    examples = draw_examples(seed=3, images=60, pixels=12, classes=5)
    crew = Crew(config.network.layers, 1, threads=1)
    synapses.learn(neurons_of(config.network), examples, 0, 60, 0, crew)

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
    (sound,) = make_synapses(config.model_copy(update={"faults": Faults()}), KEY).layers
    lowest, highest = own_range(synapses, sound)
    stuck = layer.fault == STUCK_RANDOM
    place = ((layer.conductance - lowest) / (highest - lowest))[stuck]
    assert place.size == 10_000
    assert stats.kstest(place, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("level", [0.0, 8e-6, 60e-6])
def test_stuck_at_a_given_conductance(level: float) -> None:
    """In S, whatever a device's own range; the others are as they would be."""
    synapses, sound = make({"stuck_at": 0.3, "stuck_level": level}), make({})
    for layer, healthy in zip(synapses.layers, sound.layers, strict=True):
        stuck = layer.fault == STUCK_AT
        assert (layer.conductance[stuck] == np.float32(level)).all()
        assert np.array_equal(layer.conductance[~stuck], healthy.conductance[~stuck])


def test_runs_that_differ_in_their_faults_share_all_other_chance() -> None:
    """Ranges, initial conductances, endurance, and what each pulse does to a healthy device.

    The same pulses are fired at both arrays; random words and healthy devices come out the same.
    """
    layers, words = [], []
    for dead in (0.1, 0.3):
        config = settings_with({"dead": dead, "endurance_set": 1e6}, 0.15)
        synapses = DeviceSynapses(config, config.device, KEY)
        work = make_workspace(config.network.layers, 1)
        x, delta = (
            np.linspace(-1, 1, 13, dtype=np.float32),
            np.linspace(-1, 1, 10, dtype=np.float32),
        )
        layer = synapses.layers[0]
        (alone,) = form_team(1)
        called(update_layer)(
            alone, layer, synapses.device, synapses.rule, x, delta, work.trains, work.hits, 7, KEY,
            synapses.counters,
        )  # fmt: skip
        layers.append(layer)
        words.append(work.hits.words)
    few, many = layers
    healthy = many.fault == HEALTHY
    assert np.sum(few.fault != HEALTHY) < np.sum(many.fault != HEALTHY)
    assert np.array_equal(few.range_scale[healthy], many.range_scale[healthy])
    assert np.array_equal(few.endurance, many.endurance)
    assert np.array_equal(words[0], words[1])
    assert words[0].any()
    assert np.array_equal(few.conductance[healthy], many.conductance[healthy])
    assert np.array_equal(few.cycles[healthy], many.cycles[healthy])
    assert few.cycles[healthy].any()


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_stuck_on_stays_within_its_range(level: float) -> None:
    """At a level of 1 the device is at its own maximum, not a rounding above it."""
    synapses = make({"stuck_on": 1.0, "stuck_on_level": level})
    for layer, sound in zip(synapses.layers, make({}).layers, strict=True):
        lowest, highest = own_range(synapses, sound)
        assert (layer.conductance >= lowest).all()
        assert (layer.conductance <= highest).all()
