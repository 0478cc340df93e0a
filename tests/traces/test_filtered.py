"""What the filter is told of traces (exact)."""

import numpy as np
import pytest

from pcmsim.kernels.kalman import NO_LAW
from pcmsim.traces.estimating.filtered import Nominal, filter_input
from pcmsim.traces.estimating.memory import Additions
from pcmsim.traces.estimating.moments import Moments
from pcmsim.traces.estimating.pulse_count import UNKNOWN
from pcmsim.traces.estimating.read_noise import NO_NOISE
from pcmsim.traces.traces import DOWN, START, UP, Traces

NODES = np.linspace(1e-6, 5e-6, 5)
TRACES = Traces(
    ("a", "b"),
    np.array([[START, UP, UP, DOWN, UP], [UP, UP, UP, START, UP]], np.int8),
    1e-6 * np.arange(1.0, 11.0).reshape(2, 5),
)
EARLY = Additions(np.array([3e-7, 2e-7, 0.0]), np.array([3e-14, 1e-14, 0.0]))
# Partial SETs before each reading, counted from the last RESET.
PAST = np.array([[0, 1, 2, 0, 1], [UNKNOWN, UNKNOWN, UNKNOWN, 0, 1]], np.int16)


def response(mean: float, early: Additions | None = None) -> Moments:
    """A mean step with a slope of -0.1."""
    return Moments(NODES, mean - 0.1 * NODES, np.full(5, 2e-14), np.full(5, 1e-14), early)


def test_each_reading_has_the_law_of_the_pulse_before_it() -> None:
    nominal = Nominal({UP: response(1e-6), DOWN: response(-2e-6)}, NO_NOISE)
    readings, law, _ = filter_input(TRACES, nominal)
    assert readings.kind.tolist() == [[NO_LAW, 0, 0, 1, 0], [NO_LAW, 0, 0, NO_LAW, 0]]
    assert readings.variance == TRACES.conductance.var()
    assert law.low == NODES[0]
    assert law.cells_per_siemens == pytest.approx(1 / 1e-6)
    assert np.allclose(law.mean, [1e-6 - 0.1 * NODES, -2e-6 - 0.1 * NODES])
    assert np.allclose(law.slope, -0.1)
    assert (law.early_mean == 0).all()


def test_the_addition_is_that_of_the_pulses_before_the_last_one() -> None:
    """That of the count at the reading before the pulse; long after a RESET there is none."""
    nominal = Nominal({UP: response(1e-6, EARLY), DOWN: response(-2e-6)}, NO_NOISE, PAST)
    readings, law, _ = filter_input(TRACES, nominal)
    added = law.early_mean[0, readings.early]
    assert added[:, 1:].tolist() == [[3e-7, 2e-7, 0.0, 3e-7], [0.0, 0.0, 0.0, 3e-7]]
    assert law.early_variance[0].tolist() == EARLY.variance.tolist()
    assert (law.early_mean[1] == 0).all()
    assert (law.early_variance[1] == 0).all()


def test_of_unknown_pulses_nothing_is_added() -> None:
    nominal = Nominal({UP: response(1e-6, EARLY)}, NO_NOISE)
    readings, law, _ = filter_input(TRACES, nominal)
    assert (law.early_mean[0, readings.early] == 0).all()
