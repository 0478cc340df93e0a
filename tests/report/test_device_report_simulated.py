"""Simulated devices obey their tables, and are pulsed and read as the measured ones were."""

from dataclasses import replace

import numpy as np
import pytest

from pcmsim.array.crossbar import NARROWEST_RANGE
from pcmsim.report.measured_device.simulated import (
    beginnings,
    draw_scales,
    draw_step_scales,
    simulate_traces,
)
from pcmsim.traces.estimating.read_noise import NO_NOISE
from pcmsim.traces.traces import DOWN, START, UP, Traces, repeated
from tests.report.device_report_made import G_MAX, G_MIN, NOISE, device_of, estimate_of


def test_what_is_missing_in_the_measurement_is_missing_in_the_simulation() -> None:
    device = device_of(bidirectional=True)
    again = simulate_traces(device.traces, device.estimate, device.estimate.scale, 4)
    missing = np.isnan(device.traces.conductance)
    assert 0.15 < missing.mean() < 0.25
    assert (np.isnan(again.conductance) == missing).all()
    assert again.devices == device.traces.devices


def test_the_same_seed_gives_the_same_traces() -> None:
    device = device_of(bidirectional=False)
    once, same, other = (
        simulate_traces(device.traces, device.estimate, device.estimate.scale, seed).conductance
        for seed in (4, 4, 5)
    )
    assert np.array_equal(once, same, equal_nan=True)
    assert not np.array_equal(once, other, equal_nan=True)


def test_devices_start_where_the_measured_ones_did_and_stay_within_their_ranges() -> None:
    estimate = estimate_of(bidirectional=True, devices=50, noise=NO_NOISE)
    start = np.linspace(0, 40e-6, 50)
    pulse = np.tile(np.array([START] + 60 * [UP] + 80 * [DOWN], np.int8), (50, 1))
    blank = Traces(("x",) * 50, pulse, np.tile(start[:, None], (1, 141)))
    course = simulate_traces(blank, estimate, estimate.scale, 1).conductance
    low, high = estimate.scale * G_MIN, estimate.scale * G_MAX
    assert course[:, 0] == pytest.approx(np.clip(start, low, high))
    assert (course >= low[:, None] * 0.999999).all()
    assert (course <= high[:, None] * 1.000001).all()


def test_a_device_whose_beginnings_are_missing_begins_with_the_first_that_is_there() -> None:
    estimate = estimate_of(bidirectional=True, devices=1, noise=NO_NOISE)
    pulse = np.array([[START, UP, UP, UP, UP]], np.int8)
    read = np.array([[np.nan, np.nan, np.nan, 5e-6, 6e-6]])
    course = simulate_traces(Traces(("a",), pulse, read), estimate, np.ones(1), 1).conductance
    assert course[0, 3] == pytest.approx(5e-6)


def test_a_device_begins_anew_where_nothing_is_known_of_the_pulse() -> None:
    estimate = estimate_of(bidirectional=True, devices=2, noise=NO_NOISE)
    pulse = np.array([[START, UP, START, UP], [START, UP, START, UP]], np.int8)
    read = np.array([[2e-6, 3e-6, 15e-6, 16e-6], [2e-6, 3e-6, np.nan, 16e-6]])
    course = simulate_traces(Traces(("a", "b"), pulse, read), estimate, np.ones(2), 1).conductance
    assert course[0, 2] == pytest.approx(15e-6)
    assert np.isnan(course[1, 2])
    assert course[1, 3] < 10e-6


def test_a_device_without_spread_follows_its_mean_step_by_step() -> None:
    estimate = estimate_of(bidirectional=True, devices=1, noise=NO_NOISE, step_scale_spread=0.0)
    half = estimate.set_table.step[:, 64][:, None]
    estimate.set_table.step[...] = half
    pulse = np.array([[START] + 30 * [UP]], np.int8)
    blank = Traces(("a",), pulse, np.full((1, 31), G_MIN))
    course = simulate_traces(blank, estimate, np.array([2.0]), 1).conductance[0]
    # Steps of 2 uS * (1 - filled part) on a range of 20 uS leave 0.9 of the rest at every pulse.
    expected = 2 * (G_MAX - (G_MAX - G_MIN) * 0.9 ** np.arange(31))
    assert course == pytest.approx(expected, rel=1e-9)


def test_steps_of_a_device_have_a_factor_of_their_own() -> None:
    """And an abrupt RESET has none.  Without spread the traces are those of one table for all."""
    pulse = np.tile(np.array([START, UP, DOWN], np.int8), (3, 1))
    blank = Traces(("x",) * 3, pulse, np.full((3, 3), 11e-6))
    for bidirectional in (True, False):
        estimate = estimate_of(bidirectional=bidirectional, noise=NO_NOISE, step_scale_spread=0.5)
        for table, step in ((estimate.set_table, 1e-6), (estimate.reset_table, -2e-6)):
            table.step[...] = step
        course = simulate_traces(blank, estimate, np.ones(3), 1).conductance
        factor = draw_step_scales(estimate, 3, 1)
        assert np.ptp(factor) > 0
        assert course[:, 1] - course[:, 0] == pytest.approx(1e-6 * factor)
        down = factor if bidirectional else np.ones(3)
        assert course[:, 2] - course[:, 1] == pytest.approx(-2e-6 * down)
        alike = replace(estimate, step_scale_spread=0.0)
        same = simulate_traces(blank, alike, np.ones(3), 1).conductance
        assert same == pytest.approx(np.tile([11e-6, 12e-6, 10e-6], (3, 1)))


def test_step_factors_are_those_of_an_array() -> None:
    """Log-normal of mean 1: standard errors 0.004 and about 1.2 % of the spread; 4 of them."""
    factor = draw_step_scales(estimate_of(bidirectional=True, step_scale_spread=0.4), 10_000, 3)
    assert factor.mean() == pytest.approx(1, abs=0.016)
    assert factor.std() == pytest.approx(0.4, rel=0.05)
    assert np.log(factor).std() == pytest.approx(np.sqrt(np.log1p(0.16)), rel=0.03)


def test_steps_follow_the_pulses_since_reset() -> None:
    """From the bottom the first two tables, then the last; anew after a RESET; not from the top."""
    estimate = estimate_of(bidirectional=False, noise=NO_NOISE, step_scale_spread=0.0)
    tables = [
        replace(estimate.set_table, step=np.full_like(estimate.set_table.step, step))
        for step in (3e-6, 2e-6, 1e-6)
    ]
    estimate = replace(estimate, set_table=tables[2], early_tables=tuple(tables[:2]))
    pulse = np.tile(np.array([START, UP, UP, UP, UP, DOWN, UP, UP], np.int8), (2, 1))
    read = np.repeat([[G_MIN], [12e-6]], 8, axis=1)
    course = simulate_traces(Traces(("a", "b"), pulse, read), estimate, np.ones(2), 1).conductance
    steps = np.diff(course, axis=1)[:, [0, 1, 2, 3, 5, 6]]
    assert steps[0] == pytest.approx([3e-6, 2e-6, 1e-6, 1e-6, 3e-6, 2e-6])
    assert steps[1] == pytest.approx([1e-6, 1e-6, 1e-6, 1e-6, 3e-6, 2e-6])


def test_readings_have_the_noise_that_was_measured() -> None:
    estimate = estimate_of(bidirectional=True, devices=400)
    estimate.set_table.step[...] = 0
    pulse = np.tile(np.array([START] + 50 * [UP], np.int8), (400, 1))
    blank = Traces(("x",) * 400, pulse, np.full((400, 51), 10e-6))
    read = simulate_traces(blank, estimate, np.ones(400), 1).conductance
    # The variance of 20,400 normal readings has a standard error of 1 %: 4 of them, once in 16,000.
    assert np.mean((read - 10e-6) ** 2) == pytest.approx(NOISE.absolute**2, rel=0.04)


def test_ranges_have_the_spread_of_the_device() -> None:
    scale = draw_scales(estimate_of(bidirectional=True, range_spread=0.15), 10_000, 3)
    # Standard errors: 0.0015 of the mean, 0.7 % of the spread; 4 of them, once in 8,000.
    assert scale.mean() == pytest.approx(1, abs=0.006)
    assert scale.std() == pytest.approx(0.15, rel=0.03)
    wild = draw_scales(estimate_of(bidirectional=True, range_spread=1.0), 1000, 3)
    assert wild.min() == NARROWEST_RANGE


def test_a_device_that_was_never_read_starts_like_the_others() -> None:
    nothing = np.nan
    read = np.array([[nothing, 3e-6], [1e-6, 9e-6], [nothing, nothing]])
    pulse = np.zeros((3, 2), np.int8)
    assert beginnings(Traces(("a", "b", "c"), pulse, read)).tolist() == [3e-6, 1e-6, 2e-6]


def test_repeated_traces_are_those_of_as_many_times_the_devices() -> None:
    device = device_of(bidirectional=True)
    thrice = repeated(device.traces, 3)
    devices = len(device.traces.devices)
    assert len(thrice.devices) == len(thrice.pulse) == 3 * devices
    assert np.array_equal(
        thrice.conductance[devices : 2 * devices], device.traces.conductance, equal_nan=True
    )
