"""From measured traces to a device: jump tables, range, variances, noise.

Scales of devices, noise and steps are found in ``rounds``.  Nothing is extrapolated: where all
trains end short of saturation the range ends there too, and a note says so.

Devices are first taken to remember nothing but their conductance.  If the steps up tell otherwise
(``memory``), the rounds begin anew with means and spreads that depend on the pulses since RESET.
"""

from dataclasses import dataclass, replace

import numpy as np

from pcmsim.errors import UserError
from pcmsim.traces.estimating.filtered import Nominal, States, nominal_samples
from pcmsim.traces.estimating.memory import find_memory
from pcmsim.traces.estimating.moments import (
    Samples,
    known,
    moments,
    told_of,
    uncut,
)
from pcmsim.traces.estimating.notes import notes_of_memory, notes_on_ranges, notes_on_tables
from pcmsim.traces.estimating.pulse_count import pulses_since_reset
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.estimating.resets import abrupt_reset, assumed_reset, is_abrupt
from pcmsim.traces.estimating.rounds import (
    ODD_READINGS,
    Found,
    best_of,
    range_of,
    rounds_from,
    span_of,
    tells_of_ranges,
)
from pcmsim.traces.estimating.scales import scales_of_maxima
from pcmsim.traces.estimating.step_sizes import nominal_steps
from pcmsim.traces.estimating.tables import PulseTable, pulse_table, tables_with_memory
from pcmsim.traces.estimating.variance import VarianceShares, variance_shares
from pcmsim.traces.traces import DOWN, UP, Floats, Traces, kinds_of, steps_of

FEWEST_STEPS = 20
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
            the tables are made of steps with the size of their device divided out.
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
    ends = rounds_from(traces, abrupt, 1, starts)
    found = best_of(traces, abrupt, ends)
    memory = _memory_of(traces, found, ends) if abrupt else 1
    if memory > 1:
        found = best_of(traces, abrupt, rounds_from(traces, abrupt, memory, (found.scale,)))
    nodes = found.nodes
    samples = {kind: found.samples(traces, kind) for kind in kinds_of(traces)}
    limited = found.limits is not None
    if not abrupt:
        samples = {kind: uncut(one, nodes) for kind, one in samples.items()}
    measured = DOWN in samples
    gradual = {kind: one for kind, one in samples.items() if not (abrupt and kind == DOWN)}
    nominal = nominal_steps(gradual, nodes, len(traces.devices), memory, cut_short=limited)
    samples |= nominal.samples
    *early, set_table = [
        table.without_device_spread(nominal.unknown)
        for table in _set_tables(samples[UP], nodes, memory)
    ]
    if not measured:
        reset_table = assumed_reset(traces, nodes, found.scale, found.nominal.noise)
    elif abrupt:
        reset_table = abrupt_reset(samples[DOWN], nodes)
    else:
        reset_table = pulse_table(samples[DOWN], nodes).without_device_spread(nominal.unknown)
    return Estimate(
        set_table=set_table,
        reset_table=reset_table,
        bidirectional=not abrupt,
        reset_measured=measured,
        g_min=float(nodes[0]),
        g_max=float(nodes[-1]),
        scale=found.scale,
        range_spread=min(found.spread, 1.0),
        step_scale_spread=nominal.spread,
        set_variance=_shares_of_all(traces, found.nominal, UP, memory),
        reset_variance=None if abrupt else _shares_of_all(traces, found.nominal, DOWN),
        noise=found.nominal.noise,
        notes=(
            *notes_on_tables(traces, set_table, reset_table, measured, abrupt, found.limits),
            *notes_on_ranges(tells_of_ranges(traces, abrupt), span_of(traces)),
            *notes_of_memory(traces, early, set_table),
        ),
        early_tables=tuple(early),
    )


def _memory_of(traces: Traces, found: Found, ends: list[Found]) -> int:
    """Return after how many counts of pulses since RESET steps up differ.

    Devices that differ may look as if they remembered.  So all explanations of the trains must
    need memory, those with devices alike and those with devices that differ; where there are none
    of these, memory is not claimed.
    """
    past = pulses_since_reset(traces)

    def memory(one: Found) -> int:
        counted = replace(one, nominal=replace(one.nominal, past=past))
        samples = known(counted.samples(traces, UP))
        if samples.step.size < FEWEST_STEPS:
            return 1
        return find_memory(told_of(samples, moments(samples, one.nodes)))

    others = [memory(one) for one in ends if one is not found]
    return memory(found) if others and min(others) > 1 else 1


def _set_tables(samples: Samples, nodes: Floats, memory: int) -> tuple[PulseTable, ...]:
    if memory > 1:
        return tables_with_memory(samples, nodes, memory)
    return (pulse_table(samples, nodes),)


def _shares_of_all(traces: Traces, nominal: Nominal, kind: int, memory: int = 1) -> VarianceShares:
    """Return the shares of variance of steps as they were measured, with nothing taken out."""
    ones = np.ones(len(traces.devices))
    states = States(traces.conductance, nominal.noise.variance_at(traces.conductance))
    samples = nominal_samples(traces, ones, states, replace(nominal, responses={}), kind)
    return variance_shares(samples, moments(samples, range_of(states, ones), memory=memory))


def _check(traces: Traces) -> None:
    up = steps_of(traces, UP)
    if up.change.size < FEWEST_STEPS:
        raise UserError(
            f"the traces hold {up.change.size} steps under partial-SET pulses (readings before and "
            f"after one pulse up); at least {FEWEST_STEPS} are needed"
        )
    low, high = np.nanquantile(traces.conductance, [ODD_READINGS, 1 - ODD_READINGS])
    if not high - low > LEAST_RANGE * max(high, -low):
        raise UserError(f"nearly all readings are {high:g} S: the devices do not answer to pulses")
    if high <= 0:
        raise UserError("all readings are negative: conductances must be positive")
