"""Pulses since RESET are counted, and memory of them is found where there is some."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pcmsim.traces.estimating.estimate import Estimate, estimate_device
from pcmsim.traces.estimating.memory import Additions, additions_of, find_memory, regressions
from pcmsim.traces.estimating.moments import Samples, moments, told_of
from pcmsim.traces.estimating.notes import notes_of_memory
from pcmsim.traces.estimating.pulse_count import LONGEST, UNKNOWN, pulses_since_reset
from pcmsim.traces.estimating.regression import Told, tail_of_f
from pcmsim.traces.traces import DOWN, START, UP, Floats, Traces
from tests.traces.measured import measure

NOT = float("nan")
NANDAKUMAR = {"kind": "nandakumar2018"}


def counts(pulses: list[int], readings: list[float]) -> list[int]:
    """Count the pulses of one device beside another that spans from 0 to 10 uS."""
    other = [0.0, *[10.0] * (len(readings) - 1)]
    pulse = np.array([pulses, [START, *[UP] * (len(readings) - 1)]], np.int8)
    traces = Traces(("a", "b"), pulse, 1e-6 * np.array([readings, other]))
    return pulses_since_reset(traces)[0].tolist()


def test_pulses_count_from_the_bottom_and_from_every_reset() -> None:
    pulses = [START, UP, UP, DOWN, UP, UP]
    assert counts(pulses, [1, 2, 3, 0, 1, 2]) == [0, 1, 2, 0, 1, 2]
    assert counts(pulses, [1, NOT, 3, NOT, 1, 2]) == [0, 1, 2, 0, 1, 2]


def test_from_further_up_the_count_is_unknown_until_a_reset_or_many_pulses() -> None:
    assert counts([START, UP, DOWN, UP], [5, 6, 0, 1]) == [UNKNOWN, UNKNOWN, 0, 1]
    train = [START] + (LONGEST + 1) * [UP]
    known = counts(train, [5.0] * (LONGEST + 2))
    assert known[:LONGEST] == LONGEST * [UNKNOWN]
    assert known[LONGEST:] == [LONGEST, LONGEST + 1]


def test_a_trace_that_begins_without_a_reading_begins_as_the_others() -> None:
    assert counts([START, UP, UP], [NOT, 2, 3]) == [0, 1, 2]


def test_a_gap_is_no_reset_but_a_fall_to_the_bottom_is() -> None:
    assert counts([START, UP, START, UP], [0, 1, 1.5, 3]) == [0, 1, UNKNOWN, UNKNOWN]
    assert counts([START, UP, UP, START, UP], [0, 4, 8, 1, 3]) == [0, 1, 2, 0, 1]
    assert counts([START, UP, UP, START, UP], [0, 4, 8, 6, 7]) == [0, 1, 2, UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0, 2.5, 10.0])
@pytest.mark.parametrize(("one", "other"), [(1, 20), (5, 95), (6, 14), (3, 600)])
def test_the_tail_of_f_is_that_of_scipy(ratio: float, one: int, other: int) -> None:
    assert tail_of_f(ratio, one, other) == pytest.approx(stats.f.sf(ratio, one, other), rel=2e-3)


def test_unknown_and_long_counts_have_no_additions() -> None:
    early = Additions(np.array([3.0, 1.0, 0.0]), np.array([9.0, 1.0, 0.0]))
    past = np.array([0, 1, 2, 30, UNKNOWN], np.int16)
    assert early.mean_at(past).tolist() == [3, 1, 0, 0, 0]
    assert early.variance_at(past).tolist() == [9, 1, 0, 0, 0]


def told(added: Floats, widened: Floats, devices: int, seed: int) -> Told:
    """Return trains of 50 steps of mean 2 - G / 10 and spread 0.5, plus what early pulses add.

    They begin at conductances from 0 to 8.
    """
    draw = np.random.default_rng(seed)
    state, states, steps = draw.uniform(0, 8, devices), [], []
    for past in range(50):
        mean = 2 - state / 10 + added[min(past, added.size - 1)]
        spread = 0.5 + widened[min(past, widened.size - 1)]
        states.append(state)
        steps.append(mean + spread * draw.normal(size=devices))
        state = state + steps[-1]
    before, step = np.stack(states, axis=1).ravel(), np.stack(steps, axis=1).ravel()
    device, place = np.divmod(np.arange(step.size), 50)
    past = place.astype(np.int16)
    samples = Samples(device, before, step, np.zeros(step.size), place, past)
    nodes = np.linspace(before.min(), before.max(), 33)
    return told_of(samples, moments(samples, nodes))


NONE = np.zeros(1)


def test_false_alarms_are_as_rare_as_they_should_be() -> None:
    """Of 80 probabilities no more lie below any limit than chance makes of it.

    They should be uniform: by Kolmogorov's law the largest excess is above 1.95 over the root of
    their number once in 2,000 cases, for the mean and for the spread.
    """
    found = []
    for seed in range(80):
        one = told(NONE, NONE, 60, seed)
        found.append([part.by_chance() for part in regressions(one, COUNTS)])
    for chance in np.sort(np.array(found), axis=0).T:
        excess = np.arange(1, chance.size + 1) / chance.size - chance
        assert excess.max() < 1.95 / np.sqrt(chance.size)


COUNTS = np.array([0, 1, 2, 4, 8, 16, 32], np.int16)


def test_memory_in_mean_or_spread_is_found_and_measured() -> None:
    """Additions that fall by a half with each pulse, and none from the eighth on.

    Means of 400 steps have standard errors of 0.05, 4 of which are allowed and 0.03 for what is
    straight between the counts 2, 4 and 8.
    """
    fading = 1.5 * 0.5 ** np.arange(12.0)
    fading[8:] = 0
    in_mean = told(fading, NONE, 400, 1)
    in_spread = told(NONE, fading, 400, 2)
    for one in (in_mean, in_spread):
        assert find_memory(one) in (9, 17)
    assert additions_of(in_mean, 9).mean == pytest.approx(fading[:9], abs=0.23)
    variance = (0.5 + fading[:9]) ** 2 - 0.25
    assert additions_of(in_spread, 9).variance[[0, 1, 2, 4, 8]] == pytest.approx(
        variance[[0, 1, 2, 4, 8]], rel=0.3, abs=0.15
    )


def test_few_trains_or_short_ones_tell_nothing() -> None:
    fading = 1.5 * 0.5 ** np.arange(12.0)
    assert find_memory(told(fading, NONE, 15, 1)) == 1
    one = told(fading, NONE, 100, 1)
    assert find_memory(one.take(one.past == 0)) == 1


@pytest.mark.parametrize("name", ["pcm", "exponential_step"])
def test_devices_without_memory_have_one_table(name: str) -> None:
    for seed in (1, 2):
        device = {"kind": name, "range_spread": 0.2}
        found = estimate_device(measure(device, noise=0.1e-6, missing=0.2, seed=seed))
        assert found.memory == 1
        assert found.set_tables == (found.set_table,)
        assert not any("since the last RESET" in note for note in found.notes)


@pytest.fixture(scope="module")
def nandakumar() -> Estimate:
    """Return the estimate from 100 devices of 50 pulses, a fifth of the readings missing."""
    return estimate_device(measure(NANDAKUMAR, noise=0.1e-6, missing=0.2))


def test_the_memory_of_nandakumar_is_found(nandakumar: Estimate) -> None:
    """Means 0.880 - 0.084 G + 1.40 P and spreads 0.260 + 0.091 G + 2.15 P in uS.

    P is exp(-(n + 1) / 2.6), and conductances are those at which steps after n pulses begin in the
    mean; steps that end below 0.1 uS are cut short as the model does.  Standard errors of means of
    64 steps are an eighth of their spread, those of spreads a sixteenth to an eighth with the long
    tails of the cut; bounds are 4 of these, and smaller where neighbours help.
    """
    assert 9 <= nandakumar.memory <= 33
    normal = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    for past in range(9):
        table = nandakumar.set_tables[past]
        g = float(np.average(table.conductance, weights=table.samples)) * 1e6
        fading = np.exp(-(past + 1) / 2.6)
        mean, spread = 0.880 - 0.084 * g + 1.40 * fading, 0.260 + 0.091 * g + 2.15 * fading
        step = np.clip(g + mean + spread * normal, 0.1, 12) - g
        row = np.abs(table.conductance * 1e6 - g).argmin()
        error = step.std() / 8
        assert table.mean[row] * 1e6 == pytest.approx(step.mean(), abs=4 * error)
        assert table.spread[row] * 1e6 == pytest.approx(step.std(), rel=0.35)


def test_samples_are_kept_for_every_count_and_the_rest_is_filled(nandakumar: Estimate) -> None:
    traces = measure(NANDAKUMAR, noise=0.1e-6, missing=0.2)
    there = np.isfinite(traces.conductance[:, :-1]) & np.isfinite(traces.conductance[:, 1:])
    for past in range(nandakumar.memory - 1):
        table = nandakumar.set_tables[past]
        assert table.samples.sum() == there[:, past].sum()
        assert table.filled.tolist() == (table.samples < 20).tolist()
        assert np.isfinite(table.step).all()
        assert (np.diff(table.step, axis=1) >= 0).all()
    assert nandakumar.set_table.samples.sum() == there[:, nandakumar.memory - 1 :].sum()


def test_memory_is_told(nandakumar: Estimate) -> None:
    (note,) = [note for note in nandakumar.notes if "there are" in note]
    tables = nandakumar.memory - 1
    assert f"there are {tables} tables for the first {tables} pulses and one for all" in note
    assert any("lowest fifth of the range" in note for note in nandakumar.notes)


def test_memory_is_told_from_where_it_was_seen(nandakumar: Estimate) -> None:
    """A train from a RESET is nowhere both right after it and 32 pulses long after it."""
    first, late = nandakumar.early_tables[0], nandakumar.set_table
    (note,) = [note for note in nandakumar.notes if "there are" in note]
    assert "no conductance was seen both right after a RESET and long after one" in note
    lowest = 1e6 * first.conductance[np.argmax(first.samples)]
    assert f"the first step, from {lowest:.3g} uS, is" in note
    place = int(np.argmax(late.samples))
    both = replace(first, samples=np.where(np.arange(33) == place, 9, first.samples))
    note, *_ = notes_of_memory(measure(NANDAKUMAR), [both], late)
    assert f"from {1e6 * late.conductance[place]:.3g} uS the first step is" in note


def test_trains_that_begin_further_up_say_nothing_of_memory() -> None:
    traces = measure(NANDAKUMAR, missing=0.2)
    late = Traces(traces.devices, traces.pulse[:, 20:].copy(), traces.conductance[:, 20:])
    late.pulse[:, 0] = START
    assert estimate_device(late).memory == 1


def test_trains_of_several_resets_are_all_used() -> None:
    """Ten devices of ten trains of 25 pulses, with a RESET before each."""
    one = measure(NANDAKUMAR, pulses=25)
    pulse, reading = one.pulse.copy(), one.conductance
    pulse[:, 0] = DOWN
    many = Traces(one.devices[:10], pulse.reshape(10, -1), reading.reshape(10, -1))
    found = estimate_device(many)
    assert found.memory >= 9
    assert found.reset_measured
    assert found.reset_table.conductance + found.reset_table.mean == pytest.approx(0.1e-6, abs=2e-8)


@pytest.mark.parametrize(("noise", "uncertain"), [(0.03e-6, 0.05), (0.3e-6, 0.25)])
def test_where_the_conductance_tells_the_count_there_is_no_memory(
    noise: float, uncertain: float
) -> None:
    """All devices step alike and surely: steps follow from either, and the range is enough.

    A mean over some 500 steps, of 0.25 uS and more, is known to 0.3 uS sqrt(2 / 500), 8 %, with
    the larger noise: 25 % is three times that.
    """
    surely = {
        "kind": "exponential_step",
        "g_max": 25e-6,
        "floor_up": 0.0,
        "amplitude_up": 0.05,
        "decay_up": 3.0,
        "step_spread": 0.0,
        "noise": 0.0,
        "noise_slope": 0.0,
        "range_spread": 0.0,
        "reset_residue": 0.0,
        "reset_spread": 0.0,
    }
    estimate = estimate_device(measure(surely, noise=noise, missing=0.2))
    assert estimate.memory == 1
    # 5 % of the range from 0.5 to 25 uS, less a fall of 3 over the range, from 3 to 15 uS.
    inside = (estimate.set_table.conductance > 3e-6) & (estimate.set_table.conductance < 15e-6)
    place = (estimate.set_table.conductance[inside] - 0.5e-6) / 24.5e-6
    expected = 0.05 * np.exp(-3 * place) * 24.5e-6
    assert estimate.set_table.mean[inside] == pytest.approx(expected, rel=uncertain)
