"""Repair: which synapses move to spare devices, how many, and what stays as it was."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pcmsim import write_fault_map
from pcmsim.array.faults import make_fault_maps
from pcmsim.array.random import make_key
from pcmsim.array.repair import move_to_spares
from pcmsim.config.settings import FAULT_SHARES, Faults, Settings
from pcmsim.kernels.codes import DEAD, HEALTHY, OPEN, STUCK_ON
from pcmsim.kernels.layer import Array
from pcmsim.training.synapses import Synapses, make_synapses

KEY = make_key(5, 0)
PUBLISHED = [(529, 250), (251, 125), (126, 10)]

exact = settings(max_examples=50, derandomize=True, deadline=None, database=None)
shapes = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=3)


def codes_of(faults: Faults, shapes: list[tuple[int, int]], replicate: int = 0) -> Array:
    """Return the fault codes of all synapses, one after the other: shape (synapses, 2)."""
    maps = make_fault_maps(faults, shapes, make_key(5, replicate))
    return np.concatenate([one.code.reshape(-1, 2) for one in maps])


def test_the_output_layer_comes_first_and_in_it_those_with_two_faults() -> None:
    """Two layers of three synapses, and up to seven spare pairs, the outer two of them broken."""
    first = [[DEAD, DEAD], [HEALTHY, HEALTHY], [DEAD, HEALTHY]]
    output = [[STUCK_ON, HEALTHY], [HEALTHY, OPEN], [STUCK_ON, DEAD]]
    sound, broken = [HEALTHY, HEALTHY], [HEALTHY, DEAD]
    most_urgent_first = [5, 3, 4, 0, 2]

    for spares in range(6):
        pairs = [*first, *output, broken, *[sound] * spares, broken]
        codes = np.array(pairs, np.uint8).ravel()
        move_to_spares(codes, [(1, 3), (3, 1)])
        expected = np.array(pairs[:6], np.uint8)
        expected[most_urgent_first[:spares]] = HEALTHY
        assert np.array_equal(codes.reshape(-1, 2)[:6], expected)


def test_the_published_array_has_365_spare_pairs(tmp_path: Path) -> None:
    """And 16,865 with a tenth more rows.  A map tells of no faults of spare devices."""
    file = str(tmp_path / "all-dead.h5")
    write_fault_map(file, [np.full((*shape, 2), DEAD) for shape in PUBLISHED])
    for rows, spares in ((661, 365), (727, 16_865)):
        faults = Faults(map=file, repair="spares", array_rows=rows)
        moved = [one.code == HEALTHY for one in make_fault_maps(faults, PUBLISHED, KEY)]
        assert sum(int(one.sum()) for one in moved) == 2 * spares
        in_output = min(spares, 1260)
        assert moved[2].sum() == 2 * in_output
        assert moved[1].sum() == 2 * (spares - in_output)
        assert not moved[0].any()


@exact
@given(
    st.sampled_from([*FAULT_SHARES, "dead_rows", "dead_columns"]),
    st.sampled_from(["exact", "bernoulli"]),
    st.floats(0, 1),
    shapes,
)
def test_no_spare_is_of_use_twice_and_no_fault_is_drawn_anew(
    kind: str, placing: str, share: float, shapes: list[tuple[int, int]]
) -> None:
    """What repair leaves are faults that were there without it, fewer by at most the spares."""
    lines = {"array_rows": 12, "array_columns": 14, "stuck_level": 1e-5, "placing": placing}
    without, repaired = (
        codes_of(Faults(**{kind: share}, **lines, repair=repair), shapes)
        for repair in ("none", "spares")
    )
    moved = (without != repaired).any(axis=1)
    assert (repaired[moved] == HEALTHY).all()
    spares = (12 * 14 - 2 * len(without) % (12 * 14)) % (12 * 14) // 2
    assert moved.sum() <= spares
    if share == 0:
        assert not moved.any()


@exact
@given(st.sampled_from(FAULT_SHARES), st.floats(0, 0.9), shapes, st.integers(12, 40))
def test_more_rows_leave_the_faults_of_devices_in_use_as_they_are(
    kind: str, share: float, shapes: list[tuple[int, int]], rows: int
) -> None:
    """Left to chance, a larger array has the same spares and more, and so repairs more."""
    few, many = (
        codes_of(
            Faults(
                **{kind: share},
                placing="bernoulli",
                array_rows=lines,
                array_columns=32,
                stuck_level=1e-5,
                repair="spares",
            ),
            shapes,
        )
        != HEALTHY
        for lines in (12, rows)
    )
    # The radius of clusters is far below the distance to a border that might move.
    assert (many <= few).all()


@pytest.mark.parametrize("kind", FAULT_SHARES)
def test_spare_devices_fail_like_those_in_use(kind: str) -> None:
    """At the mean rate of all layers: spare pairs of use in 200 replicates (binomial).

    Every synapse of the second layer has faults, more than there are spares.  Devices of a
    cluster fail together, so that of clusters only the number of faulty spares is told.
    """
    sizes = [(10, 10), (10, 10)]
    shares = [0.2, 0.6]
    lines = {"array_rows": 25, "array_columns": 20, "placing": "bernoulli", "stuck_level": 1e-5}
    healthy = 0
    for replicate in range(200):
        without, repaired = (
            codes_of(Faults(**{kind: shares}, **lines, repair=repair), sizes, replicate)
            for repair in ("none", "spares")
        )
        healthy += int(np.sum((without != repaired).any(axis=1)))
    test = stats.binomtest(healthy, 200 * 50, 0.6**2)
    if kind == "clustered":
        assert 0.6**2 < test.statistic < 0.6
    else:
        assert test.pvalue > 1e-3 / len(FAULT_SHARES)


def test_spares_on_open_lines_are_of_no_use() -> None:
    """Four rows of devices are in use, the fifth is spare: whether it is open decides."""
    found = set()
    for replicate in range(30):
        faults = {"dead_rows": 0.4, "array_rows": 5, "array_columns": 10}
        without, repaired = (
            codes_of(Faults(**faults, repair=repair), [(4, 5)], replicate)
            for repair in ("none", "spares")
        )
        moved = int(np.sum((without != repaired).any(axis=1)))
        spare_is_open = int(np.sum((without == OPEN).all(axis=1))) == 5
        assert moved == (0 if spare_is_open else 5)
        found.add(spare_is_open)
    assert found == {True, False}


def make(**faults: Any) -> Synapses:
    return make_synapses(
        Settings(
            network={"layers": [12, 10, 5], "initial_weight": 3.0},
            data={"crop": None},
            device={"kind": "pcm", "range_spread": 0.2},
            faults={"array_rows": 20, "array_columns": 20, "endurance_set": 50, **faults},
        ),
        KEY,
    )


def test_a_synapse_that_moved_is_as_if_it_had_never_been_faulty() -> None:
    """Conductance, range and endurance are those of the array without faults; others stay."""
    sound, faulty, repaired = make(), make(stuck_on=0.5), make(stuck_on=0.5, repair="spares")
    moves = 0
    for healthy, before, after in zip(sound.layers, faulty.layers, repaired.layers, strict=True):
        moved = (before.fault != after.fault).any(axis=-1)
        moves += moved.sum()
        assert np.array_equal(after.conductance[moved], healthy.conductance[moved])
        assert np.array_equal(after.conductance[~moved], before.conductance[~moved])
        assert np.array_equal(after.weight[moved], healthy.weight[moved])
        alike = after.fault == HEALTHY
        assert np.array_equal(after.range_scale[alike], healthy.range_scale[alike])
        assert np.array_equal(after.endurance, healthy.endurance)
    assert 0 < moves < sum(layer.weight.size for layer in sound.layers)
