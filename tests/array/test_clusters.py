"""Clustered faults: they lie together, as closely as the radius says."""

import math
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from scipy import stats

from pcmsim.array import clusters
from pcmsim.array.clusters import Pool, cluster_by_cluster
from pcmsim.array.faults import make_fault_maps
from pcmsim.array.placement import Placement
from pcmsim.array.random import make_key
from pcmsim.config.settings import Faults
from pcmsim.kernels.codes import DEAD, HEALTHY, STUCK_ON, STUCK_RANDOM
from pcmsim.kernels.layer import Array

KEY = make_key(5, 0)
SHAPES = [(300, 150)]


def faulty(**faults: object) -> Array:
    """Return which devices of an array of 300 x 300 have failed, as they lie on it."""
    (one,) = make_fault_maps(Faults(array_rows=300, array_columns=300, **faults), SHAPES, KEY)
    return (one.code != HEALTHY).reshape(300, 300)


def faulty_pairs(is_faulty: Array) -> int:
    """Count the pairs of neighbours, in row or column, that are both faulty."""
    return int(
        np.sum(is_faulty[1:] & is_faulty[:-1]) + np.sum(is_faulty[:, 1:] & is_faulty[:, :-1])
    )


def neighbours_that_fail(is_faulty: Array) -> float:
    """Return the share of faulty devices among the four neighbours of a faulty one."""
    return 2 * faulty_pairs(is_faulty) / (4 * is_faulty.sum())


def test_faults_without_clusters_have_neighbours_by_chance() -> None:
    """Of 2 * 300 * 299 pairs of neighbours each is faulty with chance 0.05^2.

    The number is nearly Poisson: pairs that share a device add to its variance by the share.
    Six standard errors.
    """
    expected = 0.05**2 * 2 * 300 * 299
    assert abs(faulty_pairs(faulty(dead=0.05)) - expected) <= 6 * math.sqrt(expected)


@pytest.mark.parametrize("radius", [1.0, 2.0, 5.0])
def test_clustered_faults_have_neighbours_by_the_radius(radius: float) -> None:
    """Of one cluster alone, the share of a faulty device's neighbours that are faulty, too, is

    sum g(d) g(d + 1) / sum g(d) with g(d) = exp(-d^2 / (2 radius^2)) over all places d.

    Overlaps can only add to that: at a share s, at most about s.  Sampling errors are far below
    the 0.05 left for them: 4,500 devices fail in at least 28 clusters.
    """
    share = 0.05
    steps = np.arange(-30, 31)
    down, right = np.meshgrid(steps, steps, indexing="ij")
    fails = np.exp(-(down**2 + right**2) / (2 * radius**2))
    expected = np.sum(fails[1:] * fails[:-1]) / np.sum(fails)
    found = neighbours_that_fail(faulty(clustered=share, cluster_radius=radius))
    assert expected - 0.05 <= found <= expected + share + 0.05
    assert found > 4 * share


def test_a_cluster_has_the_profile_of_its_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a distance devices fail as often as the Gaussian says, the centre always.

    Clusters are drawn one at a time and looked at where all their places are on the array; one
    false alarm in a thousand.
    """
    monkeypatch.setattr(clusters, "WORDS_AT_A_TIME", 1)
    radius, side = 1.5, 101
    placement = Placement(side * side, side, side)
    drawn = cluster_by_cluster(placement, radius, Pool(0, 0, side * side), KEY)
    counts: Counter[int] = Counter()
    complete = 0
    for cluster in islice(drawn, 2000):
        # The nearest place comes first: the centre itself.
        row, column = divmod(int(cluster[0]), side)
        if all(10 <= place < side - 10 for place in (row, column)):
            complete += 1
            rows, columns = np.divmod(cluster, side)
            squared = (rows - row) ** 2 + (columns - column) ** 2
            assert (np.diff(squared) >= 0).all()
            counts.update(squared.tolist())
    assert counts[0] == complete > 1000
    # How many places there are at a squared distance from a centre.
    places = {1: 4, 2: 4, 4: 4, 5: 8, 8: 4, 9: 4}
    for squared, number in places.items():
        chance = math.exp(-squared / (2 * radius**2))
        result = stats.binomtest(counts[squared], number * complete, chance)
        assert result.pvalue > 1e-3 / len(places)


def test_clusters_keep_to_their_layer() -> None:
    """Where only the second of two layers has a share, the first has no fault."""
    faults = Faults(clustered=[0.0, 0.4], array_rows=20, array_columns=20)
    first, second = make_fault_maps(faults, [(10, 10), (5, 10)], KEY)
    assert (first.code == HEALTHY).all()
    assert np.sum(second.code != HEALTHY) == 40


def test_two_layers_have_clusters_of_their_own() -> None:
    """The same share of two layers of the same shape does not fail in the same places."""
    faults = Faults(clustered=[0.1, 0.1], array_rows=40, array_columns=20)
    one, other = make_fault_maps(faults, [(20, 10), (20, 10)], KEY)
    both = (one.code != HEALTHY) & (other.code != HEALTHY)
    assert both.sum() < np.sum(one.code != HEALTHY) / 2


@pytest.mark.parametrize(
    ("state", "code"), [("dead", DEAD), ("stuck_on", STUCK_ON), ("stuck_random", STUCK_RANDOM)]
)
def test_devices_of_a_cluster_are_what_is_asked_for(state: str, code: int) -> None:
    (one,) = make_fault_maps(Faults(clustered=0.1, clustered_state=state), [(20, 10)], KEY)
    assert np.sum(one.code == code) == 40
    assert np.sum(one.code != HEALTHY) == 40


def test_clusters_can_take_everything() -> None:
    """However many are asked for, they are found: also on several arrays, and by tiny clusters."""
    faults = Faults(clustered=1.0, cluster_radius=0.1, array_rows=7, array_columns=9)
    (one,) = make_fault_maps(faults, [(20, 10)], KEY)
    assert (one.code == DEAD).all()
