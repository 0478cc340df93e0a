"""Single steps, and their mean and spread along the range; see ``tables``.

Mean and spread at a node of a grid are those of the nearest ``samples // 8`` steps, 60 to 2,000 of
them: what weighted straight lines through the steps, and through the squares of what is left of
them, are there.  In place of the lines the mean can be the one smooth curve that all steps tell:
tables have this, for steps that are far more random than they are long tell too little in a
neighbourhood; what is only on the way to them has the lines, which follow where the samples lead.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.kalman import LEFT
from pcmsim.traces.estimating.curve import above_zero, smooth_curve
from pcmsim.traces.estimating.memory import Additions, additions_of
from pcmsim.traces.estimating.neighbourhoods import Neighbourhoods, neighbours
from pcmsim.traces.estimating.pulse_count import UNKNOWN, Counts
from pcmsim.traces.estimating.regression import Told
from pcmsim.traces.traces import Flags, Floats

ROUNDS_WITH_MEMORY = 2
# A straight line through squares is nowhere below this part of their plain mean.
LEAST_OF_MEAN = 0.2
# What is net of read noise keeps at least this part of its variance.
LEAST_VARIANCE = 0.01

# How the mean along the range is found; see ``moments``.
MeanAs = Literal["lines", "curve", "plain"]


@dataclass(frozen=True)
class Samples:
    """Steps of devices whose scale has been divided out.

    Attributes:
        device: (steps,) which device, as an index.
        before: (steps,) conductance before the pulse, S.
        step: (steps,) by how much the pulse changed it, S.
        noise: (steps,) variance, S^2, that ``step`` has from the noise of readings.
        place: (steps,) which reading came before the pulse; None where that does not matter.
        past: (steps,) partial SETs since the last RESET; None where that does not matter.
        weight: (steps,) how much each counts; None where all count the same, and of no effect on
            the tables of a device that remembers pulses.
    """

    device: NDArray[np.int64]
    before: Floats
    step: Floats
    noise: Floats
    place: NDArray[np.int64] | None = None
    past: Counts | None = None
    weight: Floats | None = None

    def take(self, chosen: Flags) -> "Samples":
        """Return some of the samples."""
        each = [getattr(self, field.name) for field in fields(self)]
        some: list[Any] = [None if one is None else one[chosen] for one in each]
        return Samples(*some)


@dataclass(frozen=True)
class Moments:
    """Mean and variance of the step against conductance, straight between nodes.

    Those of a device that remembers pulses are those long after a RESET, and additions to them.

    Attributes:
        conductance: (n,) nodes, S.
        mean: (n,) mean step, S.
        measured: (n,) variance of the measured step, S^2.
        variance: (n,) the same net of the noise of readings, S^2.
        early: what early pulses add; None for a device without memory.
    """

    conductance: Floats
    mean: Floats
    measured: Floats
    variance: Floats
    early: Additions | None = None

    def mean_at(self, conductance: Floats, past: Counts | None = None) -> Floats:
        """Return the mean step (S); beyond the ends their values hold."""
        mean = np.asarray(np.interp(conductance, self.conductance, self.mean))
        return mean if self.early is None or past is None else mean + self.early.mean_at(past)

    def variance_at(self, conductance: Floats, past: Counts | None = None) -> Floats:
        """Return the variance of the step (S^2), net of noise."""
        variance = np.asarray(np.interp(conductance, self.conductance, self.variance))
        return self._with_early(variance, past)

    def measured_at(self, conductance: Floats, past: Counts | None = None) -> Floats:
        """Return the variance of the measured step (S^2)."""
        measured = np.asarray(np.interp(conductance, self.conductance, self.measured))
        return self._with_early(measured, past)

    def after(self, past: int) -> "Moments":
        """Return the moments after so many pulses since RESET."""
        count = np.full(self.conductance.size, past)
        return Moments(
            self.conductance,
            self.mean_at(self.conductance, count),
            self.measured_at(self.conductance, count),
            self.variance_at(self.conductance, count),
        )

    def slope_at(self, conductance: Floats) -> Floats:
        """Return how fast the mean step grows with the conductance, S / S."""
        return np.asarray(np.interp(conductance, self.conductance, self._slope))

    @cached_property
    def _slope(self) -> Floats:
        return np.asarray(np.gradient(self.mean, self.conductance))

    def _with_early(self, variance: Floats, past: Counts | None) -> Floats:
        if self.early is None or past is None:
            return variance
        return np.asarray(np.maximum(variance + self.early.variance_at(past), LEFT * variance))


# Moments of the steps of a nominal device under each kind of pulse, UP and DOWN.
Responses = dict[int, Moments]


def moments(
    samples: Samples,
    nodes: Floats,
    *,
    mean: MeanAs = "lines",
    memory: int = 1,
) -> Moments:
    """Estimate mean and variance of the step at ``nodes`` (S, rising).

    Args:
        samples: single steps, at least two.
        nodes: (n,) conductances, S.
        mean: ``lines`` through neighbourhoods; one smooth ``curve``; or ``plain`` means, and plain
            variances with them, for what hardly depends on the conductance.
        memory: after how many counts of pulses since RESET steps differ; beyond 1 the mean is a
            curve.
    """
    if memory > 1:
        return _moments_with_memory(samples, nodes, memory)
    count = neighbours(samples.step.size, part=8, least=60, most=2000)
    near = Neighbourhoods(samples.before, nodes, count, samples.weight)
    noise = near.mean(samples.noise)
    found = near.mean(samples.step) if mean == "plain" else near.line(samples.step)
    if mean == "curve":
        scatter = near.mean(_squares(samples, nodes, found))
        weight = 1.0 if samples.weight is None else samples.weight
        variance = np.interp(samples.before, nodes, scatter) / weight
        found = smooth_curve(samples.before, samples.step, variance, nodes)
    square = _squares(samples, nodes, found)
    measured = near.mean(square)
    if mean != "plain":
        measured = np.maximum(near.line(square), LEAST_OF_MEAN * measured)
    variance = np.maximum(measured - noise, LEAST_VARIANCE * measured)
    return Moments(nodes, found, measured, variance)


def _squares(samples: Samples, nodes: Floats, mean: Floats) -> Floats:
    """Return the squares (S^2) of what steps are beside a mean (S) at nodes."""
    return np.asarray((samples.step - np.interp(samples.before, nodes, mean)) ** 2)


def _moments_with_memory(samples: Samples, nodes: Floats, memory: int) -> Moments:
    """Estimate additions, and the moments of what is left when they are taken out of the steps.

    Additions and variance depend on each other: the weights of the one are the other.
    """
    samples = known(samples)
    past = samples.past
    assert past is not None
    found = moments(samples, nodes)
    count = neighbours(samples.step.size, part=8, least=60, most=2000)
    near = Neighbourhoods(samples.before, nodes, count)
    for _ in range(ROUNDS_WITH_MEMORY):
        told = told_of(samples, found)
        early = additions_of(told, memory)
        late = samples.step - early.mean_at(past)
        mean = smooth_curve(samples.before, late, told.variance, nodes)
        square = _squares(replace(samples, step=late), nodes, mean)
        measured = near.line(square - early.variance_at(past))
        measured = np.maximum(measured, LEFT * near.mean(square))
        noise = near.mean(samples.noise)
        variance = np.maximum(measured - noise, LEAST_VARIANCE * measured)
        found = Moments(nodes, mean, measured, variance, early)
    return found


def uncut(samples: Samples, nodes: Floats) -> Samples:
    """Return the samples without those that an end of the range may have cut short.

    These are steps that begin nearer to an end than steps there reach, the mean and three standard
    deviations.  Where that is no wider than a cell of the grid, a table, straight between nodes,
    cannot follow the cut; it need not, for the array keeps conductances within the range itself.
    """
    cell, kept = nodes[1] - nodes[0], samples
    # What is cut short takes part in the first mean, and so is looked for twice.
    for _ in range(2):
        found = moments(kept, nodes)
        reach = 3 * np.sqrt(found.variance)
        above, below = found.mean[-2] + reach[-2], reach[1] - found.mean[1]
        inside = np.ones(samples.before.size, bool)
        if 0 < above < cell:
            inside &= samples.before < nodes[-1] - above
        if 0 < below < cell:
            inside &= samples.before > nodes[0] + below
        if inside.sum() < samples.before.size / 2:
            return samples
        kept = samples.take(inside)
    return kept


def known(samples: Samples) -> Samples:
    """Return the samples of which is known how many pulses since a RESET came before."""
    assert samples.past is not None
    return samples.take(samples.past != UNKNOWN)


def told_of(samples: Samples, expected: Moments) -> Told:
    """Return steps beside what is expected of them long after a RESET, and their variance."""
    assert samples.place is not None
    assert samples.past is not None
    mean = expected.mean_at(samples.before)
    return Told(
        device=samples.device,
        place=samples.place,
        past=samples.past,
        before=samples.before,
        step=samples.step,
        mean=mean,
        wider=mean - samples.before * expected.slope_at(samples.before),
        variance=above_zero(expected.measured_at(samples.before, samples.past), samples.step),
    )
