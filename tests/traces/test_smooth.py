"""Smoothing onto the nodes of a grid."""

import numpy as np
import pytest

from pcmsim.devices.jump_table import conductance_grid
from pcmsim.traces.estimating.moments import Samples, moments
from pcmsim.traces.estimating.smooth import _window
from pcmsim.traces.traces import Floats

NODES = conductance_grid(0.0, 1.0)


def steps(mean: Floats, place: Floats, spread: float, draw: np.random.Generator) -> Samples:
    step = mean + spread * draw.normal(size=place.size)
    return Samples(np.zeros(place.size, int), place, step, np.zeros(place.size))


@pytest.mark.parametrize("count", [1, 7, 40, 100])
def test_a_window_has_the_nearest_places(count: int) -> None:
    draw = np.random.default_rng(2)
    rising = np.sort(draw.uniform(0, 1, 100))
    for node in (rising[0], 0.3, 0.71, rising[-1]):
        near = rising[_window(rising, node, count)]
        assert near.size == count
        nearest = np.sort(np.abs(rising - node))[:count]
        assert np.allclose(np.sort(np.abs(near - node)), nearest)


def test_very_random_steps_are_smoothed_more_widely() -> None:
    """Steps five times as random as they are long, on a straight line.

    A line through all 3,200 would be wrong by 5 / sqrt(3200) = 0.09 in the middle and twice that at
    the ends; the nearest 400 are wrong by three times as much.
    """
    draw = np.random.default_rng(4)
    place = draw.uniform(0, 1, 3200)
    samples = steps(1 - 0.5 * place, place, 5.0, draw)
    wrong = {
        widely: np.sqrt(
            np.mean((moments(samples, NODES, widely=widely).mean - 1 + 0.5 * NODES) ** 2)
        )
        for widely in (False, True)
    }
    assert wrong[True] < 0.2
    assert wrong[True] < 0.7 * wrong[False]


def test_steps_that_tell_a_bend_are_not() -> None:
    """At the bend itself lines through 400 of 3,200 steps are wrong by 0.02, in either case."""
    draw = np.random.default_rng(4)
    place = draw.uniform(0, 1, 3200)
    samples = steps(np.abs(place - 0.5), place, 0.02, draw)
    for widely in (False, True):
        found = moments(samples, NODES, widely=widely).mean
        assert np.abs(found - np.abs(NODES - 0.5)).max() < 0.03
