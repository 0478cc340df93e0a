"""Which kind of pulse stands before each reading, where the file tells it and where it does not.

The file tells it by words or signs, or by the amplitude: by its sign, or by two levels of it.
Which of two levels means up is judged by the readings: the one after which they rise in the median.

Where it tells nothing, the shape of the trace does.  A trace turns where readings go back by at
least 30 % of the device's range from the last turn (a choice; noise on a plateau is far less).  A
way down between two turns is

* a RESET that begins a new train, if one step makes at least half of it and what follows that step
  takes at most 20 % of it (choices); the reading after that step is a START;
* depression, pulses DOWN, otherwise.

All other pulses are UP.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import DOWN, START, UP, Floats

Kinds = NDArray[np.int8]

TURN = 0.3
SHARP = 0.5
AFTER_SHARP = 0.2


def kinds_by_level(level: Floats, pulse: Kinds, conductance: Floats) -> Kinds | None:
    """Return kinds of pulses told by levels such as amplitudes.

    Args:
        level: (devices, readings) the amplitude; NaN where there is none.
        pulse: (devices, readings) START where no step is known.
        conductance: (devices, readings) S.

    Returns:
        (devices, readings) kinds; None if the levels do not tell them: they are all of one sign
        and not exactly two, or readings go the same way after both.
    """
    known = (pulse != START) & np.isfinite(level)
    positive, negative = known & (level > 0), known & (level < 0)
    if not (positive.any() and negative.any()):
        levels = np.unique(level[known & (level != 0)])
        if levels.size != 2:
            return None
        positive, negative = known & (level == levels[0]), known & (level == levels[1])
        if _median_change(positive, conductance) * _median_change(negative, conductance) >= 0:
            return None
    if _median_change(positive, conductance) < _median_change(negative, conductance):
        positive, negative = negative, positive
    kinds = np.full(pulse.shape, START, dtype=np.int8)
    kinds[positive] = UP
    kinds[negative] = DOWN
    return kinds


def kinds_by_shape(pulse: Kinds, conductance: Floats) -> Kinds:
    """Return kinds of pulses (devices, readings) as the shapes of the traces tell them."""
    kinds = np.where(pulse == START, START, UP).astype(np.int8)
    for device, readings in enumerate(conductance):
        for peak, trough in _ways_down(readings):
            finite = peak + np.flatnonzero(np.isfinite(readings[peak : trough + 1]))
            steps = np.diff(readings[finite])
            sharpest = int(np.argmin(steps))
            whole = readings[trough] - readings[peak]
            after = readings[trough] - readings[finite[sharpest + 1]]
            if steps[sharpest] <= SHARP * whole and after >= AFTER_SHARP * whole:
                kinds[device, finite[sharpest + 1]] = START
            else:
                way = kinds[device, peak + 1 : trough + 1]
                way[way == UP] = DOWN
    return kinds


def _median_change(flag: NDArray[np.bool_], conductance: Floats) -> float:
    change = np.diff(conductance, axis=1)[flag[:, 1:]]
    change = change[np.isfinite(change)]
    return float(np.median(change)) if change.size else 0.0


def _ways_down(readings: Floats) -> list[tuple[int, int]]:
    """Return the turns of a trace as pairs of a peak and the trough after it."""
    if np.isfinite(readings).sum() < 2:
        return []
    back = TURN * float(np.nanmax(readings) - np.nanmin(readings))
    falls = readings <= np.fmax.accumulate(readings) - back
    # Nearly all traces of devices that only step up end here, long before their turns are found.
    if back == 0 or not falls.any():
        return []
    turns = _turns(readings.tolist(), back)
    return [(a, b) for a, b in pairwise(turns) if readings[a] > readings[b]]


def _turns(readings: list[float], back: float) -> list[int]:
    """Return places where a trace turns, its ends included; missing readings compare as False."""
    low = high = next(n for n, value in enumerate(readings) if value == value)
    turns: list[int] = []
    rising = falling = True
    for n, value in enumerate(readings):
        if value > readings[high]:
            high = n
        if value < readings[low]:
            low = n
        if rising and value <= readings[high] - back:
            turns.append(high)
            rising, falling, low = False, True, n
        elif falling and value >= readings[low] + back:
            turns.append(low)
            rising, falling, high = True, False, n
    turns.append(high if rising and not falling else low)
    return turns
