"""What is near a node of a grid."""

import numpy as np
import pytest

from pcmsim.traces.estimating.neighbourhoods import Neighbourhoods


@pytest.mark.parametrize("count", [1, 7, 40, 100])
def test_a_neighbourhood_has_the_nearest_places(count: int) -> None:
    """By brute force, with weights that fall with the distance and reach 0 at the last place."""
    draw = np.random.default_rng(2)
    place, value = draw.uniform(0, 1, 100), draw.normal(size=100)
    nodes = np.array([-0.5, 0.0, 0.3, 0.71, 1.0, 2.0])
    near = Neighbourhoods(place, nodes, count)
    for node, mean in zip(nodes, near.mean(value), strict=True):
        away = np.abs(place - np.clip(node, place.min(), place.max()))
        nearest = np.argsort(away)[:count]
        reach = away[nearest].max() * (1 + 1e-9)
        share = (1 - (away[nearest] / reach) ** 3) ** 3 if reach > 0 else np.ones(count)
        assert mean == pytest.approx(np.average(value[nearest], weights=share), abs=1e-6)


@pytest.mark.parametrize("count", [3, 40])
def test_lines_through_neighbours_follow_a_line(count: int) -> None:
    place = np.random.default_rng(2).uniform(0, 1, 100)
    nodes = np.linspace(place.min(), place.max(), 9)
    assert Neighbourhoods(place, nodes, count).line(2 - 3 * place) == pytest.approx(2 - 3 * nodes)
