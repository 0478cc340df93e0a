"""Laws come back with their parameters; least squares agree with SciPy's."""

import numpy as np
import pytest
from scipy import optimize

from pcmsim.traces.estimating.estimate import estimate_device
from pcmsim.traces.estimating.fits import fit_steps, fit_trace, least_squares, mean_course
from pcmsim.traces.traces import DOWN, START, UP, Traces
from tests.traces.measured import measure

PCM = {"kind": "pcm", "range_spread": 0.0, "step_spread": 0.2}


def test_least_squares_agree_with_scipy() -> None:
    draw = np.random.default_rng(3)
    x = np.linspace(0, 1, 40)
    error = np.full(40, 0.02)
    y = 2 * np.exp(-3 * x) + 0.1 + error * draw.normal(size=40)

    def law(place: np.ndarray, values: np.ndarray) -> np.ndarray:
        return values[0] * np.exp(-values[1] * place) + values[2]

    start = np.array([1.0, 1.0, 0.5])
    values, covariance = least_squares(law, x, y, error, start)
    wanted, expected = optimize.curve_fit(
        lambda place, *p: law(place, np.array(p)), x, y, start, error, absolute_sigma=True
    )
    assert values == pytest.approx(wanted, rel=1e-5)
    assert covariance == pytest.approx(expected, rel=1e-3)


def test_the_law_of_the_device_is_best_among_the_simple_ones() -> None:
    """Kind pcm with concavity 1 takes the saturating exponential: power with exponent 1."""
    estimate = estimate_device(measure(PCM, devices=300))
    fits = {fit.law: fit for fit in fit_steps(estimate, UP)}
    assert set(fits) == {
        "linear",
        "saturating exponential",
        "soft bounds",
        "power",
        "exponential step",
    }
    assert fits["saturating exponential"].aic < fits["linear"].aic
    assert fits["saturating exponential"].r_squared > 0.98
    power = fits["power"]
    assert power.names == ("a", "c")
    assert power.values[1] == pytest.approx(1.0, abs=0.15)
    assert (power.low < power.values).all()
    assert (power.values < power.high).all()
    assert [fit.aic for fit in fit_steps(estimate, UP)] == sorted(fit.aic for fit in fits.values())


def test_chi_square_is_that_of_a_law_that_holds() -> None:
    """Twelve measurements of a device whose steps obey the law of soft bounds.

    Their reduced chi-squares, each of about 28 degrees of freedom, have a mean of 1 and, by chance,
    a standard error of sqrt(2 / 28 / 12) = 0.08; four of these, and less by a tenth for means at
    the top, which are known better than to the hundredth of the largest that is believed.
    """
    device = {"kind": "soft_bounds", "range_spread": 0.0, "noise": 0.008, "step_scale_spread": 0.0}
    device |= {"first_step_up": 0.05, "first_step_down": 0.05}
    found = []
    for seed in range(12):
        fits = fit_steps(estimate_device(measure(device, devices=40, seed=seed)), UP)
        found += [fit.reduced_chi_square for fit in fits if fit.law == "soft bounds"]
    assert 0.9 - 4 * 0.08 < np.mean(found) < 1 + 4 * 0.08


def test_steps_down_are_fitted_from_the_top_and_resets_not_at_all() -> None:
    both_ways = estimate_device(measure({"kind": "linear", "steps": 40}))
    down = {fit.law: fit for fit in fit_steps(both_ways, DOWN)}
    assert down["linear"].values[0] < 0
    assert fit_steps(estimate_device(measure(PCM)), DOWN) == []


def test_the_course_of_a_saturating_device_is_bent_and_of_a_linear_one_straight() -> None:
    """With 30 pulses to 90 % the mean of 50 follows 1 - exp(-p / A), A = 30 / ln 10 = 13."""
    bent = fit_trace(measure(PCM), UP)
    straight = fit_trace(measure({"kind": "linear"}), UP)
    assert bent is not None
    assert straight is not None
    assert bent.values[2] == pytest.approx(50 / 13, rel=0.1)
    assert abs(straight.values[2]) < 0.3
    assert bent.r_squared > 0.999


def test_the_mean_course_is_that_of_first_trains() -> None:
    pulse = np.array([[START, UP, UP, DOWN, UP], [START, UP, START, UP, UP]], np.int8)
    traces = Traces(("a", "b"), pulse, np.array([[1.0, 2.0, 3.0, 0.0, 9.0], [3.0, 6.0, 0, 0, 9]]))
    pulses, mean, error = mean_course(traces, UP)
    assert pulses.tolist() == [0, 1]
    assert mean.tolist() == [2, 4]
    assert error == pytest.approx([1, 2])


def test_nothing_to_fit() -> None:
    traces = measure(PCM)
    assert fit_trace(traces, DOWN) is None
