"""The range of each device from its upper limit, where devices wander against it.

A device whose steps are large and random to the very end of its range is cut short there again and
again: many of its readings are the same, the highest.  Its limit is known by them to the noise of
readings.  The likelihood of ``scales``, which knows nothing of limits, would be misled.

Whether devices have such limits is told by the steps that begin at the highest readings of a
device.  A step stays there if it changes no more than a tenth of what these steps change in the
root mean square.  Of steps spread smoothly, normal ones say, 8 % stay, small steps that die away
and noise included; at a limit all of those that would lead beyond it do.  From 25 % on there are
limits: if 10 % stay by chance, that many of 30 steps do in less than one of a hundred cases.

The limit of any other device is above its highest reading; the size of its steps tells of it as
well, with an error: that of the likelihood, and by how much more steps are wrong, because their
size differs by itself.  Logarithms of limits taken as normally distributed, their mean and spread,
what steps are worth and how wrong they are, are those that are most likely, given all this.
Devices whose limit was seen are no fair sample, neither of limits nor of steps: of devices brought
to given conductances, those with a narrow range come to their limit first, and of trains from the
bottom those with large steps.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import UP, Floats, Traces, steps_of

# A step that changes less than this part of what others do stays where it is.
NARROW = 0.1
FEWEST_STEPS = 30
LEAST_SHARE = 0.25
# A limit counts as seen where so many readings are at it, and so large a part of those from which a
# step would lead there: some devices turn back near the same place by chance.
FEWEST_READINGS, LEAST_PART = 3, 0.33
FEWEST_LIMITS = 6
# Steps with a larger error than this part of the range tell nothing of it.
LARGEST_ERROR = 0.5
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

        By expectation and maximisation: what the logarithms of limits are expected to be under a
        law, and the law under which that is likely.

        Args:
            own: (devices,) the same as their steps tell it.
            error: (devices,) of that; infinite where nothing is told.
        """
        told = np.log(own)
        error = np.where(error <= LARGEST_ERROR * own, error / own, np.inf)
        if np.isfinite(error[self.seen]).sum() < FEWEST_LIMITS:
            error[:] = np.inf
        # The highest reading of a device that stays at 0 S may be anything, by noise.
        highest = np.log(np.maximum(self.highest, LEAST_SPREAD * self.highest.max()))
        seen = self.seen
        law = _law_of(highest[seen], np.zeros(seen.sum()), told[seen], error[seen])
        for _ in range(ROUNDS):
            likely, variance = law.expected(told, error)
            likely, variance = _above(highest, likely, np.sqrt(variance))
            likely, variance = np.where(seen, highest, likely), np.where(seen, 0.0, variance)
            law = _law_of(likely, variance, told, error)
        scale = np.exp(likely + variance / 2)
        return scale / scale.mean(), math.sqrt(math.expm1(law.spread**2))


class _Law(NamedTuple):
    """What the logarithms of limits are like, and what steps tell of them.

    Attributes:
        mean: of the logarithms of limits (S).
        spread: their standard deviation.
        beyond: by how much they are beyond what steps tell, on average.
        wrong: by how much steps are wrong beyond the error they claim.
    """

    mean: float
    spread: float
    beyond: float
    wrong: float

    def expected(self, told: Floats, error: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of the logarithm of each limit."""
        variance = max(self.spread, LEAST_SPREAD) ** 2
        trust = variance / (variance + error**2 + self.wrong**2)
        return self.mean + trust * (told + self.beyond - self.mean), variance * (1 - trust)


def _law_of(limit: Floats, variance: Floats, told: Floats, error: Floats) -> _Law:
    """Return the most likely law of limits, each known to a variance, and of what steps tell."""
    mean = float(limit.mean())
    spread = math.sqrt(np.mean((limit - mean) ** 2 + variance))
    known = np.isfinite(error)
    if not known.any():
        return _Law(mean, spread, 0.0, 0.0)
    rest = (limit - told)[known]
    wrong = float(np.mean((rest - rest.mean()) ** 2 + variance[known] - error[known] ** 2))
    return _Law(mean, spread, float(rest.mean()), math.sqrt(max(wrong, 0.0)))


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
    away = (bound - mean) / spread
    above = np.array([math.erfc(one / math.sqrt(2)) / 2 for one in np.minimum(away, 30)])
    density = np.exp(-0.5 * np.minimum(np.abs(away), 30) ** 2) / math.sqrt(2 * math.pi)
    # Far above the mean the ratio is nearly the distance itself.
    ratio = np.where(away < 8, density / np.maximum(above, 1e-300), away)
    return mean + spread * ratio, np.maximum(spread**2 * (1 + away * ratio - ratio**2), 0.0)
