"""Whether steps up depend on the partial SETs since the last RESET, beside the conductance.

The model
    Mean and variance of a step are those long after a RESET, which depend on the conductance, plus
    additions that depend on the count alone.  The additions are straight between 0, 1, 2, 4, 8, ...
    pulses, as what fades away changes less and less, and end at 0.  So each count borrows from its
    neighbours, and the table after any count reaches over the whole range although devices were
    seen in a part of it only.

The test
    Steps less their mean without memory are regressed on the additions, on the conductance
    (straight between quantiles of it), and with a random factor for each device, so that devices
    which differ are not taken for memory: on the mean step, or on what a wider range makes of it,
    whichever is more likely.  (A fixed factor would be correlated with the conductances that its
    own steps led to.)  Read noise makes a step answer the one before: so the two steps before and
    the first reading of a train, less their means, are regressed on as well.  For the spread the
    same is done with the absolute values of what is left, over their mean (Levene's test).  The
    covariance of the additions is taken from train to train ("sandwich"), so that neither the form
    of distributions nor correlations within a train matter; and the test is that of Hotelling:
    with p additions and n trains, T^2 (n - p) / (p (n - 1)) is distributed as F(p, n - p); n is
    made less by the other columns, which cost as much freedom.  A device has memory if one of the
    two exceeds what one in a thousand devices without memory would (``FALSE_ALARM``; half of it for
    each), an addition is at least ``LEAST_ADDITION`` of the largest mean step or of the spread,
    and the count is not told by the conductance: where devices step alike and surely it is.
    Where ranges are misjudged, false alarms are more frequent: of 80 simulated measurements of 100
    devices without memory whose ranges differ by 20 %, there was one (measured).

How far it goes
    The fewest counts, of 1, 2, 4, 8, ..., after which what is left of the additions is small, by
    the same limit, or cannot be told from none at one in ten; but at least ``SHORTEST``.  Additions
    for too few counts would be missing in the table long after, too many make it less certain.
"""

from dataclasses import dataclass

import numpy as np

from pcmsim.traces.estimating.pulse_count import LONGEST, Counts, table_after
from pcmsim.traces.estimating.regression import Regression, Told, regress
from pcmsim.traces.traces import Flags, Floats

FALSE_ALARM = 1e-3
GOES_ON = 0.1
SHORTEST = 8
# Trains, and steps after as many pulses, that are needed to tell anything.
FEWEST_TRAINS = 20
FEWEST_STEPS = 20
# Less than this part of the variance of counts, by octaves, in narrow pieces of the range: the
# conductance tells the count, and whichever of the two steps depend on makes no difference.
LEAST_FREE, PIECES_OF_COUNT = 0.02, 50
# Steps from which additions are known well enough.
MOST_STEPS = 40_000


@dataclass(frozen=True)
class Additions:
    """What early pulses add to mean and variance of a step long after a RESET.

    Attributes:
        mean: (memory,) to the mean, S, after 0, 1, 2, ... pulses; the last is 0.
        variance: (memory,) to the variance, S^2; the last is 0.
    """

    mean: Floats
    variance: Floats

    @property
    def memory(self) -> int:
        """After how many counts the step differs."""
        return self.mean.size

    def mean_at(self, past: Counts) -> Floats:
        """Return what is added to the mean after some pulses, S."""
        return np.asarray(self.mean[table_after(past, self.memory)])

    def variance_at(self, past: Counts) -> Floats:
        """Return what is added to the variance after some pulses, S^2."""
        return np.asarray(self.variance[table_after(past, self.memory)])


def find_memory(told: Told) -> int:
    """Return after how many counts steps differ; 1 if there is no memory that can be told."""
    told = _enough(told)
    counts = _counts(told)
    if counts.size < 2 or _is_the_same(told.past, told.before):
        return 1
    both = regressions(told, counts)
    if not any(one.tells(0, FALSE_ALARM / 2) for one in both):
        return 1
    for place in range(1, counts.size - 1):
        if counts[place] >= SHORTEST and not any(one.tells(place, GOES_ON / 2) for one in both):
            return int(counts[place]) + 1
    return int(counts[-1]) + 1


def additions_of(told: Told, memory: int) -> Additions:
    """Return what early pulses add, with ``memory`` counts after which steps differ."""
    told = _enough(told)
    counts = _octaves(memory - 1)
    size = float(np.abs(told.mean).max()) or 1.0
    every = np.arange(memory)
    weight = size**2 / told.variance
    rest = told.step - told.mean
    mean = regress(told, counts, rest / size, weight, [told.mean / size, told.wider / size])
    added = size * np.interp(every, counts, [*mean.value, 0.0])
    square = (rest - added[np.minimum(told.past, memory - 1)]) ** 2 / size**2
    spread = regress(told, counts, square, weight**2, [])
    return Additions(added, size**2 * np.interp(every, counts, [*spread.value, 0.0]))


def regressions(told: Told, counts: Counts) -> tuple[Regression, Regression]:
    """Return additions to the mean, over the largest mean, and to the spread, over its mean."""
    chosen, lags = _answers(told)
    some, size = told.take(chosen), float(np.abs(told.mean).max()) or 1.0
    rest, weight = (some.step - some.mean) / size, size**2 / some.variance
    mean = regress(some, counts, rest, weight, [some.mean / size, some.wider / size], lags)
    every, heavy = (told.step - told.mean) / size, size**2 / told.variance
    left = regress(told, counts, every, heavy, [told.mean / size, told.wider / size]).rest
    deviation, ones = np.abs(left), np.ones(left.size)
    return mean, regress(told, counts, deviation / deviation.mean(), ones, [ones])


def _enough(told: Told) -> Told:
    """Return whole trains at equal distances, as many as more would tell nothing of."""
    every = -(-told.step.size // MOST_STEPS)
    return told if every == 1 else told.take(told.train % every == 0)


def _counts(told: Told) -> Counts:
    """Return the counts between which additions are straight, as far as there are steps."""
    last = 1
    while last < LONGEST and (told.past >= 2 * last).sum() >= FEWEST_STEPS:
        last *= 2
    late = told.past >= last
    if np.unique(told.train[late]).size < FEWEST_TRAINS or (told.past == 0).sum() < FEWEST_STEPS:
        return np.zeros(1, np.int16)
    return _octaves(last)


def _octaves(last: int) -> Counts:
    """Return 0, 1, 2, 4, 8, ..., as far as the last count."""
    return np.array([0, *(2**n for n in range(last.bit_length()))], np.int16)


def _is_the_same(past: Counts, conductance: Floats) -> bool:
    """Return whether the conductance tells the count, for devices that step alike and surely."""
    place = np.argsort(conductance, kind="stable")
    counted = np.log2(1 + past[place].astype(np.float64))
    within = np.mean([np.var(piece) for piece in np.array_split(counted, PIECES_OF_COUNT)])
    return bool(within < LEAST_FREE * np.var(counted))


def _answers(told: Told) -> tuple[Flags, Floats]:
    """Return what noise makes a step answer: (steps, 4) in S, and which steps it is known of."""
    rest = told.step - told.mean
    relative = rest / told.variance * np.median(told.variance)
    first = told.past == 0
    start = np.where(first, told.before - told.before[first].mean(), 0.0)
    follows = (np.diff(told.place, prepend=-2) == 1) & (np.diff(told.train, prepend=-1) == 0)
    one = np.where(follows, np.roll(rest, 1), 0.0)
    again = follows & np.roll(follows, 1)
    columns = [
        one,
        np.where(follows, np.roll(relative, 1), 0),
        np.where(again, np.roll(rest, 2), 0),
    ]
    chosen = first | follows
    return chosen, np.stack([*columns, start], axis=1)[chosen] / np.sqrt(np.median(told.variance))
