"""What the report on an imported device compares: trains, steps, distances, means."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from pcmsim.report.measured_device.numbers import (
    FEWEST_STEPS,
    ks_distance,
    levels_of,
    sides_of,
)
from pcmsim.report.measured_device.story import story_of
from pcmsim.report.measured_device.tables import (
    digits,
    fit_table,
    noise_in_words,
    percent,
    signed,
    truth_table,
)
from pcmsim.report.measured_device.trains import course_of, trains_of
from pcmsim.traces.estimating.fits import fit_steps, mean_steps
from pcmsim.traces.estimating.read_noise import NO_NOISE
from pcmsim.traces.traces import DOWN, START, UP, Steps, Traces
from tests.report.device_report_made import NOISE, device_of, table_of

NOT = math.nan
TABLE = table_of(np.zeros(33), 1e-6)


def trains(pulses: list[list[int]], readings: list[list[float]], pulse: int) -> list[list[float]]:
    traces = Traces(("x",) * len(pulses), np.array(pulses, np.int8), np.array(readings))
    return trains_of(traces, pulse).tolist()


def same(one: list[list[float]], other: list[list[float]]) -> bool:
    return np.array_equal(np.array(one), np.array(other), equal_nan=True)


def test_trains_begin_with_the_reading_before_their_first_pulse() -> None:
    pulses = [[START, UP, UP, DOWN, UP]]
    assert same(trains(pulses, [[1, 2, 3, 0, 5]], UP), [[1, 2, 3], [0, 5, NOT]])
    assert same(trains(pulses, [[1, 2, 3, 0, 5]], DOWN), [[3, 0]])


def test_trains_end_where_nothing_is_known_and_may_have_gaps() -> None:
    pulses = [[START, UP, UP, START, UP, UP], [UP, UP, START, UP, START, START]]
    readings = [[1, NOT, 3, 4, 5, 6], [1, 2, NOT, 4, 5, 6]]
    expected = [[1, NOT, 3], [4, 5, 6], [1, 2, NOT]]
    assert same(trains(pulses, readings, UP), expected)


def test_no_pulses_make_no_trains() -> None:
    assert trains([[START, UP]], [[1, 2]], DOWN) == []
    assert trains([[START, DOWN]], [[NOT, 2]], DOWN) == []


def test_a_course_is_means_and_quantiles_where_there_are_enough_readings() -> None:
    readings = np.arange(22.0).reshape(11, 2)
    readings[4:, 1] = NOT
    course = course_of(readings)
    assert course.pulses.tolist() == [0]
    assert (course.mean[0], course.low[0], course.high[0]) == pytest.approx((10, 2, 18))
    assert course_of(np.full((3, 2), NOT)).pulses.size == 0


def test_distances_equal_those_of_another_program() -> None:
    chance = np.random.default_rng(1)
    for sizes in ((5, 7), (300, 1000), (40, 40)):
        one, other = (np.sort(chance.normal(size=size).round(1)) for size in sizes)
        assert ks_distance(one, other) == pytest.approx(ks_2samp(one, other).statistic)
    assert math.isnan(ks_distance(np.empty(0), other))


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_device_is_not_far_from_its_own_traces(bidirectional: bool) -> None:
    device = device_of(bidirectional=bidirectional)
    sides = sides_of(device.traces, device.estimate)
    assert [side.pulse for side in sides] == [UP, DOWN]
    levels = [level for side in sides for level in side.levels]
    assert len(levels) == (6 if bidirectional else 4)
    for level in levels:
        # Two samples of one distribution: 1.95 over the root is exceeded once in 1,000, the
        # largest of 10 levels once in 100.
        size = 1 / (1 / len(level.measured) + 1 / len(level.fitted))
        assert level.distance < 1.95 / math.sqrt(size)
        assert level.by_chance == pytest.approx(1.358 / math.sqrt(size))


def test_a_wrong_table_is_far_from_the_traces() -> None:
    device = device_of(bidirectional=True)
    table = device.estimate.set_table
    wrong = replace(device.estimate, set_table=replace(table, step=table.step * 0.5))
    low = sides_of(device.traces, wrong)[0].levels[0]
    assert low.distance > 3 * low.by_chance


def steps(before: np.ndarray) -> Steps:
    none = np.zeros(len(before), np.int64)
    return Steps(none, none, before, 0.1 * before)


def test_levels_do_not_overlap_and_hold_the_steps_of_their_window() -> None:
    before = np.random.default_rng(2).uniform(1e-6, 21e-6, 400)
    levels = levels_of(steps(before), steps(before), TABLE)
    assert [level.name for level in levels] == ["low", "middle", "high"]
    assert levels[0].high < levels[1].low < levels[1].high < levels[2].low
    for level in levels:
        within = before[(before >= level.low) & (before <= level.high)]
        assert level.measured == pytest.approx(0.1 * np.sort(within))
        assert level.distance == 0


def test_few_steps_are_one_level_and_next_to_none_are_none() -> None:
    before = np.linspace(1e-6, 2e-6, 40)
    (level,) = levels_of(steps(before), steps(before[:0]), TABLE)
    assert (level.name, level.low, level.high, len(level.measured)) == ("all", 1e-6, 2e-6, 40)
    assert math.isnan(level.distance)
    few = before[: FEWEST_STEPS - 1]
    assert levels_of(steps(few), steps(few), TABLE) == ()


def test_levels_without_steps_are_left_out() -> None:
    before = np.linspace(19e-6, 21e-6, 500)
    (level,) = levels_of(steps(before), steps(before), TABLE)
    assert level.name == "high"
    beyond = np.linspace(22e-6, 23e-6, 500)
    (level,) = levels_of(steps(beyond), steps(beyond), TABLE)
    assert (level.name, len(level.measured)) == ("all", 500)


def test_windows_are_widened_where_steps_are_few() -> None:
    # The middle of the range is 11 uS, the middle half of its third 1.67 uS to either side.
    before = np.concatenate([np.linspace(1e-6, 7e-6, 200), np.linspace(13e-6, 14e-6, 40)])
    middle = levels_of(steps(before), steps(before), TABLE)[1]
    assert (middle.name, len(middle.measured)) == ("middle", 30)


def test_mean_steps_are_those_of_rows_with_steps_of_their_own() -> None:
    table = device_of(bidirectional=True).estimate.set_table
    means = mean_steps(table)
    assert means.conductance.tolist() == table.conductance[:-2].tolist()
    assert means.mean == pytest.approx(2e-6 * (1 - np.arange(31) / 32))
    # 0.4 uS over the root of 100 samples.
    assert means.error == pytest.approx(0.04e-6, rel=0.01)


def test_measured_and_simulated_trains_are_compared_along_their_way() -> None:
    device = device_of(bidirectional=True)
    compared = story_of("a.h5", device).trains[UP].compared()
    assert [pulses for pulses, _, _ in compared] == [4, 10, 20, 40]
    _, measured, simulated = compared[-1]
    at_end = device.traces.conductance[:, 40]
    assert measured.mean[0] == pytest.approx(np.nanmean(at_end))
    # 60 devices of each kind with a spread of 15 %: a standard error of 2.8 %, 4 of them.
    assert simulated.mean[0] == pytest.approx(measured.mean[0], rel=0.11)


def test_without_pulses_down_there_is_one_side() -> None:
    story = story_of("a.h5", device_of(bidirectional=False, reset_measured=False))
    assert [side.pulse for side in story.sides] == list(story.trains) == [UP]


def test_steps_are_told_by_the_pulses_since_reset() -> None:
    """48 of 60 devices were read before and after each pulse: means within 4 standard errors."""
    story = story_of("a.h5", device_of(bidirectional=False, memory=True))
    memory = story.memory
    assert memory is not None
    assert memory.pulses.tolist() == [0, 1, 2, 3]
    assert len(memory.first.steps.change) < 60
    assert len(memory.last.steps.change) > 1000
    assert (np.abs(memory.mean - memory.fitted) < 4 * memory.error).all()
    assert memory.fitted[0] == pytest.approx(5e-6, rel=0.05)
    assert story_of("a.h5", device_of(bidirectional=False)).memory is None


def test_numbers_in_words() -> None:
    assert digits(12345.6) == "12,346"
    assert digits(-0.0123456) == "\N{MINUS SIGN}0.01235"
    assert digits(NOT) == signed(NOT) == "-"
    assert signed(-1e-12) == "\N{MINUS SIGN}1e\N{MINUS SIGN}12"
    assert percent(0.1234) == "12.3 %"
    assert "standard deviation 0.2 µS in the middle of all readings" in noise_in_words(NOISE)
    assert "not found out" in noise_in_words(NO_NOISE)
    hidden = replace(NO_NOISE, variance=1e-15, error=1e-15)
    assert "not clear beside that of steps (variance 0.001 ± 0.001 µS²)" in noise_in_words(hidden)


def test_a_parameter_that_is_not_determined_is_called_so() -> None:
    law = fit_steps(device_of(bidirectional=True).estimate, UP)[0]
    unknown = replace(law, values=law.values * 1e16, high=law.high * 1e18)
    assert "not determined" in fit_table("step up", [unknown])
    assert "not determined" not in fit_table("step up", [law])


def test_one_train_makes_no_band() -> None:
    device = device_of(bidirectional=True)
    one = replace(device.traces, conductance=device.traces.conductance.copy())
    one.conductance[1:, 6:] = np.nan
    table = truth_table(story_of("a.h5", replace(device, traces=one)))
    assert "<td>-</td>" in table
