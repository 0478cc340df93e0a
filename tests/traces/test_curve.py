"""The smooth curve through noisy values."""

from itertools import product

import numpy as np
import pytest

from pcmsim.devices.jump_table import conductance_grid
from pcmsim.traces.estimating.curve import AT_END, STIFFNESS, UNLIKELY, smooth_curve
from pcmsim.traces.estimating.moments import Samples, moments
from pcmsim.traces.traces import Floats

NODES = conductance_grid(0.0, 1.0)


def dense_curve(place: Floats, value: Floats, variance: Floats, nodes: Floats) -> Floats:
    """Return the curve of the same model, found from the covariance of all values.

    With N the lines over the nodes and D+ the pseudoinverse of second differences, m = N b + D+ d
    for some b: values have the mean X b, X = H N, and the covariance V = diag(v) + t^2 U U', with
    U = H D+.  Restricted likelihood and best prediction: Robinson, Statistical Science 6:15, 1991.
    """
    hats = np.stack([np.interp(place, nodes, one) for one in np.eye(nodes.size)], axis=1)
    inverse = np.linalg.pinv(np.diff(np.eye(nodes.size), 2, axis=0))
    ends = [np.array([low, *(nodes.size - 4) * [1.0], high]) for low in AT_END for high in AT_END]
    lines = np.stack([np.ones(nodes.size), nodes], axis=1)
    fixed = hats @ lines
    unit = np.trace(hats.T @ (hats / variance[:, None])) / nodes.size
    found = []
    for stiffness, wider in product(unit * STIFFNESS, ends):
        bends, free = hats @ inverse, inverse * wider / stiffness
        covariance = np.diag(variance) + (bends * wider) @ bends.T / stiffness
        weighted = np.linalg.solve(covariance, fixed)
        line = np.linalg.solve(fixed.T @ weighted, weighted.T @ value)
        rest = value - fixed @ line
        told = np.linalg.solve(covariance, rest)
        unlikely = sum(np.linalg.slogdet(one)[1] for one in (covariance, fixed.T @ weighted))
        curve = lines @ line + free @ (bends.T @ told)
        # The spread of all, over what was said of it, at which they are most likely.
        left = value.size - 2
        unlikely += left * np.log(rest @ told) + UNLIKELY * np.count_nonzero(wider > 1)
        found.append((unlikely, curve))
    return min(found, key=lambda one: one[0])[1]


@pytest.mark.parametrize("bend", [0.0, 0.3, 3.0])
def test_the_curve_is_the_most_likely_one(bend: float) -> None:
    draw = np.random.default_rng(1)
    place = draw.uniform(0, 1, 60)
    variance = draw.uniform(0.01, 0.2, 60)
    value = 1 - place + bend * np.sin(6 * place) + np.sqrt(variance) * draw.normal(size=60)
    found = smooth_curve(place, value, variance, np.linspace(place.min(), place.max(), 7))
    expected = dense_curve(place, value, variance, np.linspace(place.min(), place.max(), 7))
    assert np.abs(found - expected).max() < 1e-6 * np.abs(expected).max()


def test_values_far_more_random_than_they_are_long_make_a_line() -> None:
    """3,200 values of spread 5 about a straight line, forty times.

    The straight line of least squares is wrong by 5 sqrt(2 / 3200) = 0.125, root mean square over
    the range: two parameters.  A curve that is free to bend is allowed twice as many.
    """
    draw = np.random.default_rng(4)
    wrong = []
    for _ in range(40):
        place = draw.uniform(0, 1, 3200)
        value = 1 - 0.5 * place + 5 * draw.normal(size=3200)
        wrong.append(smooth_curve(place, value, np.full(3200, 25.0), NODES) - 1 + 0.5 * NODES)
    assert np.mean(np.square(wrong)) < 2 * 0.125**2


def test_where_steps_are_cut_short_the_curve_falls_within_a_cell() -> None:
    """Steps of 1, spread 0.3, and none at all from the very end; 100 in each cell.

    A mean of 100 is wrong by 0.03, and four of these are allowed but next to the end.
    """
    draw = np.random.default_rng(4)
    place = draw.uniform(0, 1, 3200)
    value = np.concatenate([1 + 0.3 * draw.normal(size=3200), np.zeros(3200)])
    variance = np.concatenate([np.full(3200, 0.09), np.full(3200, 1e-4)])
    found = smooth_curve(np.concatenate([place, np.ones(3200)]), value, variance, NODES)
    assert np.abs(found[:-2] - 1).max() < 0.12
    assert abs(found[-1]) < 0.02


def test_sharp_values_tell_a_bend() -> None:
    """100 values in each cell, of spread 0.02: their mean is within 0.008 in 99.99 % of cells."""
    draw = np.random.default_rng(4)
    place = draw.uniform(0, 1, 3200)
    value = np.abs(place - 0.5) + 0.02 * draw.normal(size=3200)
    found = smooth_curve(place, value, np.full(3200, 4e-4), NODES)
    assert np.abs(found - np.abs(NODES - 0.5)).max() < 0.008


@pytest.mark.parametrize("size", [1e-9, 1.0])
def test_exact_values_are_followed(size: float) -> None:
    place = np.linspace(0, 1, 500)
    found = smooth_curve(place, size * np.exp(-5 * place), np.zeros(500), NODES)
    # Between nodes a straight piece is at most (5 / 32)^2 / 8 = 0.003 beside the exponential.
    assert np.abs(found - size * np.exp(-5 * NODES)).max() < 0.004 * size


def test_no_value_at_all_is_zero() -> None:
    assert not smooth_curve(NODES, np.zeros(NODES.size), np.zeros(NODES.size), NODES).any()


def test_a_value_that_is_more_exact_counts_for_more() -> None:
    """Two places, so that the curve is a line through the weighted means of both."""
    place, value = np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 4.0, 2.0, 2.5])
    found = smooth_curve(place, value, np.array([1.0, 2.0, 1.0, 1.0]), NODES)
    assert found == pytest.approx(np.interp(NODES, [0, 1], [2.0, 2.25]))


def test_beyond_the_last_values_what_holds_there_holds() -> None:
    draw = np.random.default_rng(4)
    place = draw.uniform(0.25, 0.5, 300)
    value = 1 + place + 0.1 * draw.normal(size=300)
    found = smooth_curve(place, value, np.full(300, 0.01), NODES)
    assert np.ptp(found[NODES < 0.25]) == 0
    assert np.ptp(found[NODES > 0.5]) == 0
    # The end of a line through 300 values is wrong by 0.1 * 2 / sqrt(300) = 0.0115; four of these.
    assert found[0] == pytest.approx(1.25, abs=0.046)
    assert found[-1] == pytest.approx(1.5, abs=0.046)


@pytest.mark.parametrize("place", [-1.0, 0.0, 0.3, 1.0, 2.0])
def test_values_at_one_place_tell_their_mean(place: float) -> None:
    value, variance = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0])
    assert smooth_curve(np.full(3, place), value, variance, NODES) == pytest.approx(2.0)


def test_variances_need_be_known_but_for_a_factor() -> None:
    draw = np.random.default_rng(4)
    place, value = draw.uniform(0, 1, 200), draw.normal(size=200)
    found = [smooth_curve(place, value, np.full(200, v), NODES) for v in (1e-3, 1.0, 1e3)]
    assert np.allclose(found[0], found[1]) and np.allclose(found[1], found[2])


def test_two_places_tell_a_line() -> None:
    place, value = np.array([0.25, 0.25, 0.5]), np.array([1.0, 3.0, 4.0])
    found = smooth_curve(place, value, np.ones(3), NODES)
    assert found == pytest.approx(np.interp(NODES, [0.25, 0.5], [2.0, 4.0]))


def test_curves_through_random_steps_are_nearer_than_lines_through_neighbourhoods() -> None:
    """A line through the nearest 400 of 3,200 is wrong by the root of 8 times as much, and more.

    The errors are those of one measurement, and may be larger or smaller by half.
    """
    draw = np.random.default_rng(4)
    place = draw.uniform(0, 1, 3200)
    samples = steps_of_devices(place, 1 - 0.5 * place, 5.0, np.ones(3200), draw)
    lines, curve = (
        np.std(moments(samples, NODES, mean=mean).mean - 1 + 0.5 * NODES)
        for mean in ("lines", "curve")
    )
    assert curve < 1.5 / 8**0.5 * lines


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_steps_over_the_size_of_their_device(noise: float) -> None:
    """Forty sets of 3,200 steps over a size that counts by its square, with noise and without.

    With weights w and variances v, a line of weighted least squares is wrong by sqrt(2 sum(w^2 v)),
    over the sum of w.  A curve is allowed twice the square; without noise weights are not one over
    the variances, and half as much more is allowed.
    """
    draw = np.random.default_rng(4)
    wrong, allowed = [], []
    for _ in range(40):
        place, size = draw.uniform(0, 1, 3200), np.exp(draw.normal(0, 0.5, 3200))
        weight, spread = size**2, np.hypot(3.0, noise / size)
        samples = steps_of_devices(place, 1 - 0.5 * place, spread, weight, draw)
        wrong.append(moments(samples, NODES, mean="curve").mean - 1 + 0.5 * NODES)
        allowed.append(2 * np.sum((weight * spread) ** 2) / weight.sum() ** 2)
    assert np.mean(np.square(wrong)) < (2.0 if noise else 2.5) * np.mean(allowed)


def steps_of_devices(
    place: Floats, mean: Floats, spread: float | Floats, weight: Floats, draw: np.random.Generator
) -> Samples:
    step = mean + spread * draw.normal(size=place.size)
    none = np.zeros(place.size)
    return Samples(none.astype(int), place, step, none, weight=weight)
