"""Variances within and between devices: exact on small numbers, right on average on many."""

import numpy as np
import pytest

from pcmsim.devices.jump_table import conductance_grid
from pcmsim.traces.estimating.estimate import estimate_device
from pcmsim.traces.estimating.moments import Samples, moments
from pcmsim.traces.estimating.variance import random_effects, variance_shares
from tests.traces.measured import measure


def test_two_groups_by_hand() -> None:
    """Groups (1, 3) and (5, 7, 9): within 10 / 3; between from n0 = 5 - 13 / 5 = 2.4."""
    within, between = random_effects(np.array([1.0, 3.0, 5.0, 7.0, 9.0]), np.array([0, 0, 1, 1, 1]))
    assert within == pytest.approx(10 / 3)
    assert between == pytest.approx((30 - 10 / 3) / 2.4)


def test_one_device_or_single_steps_tell_nothing() -> None:
    assert random_effects(np.array([1.0, 2.0]), np.array([4, 4])) == (0.0, 0.0)
    assert random_effects(np.array([1.0, 2.0]), np.array([0, 1])) == (0.0, 0.0)


@pytest.mark.parametrize("share", [0.0, 0.33, 0.8])
def test_shares_come_back(share: float) -> None:
    """400 devices of 5 to 60 steps, variance 0.25 in all, 0.02 of it read noise on top.

    The standard error of a variance between 400 devices is below 8 % of it, plus 0.01 / 30 where
    it is small; bounds are 5 of these, false alarms below one in a million.
    """
    draw = np.random.default_rng(1)
    steps = draw.integers(5, 60, 400)
    device = np.repeat(np.arange(400), steps)
    own = 1 + np.sqrt(0.25 * share) * draw.normal(size=400)[device]
    size = own + np.sqrt(0.25 * (1 - share) + 0.02) * draw.normal(size=device.size)
    before = draw.uniform(0, 20e-6, device.size)
    mean = 1e-6 - 0.02 * before
    noise = np.full(device.size, 0.02) * mean**2
    samples = Samples(device, before, mean * size, noise)
    found = variance_shares(samples, moments(samples, conductance_grid(0.0, 20e-6)))
    assert found.device == pytest.approx(0.25 * share, abs=5 * (0.08 * 0.25 * share + 0.0015))
    assert found.pulse == pytest.approx(0.25 * (1 - share), abs=0.03)
    assert found.noise == pytest.approx(0.02, rel=0.1)
    assert (found.steps, found.devices) == (device.size, 400)


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.25])
def test_the_spread_of_ranges_comes_back_once(spread: float) -> None:
    """100 devices that reach saturation: 5 standard errors of a standard deviation of 100.

    What is left of the size of steps, with ranges divided out, is small.
    """
    device = {"kind": "pcm", "step_spread": 0.5, "range_spread": spread}
    found = estimate_device(measure(device, noise=30e-9, missing=0.1))
    assert found.range_spread == pytest.approx(spread, abs=5 * spread / np.sqrt(200) + 0.02)
    assert found.step_scale_spread < 0.1


def test_trains_short_of_saturation_tell_of_steps_alone() -> None:
    device = {"kind": "linear", "steps": 2000, "range_spread": 0.15}
    found = estimate_device(measure(device, pulses=40))
    assert found.range_spread == pytest.approx(0.15, abs=5 * 0.15 / np.sqrt(200))
    assert any("before saturation" in note for note in found.notes)
