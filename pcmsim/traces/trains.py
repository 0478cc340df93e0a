"""Trains of equal pulses within traces."""

from typing import NamedTuple

import numpy as np

from pcmsim.traces.traces import Floats, Rows, Traces


class Trains(NamedTuple):
    """Uninterrupted trains of one kind of pulse, from the reading before each.

    Attributes:
        device: (trains,) which device, as an index, not falling.
        conductance: (trains, pulses + 1) S; NaN where a reading is missing, and after the end of a
            train.
    """

    device: Rows
    conductance: Floats


def find_trains(traces: Traces, pulse: int) -> Trains:
    """Return all trains of one kind of pulse, those of each device in order."""
    fired = traces.pulse == pulse
    fired[:, 0] = False
    before = np.zeros_like(fired)
    before[:, 1:] = fired[:, :-1]
    device, first = np.nonzero(fired & ~before)
    after = np.zeros_like(fired)
    after[:, :-1] = fired[:, 1:]
    last = np.nonzero(fired & ~after)[1]
    length = last - first + 1
    reading = first[:, None] - 1 + np.arange(int(length.max(initial=0)) + 1)
    within = np.arange(reading.shape[1]) <= length[:, None]
    at = np.minimum(reading, fired.shape[1] - 1)
    conductance = np.where(within, traces.conductance[device[:, None], at], np.nan)
    return Trains(device, conductance)
