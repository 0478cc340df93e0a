"""From settings to the numbers that the kernels read (exact)."""

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.config.settings import Network, Reset, Settings, Update
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.layer import DeviceTables
from pcmsim.kernels.reset import OccasionalReset
from pcmsim.training.rules import (
    neurons_of,
    pulse_thresholds,
    reset_policy_of,
    x_thresholds,
)
from pcmsim.training.synapses import make_synapses


def tables_of(kind: str) -> DeviceTables:
    return tabulate(build_model(Settings(device={"kind": kind}).device))


def policy_of(kind: str, reset: Reset) -> OccasionalReset:
    return reset_policy_of(Settings(device={"kind": kind}, reset=reset), tables_of(kind))


def test_reset_thresholds_are_parts_of_g_max() -> None:
    reset = Reset(interval=7, larger_above=0.8, smaller_above=0.4, tolerance=0.04, max_pulses=5)
    policy = policy_of("pcm", reset)
    assert (policy.interval, policy.max_pulses) == (7, 5)
    assert policy.larger_above == pytest.approx(20e-6)
    assert policy.smaller_above == pytest.approx(10e-6)
    assert policy.tolerance == pytest.approx(1e-6)


def test_bidirectional_devices_have_no_occasional_reset() -> None:
    assert policy_of("linear", Reset(interval=7)).interval == 0


def test_thresholds_rise_evenly() -> None:
    """On |x| so that one more would lie at 1; on a change wanted, a whole pulse apart."""
    update = Update(slots=4, x_threshold=[0.0, 0.2], pulse_threshold=[0.5, 0.25])
    assert x_thresholds(update, 2) == pytest.approx(
        np.array([[0.0, 0.25, 0.5, 0.75], [0.2, 0.4, 0.6, 0.8]])
    )
    assert pulse_thresholds(update, 2) == pytest.approx(
        np.array([[0.5, 1.5, 2.5, 3.5], [0.25, 1.25, 2.25, 3.25]])
    )


def test_learning_rate_in_pulses() -> None:
    """A delta of 1 on an x of 1 asks for pulses that together change the weight by the rate.

    In mid-range, a pulse of the default `pcm` raises G by rate * span / 2 on average.
    """
    settings = Settings(
        network={"weight_range": [1.0, 2.0, 4.0]},
        training={"learning_rate": [0.1, 0.2, 0.3]},
        device={"kind": "pcm"},
    )
    pulse = (1 - 0.1 ** (1 / 30)) * 24.5e-6 / 2
    weight_per_siemens = np.array([1.0, 2.0, 4.0]) / 25e-6
    pulses = make_synapses(settings, make_key(1, 0)).rule.pulses_per_delta
    assert pulses * pulse * weight_per_siemens == pytest.approx([0.1, 0.2, 0.3], rel=1e-6)


def test_one_number_stands_for_all_layers() -> None:
    one, each = (
        neurons_of(Network(layers=[4, 3, 2], derivative_floor=floor)) for floor in (0.5, [0.5, 0.5])
    )
    assert one.derivative_floor.tolist() == each.derivative_floor.tolist() == [0.5, 0.5]
