"""How many pulses devices take until they are worn out."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from pcmsim.array.endurance import NEVER, draw_endurance
from pcmsim.array.random import make_key
from pcmsim.array.state import count_worn
from pcmsim.config.settings import Faults, Settings
from pcmsim.kernels.codes import HEALTHY, RESET_CYCLES, SET_CYCLES, WORN
from pcmsim.kernels.program import RESETS, SET_PULSES
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from tests.kernels.cases import draw_examples

KEY = make_key(5, 0)
FALSE_ALARM = 1e-3


def test_endurance_is_log_normal() -> None:
    """Chi-square on 128 equally likely classes, where the table of the normal is exact.

    Medians are far above 1, so that rounding to whole pulses does not show.
    """
    faults = Faults(endurance_set=1e6, endurance_reset=1e5, endurance_spread=0.7)
    endurance = draw_endurance(faults, 0, (200, 100), KEY)
    for kind, median in ((SET_CYCLES, 1e6), (RESET_CYCLES, 1e5)):
        deviates = np.log(endurance[..., kind] / median).ravel() / 0.7
        classes = np.searchsorted(stats.norm.ppf(np.arange(1, 128) / 128), deviates)
        assert stats.chisquare(np.bincount(classes, minlength=128)).pvalue > FALSE_ALARM / 3
    sets, resets = np.log(endurance[..., SET_CYCLES]), np.log(endurance[..., RESET_CYCLES])
    assert stats.pearsonr(sets.ravel(), resets.ravel()).pvalue > FALSE_ALARM / 3


def test_without_spread_all_devices_endure_the_same() -> None:
    endurance = draw_endurance(Faults(endurance_set=12.0, endurance_spread=0.0), 0, (5, 4), KEY)
    assert (endurance[..., SET_CYCLES] == 12).all()
    assert (endurance[..., RESET_CYCLES] == NEVER).all()


@pytest.mark.parametrize("median", [1e-3, 1e9])
def test_endurance_stays_within_what_can_be_counted(median: float) -> None:
    """A device endures one pulse at the least, and no more than 32 bits count at the most."""
    faults = Faults(endurance_reset=median, endurance_spread=10.0)
    resets = draw_endurance(faults, 0, (50, 50), KEY)[..., RESET_CYCLES]
    assert resets.min() >= 1
    assert resets.max() <= NEVER
    assert (resets.min() == 1) or (resets.max() == NEVER)


def test_longer_medians_nest() -> None:
    """Under one seed no device dies sooner where the median is longer."""
    few = draw_endurance(Faults(endurance_set=100), 0, (50, 20), KEY)
    many = draw_endurance(Faults(endurance_set=300), 0, (50, 20), KEY)
    assert (few <= many).all()
    # By the same factor, but for rounding to whole pulses.
    few, many = few[..., SET_CYCLES].astype(float), many[..., SET_CYCLES].astype(float)
    assert np.abs(3 * few - many).max() <= 2


def test_nothing_is_counted_where_nothing_wears_out() -> None:
    assert draw_endurance(Faults(), 0, (5, 4), KEY).size == 0
    for layer in trained({}).layers:
        assert layer.cycles.size == 0


def trained(faults: dict[str, Any], images: int = 60) -> Synapses:
    """Return a small array after some images."""
    settings = Settings(
        network={"layers": [12, 10, 5], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 1.0},
        device={"kind": "pcm", "pulses_to_90_percent": 6},
        reset={"interval": 2, "larger_above": 0.3, "smaller_above": 0.1},
        faults=faults,
    )
    synapses = make_synapses(settings, KEY)
    examples = draw_examples(seed=3, images=images, pixels=12, classes=5)
    crew = Crew(settings.network.layers, 1, threads=1)
    synapses.learn(neurons_of(settings.network), examples, 0, images, 0, crew)
    return synapses


@pytest.mark.parametrize(("state", "level"), [("stuck_on", 0.8), ("dead", 0.0)])
def test_a_device_dies_at_its_last_pulse(state: str, level: float) -> None:
    """Those that have used up either limit, and only those; at the level asked for."""
    faults = {
        "endurance_set": 60,
        "endurance_reset": 12,
        "worn_state": state,
        "stuck_on_level": 0.8,
    }
    synapses, before = trained(faults), trained(faults, images=0).layers
    device = synapses.device
    for layer in synapses.layers:
        used_up = (layer.cycles == layer.endurance).any(axis=-1)
        worn = layer.fault == WORN
        assert np.array_equal(worn, used_up)
        assert (layer.cycles <= layer.endurance).all()
        nominal = device.g_min + level * (device.g_max - device.g_min)
        expected = (nominal * before[layer.number].range_scale)[worn]
        assert layer.conductance[worn] == pytest.approx(expected, rel=1e-6)
        assert ((layer.fault == HEALTHY) == ~worn).all()
    worn, devices = count_worn(synapses.layers), sum(one.fault.size for one in synapses.layers)
    assert worn == sum(int(np.sum(layer.fault == WORN)) for layer in synapses.layers)
    assert 0.1 < worn / devices < 0.95


def test_all_pulses_are_counted_while_devices_live() -> None:
    """With an endurance that nobody reaches the cycles add up to the counters of the run."""
    synapses = trained({"endurance_set": 1e9, "endurance_reset": 1e9, "endurance_spread": 0.0})
    cycles = sum(layer.cycles.sum(axis=(0, 1, 2), dtype=np.int64) for layer in synapses.layers)
    assert cycles.tolist() == synapses.counters[[SET_PULSES, RESETS]].tolist()
    assert cycles.min() > 100
    # And counting alone changes nothing.
    for counted, plain in zip(synapses.layers, trained({}).layers, strict=True):
        assert np.array_equal(counted.conductance, plain.conductance)
