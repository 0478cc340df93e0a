"""How many partial SETs came since the last RESET, as far as traces tell.

It begins at an abrupt RESET, and where a trace begins at the bottom: with a reading in the lowest
fifth of the range, which is taken for one just after a RESET.  A later reading of which is not
known what was fired before it counts so only if it has fallen there, by at least half of the way.
Otherwise the count is unknown, and steps say nothing of memory, until ``LONGEST`` pulses have
passed.  Missing readings do not stop the count; where a trace begins with one, it is taken to begin
as most others do.
"""

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import DOWN, START, UP, Flags, Floats, Traces

Counts = NDArray[np.int16]

UNKNOWN = -1
# Pulses since a RESET of which more make no difference.
LONGEST = 32
# Part of the range from the bottom up in which a trace may begin as after a RESET, and part of the
# way to the bottom that a later reading must have fallen.
BOTTOM = 0.2
FALLEN = 0.5
MOST_COUNTED = 10_000


def pulses_since_reset(traces: Traces) -> Counts:
    """Return (devices, readings) partial SETs since the last RESET; ``UNKNOWN`` where unknown."""
    place = np.arange(traces.pulse.shape[1], dtype=np.int32)
    fired = np.cumsum(traces.pulse == UP, axis=1, dtype=np.int32)
    begins = _begins(traces)
    known = begins | (traces.pulse == DOWN)
    lost = (traces.pulse == START) & ~begins
    lost[:, 0] |= ~known[:, 0]
    last_known = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    last_lost = np.maximum.accumulate(np.where(lost, place, -1), axis=1)
    since = fired - np.take_along_axis(fired, np.maximum(last_known, last_lost), axis=1)
    since = np.where((last_known > last_lost) | (since >= LONGEST), since, UNKNOWN)
    return np.asarray(np.minimum(since, MOST_COUNTED).astype(np.int16))


def table_after(past: Counts, memory: int) -> NDArray[np.int64]:
    """Return which of ``memory`` tables holds after some pulses; an unknown count is a long one."""
    longest = memory - 1
    return np.where(past == UNKNOWN, longest, np.minimum(past, longest)).astype(np.int64)


def _begins(traces: Traces) -> Flags:
    """Return the readings with which a trace begins as after a RESET."""
    reading, start = traces.conductance, traces.pulse == START
    low, high = np.nanquantile(reading, [0.01, 0.99])
    bottom = low + BOTTOM * (high - low)
    before = _last_readings(reading)
    begins = start & (reading <= bottom)
    begins[:, 1:] &= before[:, 1:] > bottom
    begins[:, 1:] &= before[:, 1:] - reading[:, 1:] >= FALLEN * (before[:, 1:] - low)
    first = reading[start[:, 0] & np.isfinite(reading[:, 0]), 0]
    if first.size and np.mean(first <= bottom) > 0.5:
        begins[:, 0] |= start[:, 0] & np.isnan(reading[:, 0])
    return np.asarray(begins)


def _last_readings(reading: Floats) -> Floats:
    """Return the last reading before each; NaN where there was none."""
    place = np.where(np.isfinite(reading), np.arange(reading.shape[1], dtype=np.int32), -1)
    last = np.maximum.accumulate(place, axis=1)
    before = np.full(reading.shape, np.nan)
    before[:, 1:] = np.take_along_axis(reading, np.maximum(last[:, :-1], 0), axis=1)
    return before
