"""From single steps to a table: how a step is distributed at each conductance of a grid.

A step is taken apart into its mean at its conductance, its spread there and its form (the step
less the mean, over the spread), because each of the three changes slowly along the range and can
be had from the samples of a neighbourhood without smearing the other two.  At a node of the grid:

mean
    a weighted straight line through the ``samples // 8`` nearest steps, 60 to 2,000 of them
spread
    a weighted straight line through the squares of what is left, of the same neighbours
form
    weighted quantiles of what is left over its spread, of the ``samples // 3`` nearest, 200 to
    5,000 of them

The weights fall with the distance (tricube) and reach zero at the last neighbour, so that a
neighbourhood is narrow where there are many samples and as wide as it must be where there are
few.  Beyond the last samples the values at the last samples hold.  A node whose own cell, half a
grid spacing to either side, holds fewer than ``FEW`` samples lives on those of other cells: it is
marked as filled.

The three sizes of neighbourhoods are choices: halving them makes tables ragged at 3,000 steps,
doubling them smears the bend of an exponential-step device.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import mean_step, quantile_nodes, spread_of_step
from pcmsim.kernels.jump import QUANTILE_CELLS
from pcmsim.traces.memory import UNKNOWN, Additions, Counts, Told, additions_of
from pcmsim.traces.traces import Floats

# Nodes with fewer samples of their own are marked as filled from their neighbours.
FEW = 20
# A doubling of the count of pulses since RESET is as far as this part of the range (choice).
OCTAVE = 1 / 8
# What is left of a variance when that of early pulses is taken out is at least this part of it.
LEFT = 0.01
ROUNDS_WITH_MEMORY = 2
# A straight line through squares is nowhere below this part of their plain mean.
LEAST_OF_MEAN = 0.2
# What is net of read noise keeps at least this part of its variance.
LEAST_VARIANCE = 0.01


@dataclass(frozen=True)
class PulseTable:
    """How the conductance of a nominal device changes under one kind of pulse.

    Attributes:
        conductance: (n,) conductances before the pulse, S, rising in equal steps.
        probability: (m,) rising from 0 to 1 in equal steps.
        step: (n, m) quantiles of the change of conductance, S, not falling along the last axis.
        samples: (n,) int64, how many measured steps begin nearest to each conductance.
        filled: (n,) bool, True where these are so few that the row lives on its neighbours.
    """

    conductance: Floats
    probability: Floats
    step: Floats
    samples: NDArray[np.int64]
    filled: NDArray[np.bool_]

    @property
    def mean(self) -> Floats:
        """Return the mean step (S) at each conductance, (n,)."""
        return mean_step(self.step)

    @property
    def spread(self) -> Floats:
        """Return the standard deviation of the step (S) at each conductance, (n,)."""
        return spread_of_step(self.step)

    def without_device_spread(self, spread: float) -> "PulseTable":
        """Return the table of a device without what makes steps differ from device to device.

        If a step is a device's own factor, of mean 1 and this ``spread`` s, times a step of mean m
        and variance v, its variance is (1 + s^2) v + s^2 m^2: quantiles are drawn towards the mean
        until v is left of the measured one.
        """
        mean, variance = self.mean[:, None], self.spread[:, None] ** 2
        left = np.maximum(variance - spread**2 * mean**2, 0) / (1 + spread**2)
        shrunk = np.sqrt(np.divide(left, variance, out=np.ones_like(left), where=variance > 0))
        return replace(self, step=mean + shrunk * (self.step - mean))


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
    """

    device: NDArray[np.int64]
    before: Floats
    step: Floats
    noise: Floats
    place: NDArray[np.int64] | None = None
    past: Counts | None = None

    def take(self, chosen: NDArray[np.bool_]) -> "Samples":
        """Return some of the samples."""
        return Samples(
            self.device[chosen],
            self.before[chosen],
            self.step[chosen],
            self.noise[chosen],
            None if self.place is None else self.place[chosen],
            None if self.past is None else self.past[chosen],
        )


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

    def slope_at(self, conductance: Floats) -> Floats:
        """Return how fast the mean step grows with the conductance, S / S."""
        slope = np.gradient(self.mean, self.conductance)
        return np.asarray(np.interp(conductance, self.conductance, slope))

    def _with_early(self, variance: Floats, past: Counts | None) -> Floats:
        if self.early is None or past is None:
            return variance
        return np.asarray(np.maximum(variance + self.early.variance_at(past), LEFT * variance))


def moments(samples: Samples, nodes: Floats, *, straight: bool = True, memory: int = 1) -> Moments:
    """Estimate mean and variance of the step at ``nodes`` (S, rising).

    Args:
        samples: single steps, at least two.
        nodes: (n,) conductances, S.
        straight: fit straight lines; False: plain means, for what hardly depends on conductance.
        memory: after how many counts of pulses since RESET steps differ.
    """
    if memory > 1:
        return _moments_with_memory(samples, nodes, memory)
    count = _neighbours(samples.step.size, part=8, least=60, most=2000)
    near = Neighbourhoods(samples.before, nodes, count)
    mean = near.line(samples.step) if straight else near.mean(samples.step)
    square = (samples.step - np.interp(samples.before, nodes, mean)) ** 2
    measured = near.mean(square)
    if straight:
        measured = np.maximum(near.line(square), LEAST_OF_MEAN * measured)
    noise = near.mean(samples.noise)
    variance = np.maximum(measured - noise, LEAST_VARIANCE * measured)
    return Moments(nodes, mean, measured, variance)


def _moments_with_memory(samples: Samples, nodes: Floats, memory: int) -> Moments:
    """Estimate additions, and the moments of what is left when they are taken out of the steps.

    Additions and variance depend on each other: the weights of the one are the other.
    """
    samples = known(samples)
    past = samples.past
    assert past is not None
    found = moments(samples, nodes)
    count = _neighbours(samples.step.size, part=8, least=60, most=2000)
    near = Neighbourhoods(samples.before, nodes, count)
    for _ in range(ROUNDS_WITH_MEMORY):
        told = told_of(samples, found)
        early = additions_of(told, memory)
        late = samples.step - early.mean_at(past)
        mean = _smooth_widely(samples.before, late, told.variance, nodes, count)
        square = (late - np.interp(samples.before, nodes, mean)) ** 2
        measured = near.line(square - early.variance_at(past))
        measured = np.maximum(measured, LEFT * near.mean(square))
        noise = near.mean(samples.noise)
        variance = np.maximum(measured - noise, LEFT * measured)
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
        variance=expected.measured_at(samples.before, samples.past),
    )


def pulse_table(samples: Samples, nodes: Floats, *, straight: bool = True) -> PulseTable:
    """Estimate the quantiles of the step at ``nodes`` (S, in equal steps).

    The spread of the quantiles about the mean is net of the noise of readings; their form is not.
    """
    found = moments(samples, nodes, straight=straight)
    spread = np.sqrt(found.measured_at(samples.before))
    rest = samples.step - found.mean_at(samples.before)
    form = np.divide(rest, spread, out=np.zeros_like(rest), where=spread > 0)
    count = _neighbours(form.size, part=3, least=200, most=5000)
    rows = [_form_at(node, samples.before, form, count) for node in nodes]
    step = found.mean[:, None] + np.sqrt(found.variance)[:, None] * np.stack(rows)
    own = own_samples(samples.before, nodes)
    probability = np.linspace(0, 1, QUANTILE_CELLS + 1)
    return PulseTable(nodes, probability, step, own, own < FEW)


def tables_with_memory(samples: Samples, nodes: Floats, memory: int) -> tuple[PulseTable, ...]:
    """Estimate the tables after 0, 1, 2, ... pulses since RESET; the last serves for all others.

    Means and spreads are those of ``moments``.  The form of a distribution comes from steps that
    are near in conductance and count, at least 200 or half of those with this count: a doubling of
    the count plus one is as far as ``OCTAVE`` of the range.
    """
    samples = known(samples)
    assert samples.past is not None
    found = moments(samples, nodes, memory=memory)
    spread = np.sqrt(found.measured_at(samples.before, samples.past))
    rest = samples.step - found.mean_at(samples.before, samples.past)
    form = np.divide(rest, spread, out=np.zeros_like(rest), where=spread > 0)
    octave = OCTAVE * float(nodes[-1] - nodes[0])
    height = octave * np.log2(1 + np.minimum(samples.past, memory - 1))
    probability = np.linspace(0, 1, QUANTILE_CELLS + 1)
    tables = []
    for past in range(memory):
        here = np.minimum(samples.past, memory - 1) == past
        part = form.size // 3 if past == memory - 1 else int(here.sum()) // 2
        count = min(max(part, 200), 5000, form.size)
        away = np.abs(height - octave * np.log2(1 + past))
        rows = [_form_at(node, samples.before, form, count, away) for node in nodes]
        after = np.full(nodes.size, past)
        mean, variance = found.mean_at(nodes, after), found.variance_at(nodes, after)
        step = mean[:, None] + np.sqrt(variance)[:, None] * np.stack(rows)
        own = own_samples(samples.before[here], nodes)
        tables.append(PulseTable(nodes, probability, step, own, own < FEW))
    return tuple(tables)


def own_samples(before: Floats, nodes: Floats) -> NDArray[np.int64]:
    """Count the steps that begin nearest to each node."""
    edges = (nodes[:-1] + nodes[1:]) / 2
    places = np.searchsorted(edges, before)
    return np.bincount(places, minlength=nodes.size).astype(np.int64)


def _neighbours(samples: int, part: int, least: int, most: int) -> int:
    return min(max(samples // part, least), most, samples)


class Neighbourhoods:
    """The samples nearest to each node of a grid, and their weights, tricube."""

    def __init__(self, place: Floats, nodes: Floats, count: int) -> None:
        """Find the ``count`` samples nearest to each node, of all those at ``place``.

        Beyond the last places what holds there holds.
        """
        inside = np.clip(nodes, place.min(), place.max())
        order = np.argsort(place, kind="stable")
        rising = place[order]
        # They are a window of the rising places: the first one after which no place is nearer to
        # the node than its own first.
        first = np.searchsorted(rising[:-count] + rising[count:], 2 * inside)
        window = first[:, None] + np.arange(count)
        self._which = order[window]
        self._away = rising[window] - inside[:, None]
        distance = np.abs(self._away)
        reach = distance.max(axis=1, keepdims=True) * (1 + 1e-9)
        part = np.divide(distance, reach, out=np.zeros_like(distance), where=reach > 0)
        weight = (1 - part**3) ** 3
        self._share = weight / weight.sum(axis=1, keepdims=True)

    def mean(self, value: Floats) -> Floats:
        """Return the weighted mean of the values about each node."""
        return np.asarray((self._share * value[self._which]).sum(axis=1))

    def line(self, value: Floats) -> Floats:
        """Return what the weighted straight line through the values about each node is there."""
        share, away, near = self._share, self._away, value[self._which]
        centre = (share * away).sum(axis=1, keepdims=True)
        mean = (share * near).sum(axis=1, keepdims=True)
        width = (share * (away - centre) ** 2).sum(axis=1)
        wide = width > 1e-12 * (share * away**2).sum(axis=1)
        slope = (share * (away - centre) * (near - mean)).sum(axis=1)
        slope = np.divide(slope, width, out=np.zeros_like(slope), where=wide)
        return np.asarray(mean[:, 0] - slope * centre[:, 0])


def _weights(
    node: float, place: Floats, count: int, away: Floats | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """Return the ``count`` samples nearest to a node, and their weights, tricube.

    ``away`` is how far samples are from it beside the distance of their places.
    """
    distance = np.abs(place - node)
    if away is not None:
        distance += away
    nearest = np.argpartition(distance, count - 1)[:count]
    reach = distance[nearest].max() * (1 + 1e-9)
    if reach == 0:
        return nearest, np.ones(count)
    return nearest, np.asarray((1 - (distance[nearest] / reach) ** 3) ** 3)


def _smooth_widely(
    place: Floats, value: Floats, variance: Floats, nodes: Floats, count: int
) -> Floats:
    """Smooth values (of a variance) by straight lines through as many as agree on one.

    At each node neighbourhoods of ``count`` values, twice as many, ... are tried, as long as their
    estimates with one standard error to either side have a place in common (the intersection of
    confidence intervals; Goldenshluger and Nemirovski, 1997).
    """
    smooth = []
    for node in np.clip(nodes, place.min(), place.max()):
        low, high, many, level = -np.inf, np.inf, count, 0.0
        while True:
            estimate, error = _line(node, place, value, variance, many)
            low, high = max(low, estimate - error), min(high, estimate + error)
            if low > high:
                break
            level = estimate
            if many == place.size:
                break
            many = min(2 * many, place.size)
        smooth.append(level)
    return np.array(smooth)


def _line(
    node: float, place: Floats, value: Floats, variance: Floats, count: int
) -> tuple[float, float]:
    """Return a weighted straight line through the nearest values, at a node, and its error."""
    nearest, weight = _weights(node, place, count)
    x = place[nearest] - node
    # Sums in place of products of vectors, on which many threads are wasted.
    share = weight / weight.sum()
    centre = float((share * x).sum())
    width = float((share * (x - centre) ** 2).sum())
    if width > 1e-12 * float((share * x**2).sum()):
        share = share * (1 - centre * (x - centre) / width)
    level = float((share * value[nearest]).sum())
    return level, float(np.sqrt((share**2 * variance[nearest]).sum()))


def _form_at(
    node: float, place: Floats, form: Floats, count: int, away: Floats | None = None
) -> Floats:
    """Return weighted quantiles of what is left of steps near a node: mean 0, variance 1."""
    nearest, weight = _weights(node, place, count, away)
    order = np.argsort(form[nearest], kind="stable")
    values, weight = form[nearest][order], weight[order]
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    nodes = quantile_nodes(lambda probability: np.interp(probability, middle, values))
    nodes = np.maximum.accumulate(nodes[0])
    nodes = nodes - (nodes[:-1] + nodes[1:]).mean() / 2
    low, high = nodes[:-1], nodes[1:]
    spread = float(np.sqrt(((low * low + low * high + high * high) / 3).mean()))
    return np.asarray(nodes / spread if spread > 0 else nodes)
