"""Readings that cannot be right, and devices that do not work: what is dropped, and by which rule.

All limits are choices:

outlier
    A reading whose distance to both its neighbours is more than 8 times the noise, in the same
    direction, while they are within a quarter of that distance from each other.  The noise is
    1.4826 times the median absolute deviation of the device's differences from pulse to pulse;
    where that is 0, as in coarse readings, the limit is 10 % of the device's range.  Only a reading
    between two pulses of the same kind is judged.  It is dropped.
below zero
    A reading below 0 by at most 2 % of the highest in the file is noise around zero, and set to 0.
    One further below is refused.
broken
    A device whose readings are all the same, are fewer than two, or span less than 10 % of the
    span that a quarter of all devices exceed; or one that jumps about: within runs of one kind of
    pulses, in which a device that answers goes its way step by step, the mean square of the
    changes from reading to reading, missing ones passed over, is more than half of 2 times the
    variance of all these readings, which it is on average for readings in any order (von Neumann,
    1941); its standard error is 1 over the root of the number of readings.  A device that is full
    after one pulse and empty after another still answers: most of its variance is between its runs.
    In the median of all devices the ratio must be less than half of this limit.  A broken device is
    dropped; where more than a quarter are broken it is rather the file that is wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import START, Flags, Floats

FAR = 8.0
FAR_IF_COARSE = 0.1
AGREE = 0.25
NOISE_AROUND_ZERO = 0.02
RESPONSE = 0.1
RESTLESS = 0.5
MOST_BROKEN = 0.25
# Readings of a run of one kind of pulses that are needed to judge, and readings that suffice.
LEAST_RUN = 8
ENOUGH_READINGS = 10_000
# Normal distribution: standard deviation over median absolute deviation.
NORMAL = 1.4826

AT_ONCE = 1 << 20
ENOUGH_DIFFERENCES = 100_000


@dataclass(frozen=True)
class Broken:
    """Devices that are dropped, each as an index.

    Attributes:
        too_few: less than two readings.
        stuck: all readings the same.
        weak: hardly respond.
        restless: jump about, whatever the pulses.
    """

    too_few: NDArray[np.int64]
    stuck: NDArray[np.int64]
    weak: NDArray[np.int64]
    restless: NDArray[np.int64]

    @property
    def all(self) -> NDArray[np.int64]:
        """All of them."""
        return np.concatenate([self.too_few, self.stuck, self.weak, self.restless])


def drop_outliers(conductance: Floats, pulse: NDArray[np.int8]) -> int:
    """Set outliers to NaN, in place; return how many there were.

    Args:
        conductance: (devices, readings) S.
        pulse: (devices, readings) what was fired before each reading.
    """
    dropped = 0
    far = _far(conductance)
    devices, readings = conductance.shape
    for device in range(0, devices, rows := max(1, AT_ONCE // max(readings, 1))):
        some = slice(device, device + rows)
        # A reading dropped at the end of a piece must not change how the next piece is judged.
        found = []
        for begin in range(0, readings - 2, AT_ONCE):
            piece = slice(begin, min(begin + AT_ONCE + 2, readings))
            is_outlier = _outliers(conductance[some, piece], pulse[some, piece], far[some])
            row, place = np.nonzero(is_outlier)
            found.append((row + device, place + begin + 1))
        for row, place in found:
            conductance[row, place] = np.nan
            dropped += row.size
    return dropped


def settle_below_zero(conductance: Floats) -> tuple[int, tuple[int, int] | None]:
    """Set readings a little below zero to 0, in place.

    Returns:
        how many, and the place of the lowest if it is too far below zero.
    """
    if conductance.size == 0:
        return 0, None
    lowest, highest = np.fmin.reduce(conductance, axis=None), np.fmax.reduce(conductance, axis=None)
    if not lowest < 0:
        return 0, None
    if -lowest > NOISE_AROUND_ZERO * max(highest, 0.0):
        device, reading = np.unravel_index(int(np.nanargmin(conductance)), conductance.shape)
        return 0, (int(device), int(reading))
    below = conductance < 0
    conductance[below] = 0.0
    return int(below.sum()), None


def find_broken(conductance: Floats, pulse: NDArray[np.int8]) -> Broken:
    """Return devices that do not work.

    Args:
        conductance: (devices, readings) S.
        pulse: (devices, readings) what was fired before each reading.
    """
    counts = np.isfinite(conductance).sum(axis=1)
    few = counts < 2
    if few.all():
        return Broken(np.flatnonzero(few), *(np.zeros(0, dtype=np.int64) for _ in range(3)))
    span = np.fmax.reduce(conductance, axis=1) - np.fmin.reduce(conductance, axis=1)
    stuck = ~few & (span == 0)
    weak = ~few & ~stuck & (span < RESPONSE * np.quantile(span[~few], 0.75))
    restless = ~few & ~stuck & ~weak & _restless(conductance, pulse)
    return Broken(*(np.flatnonzero(flag) for flag in (few, stuck, weak, restless)))


def _restless(conductance: Floats, pulse: NDArray[np.int8]) -> Flags:
    """Return the devices that jump about."""
    some = slice(0, ENOUGH_READINGS)
    rows = max(1, AT_ONCE // min(conductance.shape[1], ENOUGH_READINGS))
    ratio = np.concatenate(
        [
            _restlessness(
                conductance[first : first + rows, some], pulse[first : first + rows, some]
            )
            for first in range(0, len(conductance), rows)
        ]
    )
    judged = np.isfinite(ratio)
    if not judged.any() or np.median(ratio[judged]) >= RESTLESS / 2:
        return np.zeros(len(ratio), dtype=bool)
    return np.asarray(judged & (ratio > RESTLESS))


def _restlessness(conductance: Floats, pulse: NDArray[np.int8]) -> Floats:
    """Return the mean square change within runs over twice the variance; NaN if it is unknown."""
    begins = np.ones(pulse.shape, dtype=bool)
    begins[:, 1:] = (pulse[:, 1:] == START) | (
        (pulse[:, 1:] != pulse[:, :-1]) & (pulse[:, :-1] != START)
    )
    there = np.isfinite(conductance)
    value = conductance[there]
    run = (np.cumsum(begins) - 1)[there.ravel()]
    device = np.nonzero(there)[0]
    long = np.bincount(run)[run] >= LEAST_RUN
    follows = np.zeros_like(long)
    follows[1:] = long[1:] & (run[1:] == run[:-1])
    change = np.diff(value, prepend=0.0)

    def mean(chosen: Flags, values: Floats, lost: int) -> Floats:
        count = np.bincount(device[chosen], minlength=len(pulse)) - lost
        total = np.bincount(device[chosen], values[chosen], len(pulse))
        unknown = np.full(len(pulse), np.nan)
        return np.asarray(np.divide(total, count, out=unknown, where=count > 0))

    changes = mean(follows, change**2, 0)
    # A mean taken out of readings costs one of them.
    variance = mean(long, (value - mean(long, value, 0)[device]) ** 2, 1)
    unknown = np.full(len(pulse), np.nan)
    return np.asarray(np.divide(changes, 2 * variance, out=unknown, where=variance > 0))


def _far(conductance: Floats) -> Floats:
    """Return, for each device, from what distance on a reading is far off, S."""
    devices, readings = conductance.shape
    far = np.full(devices, np.inf)
    if readings < 3:
        return far
    place = np.arange(0, readings - 1, max(1, readings // ENOUGH_DIFFERENCES))
    for device in range(0, devices, rows := max(1, AT_ONCE // place.size)):
        some = slice(device, device + rows)
        difference = conductance[some][:, place + 1] - conductance[some][:, place]
        difference -= _median(difference)[:, None]
        far[some] = FAR * NORMAL * _median(np.abs(difference))
    coarse = np.flatnonzero(far == 0)
    span = np.fmax.reduce(conductance[coarse], axis=1) - np.fmin.reduce(conductance[coarse], axis=1)
    far[coarse] = FAR_IF_COARSE * span
    far[~(far > 0)] = np.inf
    return far


def _median(values: Floats) -> Floats:
    """Return the median of each row without its NaN; NaN for a row of nothing else."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(values).sum(axis=1)
    row = np.arange(len(values))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[1] - 1)
    return np.asarray((ordered[row, low] + ordered[row, high]) / 2)


def _outliers(conductance: Floats, pulse: NDArray[np.int8], far: Floats) -> Flags:
    """Return (devices, readings - 2) flags of all readings but the first and the last."""
    left, middle, right = conductance[:, :-2], conductance[:, 1:-1], conductance[:, 2:]
    off_left, off_right = middle - left, middle - right
    least = np.minimum(np.abs(off_left), np.abs(off_right))
    # Comparisons with a missing reading are False.
    flags = (least > far[:, None]) & (off_left * off_right > 0)
    flags &= np.abs(left - right) <= AGREE * least
    flags &= (pulse[:, 1:-1] == pulse[:, 2:]) & (pulse[:, 1:-1] != START)
    return np.asarray(flags)
