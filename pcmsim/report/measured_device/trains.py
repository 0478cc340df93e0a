"""Trains of equal pulses within traces, and how conductance goes in their course."""

from dataclasses import dataclass

import numpy as np

from pcmsim.traces.traces import Floats, Traces
from pcmsim.traces.trains import find_trains

# Fewer readings than this make no band.
LEAST_READINGS = 5
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Course:
    """Mean and spread of conductance against the number of pulses.

    Attributes:
        pulses: (n,) pulses since the start.
        mean: (n,) S.
        low: (n,) below which a tenth of all readings are, S.
        high: (n,) above which a tenth are, S.
    """

    pulses: Floats
    mean: Floats
    low: Floats
    high: Floats


def trains_of(traces: Traces, pulse: int) -> Floats:
    """Return all uninterrupted trains of one kind of pulse, from the reading before each.

    Returns:
        (trains, pulses + 1) S; NaN where a reading is missing, and after the end of a train.
        Trains with fewer than two readings are left out.
    """
    return _without_empty(find_trains(traces, pulse).conductance)


def course_of(conductance: Floats) -> Course:
    """Return mean and band of traces (traces, readings) in S, where enough of them were read."""
    count = np.isfinite(conductance).sum(axis=0)
    pulses = np.flatnonzero(count >= min(LEAST_READINGS, count.max(initial=1)))
    if not pulses.size:
        return Course(*(np.empty(0),) * 4)
    read = conductance[:, pulses]
    low, high = np.nanquantile(read, (LOW, HIGH), axis=0)
    return Course(pulses.astype(np.float64), np.nanmean(read, axis=0), low, high)


def _without_empty(trains: Floats) -> Floats:
    there = np.isfinite(trains)
    kept = trains[there.sum(axis=1) >= 2]
    read = np.flatnonzero(np.isfinite(kept).any(axis=0))
    return np.asarray(kept[:, : int(read.max(initial=0)) + 1])
