"""From measured traces to a device: jump tables, range, variances, noise.

The engine has one nominal device, and devices that are it, scaled: so tables must be made of steps
whose device's scale is divided out, or what devices differ in would be counted twice, in the
spread of scales and in that of steps.  But scales can only be found from tables.  Hence rounds:
mean and spread of steps of the nominal device, noise of readings, conductances freed of it, scales
of devices, and again.

The range of the nominal device is where its readings were, free of noise, but for one in a
thousand at either end.  Nothing is extrapolated: where all trains end short of saturation the
range ends there too, and a note says so.

Devices are first taken to remember nothing but their conductance.  If the steps up tell otherwise
(``memory``), the rounds begin anew with means and spreads that depend on the pulses since RESET.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pcmsim.devices.jump_table import conductance_grid, quantile_nodes
from pcmsim.errors import UserError
from pcmsim.kernels.jump import QUANTILE_CELLS
from pcmsim.traces.estimating.memory import find_memory
from pcmsim.traces.estimating.moments import (
    LEAST_VARIANCE,
    Moments,
    Samples,
    known,
    moments,
    told_of,
    uncut,
)
from pcmsim.traces.estimating.pulse_count import LONGEST, UNKNOWN, Counts, pulses_since_reset
from pcmsim.traces.estimating.read_noise import (
    NO_NOISE,
    MeasuredNoise,
    Responses,
    States,
    first_readings,
    follow,
    kinds_of,
    measure_noise,
    nominal_samples,
)
from pcmsim.traces.estimating.scales import fit_scales, misfit, scales_of_maxima
from pcmsim.traces.estimating.tables import PulseTable, pulse_table, tables_with_memory
from pcmsim.traces.estimating.variance import VarianceShares, spread_of_steps, variance_shares
from pcmsim.traces.traces import DOWN, UP, Floats, Traces, steps_of

FEWEST_STEPS = 20
ROUNDS = 6
# Part of the readings that is left out at either end of the range.
ODD_READINGS = 0.001
# An abrupt RESET leaves less than this part of the way to the bottom, in the median.
LEFT_BY_RESET = 0.2
# A mean step at the top above this part of the largest one: trains ended before saturation.
SATURATED_BELOW = 0.1
# A range of at least this ratio is needed: a table needs room between its ends.
LEAST_RANGE = 1e-6


@dataclass(frozen=True)
class Estimate:
    """A device as its traces tell of it.

    All tables are those of a nominal device, whose scale is 1.

    Attributes:
        set_table: partial SETs, or steps up; of a device that remembers pulses, long after a RESET.
        reset_table: RESETs, or steps down.  If none were measured, an abrupt RESET to the bottom
            of the measured range with the spread of the first readings; ``samples`` is then 0.
        bidirectional: True if ``reset_table`` holds gradual steps down, False for an abrupt RESET.
        reset_measured: whether there were any pulses down.
        g_min: lowest conductance of a nominal device, S.
        g_max: highest conductance of a nominal device, S.
        scale: (devices,) range of each device over the nominal one, drawn towards 1 by as much as
            it is uncertain.
        range_spread: standard deviation of the devices' ranges over their mean, from 0 to 1.
        step_scale_spread: standard deviation from device to device of what is left of the size of
            steps when conductances and steps are divided by the scale, over its mean, at most 1;
            it is taken out of the spread of the tables.
        set_variance: shares of the variance of steps up, before any scale is taken out.
        reset_variance: the same of gradual steps down; None for an abrupt RESET.
        noise: the noise of the readings.
        notes: plain sentences a reader should know: what was assumed, and what could not be told.
        early_tables: partial SETs after 0, 1, 2, ... others since the last RESET, for a device that
            remembers them; ``set_table`` serves for all that follow.
    """

    set_table: PulseTable
    reset_table: PulseTable
    bidirectional: bool
    reset_measured: bool
    g_min: float
    g_max: float
    scale: Floats
    range_spread: float
    step_scale_spread: float
    set_variance: VarianceShares
    reset_variance: VarianceShares | None
    noise: MeasuredNoise
    notes: tuple[str, ...]
    early_tables: tuple[PulseTable, ...] = ()

    @property
    def set_tables(self) -> tuple[PulseTable, ...]:
        """Return the tables after 0, 1, 2, ... partial SETs; the last serves for all others."""
        return (*self.early_tables, self.set_table)

    @property
    def memory(self) -> int:
        """Return how many tables of partial SETs there are; 1 for a device without memory."""
        return len(self.early_tables) + 1


def estimate_device(traces: Traces) -> Estimate:
    """Estimate jump tables, ranges and variances from traces.

    Raises:
        UserError: there are fewer than 20 steps up, or they lead nowhere.
    """
    _check(traces)
    abrupt = is_abrupt(traces)
    starts = (np.ones(len(traces.devices)), scales_of_maxima(traces))
    found = _best_of(traces, abrupt, ends := _ends_of_rounds(traces, abrupt, 1, starts))
    memory = _memory_of(traces, found, ends) if abrupt else 1
    if memory > 1:
        found = _best_of(traces, abrupt, _ends_of_rounds(traces, abrupt, memory, (found.scale,)))
    nodes = found.nodes
    samples = {kind: found.samples(traces, kind) for kind in kinds_of(traces)}
    if not abrupt:
        samples = {kind: uncut(one, nodes) for kind, one in samples.items()}
    measured = DOWN in samples
    step_scale_spread = spread_of_steps(samples[UP], moments(samples[UP], nodes, memory=memory))
    *early, set_table = [
        table.without_device_spread(step_scale_spread)
        for table in _set_tables(samples[UP], nodes, memory)
    ]
    if not measured:
        reset_table = _assumed_reset(traces, found)
    elif abrupt:
        reset_table = _abrupt_reset(samples[DOWN], nodes)
    else:
        reset_table = pulse_table(samples[DOWN], nodes).without_device_spread(step_scale_spread)
    return Estimate(
        set_table=set_table,
        reset_table=reset_table,
        bidirectional=not abrupt,
        reset_measured=measured,
        g_min=float(nodes[0]),
        g_max=float(nodes[-1]),
        scale=found.scale,
        range_spread=min(found.spread, 1.0),
        step_scale_spread=step_scale_spread,
        set_variance=_shares_of_all(traces, found.noise, UP, found.past, memory),
        reset_variance=None if abrupt else _shares_of_all(traces, found.noise, DOWN),
        noise=found.noise,
        notes=(
            *_notes(traces, set_table, reset_table, measured, abrupt),
            *_notes_of_memory(traces, early, set_table),
        ),
        early_tables=tuple(early),
    )


def is_abrupt(traces: Traces) -> bool:
    """Return whether pulses down lead to the bottom at once, from wherever a device was.

    They do if in the median less than a fifth of the way to the bottom is left by one pulse; only
    pulses from the upper half of the measured range are looked at, where there are any.  Without
    pulses down a RESET is assumed.
    """
    down = steps_of(traces, DOWN)
    if down.change.size == 0:
        return True
    low, high = np.nanquantile(traces.conductance, [0.01, 0.99])
    above = down.before > (low + high) / 2
    if not above.any():
        above = down.before > low + 0.1 * (high - low)
    way = down.before[above] - low
    left = way + down.change[above]
    return bool(above.any() and np.median(left / way) < LEFT_BY_RESET)


@dataclass(frozen=True)
class _Found:
    """What the rounds have found so far."""

    scale: Floats
    spread: float
    noise: MeasuredNoise
    responses: Responses
    states: States
    nodes: Floats
    past: Counts | None

    def samples(self, traces: Traces, kind: int) -> Samples:
        """Return the nominal steps of one kind of pulse."""
        response = self.responses.get(kind)
        return nominal_samples(
            traces, self.scale, self.states, self.noise, kind, response, self.past
        )


def _memory_of(traces: Traces, found: _Found, ends: list[_Found]) -> int:
    """Return after how many counts of pulses since RESET steps up differ.

    Devices that differ may look as if they remembered.  So all explanations of the trains must
    need memory, those with devices alike and those with devices that differ.
    """
    past = pulses_since_reset(traces)

    def memory(one: _Found) -> int:
        samples = known(replace(one, past=past).samples(traces, UP))
        if samples.step.size < FEWEST_STEPS:
            return 1
        return find_memory(told_of(samples, moments(samples, one.nodes)))

    others = [memory(one) for one in ends if one is not found]
    return memory(found) if min(others) > 1 else 1


def _set_tables(samples: Samples, nodes: Floats, memory: int) -> tuple[PulseTable, ...]:
    if memory > 1:
        return tables_with_memory(samples, nodes, memory)
    return (pulse_table(samples, nodes),)


def _ends_of_rounds(
    traces: Traces, abrupt: bool, memory: int, starts: Sequence[Floats]
) -> list[_Found]:
    """Find scales, noise, and conductances free of it.

    The rounds may end near where they began, and so begin twice: at equal scales and at those that
    the highest readings tell; with memory, at those found without.  And once all scales stay 1.
    """
    gradual = _gradual(traces, abrupt)
    ends = [_rounds(traces, abrupt, memory, gradual, start, True) for start in starts]
    alike = np.ones(len(traces.devices))
    return [*ends, _rounds(traces, abrupt, memory, gradual, alike, False)]


def _best_of(traces: Traces, abrupt: bool, ends: list[_Found]) -> _Found:
    """Return what explains the trains best."""
    gradual = _gradual(traces, abrupt)
    return min(ends, key=lambda one: misfit(traces, one.scale, one.responses, one.noise, gradual))


def _gradual(traces: Traces, abrupt: bool) -> list[int]:
    """Return the kinds of pulses that step gradually."""
    return [kind for kind in kinds_of(traces) if not (abrupt and kind == DOWN)]


def _rounds(
    traces: Traces, abrupt: bool, memory: int, gradual: list[int], scale: Floats, free: bool
) -> _Found:
    """Find noise and, if they are ``free``, scales from a start, round by round."""
    kinds = kinds_of(traces)
    spread = 0.0
    responses: Responses = {}
    noise = NO_NOISE
    past = pulses_since_reset(traces) if memory > 1 else None
    for _ in range(ROUNDS):
        states = follow(traces, scale, responses, noise)
        nodes = _range_of(states, scale)
        now = _Found(scale, spread, noise, responses, states, nodes, past)
        samples = {kind: now.samples(traces, kind) for kind in kinds}
        responses = {
            kind: _response(samples[kind], nodes, abrupt and kind == DOWN, memory) for kind in kinds
        }
        noise = measure_noise(traces, scale, nodes, gradual, responses)
        if free:
            scale, spread = fit_scales(traces, scale, responses, noise, gradual)
    states = follow(traces, scale, responses, noise)
    return _Found(scale, spread, noise, responses, states, _range_of(states, scale), past)


def _response(samples: Samples, nodes: Floats, abrupt: bool, memory: int) -> Moments:
    if not abrupt:
        return moments(samples, nodes, memory=memory)
    after = moments(_where_to(samples), nodes, straight=False)
    return Moments(nodes, after.mean - nodes, after.measured, after.variance)


def _where_to(samples: Samples) -> Samples:
    """Return samples of the conductance after a pulse in place of the step."""
    return Samples(samples.device, samples.before, samples.before + samples.step, samples.noise)


def _abrupt_reset(samples: Samples, nodes: Floats) -> PulseTable:
    """Return the table of a RESET: where it leads to is smoothed, not by how far it falls."""
    after = pulse_table(_where_to(samples), nodes, straight=False)
    step = after.step - nodes[:, None]
    return PulseTable(nodes, after.probability, step, after.samples, after.filled)


def _assumed_reset(traces: Traces, found: _Found) -> PulseTable:
    """Return a RESET to the bottom of the range that spreads as the first readings do.

    First readings in the lower fifth of the range are taken for those after a RESET as they are.
    """
    nodes = found.nodes
    device, first = first_readings(traces)
    first = first / found.scale[device]
    probability = np.linspace(0, 1, QUANTILE_CELLS + 1)
    none = np.zeros(nodes.size, np.int64)
    after = np.full(probability.size, nodes[0])
    if first.size >= 2:
        own = float(np.var(first))
        noise = float(np.mean(found.noise.variance_at(first * found.scale[device])))
        kept = np.sqrt(max(1 - noise / own, LEAST_VARIANCE)) if own > 0 else 1.0
        middle = (np.arange(first.size) + 0.5) / first.size
        rest = np.sort(first - first.mean()) * kept
        form = quantile_nodes(lambda wanted: np.interp(wanted, middle, rest))[0]
        is_low = first.mean() < nodes[0] + LEFT_BY_RESET * (nodes[-1] - nodes[0])
        after = (first.mean() if is_low else nodes[0]) + np.maximum.accumulate(form)
    after = np.clip(after, nodes[0], nodes[-1])
    step = after[None, :] - nodes[:, None]
    return PulseTable(nodes, probability, step, none, np.ones(nodes.size, bool))


def _range_of(states: States, scale: Floats) -> Floats:
    """Return the grid over the range of the nominal device."""
    nominal = states.conductance / scale[:, None]
    low, high = np.nanquantile(nominal, [ODD_READINGS, 1 - ODD_READINGS])
    return conductance_grid(max(float(low), 0.0), float(high))


def _shares_of_all(
    traces: Traces, noise: MeasuredNoise, kind: int, past: Counts | None = None, memory: int = 1
) -> VarianceShares:
    """Return the shares of variance of steps as they were measured, with nothing taken out."""
    ones = np.ones(len(traces.devices))
    states = States(traces.conductance, noise.variance_at(traces.conductance))
    samples = nominal_samples(traces, ones, states, noise, kind, past=past)
    return variance_shares(samples, moments(samples, _range_of(states, ones), memory=memory))


def _check(traces: Traces) -> None:
    up = steps_of(traces, UP)
    if up.change.size < FEWEST_STEPS:
        raise UserError(
            f"the traces hold {up.change.size} steps under partial-SET pulses (readings before and "
            f"after one pulse up); at least {FEWEST_STEPS} are needed"
        )
    low, high = np.nanmin(traces.conductance), np.nanmax(traces.conductance)
    if not high - low > LEAST_RANGE * max(high, -low):
        raise UserError(f"all readings are {high:g} S: the devices do not answer to pulses")
    if high <= 0:
        raise UserError("all readings are negative: conductances must be positive")


def _notes(
    traces: Traces, set_table: PulseTable, reset_table: PulseTable, measured: bool, abrupt: bool
) -> list[str]:
    notes = []
    if not measured:
        notes.append(
            "no pulses down were measured: an abrupt RESET to the bottom of the measured range is "
            "assumed, with the spread of the first readings"
        )
    if set_table.mean[-1] > SATURATED_BELOW * np.abs(set_table.mean).max():
        notes.append(
            "steps up at the top of the range are still "
            f"{100 * set_table.mean[-1] / np.abs(set_table.mean).max():.0f} % of the largest: "
            "trains ended before saturation, and the range of the device ends where they did"
        )
    tables = {"up": set_table, **({"down": reset_table} if measured else {})}
    for name, table in tables.items():
        if table.filled.any():
            notes.append(
                f"steps {name}: {table.filled.sum()} of {table.filled.size} conductances had too "
                "few samples of their own and were filled from their neighbours"
            )
    if abrupt and measured and reset_table.filled.all():
        notes.append("there are few RESETs: where they lead to is taken to be the same everywhere")
    if len(traces.devices) < 3:
        notes.append("fewer than 3 devices: nothing can be said about how devices differ")
    return notes


def _notes_of_memory(traces: Traces, early: list[PulseTable], late: PulseTable) -> list[str]:
    if not early:
        return []
    place = int(np.argmax(early[0].samples))
    first, long_after = (
        f"{1e6 * one.mean[place]:.3g} +- {1e6 * one.spread[place]:.2g} uS"
        for one in (early[0], late)
    )
    notes = [
        f"steps up depend on the partial SETs since the last RESET: there are {len(early)} tables "
        f"for the first {len(early)} pulses and one for all that follow; from "
        f"{1e6 * late.conductance[place]:.3g} uS the first step is {first}, one long after "
        f"{long_after}",
        "pulses are counted from each RESET, and from the beginning of each trace that begins in "
        "the lowest fifth of the range",
    ]
    past = pulses_since_reset(traces)[:, :-1]
    unknown = int(((past == UNKNOWN) & (traces.pulse[:, 1:] == UP)).sum())
    if unknown:
        notes.append(
            f"{unknown} pulses up came fewer than {LONGEST} after a beginning further up or a gap: "
            "how many pulses came since the last RESET is unknown, and they are left out"
        )
    return notes
