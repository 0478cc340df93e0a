"""From single steps to a table: how a step is distributed at each conductance of a grid.

A step is taken apart into its mean at its conductance, its spread there and its form (the step
less the mean, over the spread), because each of the three changes slowly along the range and can
be had from the samples of a neighbourhood without smearing the other two.  At a node of the grid:

mean
    the smooth curve through all steps, by what they spread in each neighbourhood (``curve``)
spread
    a weighted straight line through the squares of what is left, of the ``samples // 8`` nearest
form
    weighted quantiles of what is left over its spread, of the ``samples // 3`` nearest, 200 to
    5,000 of them

The weights fall with the distance (tricube) and reach zero at the last neighbour, so that a
neighbourhood is narrow where there are many samples and as wide as it must be where there are
few.  Beyond the last samples the values at the last samples hold.  A node whose own cell, half a
grid spacing to either side, holds fewer than ``FEW`` samples lives on those of other cells: it is
marked as filled.

The sizes of neighbourhoods are choices: halving them makes tables ragged at 3,000 steps, doubling
them smears the bend of an exponential-step device.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import mean_step, spread_of_step
from pcmsim.devices.table import interpolate
from pcmsim.kernels.jump import QUANTILE_CELLS
from pcmsim.traces.estimating.moments import MeanAs, Moments, Samples, known, moments
from pcmsim.traces.estimating.neighbourhoods import form_at, neighbours
from pcmsim.traces.traces import Floats

# Nodes with fewer samples of their own are marked as filled from their neighbours.
FEW = 20
# A doubling of the count of pulses since RESET is as far as this part of the range (choice).
OCTAVE = 1 / 8


@dataclass(frozen=True)
class PulseTable:
    """How the conductance of a nominal device changes under one kind of pulse.

    Attributes:
        conductance: (n,) conductances before the pulse, S, rising in equal steps.
        probability: (m,) rising from 0 to 1 in equal steps.
        step: (n, m) quantiles of the change of conductance, S, not falling along the last axis.
        samples: (n,) int64, how many measured steps begin nearest to each conductance.
        filled: (n,) bool, True where these are so few that the row lives on its neighbours.
        own_mean: (n,) mean of these steps alone, S, brought to the conductance along the smooth
            mean; NaN where there are none.  No step takes part in two of these means.
        own_error: (n,) standard error of it, S, noise of readings included.
    """

    conductance: Floats
    probability: Floats
    step: Floats
    samples: NDArray[np.int64]
    filled: NDArray[np.bool_]
    own_mean: Floats
    own_error: Floats

    @property
    def mean(self) -> Floats:
        """Return the mean step (S) at each conductance, (n,)."""
        return mean_step(self.step)

    @property
    def spread(self) -> Floats:
        """Return the standard deviation of the step (S) at each conductance, (n,)."""
        return spread_of_step(self.step)

    def quantile(self, conductance: Floats, probability: Floats) -> Floats:
        """Return quantiles of the step (S), straight between those of the table."""
        table = (self.conductance, self.probability, self.step)
        return interpolate(table, conductance, probability)

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


def pulse_table(samples: Samples, nodes: Floats, *, mean: MeanAs = "curve") -> PulseTable:
    """Estimate the quantiles of the step at ``nodes`` (S, in equal steps).

    The spread of the quantiles about the mean is net of the noise of readings; their form is not.
    """
    found = moments(samples, nodes, mean=mean)
    spread = np.sqrt(found.measured_at(samples.before))
    rest = samples.step - found.mean_at(samples.before)
    form = np.divide(rest, spread, out=np.zeros_like(rest), where=spread > 0)
    count = neighbours(form.size, part=3, least=200, most=5000)
    rows = [form_at(node, samples.before, form, count, weight=samples.weight) for node in nodes]
    step = found.mean[:, None] + np.sqrt(found.variance)[:, None] * np.stack(rows)
    probability = np.linspace(0, 1, QUANTILE_CELLS + 1)
    return PulseTable(nodes, probability, step, *_of_their_own(samples.before, rest, found))


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
        rows = [form_at(node, samples.before, form, count, away) for node in nodes]
        at = found.after(past)
        step = at.mean[:, None] + np.sqrt(at.variance)[:, None] * np.stack(rows)
        own = _of_their_own(samples.before[here], rest[here], at)
        tables.append(PulseTable(nodes, probability, step, *own))
    return tuple(tables)


class _Own(NamedTuple):
    """What steps that begin nearest to each node tell of it; see ``PulseTable``."""

    samples: NDArray[np.int64]
    filled: NDArray[np.bool_]
    mean: Floats
    error: Floats


def _of_their_own(before: Floats, rest: Floats, found: Moments) -> _Own:
    """Return what steps tell of the node that they begin nearest to; ``rest`` is less the mean."""
    nodes = found.conductance
    places = np.searchsorted((nodes[:-1] + nodes[1:]) / 2, before)
    count = np.bincount(places, minlength=nodes.size).astype(np.int64)
    some = np.where(count > 0, count, np.nan)
    mean = found.mean + np.bincount(places, rest, nodes.size) / some
    return _Own(count, count < FEW, mean, np.sqrt(found.measured / some))
