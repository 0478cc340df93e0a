"""Steps are taken between neighbouring readings only (exact)."""

import numpy as np

from pcmsim.traces.traces import DOWN, START, UP, Traces, steps_of

TRACES = Traces(
    devices=("a", "b"),
    pulse=np.array([[START, UP, UP, DOWN, UP], [START, UP, START, UP, UP]], np.int8),
    conductance=1e-6 * np.array([[1.0, 3.0, 4.0, 0.5, 2.5], [2.0, np.nan, 5.0, 7.0, np.nan]]),
)


def test_a_step_needs_both_readings_and_a_known_pulse() -> None:
    up = steps_of(TRACES, UP)
    assert up.device.tolist() == [0, 0, 0, 1]
    assert np.allclose(up.before, [1e-6, 3e-6, 0.5e-6, 5e-6])
    assert np.allclose(up.change, [2e-6, 1e-6, 2e-6, 2e-6])


def test_kinds_of_pulses_are_kept_apart() -> None:
    down = steps_of(TRACES, DOWN)
    assert (down.device.tolist(), np.allclose(down.change, [-3.5e-6])) == ([0], True)
