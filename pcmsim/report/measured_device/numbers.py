"""What the report on an imported device compares: measured steps, and those of its table.

All steps are those of a nominal device: conductances and changes are divided by the scale of the
device's own range, as they are when the table is estimated.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pcmsim.report.measured_device.simulated import simulate_traces
from pcmsim.traces.estimating.estimate import Estimate
from pcmsim.traces.estimating.pulse_count import UNKNOWN, pulses_since_reset
from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.traces import DOWN, UP, Floats, Steps, Traces, repeated, steps_of

# Quantiles of the table that are drawn.
FITTED_QUANTILES = (0.1, 0.5, 0.9)
# The range of conductance is cut in three; steps are compared in the middle of each.
LEVELS = ("low", "middle", "high")
MIDDLE_PART = 0.5
# With fewer steps than this a window is widened as far as there is room; with fewer than the other
# number there is nothing to compare.
LEAST_STEPS = 30
FEWEST_STEPS = 5
# Fitted distributions are made of about so many simulated readings; the traces are simulated so
# many times at least and at most.
FITTED_STEPS = 60_000
REPEATS = (2, 30)
SEED = 2
# Means over a table are taken over so many equal parts of probability.
PARTS = 64
# Kolmogorov's limit for many independent steps (published): 5 % of distances, over the root of the
# sum of one over the number of steps on either side, are larger.
LARGE_DISTANCE = 1.358


@dataclass(frozen=True)
class Level:
    """Steps from about one conductance.

    Attributes:
        name: low, middle or high; or all, if there are few steps.
        low: lowest conductance (S) before the pulse.
        high: highest, S.
        measured: (steps,) S, rising.
        fitted: (steps,) S, rising: those of simulated devices with the same ranges.
    """

    name: str
    low: float
    high: float
    measured: Floats
    fitted: Floats

    @property
    def distance(self) -> float:
        """The largest distance of the two cumulative distributions (Kolmogorov and Smirnov).

        NaN if no simulated device was at these conductances.
        """
        return ks_distance(self.measured, self.fitted)

    @property
    def by_chance(self) -> float:
        """The distance that independent steps of one distribution exceed in 5 % of cases.

        NaN if no simulated device was at these conductances.
        """
        if not len(self.fitted):
            return math.nan
        return LARGE_DISTANCE * math.sqrt(1 / len(self.measured) + 1 / len(self.fitted))


@dataclass(frozen=True)
class Side:
    """One kind of pulse: its measured steps beside its table.

    Attributes:
        pulse: ``traces.UP`` or ``traces.DOWN``.
        name: what the pulse is called.
        steps: all measured steps, of a nominal device.
        table: the table of a nominal device.
        levels: measured and fitted steps from low, middle and high conductances; empty if there
            were none.
    """

    pulse: int
    name: str
    steps: Steps
    table: PulseTable
    levels: tuple[Level, ...]

    @property
    def edges(self) -> Floats:
        """Where the cell of each conductance begins and the last one ends: (n + 1,) S."""
        nodes = self.table.conductance
        return np.concatenate([nodes[:1], (nodes[:-1] + nodes[1:]) / 2, nodes[-1:]])

    def quantile(self, share: float) -> Floats:
        """Return a quantile of the table at each of its conductances, S."""
        nodes = self.table.conductance
        return self.table.quantile(nodes, np.full(nodes.size, share))


def sides_of(traces: Traces, device: Estimate) -> tuple[Side, ...]:
    """Put the steps of each kind of pulse that was measured beside its table.

    Steps that the table leads to are those of simulated devices with the measured ranges, read with
    the measured noise: a step that starts from a noisy reading differs from one of the table.
    """
    times = int(np.clip(FITTED_STEPS / max(np.isfinite(traces.conductance).sum(), 1), *REPEATS))
    scale = np.tile(device.scale, times)
    again = simulate_traces(repeated(traces, times), device, scale, SEED)
    sides = []
    for pulse in (UP, DOWN) if device.reset_measured else (UP,):
        steps = _nominal(steps_of(traces, pulse), device.scale)
        simulated = _nominal(steps_of(again, pulse), scale)
        table = device.set_table if pulse == UP else device.reset_table
        levels = levels_of(steps, simulated, table)
        sides.append(Side(pulse, name_of(device, pulse), steps, table, levels))
    return tuple(sides)


@dataclass(frozen=True)
class Memory:
    """How steps up depend on the pulses since the last RESET.

    Attributes:
        first: the first pulses after a RESET beside the first table.
        last: pulses long after one beside the last table.
        pulses: (n,) counts of partial SETs since the last RESET; the last stands for all others.
        mean: (n,) mean measured step after so many, of a nominal device, S.
        error: (n,) its standard error, S.
        fitted: (n,) mean of the tables at the conductances from which these steps began, S.
    """

    first: Side
    last: Side
    pulses: NDArray[np.int64]
    mean: Floats
    error: Floats
    fitted: Floats


def memory_of(traces: Traces, device: Estimate) -> Memory | None:
    """Return how steps up depend on the pulses since RESET; None for a device without memory."""
    if device.memory == 1:
        return None
    steps = _nominal(steps_of(traces, UP), device.scale)
    past = pulses_since_reset(traces)[steps.device, steps.reading]
    count = np.where(past == UNKNOWN, UNKNOWN, np.minimum(past, device.memory - 1))
    every = [number for number in range(device.memory) if np.sum(count == number) >= FEWEST_STEPS]
    changes = [steps.change[count == number] for number in every]
    return Memory(
        first=_side_after(device, steps, count, 0),
        last=_side_after(device, steps, count, device.memory - 1),
        pulses=np.array(every),
        mean=np.array([change.mean() for change in changes]),
        error=np.array([change.std() / math.sqrt(change.size) for change in changes]),
        fitted=np.array(
            [_mean_from(device.set_tables[n], steps.before[count == n]) for n in every]
        ),
    )


def _side_after(device: Estimate, steps: Steps, count: NDArray[np.int16], number: int) -> Side:
    some = steps.take(count == number)
    return Side(UP, name_of(device, UP), some, device.set_tables[number], ())


def _mean_from(table: PulseTable, before: Floats) -> float:
    """Return the mean step of a table, cut short by the ends of its range as the array does."""
    low, high = table.conductance[[0, -1]]
    start = np.clip(before, low, high)[:, None]
    share = (np.arange(PARTS)[None, :] + 0.5) / PARTS
    step = table.quantile(start, share)
    return float(np.mean(np.clip(start + step, low, high) - start))


def name_of(device: Estimate, pulse: int) -> str:
    """Return what a kind of pulse is called with this device."""
    if pulse == UP:
        return "step up" if device.bidirectional else "partial SET"
    return "step down" if device.bidirectional else "RESET"


def levels_of(steps: Steps, simulated: Steps, table: PulseTable) -> tuple[Level, ...]:
    """Return measured and simulated steps from low, middle and high conductances of a table.

    If there are too few steps for that, all of them are one level; of next to none there is none.
    """
    if len(steps.before) < FEWEST_STEPS:
        return ()
    everything = _level("all", steps, simulated, -math.inf, math.inf)
    if len(steps.before) < len(LEVELS) * LEAST_STEPS:
        return (everything,)
    first, last = table.conductance[[0, -1]]
    third = float(last - first) / len(LEVELS)
    levels = []
    for number, name in enumerate(LEVELS):
        centre = float(first) + (number + 0.5) * third
        width = _width(steps.before - centre, third)
        level = _level(name, steps, simulated, centre - width, centre + width)
        if len(level.measured) >= FEWEST_STEPS:
            levels.append(level)
    return tuple(levels) or (everything,)


def _width(away: Floats, third: float) -> float:
    """Return how far a window reaches so that it holds enough steps, but meets no other window."""
    needed = float(np.partition(np.abs(away), LEAST_STEPS - 1)[LEAST_STEPS - 1])
    return min(max(MIDDLE_PART * third / 2, needed), third / 2)


def _level(name: str, steps: Steps, simulated: Steps, low: float, high: float) -> Level:
    chosen = (steps.before >= low) & (steps.before <= high)
    among = (simulated.before >= low) & (simulated.before <= high)
    return Level(
        name,
        float(steps.before[chosen].min(initial=math.inf)),
        float(steps.before[chosen].max(initial=-math.inf)),
        np.sort(steps.change[chosen]),
        np.sort(simulated.change[among]),
    )


def ks_distance(sample: Floats, fitted: Floats) -> float:
    """Return the largest distance between the cumulative distributions of two rising samples.

    NaN if one of them is empty.
    """
    if not (sample.size and fitted.size):
        return math.nan
    places = np.concatenate([sample, fitted])
    one = np.searchsorted(sample, places, side="right") / len(sample)
    other = np.searchsorted(fitted, places, side="right") / len(fitted)
    return float(np.abs(one - other).max())


def _nominal(steps: Steps, scale: Floats) -> Steps:
    own = scale[steps.device]
    return replace(steps, before=steps.before / own, change=steps.change / own)
