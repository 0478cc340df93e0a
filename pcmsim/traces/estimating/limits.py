"""The range of each device from its upper limit, where devices wander against it.

A device whose steps are large and random to the very end of its range is cut short there again and
again: many of its readings are the same, the highest.  Its limit is known by them to the noise of
readings.  The likelihood of ``scales``, which knows nothing of limits, would be misled.

Whether devices have such limits is told by the steps that begin at the highest readings of a
device.  A step stays there if it changes no more than a tenth of what these steps change in the
root mean square.  Of steps spread smoothly, normal ones say, 8 % stay, small steps that die away
and noise included; at a limit all of those that would lead beyond it do.  From 20 % on there are
limits: if 10 % stay by chance, that many of 30 steps do in less than three of a hundred cases.  (In
24 measurements of ``reram-array-optimised`` 24 to 53 % of 120 to 310 steps stay.)

The limit of any other device is above its highest reading; the size of its steps tells of it as
well, with an error: that of the likelihood, and by how much more it is wrong about devices whose
limit was seen.  Limits taken as normally distributed, their mean and spread are most likely, given
all this.  Limits that were seen are no fair sample: of devices brought to given conductances, those
with a narrow range come to their limit first.

What steps are worth is learned from devices whose limit was seen, although trains from the bottom
come there first where steps are large: limits come out up to 4 % too small there (measured on the
preset ``pcm-exponential-step``).  Learning it from all devices at once mends that, but takes ranges
of which only a tenth shows a limit for 5 to 57 % too large (``reram-soft-bounds``).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.normal import normal_above
from pcmsim.traces.traces import UP, Floats, Traces, steps_of

# A step that changes less than this part of what others do stays where it is.
NARROW = 0.1
FEWEST_STEPS = 30
LEAST_SHARE = 0.2
# A limit counts as seen where so many readings are at it, and so large a part of those from which a
# step would lead there: some devices turn back near the same place by chance.
FEWEST_READINGS, LEAST_PART = 3, 0.33
FEWEST_LIMITS = 6
ROUNDS = 200
# Devices that are alike differ by so much of their range.
LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Limits:
    """The upper limits of devices.

    Attributes:
        highest: (devices,) limit of each, S; where it was not seen, the highest reading.
        seen: (devices,) whether it was seen.
        width: within what readings at a limit agree, S; noise of readings is less.
    """

    highest: Floats
    seen: NDArray[np.bool_]
    width: float

    def scales(self, own: Floats, error: Floats) -> tuple[Floats, float]:
        """Return the range of each device over the mean one, and the spread of ranges.

        Args:
            own: (devices,) the same as their steps tell it.
            error: (devices,) of that; infinite where nothing is told.
        """
        told, wrong = self._told(own, error)
        mean, spread = self._mean_and_spread(told, wrong)
        expected, _ = self._expected(told, wrong, mean, spread)
        return expected / mean, spread / mean

    def _mean_and_spread(self, told: Floats, wrong: Floats) -> tuple[float, float]:
        """Return mean and spread of all limits (S) under which what is known of them is likely.

        By expectation and maximisation: what limits are expected to be, and mean and spread of it.
        """
        seen = self.highest[self.seen]
        mean, spread = float(seen.mean()), float(seen.std())
        for _ in range(ROUNDS):
            expected, variance = self._expected(told, wrong, mean, spread)
            mean = float(expected.mean())
            spread = float(np.sqrt(np.mean((expected - mean) ** 2 + variance)))
        return mean, spread

    def _expected(
        self, told: Floats, wrong: Floats, mean: float, spread: float
    ) -> tuple[Floats, Floats]:
        """Return mean and variance of each limit (S, S^2), if limits have a mean and a spread."""
        spread = max(spread, LEAST_SPREAD * mean)
        trust = spread**2 / (spread**2 + wrong**2)
        likely, width = mean + trust * (told - mean), spread * np.sqrt(1 - trust)
        likely, variance = _above(self.highest, likely, width)
        return np.where(self.seen, self.highest, likely), np.where(self.seen, 0.0, variance)

    def _told(self, own: Floats, error: Floats) -> tuple[Floats, Floats]:
        """Return the limits (S) that steps tell, and by how much they are wrong."""
        known = self.seen & np.isfinite(error)
        if known.sum() < FEWEST_LIMITS:
            return np.zeros(own.size), np.full(own.size, np.inf)
        limits, relative = self.highest[known], error / own
        told = own * float(np.mean(limits / own[known]))
        more = float(np.mean((told[known] / limits - 1) ** 2 - relative[known] ** 2))
        return told, told * np.sqrt(relative**2 + max(more, 0.0))


def find_limits(traces: Traces) -> Limits | None:
    """Return the limits of devices; None where they do not wander against any."""
    top: Floats = np.nanmax(traces.conductance, axis=1, initial=-np.inf)
    width = _width_of_limit(traces, top)
    if width is None:
        return None
    at_top = traces.conductance >= top[:, None] - width
    count = at_top.sum(axis=1)
    near = (traces.conductance >= top[:, None] - width / NARROW).sum(axis=1)
    seen = (count >= FEWEST_READINGS) & (count >= LEAST_PART * near)
    if seen.sum() < FEWEST_LIMITS:
        return None
    limit = np.where(at_top, traces.conductance, 0.0).sum(axis=1) / np.maximum(count, 1)
    return Limits(np.where(seen, limit, top), seen, width)


def _width_of_limit(traces: Traces, top: Floats) -> float | None:
    """Return within what (S) readings at a limit agree; None if there are no limits."""
    steps = steps_of(traces, UP)
    below = top[steps.device] - steps.before
    from_top = below <= NARROW * float(np.nanstd(traces.conductance))
    width = 0.0
    # The steps that begin at the top, and how wide that is, follow from each other.
    for _ in range(3):
        if from_top.sum() < FEWEST_STEPS:
            return None
        width = NARROW * float(np.sqrt(np.mean(steps.change[from_top] ** 2)))
        from_top = below <= width
    stay = np.abs(steps.change[from_top]) <= width
    return width if stay.size >= FEWEST_STEPS and stay.mean() > LEAST_SHARE else None


def _above(bound: Floats, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of normal variables, of a spread above 0, that are above bounds."""
    # A device without readings has no bound.
    away = np.maximum((bound - mean) / spread, -30)
    above = normal_above(np.minimum(away, 30))
    density = np.exp(-0.5 * np.minimum(np.abs(away), 30) ** 2) / math.sqrt(2 * math.pi)
    # Far above the mean the ratio is nearly the distance itself.
    ratio = np.where(away < 8, density / np.maximum(above, 1e-300), away)
    return mean + spread * ratio, np.maximum(spread**2 * (1 + away * ratio - ratio**2), 0.0)
