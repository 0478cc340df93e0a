"""What many simulated devices do is what the laws in the docstrings say (statistical).

All seeds are fixed, so a test passes always or never.  Bounds are such that with other seeds a
test of correct code would fail once in a thousand times; where a test makes several comparisons,
each has its part of that (Bonferroni).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from pcmsim.array.response import simulate_response
from pcmsim.devices.catalogue import build_model
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, QUANTILE_CELLS
from tests.devices.probe import SEED, device_settings, fire

FALSE_ALARM = 1e-3
DEVICES = 20_000
MICRO = 1e-6

Floats = NDArray[np.float64]

PCM = {"kind": "pcm", "reset_residue": 1e-6}
CONCAVE = {"kind": "pcm", "concavity": 2.0}
LINEAR = {"kind": "linear", "steps": 50, "asymmetry": 0.3, "nonlinearity": 1.0}
NANDAKUMAR = {"kind": "nandakumar2018"}

# Device, upwards, start as part of the range, pulses since RESET.  Starts lie on the grid of
# the table, in the middle between two of its points, and anywhere.
DRAWS: list[tuple[dict[str, Any], bool, float, int]] = [
    (PCM, True, 4 / 32, 0),
    (PCM, True, 16.5 / 32, 0),
    (PCM, True, 0.9, 0),
    (PCM, False, 0.7, 0),
    (CONCAVE, True, 0.123, 0),
    (CONCAVE, True, 16.5 / 32, 0),
    (LINEAR, True, 0.3, 0),
    (LINEAR, False, 0.3, 0),
    (LINEAR, False, 24.5 / 32, 0),
    (NANDAKUMAR, True, 0.3, 1),
    (NANDAKUMAR, True, 0.55, 23),
    (NANDAKUMAR, False, 0.8, 3),
]


@pytest.mark.parametrize(("device", "upwards", "place", "past"), DRAWS)
def test_steps_follow_the_models_distribution(
    device: dict[str, Any], upwards: bool, place: float, past: int
) -> None:
    """Chi-square over the 64 classes between the model's own quantiles.

    At the grid the quantiles of table and model are equal; between, straight lines over cells
    of 1/32 misplace those of the curved laws by less than 2e-3 standard deviations, which adds
    to chi-square 20,000 times the square of that, 0.1, where it scatters by 11.
    """
    model = build_model(device_settings(device))
    start = float(np.float32(model.g_min + place * (model.g_max - model.g_min)))
    ends = fire(device, model, start, 1, DEVICES, upwards=upwards, past=past)

    p = np.arange(1, 64) / 64
    limits = model.set_step(start, p, past) if upwards else model.reset_step(start, p)
    counts = np.bincount(np.searchsorted(limits, ends[:, 0] - start), minlength=64)
    assert stats.chisquare(counts).pvalue > FALSE_ALARM / len(DRAWS)


# Laws that pile up at a limit: device, upwards, start in cells of the grid, pulses since RESET,
# and the normal law, in S, of what a limit then cuts.
CLIPPED: list[tuple[dict[str, Any], bool, int, int, float, float]] = [
    (NANDAKUMAR, True, 0, 0, 0.01 + 0.880 + 0.953, 0.260 + 1.4635),
    (NANDAKUMAR, True, 32, 0, 12 - 1.008 + 0.880 + 0.953, 1.092 + 0.260 + 1.4635),
    ({"kind": "pcm"}, False, 20, 0, 0.5 + 0.5, 0.25),
]


@pytest.mark.parametrize(("device", "upwards", "cell", "past", "mean", "spread"), CLIPPED)
def test_clipped_laws_follow_the_docstring(
    device: dict[str, Any], upwards: bool, cell: int, past: int, mean: float, spread: float
) -> None:
    """Within the limits, the share of devices below any conductance is that of a normal law.

    A share measured on n devices is nowhere off by more than sqrt(ln(2 / alpha) / 2 n), but for a
    chance of alpha (Dvoretzky, Kiefer, Wolfowitz; Massart).  The table adds up to 1/128, since
    it knows quantiles at multiples of that.
    """
    model = build_model(device_settings(device))
    start = model.g_min + cell / CONDUCTANCE_CELLS * (model.g_max - model.g_min)
    ends = fire(device, model, start, 1, DEVICES, upwards=upwards, past=past)[:, 0]

    lowest, highest = max(ends.min(), model.g_min), min(ends.max(), model.g_max)
    assert np.mean(np.isclose(ends, lowest)) + np.mean(np.isclose(ends, highest)) > 0.01
    thresholds = np.linspace(lowest, highest, 500)[1:-1]
    measured = np.searchsorted(np.sort(ends), thresholds) / DEVICES
    expected = stats.norm.cdf(thresholds, mean * MICRO, spread * MICRO)
    alpha = FALSE_ALARM / len(CLIPPED)
    bound = math.sqrt(math.log(2 / alpha) / (2 * DEVICES)) + 1 / QUANTILE_CELLS
    assert np.abs(measured - expected).max() <= bound


def test_a_saturating_exponential_in_closed_form() -> None:
    """Concavity 1: what is unfilled is multiplied by independent factors 1 - r (1 + s N(0, 1)).

    So its mean is (1 - r)^n of the start and its mean square ((1 - r)^2 + (r s)^2)^n; limits are
    too far away to matter.  The table's normal has a variance 0.1 % too large.
    """
    model = build_model(device_settings(PCM))
    span, pulses, s = model.g_max - model.g_min, 30, 0.5
    r = 1 - 0.1 ** (1 / pulses)
    ends = fire(PCM, model, model.g_min + span / 2, pulses, DEVICES, upwards=True)
    unfilled = (model.g_max - ends) / span

    n = np.arange(1, pulses + 1)
    mean = 0.5 * (1 - r) ** n
    variance = 0.25 * ((1 - r) ** 2 + (r * s) ** 2) ** n - mean**2
    k = deviations_allowed(2 * pulses)
    assert (np.abs(unfilled.mean(axis=0) - mean) <= k * np.sqrt(variance / DEVICES)).all()
    error = np.abs(unfilled.var(axis=0) - variance)
    assert (error <= k * error_of_variance(unfilled) + 0.001 * variance).all()


def deviations_allowed(comparisons: int) -> float:
    """Return how many standard errors a measured number may be off."""
    return float(stats.norm.isf(FALSE_ALARM / comparisons / 2))


def error_of_variance(sample: Floats) -> Floats:
    """Return the standard error of the variance over the first axis of a sample."""
    fourth = ((sample - sample.mean(axis=0)) ** 4).mean(axis=0)
    return np.sqrt((fourth - sample.var(axis=0) ** 2) / len(sample))


# One pulse of a law: conductances before (S), pulses since RESET, normal deviates; those after.
Step = Callable[[Floats, int, Floats], Floats]


def pcm_step(concavity: float) -> Step:
    """Return a partial SET of `pcm` at its default settings, from its docstring."""
    low, high, pulses = 0.5 * MICRO, 25 * MICRO, 30

    def unfilled(rate: float) -> float:
        u = 1.0
        for _ in range(pulses):
            u -= rate * u**concavity
        return u

    rate = optimize.brentq(lambda rate: unfilled(rate) - 0.1, 0.01, 0.5)

    def step(g: Floats, past: int, deviate: Floats) -> Floats:
        mean = rate * (high - low) * ((high - g) / (high - low)) ** concavity
        return np.clip(g + mean * (1 + 0.5 * deviate), low, high)

    return step


def pcm_reset(g: Floats, past: int, deviate: Floats) -> Floats:
    """RESET a `pcm` at its default settings, from its docstring."""
    return np.clip((0.5 + 0.5 + 0.25 * deviate) * MICRO, 0.5 * MICRO, 25 * MICRO)


def linear_step(direction: int) -> Step:
    """Return one step of LINEAR up (+1) or down (-1), from the docstring of `linear`."""
    low, high, steps, asymmetry, v = 0.5 * MICRO, 25 * MICRO, 50, 0.3, 1.0
    c = math.sinh(v / 2) / (v / 2)

    def step(g: Floats, past: int, deviate: Floats) -> Floats:
        x = (g - low) / (high - low)
        mean = (high - low) / steps * (1 + direction * asymmetry) * c
        mean = mean * np.exp(-direction * v * (x - 0.5))
        return np.clip(g + direction * mean * (1 + 0.3 * deviate), low, high)

    return step


def nandakumar_step(g: Floats, past: int, deviate: Floats) -> Floats:
    """Partial SET of `nandakumar2018`, from its docstring, which is in uS."""
    p = math.exp(-(past + 1) / 2.6)
    mean = -0.084 * g / MICRO + 0.880 + 1.40 * p
    spread = 0.091 * g / MICRO + 0.260 + 2.15 * p
    return np.clip(g + (mean + spread * deviate) * MICRO, 0.1 * MICRO, 12 * MICRO)


def nandakumar_reset(g: Floats, past: int, deviate: Floats) -> Floats:
    """RESET of `nandakumar2018`, from its docstring."""
    return np.maximum(0.1 + 0.01 * deviate, 0.01) * MICRO


PULSES = 40
# Device, its pulses, and by how much its table bends their mean, as part of the range: not at
# all where laws are straight lines; for rate u^2 by rate / 4 / 32^2 a pulse at most, in 40 pulses
# 0.3 %; for exp(v x) by v^2 / 8 / 32^2 of the way, up and down 0.03 %; where limits cut
# `nandakumar2018`, 4 % of the draws at the lower and 10 % at the upper by up to a quarter of a
# cell, which all in all makes 0.2 %.
COURSES: dict[str, tuple[dict[str, Any], list[Step], float]] = {
    "pcm": ({"kind": "pcm"}, [pcm_reset, *[pcm_step(1.0)] * PULSES], 0.0),
    "concave pcm": (CONCAVE, [pcm_reset, *[pcm_step(2.0)] * PULSES], 3e-3),
    "linear": (LINEAR, [*[linear_step(+1)] * PULSES, *[linear_step(-1)] * PULSES], 3e-4),
    "nandakumar2018": (NANDAKUMAR, [nandakumar_reset, *[nandakumar_step] * PULSES], 2e-3),
}


@pytest.mark.parametrize("name", COURSES)
def test_mean_and_spread_in_the_course_of_pulses(name: str) -> None:
    """After every pulse, against a simulation of the docstring's formula in plain NumPy.

    The variance may be off by 1 %: the table's normal is by 0.1 %, and a bent mean by more.
    """
    device, steps, bent = COURSES[name]
    settings = device_settings(device)
    response = simulate_response(settings, PULSES, DEVICES, SEED)
    measured = response.conductance.astype(np.float64)
    expected = simulate(steps, start=measured[:, 0])
    measured = measured[:, -len(steps) :]

    k = deviations_allowed(2 * len(steps) * len(COURSES))
    error = np.sqrt((measured.var(axis=0) + expected.var(axis=0)) / DEVICES)
    assert_close(
        measured.mean(axis=0), expected.mean(axis=0), k * error + bent * build_model(settings).g_max
    )
    error = np.hypot(error_of_variance(measured), error_of_variance(expected))
    variance = expected.var(axis=0)
    assert_close(measured.var(axis=0), variance, k * error + 0.01 * variance)


def assert_close(measured: Floats, expected: Floats, bound: Floats) -> None:
    assert (np.abs(measured - expected) <= bound).all(), np.abs(measured - expected) / bound


def simulate(steps: list[Step], start: Floats) -> Floats:
    """Return the conductances (S) after each step, shape (devices, steps)."""
    random = np.random.default_rng(SEED)
    g, past, course = start, 0, []
    for step in steps:
        g = step(g, past, random.standard_normal(len(g)))
        # A RESET, where there is one, is the first step.
        past = 0 if step in (pcm_reset, nandakumar_reset) else past + 1
        course.append(g)
    return np.stack(course, axis=1)
