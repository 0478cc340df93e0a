"""Several pairs of devices in a synapse (exact)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.experiment.fault_map import write_fault_map
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import DeviceSynapses, make_synapses
from tests.kernels.cases import draw_examples

KEY = make_key(1, 0)
LAYERS = [12, 10, 5]


def settings_with(pairs: int, **sections: Any) -> Settings:
    return Settings(
        network={"layers": LAYERS, "initial_weight": 1.0},
        data={"crop": None},
        device={"kind": "pcm", "g_min": 0.0},
        training={"learning_rate": 0.5},
        synapse={"pairs": pairs},
        **{"reset": {"interval": 0}, **sections},
    )


def make(pairs: int, **sections: Any) -> Any:
    return make_synapses(settings_with(pairs, **sections), KEY)


@pytest.mark.parametrize("pairs", [2, 3, 7])
def test_together_the_pairs_hold_the_weight_of_one(pairs: int) -> None:
    """As far as rounding lets them; each carries the same part, and the range is that of all."""
    for one, several in zip(make(1).layers, make(pairs).layers, strict=True):
        assert several.conductance.shape == (one.rows, one.columns * pairs, 2)
        assert np.allclose(several.weight, one.weight, rtol=1e-5, atol=1e-7)
        assert several.weight_per_siemens == pytest.approx(one.weight_per_siemens / pairs)
        parts = several.conductance.reshape(one.rows, one.columns, pairs, 2)
        assert np.array_equal(parts, np.repeat(parts[:, :, :1], pairs, axis=2))


def test_an_example_programs_the_pair_whose_turn_it_is() -> None:
    synapses = make(3)
    crew = Crew(LAYERS, 1, threads=1, pairs=3)
    examples = draw_examples(seed=3, images=6, pixels=12, classes=5)
    changed = []
    for example in range(6):
        before = [layer.conductance.copy() for layer in synapses.layers]
        neurons = neurons_of(settings_with(3).network)
        synapses.learn(neurons, examples, example, example + 1, example, crew)
        for layer, old in zip(synapses.layers, before, strict=True):
            columns = np.flatnonzero((layer.conductance != old).any(axis=(0, 2)))
            changed += [(example, column) for column in columns]
    assert len(changed) > 20
    assert all(column % 3 == example % 3 for example, column in changed)


def test_a_pulse_on_one_of_several_counts_for_less() -> None:
    """So that more of them are asked for; the same device, the same change that is wanted."""
    one, three = make(1), make(3)
    assert isinstance(one, DeviceSynapses) and isinstance(three, DeviceSynapses)
    assert np.allclose(three.rule.pulses_per_delta, 3 * one.rule.pulses_per_delta)


def test_devices_of_all_pairs_fail_and_are_found_in_maps(tmp_path: Path) -> None:
    """Shares of faults are of all devices; a map of an array has a column for each pair."""
    drawn = make(3, faults={"dead": 0.2, "dead_rows": 0.1})
    faulty = sum(int((layer.fault == 1).sum()) for layer in drawn.layers)
    total = sum(layer.fault.size for layer in drawn.layers)
    assert faulty > 0 and total == 2 * 3 * (13 * 10 + 11 * 5)
    write_fault_map(
        tmp_path / "map.h5",
        [layer.fault for layer in drawn.layers],
        [layer.conductance for layer in drawn.layers],
    )
    read = make(3, faults={"map": str(tmp_path / "map.h5")})
    for a, b in zip(drawn.layers, read.layers, strict=True):
        assert np.array_equal(a.fault, b.fault)
        assert np.array_equal(a.weight, b.weight)
