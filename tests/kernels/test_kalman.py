"""Following devices along their readings: the twin's bits, and the best that can be known."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pcmsim.kernels.kalman import (
    NO_LAW,
    Law,
    Noise,
    Readings,
    filter_readings,
    log_likelihood,
    squared_scores,
)
from tests.twin import kalman as twin

Floats = NDArray[np.float64]

DEVICES, READINGS, NODES = 6, 400, 9
LOW, HIGH = 1e-6, 21e-6
MIDDLE = (LOW + HIGH) / 2


def some_readings(draw: np.random.Generator) -> Readings:
    """Trains of two kinds of pulses, some unknown, of readings that leave the range, some odd."""
    shape = DEVICES, READINGS
    conductance = LOW + np.cumsum(1e-6 * draw.normal(0.05, 1.0, shape), axis=1)
    conductance *= np.where(draw.random(shape) < 0.01, 50.0, 1.0)
    conductance[draw.random(shape) < 0.2] = np.nan
    kind = draw.choice([NO_LAW, 0, 1], shape, p=[0.02, 0.7, 0.28]).astype(np.int8)
    kind[:, 0] = NO_LAW
    return Readings(conductance, kind, draw.integers(0, 3, shape), float(np.nanvar(conductance)))


def some_law(draw: np.random.Generator) -> Law:
    """Two kinds of pulses; the range wanders beyond the nodes, slopes beyond -1 and 0."""
    return Law(
        low=LOW,
        cells_per_siemens=(NODES - 1) / (HIGH - LOW),
        mean=draw.normal(0.1e-6, 1e-6, (2, NODES)),
        slope=draw.normal(-0.5, 0.6, (2, NODES)),
        variance=1e-12 * draw.random((2, NODES)),
        early_mean=np.pad(draw.normal(0, 1e-6, (2, 2)), ((0, 0), (0, 1))),
        early_variance=np.pad(draw.normal(0, 1e-12, (2, 2)), ((0, 0), (0, 1))),
        unknown=4e-16,
    )


NOISES = [Noise(0.3e-6, 0.0, 0.25), Noise(0.0, 0.05, 0.0), Noise(0.1e-6, 0.02, 0.25)]


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_twin(noise: Noise, seed: int) -> None:
    """States, likelihoods and scores to the bit (exact)."""
    draw = np.random.default_rng(seed)
    readings, law = some_readings(draw), some_law(draw)
    scale = draw.uniform(0.5, 2.0, (DEVICES, 2))
    tells = np.array([[True, True], [True, False], [False, True], [False, False]][seed])
    state, uncertain = np.empty((2, DEVICES, READINGS))
    likelihood, squares = np.empty((DEVICES, 2)), np.empty(DEVICES)

    filter_readings(readings, law, noise, scale[:, 0].copy(), state, uncertain)
    log_likelihood(readings, law, noise, tells, scale, np.empty((3, 2)), likelihood)
    squared_scores(readings, law, noise, tells, scale, squares)

    for device in range(DEVICES):
        low, high = (
            list(twin.watch(readings, law, noise, device, float(own))) for own in scale[device]
        )
        known = [np.nan if one.known is None else one.known for one in low]
        assert np.array_equal(state[device], known, equal_nan=True)
        there = ~np.isnan(state[device])
        assert uncertain[device][there].tolist() == [
            one.uncertain for one in low if one.known is not None
        ]
        both = [twin.likelihood(one, tells.tolist(), readings.variance) for one in (low, high)]
        assert likelihood[device].tolist() == both
        plain = twin.plain_likelihood(low, tells.tolist(), readings.variance)
        # 400 terms of some tens each, rounded to 2**-53.
        assert likelihood[device, 0] == pytest.approx(plain, rel=1e-12, abs=1e-12)
        told = twin.square_of_score(low, high, tells.tolist(), readings.variance)
        assert squares[device] == told
        assert told > 0 or not tells.any()


def wandering(law: Law, draw: np.random.Generator, noise: float, scale: Any) -> Readings:
    """Readings of devices that follow a law of the nodes' values, drawn from normal laws."""
    grid = law.low + np.arange(NODES) / law.cells_per_siemens
    state = np.full(DEVICES, MIDDLE) * scale
    readings = [state]
    for _ in range(READINGS - 1):
        nominal = state / scale
        spread = np.sqrt(np.interp(nominal, grid, law.variance[0]))
        step = np.interp(nominal, grid, law.mean[0]) + spread * draw.normal(size=DEVICES)
        state = state + scale * step
        readings.append(state)
    conductance = np.stack(readings, axis=1) + noise * draw.normal(size=(DEVICES, READINGS))
    kind = np.zeros(conductance.shape, np.int8)
    kind[:, 0] = NO_LAW
    return Readings(conductance, kind, np.zeros(kind.shape, np.int64), 1e-12)


def straight(slope: float, variance: float) -> Law:
    """A mean step that falls to 0 in mid-range, as a straight line."""
    grid = np.linspace(LOW, HIGH, NODES)
    none = np.zeros((1, 1))
    return Law(
        LOW, (NODES - 1) / (HIGH - LOW), slope * (grid - MIDDLE)[None],
        np.full((1, NODES), slope), np.full((1, NODES), variance), none, none, 0.0,
    )  # fmt: skip


def test_is_the_best_estimate_of_a_linear_device() -> None:
    """Where steps are normal and their mean is a straight line, the state is the conditional mean.

    That of each state given all readings up to then, from the covariance of all of them at once
    (exact, to the rounding of its inverse).
    """
    slope, variance, noise, count = -0.05, 0.2e-12, 0.5e-6, 60
    law, draw = straight(slope, variance), np.random.default_rng(3)
    readings = wandering(law, draw, noise, 1.0)
    assert LOW < readings.conductance.min() < readings.conductance.max() < HIGH
    short = Readings(*(one[:, :count] for one in readings[:3]), readings.variance)
    state, uncertain = np.empty((2, DEVICES, count))
    filter_readings(short, law, Noise(noise, 0.0, 0.0), np.ones(DEVICES), state, uncertain)

    # G(t) about mid-range is (1 + slope)^t G(0) and what is left of the steps since, all as if
    # the first reading were the first state, with an error.
    age = np.arange(count)
    left = np.where(age[:, None] >= age, (1 + slope) ** np.abs(age[:, None] - age), 0.0)
    covariance = left @ np.diag(np.r_[noise**2, np.full(count - 1, variance)]) @ left.T
    first = MIDDLE + left[:, 0] * (short.conductance[:, :1] - MIDDLE)
    for last in range(1, count):
        read = slice(1, last + 1)
        spread = covariance[read, read] + noise**2 * np.eye(last)
        gain = np.linalg.solve(spread, covariance[read, last])
        expected = first[:, last] + (short.conductance[:, read] - first[:, read]) @ gain
        assert state[:, last] == pytest.approx(expected, rel=1e-9)
        told = covariance[last, last] - covariance[read, last] @ gain
        assert uncertain[:, last] == pytest.approx(told, rel=1e-9)


def test_likelihood_is_that_of_students_t() -> None:
    """The same under any law but for one constant, so that laws can be compared (exact).

    With no noise the expectation of a reading follows from the one before alone.
    """
    draw = np.random.default_rng(5)
    laws = [straight(-0.05, 0.2e-12), straight(-0.2, 3e-12)]
    readings = wandering(laws[0], draw, 0.0, 1.0)
    expected, got = np.empty((2, 2, DEVICES))
    for n, law in enumerate(laws):
        likelihood = np.empty((DEVICES, 1))
        ones, track = np.ones((DEVICES, 1)), np.empty((3, 1))
        none = Noise(0.0, 0.0, 0.0)
        log_likelihood(readings, law, none, np.array([True]), ones, track, likelihood)
        got[n] = likelihood[:, 0]
        before, after = readings.conductance[:, :-1], readings.conductance[:, 1:]
        inside = np.clip(before, LOW, HIGH)
        mean = before + law.slope[0, 0] * (inside - MIDDLE)
        wide = np.sqrt(law.variance[0, 0] * 3 / 5)
        expected[n] = stats.t.logpdf(after, 5, mean, wide).sum(axis=1)
    constant = (expected - got).ravel()
    assert constant == pytest.approx(constant[0], rel=1e-9)


def test_the_true_scale_is_the_most_likely_one() -> None:
    """Within 5 standard errors, as scores tell them, of devices that differ (statistical).

    One false alarm in 300,000 for six devices.
    """
    draw = np.random.default_rng(11)
    law, scale = straight(-0.02, 0.5e-12), np.array([0.7, 0.85, 1.0, 1.1, 1.25, 1.5])
    readings = wandering(law, draw, 0.1e-6, scale)
    factors = np.exp(np.linspace(-0.5, 0.5, 201))
    likelihood, squares = np.empty((DEVICES, factors.size)), np.empty(DEVICES)
    noise, tells = Noise(0.1e-6, 0.0, 0.0), np.array([True])
    tried = np.outer(scale, factors)
    log_likelihood(readings, law, noise, tells, tried, np.empty((3, factors.size)), likelihood)
    squared_scores(readings, law, noise, tells, scale[:, None] * np.exp([-0.005, 0.005]), squares)
    error = 0.01 / np.sqrt(squares)
    best = np.log(factors[likelihood.argmax(axis=1)])
    # And half of the distance between two factors that were tried.
    assert (np.abs(best) < 5 * error + 0.0025).all()
    assert (error < 0.1).all()
