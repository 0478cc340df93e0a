"""Of very many devices some are enough; what makes devices differ is taken out once (exact)."""

import numpy as np
import pytest

from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.some import MOST_READINGS, representative
from pcmsim.traces.traces import UP, Traces


def traces_of(devices: int, readings: int) -> Traces:
    conductance = np.arange(devices, dtype=float)[:, None] + np.zeros(readings)
    names = tuple(str(n) for n in range(devices))
    return Traces(names, np.full((devices, readings), UP, np.int8), conductance)


def test_few_devices_are_all_used() -> None:
    traces = traces_of(MOST_READINGS // 50, 50)
    assert representative(traces) is traces


def test_of_many_some_at_equal_distances_are_used() -> None:
    some = representative(traces_of(10_000, 100))
    assert len(some.devices) == MOST_READINGS // 100
    assert (some.devices[0], some.devices[-1]) == ("0", "9999")
    assert np.array_equal(some.conductance[:, 0], [float(name) for name in some.devices])
    assert (
        set(np.diff(some.conductance[:, 0])) == {5.0}
        or np.ptp(np.diff(some.conductance[:, 0])) <= 1
    )


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
def test_factors_of_devices_bring_back_the_spread_that_was_taken_out(spread: float) -> None:
    """By the variance of a product of independent numbers, to rounding."""
    steps = np.linspace(1.0, 3.0, 129)[None, :] * np.array([[1e-6], [2e-6]])
    table = PulseTable(
        conductance=np.array([0.0, 1e-5]),
        probability=np.linspace(0, 1, 129),
        step=steps,
        samples=np.array([50, 50]),
        filled=np.array([False, False]),
        own_mean=steps.mean(axis=1),
        own_error=np.array([1e-8, 1e-8]),
    )
    left = table.without_device_spread(spread)
    together = (1 + spread**2) * left.spread**2 + spread**2 * left.mean**2
    assert np.allclose(together, table.spread**2, rtol=1e-9)
    assert np.allclose(left.mean, table.mean)
