"""From x and delta to pulses: what a cross-point receives, and what that does (exact)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.array.random import make_key
from pcmsim.config.section import MOST_SLOTS
from pcmsim.config.settings import Settings, Update
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.layer import Array
from pcmsim.kernels.program import COUNTERS, DEPRESSION_PULSES, SET_PULSES
from pcmsim.kernels.team import form_team
from pcmsim.kernels.update import update_layer
from pcmsim.training import workspace
from pcmsim.training.rules import coincidences, update_rule_of
from pcmsim.training.synapses import make_synapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.calling import called
from tests.twin.pulses import Pulses, downstream_slots, upstream_slots

STEP = 2.0**-8

exact = settings(max_examples=60, derandomize=True, deadline=None, database=None)
lines = st.lists(st.just(0.0) | st.floats(-1, 1, width=32), min_size=2, max_size=20)
gains = st.floats(0.125, 40, width=32)
rules = st.builds(
    Update,
    rule=st.sampled_from(["crossbar", "conventional"]),
    slots=st.integers(1, MOST_SLOTS),
    x_threshold=st.floats(0, 1),
    pulse_threshold=st.floats(0.1, 2),
)


class Counting:
    """A device whose steps are all the same and which remembers every pulse; a ``DeviceModel``."""

    g_min, g_max = 0.0, 1.0
    memory = MOST_SLOTS + 1

    def __init__(self, bidirectional: bool) -> None:
        self.bidirectional = bidirectional

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        return np.full(np.broadcast(conductance, probability).shape, STEP)

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        return -self.set_step(conductance, probability, 0)


class CountingArray:
    """Pairs of counting devices in mid-range, after the update of one example."""

    def __init__(
        self,
        update: Update,
        gain: float,
        x: list[float],
        delta: list[float],
        bidirectional: bool = False,
    ) -> None:
        """Fire the pulses; ``gain`` is how many a delta of 1 is worth."""
        settings = Settings(
            network={"layers": [len(x) - 1, len(delta)], "initial_weight": 0.0},
            data={"crop": None},
            update=update,
            device={"kind": "linear", "g_min": 0.0, "g_max": 1.0},
        )
        device, key = tabulate(Counting(bidirectional)), make_key(1, 0)
        history = np.zeros((len(x), len(delta), 2), np.uint8)
        self.layer = make_synapses(settings, key).layers[0]._replace(pulses_since_reset=history)
        self.counters = np.zeros(COUNTERS, np.int64)
        rule = update_rule_of(settings, device, (self.layer,))
        rule.pulses_per_delta[:] = gain
        work = make_workspace(settings.network.layers, 1)
        (alone,) = form_team(1)
        called(update_layer)(
            alone, self.layer, device, rule, np.array(x, np.float32), np.array(delta, np.float32),
            work.trains, work.hits, 0, key, self.counters,
        )  # fmt: skip

    @property
    def steps(self) -> Array:
        """How far each device has moved, in steps; up is positive."""
        return np.round((self.layer.conductance - 0.5) / STEP).astype(int)

    @property
    def pulses(self) -> Array:
        """How many pulses each cross-point has received, if no device steps down."""
        return self.steps.sum(axis=-1)


@pytest.mark.parametrize("slots", range(1, MOST_SLOTS + 1))
def test_trains_overlap_in_their_product(slots: int) -> None:
    """Trains of n and m pulses share n * m / slots slots, to the nearest whole number."""
    shared = coincidences(slots)
    for n in range(slots + 1):
        assert len(upstream_slots(n, slots)) == len(downstream_slots(n)) == n
        assert upstream_slots(n, slots) | downstream_slots(n) <= set(range(slots))
        for m in range(slots + 1):
            assert shared[n, m] == len(upstream_slots(n, slots) & downstream_slots(m))
            assert abs(shared[n, m] - n * m / slots) <= 0.5


@exact
@given(rules, gains, lines, lines)
def test_pulses_equal_the_twins(
    update: Update, gain: float, x: list[float], delta: list[float]
) -> None:
    rule = Pulses(
        update.slots,
        update.rule == "crossbar",
        update.x_threshold,
        update.pulse_threshold,
        np.float32(gain),
    )
    expected = [[rule.at(np.float32(v), np.float32(d)) for d in delta] for v in x]
    assert CountingArray(update, gain, x, delta).pulses.tolist() == expected


@exact
@given(st.integers(1, MOST_SLOTS), gains, lines, lines)
def test_conventional_rule_rounds_the_product(
    slots: int, gain: float, x: list[float], delta: list[float]
) -> None:
    """With a threshold of half a pulse: the product in pulses, rounded, at most ``slots``.

    Two float32 operations form the product, hence the 1e-5 for products up to 40.
    """
    update = Update(rule="conventional", slots=slots, pulse_threshold=0.5)
    wanted = np.minimum(gain * np.abs(np.outer(x, delta)), slots)
    pulses = CountingArray(update, gain, x, delta).pulses
    assert np.abs(pulses - wanted).max() <= 0.5 + 1e-5


@exact
@given(rules, gains, lines, lines, st.data())
def test_a_cross_point_knows_its_own_row_and_column_only(
    update: Update, gain: float, x: list[float], delta: list[float], data: st.DataObject
) -> None:
    """What a row and a column do to each other does not depend on what the others are at."""
    row = data.draw(st.sampled_from(range(len(x))))
    column = data.draw(st.sampled_from(range(len(delta))))
    alone = CountingArray(update, gain, [x[row], 0.0], [delta[column]]).pulses[0, 0]
    assert CountingArray(update, gain, x, delta).pulses[row, column] == alone


@exact
@given(st.integers(1, MOST_SLOTS), gains, lines, lines)
def test_crossbar_neurons_decide_alone(
    slots: int, gain: float, x: list[float], delta: list[float]
) -> None:
    """A row fires by x alone and a column by delta alone; what they share is the product.

    How many pulses a neuron fires shows at a partner that fires in every slot.
    """
    update = Update(rule="crossbar", slots=slots, x_threshold=0.125, pulse_threshold=0.5)
    every_slot = 2.0 * slots / gain
    upstream = CountingArray(update, gain, x, [every_slot]).pulses[:, 0]
    downstream = CountingArray(update, gain, [1.0, 0.0], delta).pulses[0]
    shared = CountingArray(update, gain, x, delta).pulses
    assert np.abs(shared - np.outer(upstream, downstream) / slots).max() <= 0.5


@exact
@given(rules, lines, lines)
def test_the_sign_of_the_product_chooses_the_device(
    update: Update, x: list[float], delta: list[float]
) -> None:
    """The weight grows by pulses on G+ and shrinks by pulses on G-; at zero none are fired."""
    array = CountingArray(update, 40.0, x, delta)
    sign = np.outer(np.sign(x), np.sign(delta))
    assert (array.steps[..., PLUS][sign <= 0] == 0).all()
    assert (array.steps[..., MINUS][sign >= 0] == 0).all()
    assert array.counters.tolist() == [array.steps.sum(), 0, 0]
    assert (array.layer.pulses_since_reset == array.steps).all()


@exact
@given(rules, lines, lines)
def test_a_bidirectional_pair_moves_both_ways(
    update: Update, x: list[float], delta: list[float]
) -> None:
    """Each pulse raises one device and lowers the other: the weight moves by two steps."""
    one_sided = CountingArray(update, 40.0, x, delta)
    array = CountingArray(update, 40.0, x, delta, bidirectional=True)
    pulses = one_sided.steps
    assert (array.steps == pulses - pulses[..., ::-1]).all()
    assert array.counters[SET_PULSES] == array.counters[DEPRESSION_PULSES] == pulses.sum()
    assert (array.layer.weight == 2 * one_sided.layer.weight).all()


def test_a_long_list_is_programmed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of 19 rows of 20 columns fire, more than fit into a list of one row."""
    update = Update(rule="crossbar", slots=4, x_threshold=0.125, pulse_threshold=0.5)
    x, delta = list(np.linspace(-1, 1, 20)), list(np.linspace(0.5, 1, 20))
    whole = CountingArray(update, 4.0, x, delta).steps
    monkeypatch.setattr(workspace, "CROSS_POINTS", 1)
    assert np.count_nonzero(whole) > 2 * len(workspace.make_workspace([19, 20], 1).hits.entry)
    assert np.array_equal(CountingArray(update, 4.0, x, delta).steps, whole)
