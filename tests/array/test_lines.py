"""Open lines: they hit the devices that share them, which carry no current and never change."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from pcmsim.array.faults import make_fault_maps
from pcmsim.array.lines import on_open_lines
from pcmsim.array.placement import Placement
from pcmsim.array.random import make_key
from pcmsim.config.settings import Faults, Settings
from pcmsim.kernels.codes import DEAD, MINUS, OPEN, PLUS
from pcmsim.kernels.layer import Array, Layer
from pcmsim.kernels.read import Lines, read_backward, read_forward
from pcmsim.kernels.team import form_team
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from tests.kernels.calling import called
from tests.kernels.cases import draw_examples
from tests.twin.philox import Purpose

KEY = make_key(5, 0)
NOISE = {"noise_absolute": 1e-6, "noise_relative": 0.1}


def settings_with(**faults: Any) -> Settings:
    """Return a network whose rows of synapses are rows of the array: 10 pairs on 20 devices."""
    return Settings(
        network={"layers": [4, 10, 10], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 1.0},
        device={"kind": "pcm", "pulses_to_90_percent": 6},
        read=NOISE,
        reset={"interval": 2, "larger_above": 0.3, "smaller_above": 0.0},
        faults={"array_rows": 16, "array_columns": 20, **faults},
    )


def rows_and_columns(number: int, layer: Layer) -> tuple[Array, Array]:
    """Return which rows of synapses and which columns of devices of a layer are open as a whole."""
    is_open = (layer.fault == OPEN).reshape(len(layer.fault), -1)
    return np.flatnonzero(is_open.all(axis=1)), np.flatnonzero(is_open.all(axis=0))


@pytest.mark.parametrize("share", [0.0, 0.03, 0.25, 0.5, 1.0])
def test_whole_lines_of_the_array_are_open(share: float) -> None:
    """As many rows and columns as asked for, with all their devices, and no others."""
    shapes = [(7, 6), (5, 12), (3, 6)]
    maps = make_fault_maps(
        Faults(dead_rows=share, dead_columns=share / 2, array_rows=20, array_columns=12),
        shapes,
        KEY,
    )
    # 84 + 120 + 36 = 240 devices fill the array.
    is_open = np.concatenate([one.code.ravel() for one in maps]).reshape(20, 12) == OPEN
    rows, columns = is_open.all(axis=1), is_open.all(axis=0)
    if share < 1:
        assert rows.sum() == round(share * 20)
        assert columns.sum() == round(share / 2 * 12)
    assert np.array_equal(is_open, rows[:, None] | columns)


def test_a_line_of_the_published_array_hits_the_synapses_that_share_it() -> None:
    """A row of layer 1, or pieces of several rows of the layers folded below it."""
    shapes = [(529, 250), (251, 125), (126, 10)]
    # One row of 661 is open; which one depends on the seed.
    for seed in range(8):
        maps = make_fault_maps(Faults(dead_rows=1 / 661), shapes, make_key(seed, 0))
        lost = np.flatnonzero(np.concatenate([one.code.ravel() for one in maps]) == OPEN)
        if lost.size:
            assert np.array_equal(lost, np.arange(lost[0], lost[0] + lost.size))
            assert lost[0] % 500 == 0
            assert lost.size == min(500, 329_770 - lost[0])


def test_left_to_chance_the_number_of_lines_is_binomial() -> None:
    """Over 200 replicates; one false alarm in a thousand."""
    placement = Placement(devices=400, rows=20, columns=20)
    faults = Faults(dead_rows=0.1, placing="bernoulli", array_rows=20, array_columns=20)
    counts = [on_open_lines(faults, placement, make_key(n, 0)).sum() // 20 for n in range(200)]
    assert stats.binomtest(int(sum(counts)), 200 * 20, 0.1).pvalue > 1e-3
    assert len(set(counts)) > 1


def test_every_array_has_lines_of_its_own() -> None:
    """A network larger than the array: a share of all lines of all arrays."""
    shapes = [(30, 10)]
    faults = Faults(dead_columns=0.25, array_rows=10, array_columns=20)
    (one,) = make_fault_maps(faults, shapes, KEY)
    is_open = (one.code == OPEN).reshape(3, 10, 20)
    columns = is_open.all(axis=1)
    assert columns.sum() == round(0.25 * 3 * 20)
    assert np.array_equal(is_open, np.broadcast_to(columns[:, None], is_open.shape))


def test_an_open_line_hides_other_faults() -> None:
    """And leaves them where they are elsewhere, so that lines alone make the difference."""
    without = make_fault_maps(settings_with(dead=0.3).faults, [(5, 10), (11, 10)], KEY)
    within = make_fault_maps(
        settings_with(dead=0.3, dead_rows=0.5).faults, [(5, 10), (11, 10)], KEY
    )
    for one, other in zip(without, within, strict=True):
        is_open = other.code == OPEN
        assert is_open.any()
        assert (one.code[is_open] == DEAD).any()
        assert np.array_equal(one.code[~is_open], other.code[~is_open])


def read(layer: Layer, forward: bool, drive: Array) -> Array:
    """Return the currents of a layer, with read noise; backward, the bias has none."""
    lines = layer.weight.shape[1] if forward else layer.weight.shape[0] - 1
    currents = np.empty((1, lines), np.float32)
    scratch = Lines(
        np.empty(len(drive), np.uint32),
        np.empty((1, len(drive)), np.float32),
        np.empty((1, lines), np.float32),
    )
    function = called(read_forward if forward else read_backward)
    function(
        form_team(1)[0], layer, 1, drive[None], currents, scratch, Purpose.READ_FORWARD, 0, KEY
    )
    return currents[0]


def test_an_open_row_contributes_nothing_and_receives_nothing() -> None:
    """Driven alone it gives no current, not even noise; driven backward none comes back from it."""
    layer = make_synapses(settings_with(dead_rows=0.4), KEY).layers[1]
    rows, _ = rows_and_columns(1, layer)
    assert 0 < len(rows) < len(layer.weight)
    for row in range(len(layer.weight)):
        alone = np.zeros(len(layer.weight), np.float32)
        alone[row] = 1.0
        assert read(layer, True, alone).any() == (row not in rows)
    backward = read(layer, False, np.ones(10, np.float32))
    assert np.array_equal(np.flatnonzero(backward == 0), rows[rows < len(backward)])


def test_an_open_column_takes_one_device_of_every_pair() -> None:
    """G+ or G- of a neuron, in all layers at once; the other device still carries the weight."""
    synapses = make_synapses(settings_with(dead_columns=0.2), KEY)
    found = [rows_and_columns(n, layer)[1].tolist() for n, layer in enumerate(synapses.layers)]
    assert found[0] == found[1]
    assert len(found[0]) == round(0.2 * 20)
    for layer in synapses.layers:
        for line in found[0]:
            column, side = divmod(line, 2)
            other = MINUS if side == PLUS else PLUS
            sign = -1 if side == PLUS else 1
            if 2 * column + other not in found[0]:
                weight = sign * layer.weight_per_siemens * layer.conductance[:, column, other]
                assert np.array_equal(layer.weight[:, column], weight)


def train(synapses: Synapses, settings: Settings) -> None:
    examples = draw_examples(seed=3, images=60, pixels=4, classes=10)
    crew = Crew(settings.network.layers, 1, threads=1)
    synapses.learn(neurons_of(settings.network), examples, 0, 60, 0, crew)


def test_devices_on_open_lines_never_program() -> None:
    """Nor does a RESET reach them; they stay at zero while the others move."""
    settings = settings_with(dead_rows=0.2, dead_columns=0.2)
    synapses = make_synapses(settings, KEY)
    before = [layer.conductance.copy() for layer in synapses.layers]
    train(synapses, settings)
    for layer, conductance in zip(synapses.layers, before, strict=True):
        is_open = layer.fault == OPEN
        assert is_open.any()
        assert (layer.conductance[is_open] == 0).all()
        assert np.mean(layer.conductance[~is_open] != conductance[~is_open]) > 0.9
