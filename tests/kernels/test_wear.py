"""Wear-out pulse by pulse: a device moves up to its last pulse, is stuck from it on (exact)."""

from typing import Any

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.kernels.codes import HEALTHY, PLUS, RESET_CYCLES, SET_CYCLES, WORN
from pcmsim.kernels.layer import Layer
from pcmsim.kernels.program import partial_set, reset
from pcmsim.training.synapses import Synapses, make_synapses
from tests.kernels.calling import called

KEY = make_key(3, 0)
PLACE = 0, 0, PLUS
WORD = 2**31


def make(**faults: Any) -> Synapses:
    """Make one synapse, of devices that remember their pulses since RESET."""
    return make_synapses(
        Settings(
            network={"layers": [1, 1], "initial_weight": 0.0},
            data={"crop": None},
            device={"kind": "nandakumar2018"},
            faults={"endurance_spread": 0.0, **faults},
        ),
        KEY,
    )


def pulse(synapses: Synapses, kind: int, fails: bool = False) -> Layer:
    """Give one pulse to one device; return its layer."""
    layer = synapses.layers[0]
    if kind == SET_CYCLES:
        called(partial_set)(layer, synapses.device, *PLACE, np.uint64(WORD))
    else:
        called(reset)(layer, synapses.device, *PLACE, np.uint64(WORD), fails)
    return layer


@pytest.mark.parametrize("endurance", [1, 2, 7])
@pytest.mark.parametrize("state", ["stuck_on", "dead"])
def test_the_last_partial_set_leaves_a_device_stuck(endurance: int, state: str) -> None:
    synapses = make(endurance_set=endurance, worn_state=state)
    device = synapses.device
    level = device.g_max if state == "stuck_on" else device.g_min
    for n in range(1, endurance):
        before = synapses.layers[0].conductance[PLACE]
        layer = pulse(synapses, SET_CYCLES)
        assert layer.conductance[PLACE] > before
        assert layer.fault[PLACE] == HEALTHY
        assert layer.cycles[PLACE].tolist() == [n, 0]
    for _ in range(3):
        layer = pulse(synapses, SET_CYCLES)
        assert layer.fault[PLACE] == WORN
        assert layer.conductance[PLACE] == level
        assert layer.cycles[PLACE].tolist() == [endurance, 0]
        assert layer.pulses_since_reset[PLACE] == 0


@pytest.mark.parametrize("fails", [False, True])
def test_resets_wear_out_by_a_count_of_their_own(fails: bool) -> None:
    """Also those that fail: the pulse was fired all the same."""
    synapses = make(endurance_set=100, endurance_reset=3)
    for n in (1, 2):
        pulse(synapses, SET_CYCLES)
        layer = pulse(synapses, RESET_CYCLES, fails)
        assert layer.fault[PLACE] == HEALTHY
        assert layer.cycles[PLACE].tolist() == [n, n]
    layer = pulse(synapses, RESET_CYCLES, fails)
    assert layer.fault[PLACE] == WORN
    assert layer.cycles[PLACE].tolist() == [2, 3]


def test_a_reset_that_fails_leaves_a_device_as_it_was() -> None:
    synapses = make()
    for _ in range(4):
        pulse(synapses, SET_CYCLES)
    before = synapses.layers[0].conductance[PLACE]
    layer = pulse(synapses, RESET_CYCLES, fails=True)
    assert layer.conductance[PLACE] == before
    assert layer.pulses_since_reset[PLACE] == 4
    layer = pulse(synapses, RESET_CYCLES, fails=False)
    assert layer.conductance[PLACE] < before
    assert layer.pulses_since_reset[PLACE] == 0
