"""Scales of devices, noise of readings, and the steps of a nominal device, all from each other.

The engine has one nominal device, and devices that are it, scaled: so tables must be made of steps
whose device's scale is divided out, or what devices differ in would be counted twice, in the
spread of scales and in that of steps.  But scales can only be found from tables.  Hence rounds:
mean and spread of steps of the nominal device, noise of readings, conductances freed of it, scales
of devices, and again.

The range of the nominal device is where its readings were, free of noise, but for one in a
thousand at either end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pcmsim.devices.jump_table import conductance_grid
from pcmsim.traces.estimating.filtered import (
    Nominal,
    States,
    filter_trains,
    nominal_samples,
)
from pcmsim.traces.estimating.limits import Limits, find_limits
from pcmsim.traces.estimating.moments import Moments, Samples, moments
from pcmsim.traces.estimating.pulse_count import pulses_since_reset
from pcmsim.traces.estimating.read_noise import NO_NOISE, measure_noise
from pcmsim.traces.estimating.resets import where_to
from pcmsim.traces.estimating.scales import fit_scales, misfit
from pcmsim.traces.traces import DOWN, Floats, Traces, kinds_of

ROUNDS = 6
# Devices that were seen on less than this part of the range tell too little of their own ranges: on
# 4 %, ranges that differed by 30 % were found to differ by 50 to 60 % in one case of three; on 9 %,
# one device in ten came to an upper limit, and what that told of the others took the range for 10 %
# too large or, in one case of six, 40 %.
LEAST_SPAN = 0.2
# Part of the readings that is left out at either end of the range.
ODD_READINGS = 0.001


@dataclass(frozen=True)
class Found:
    """What the rounds have found so far.

    Attributes:
        scale: (devices,) range of each device over the nominal one.
        spread: standard deviation of the devices' ranges over their mean.
        nominal: the nominal device, and the noise of readings.
        states: conductances, freed of noise.
        nodes: (n,) conductances of the nominal device over its range, S.
        limits: upper limits of devices, where they show any.
    """

    scale: Floats
    spread: float
    nominal: Nominal
    states: States
    nodes: Floats
    limits: Limits | None

    def samples(self, traces: Traces, kind: int) -> Samples:
        """Return the nominal steps of one kind of pulse."""
        return nominal_samples(traces, self.scale, self.states, self.nominal, kind)


def rounds_from(traces: Traces, abrupt: bool, memory: int, starts: Sequence[Floats]) -> list[Found]:
    """Find scales, noise, and conductances free of it.

    The rounds may end near where they began, and so begin twice: at equal scales and at those that
    the highest readings tell; with memory, at those found without.  And once all scales stay 1.
    Where devices show their limits, once more with the scales that these tell.  Where they were
    brought to levels and seen on little of the range from there, there is but the size of steps to
    tell ranges, and that may differ by itself: then all scales stay 1, and limits, to which narrow
    devices come first, are not looked for.
    """
    gradual = _gradual_kinds(traces, abrupt)
    alike = np.ones(len(traces.devices))
    limits = None
    if tells_of_ranges(traces, abrupt):
        limits = find_limits(traces)
    else:
        starts = []
    ends = [_rounds(traces, gradual, memory, start, free=True) for start in starts]
    ends.append(_rounds(traces, gradual, memory, alike, free=False))
    if limits is not None:
        scale, _ = limits.scales(alike, np.full(alike.size, np.inf))
        ends.append(_rounds(traces, gradual, memory, scale, free=True, limits=limits))
    return ends


def best_of(traces: Traces, abrupt: bool, ends: list[Found]) -> Found:
    """Return what explains the trains best; what limits tell, if there are any, needs no proof."""
    if ends[-1].limits is not None:
        return ends[-1]
    gradual = _gradual_kinds(traces, abrupt)

    def misfit_of(one: Found) -> float:
        return misfit(traces, one.scale, one.nominal, gradual)

    return min(ends, key=misfit_of)


def tells_of_ranges(traces: Traces, abrupt: bool) -> bool:
    """Return whether traces tell how the ranges of devices differ."""
    from_reset = abrupt and DOWN in kinds_of(traces)
    return from_reset or span_of(traces) >= LEAST_SPAN


def span_of(traces: Traces) -> float:
    """Return the part of the range that the device of half of the readings was seen on."""
    readings = traces.conductance[np.isfinite(traces.conductance).any(axis=1)]
    low, high = np.nanquantile(readings, [ODD_READINGS, 1 - ODD_READINGS])
    span = np.nanmax(readings, axis=1) - np.nanmin(readings, axis=1)
    each = np.repeat(span, np.isfinite(readings).sum(axis=1))
    return float(np.median(each) / (high - low))


def _gradual_kinds(traces: Traces, abrupt: bool) -> list[int]:
    """Return the kinds of pulses that step gradually."""
    return [kind for kind in kinds_of(traces) if not (abrupt and kind == DOWN)]


def _rounds(
    traces: Traces,
    gradual: list[int],
    memory: int,
    scale: Floats,
    *,
    free: bool,
    limits: Limits | None = None,
) -> Found:
    """Find noise and, if they are ``free``, scales from a start, round by round."""
    past = pulses_since_reset(traces) if memory > 1 else None
    found = _found(traces, scale, 0.0, Nominal({}, NO_NOISE, past), limits)
    for _ in range(ROUNDS):
        before, spread = found, 0.0
        nominal = _nominal_of(traces, before, gradual, memory)
        if free:
            scale, spread = fit_scales(traces, scale, nominal, gradual, limits)
        found = _found(traces, scale, spread, nominal, limits)
        if _is_the_same(before, found):
            break
    return found


def _nominal_of(traces: Traces, found: Found, gradual: list[int], memory: int) -> Nominal:
    """Return what the steps between the states found so far tell of the nominal device."""
    past = found.nominal.past
    responses = {
        kind: _response(found.samples(traces, kind), found.nodes, kind not in gradual, memory)
        for kind in kinds_of(traces)
    }
    noise = measure_noise(traces, found.scale, found.nodes, gradual, responses, past)
    if found.limits is not None and noise.typical > found.limits.width:
        # A device that is held at its limit looks like one that is read with noise.
        noise = NO_NOISE
    return Nominal(responses, noise, past)


def _is_the_same(before: Found, found: Found) -> bool:
    """Return whether any further round would find the same once more, to the bit.

    Without noise all follows from the scales.
    """
    noisy = before.nominal.noise.significant or found.nominal.noise.significant
    return not noisy and np.array_equal(before.scale, found.scale)


def _found(
    traces: Traces, scale: Floats, spread: float, nominal: Nominal, limits: Limits | None
) -> Found:
    states = filter_trains(traces, scale, nominal)
    return Found(scale, spread, nominal, states, range_of(states, scale), limits)


def _response(samples: Samples, nodes: Floats, abrupt: bool, memory: int) -> Moments:
    if not abrupt:
        return moments(samples, nodes, memory=memory)
    after = moments(where_to(samples), nodes, mean="plain")
    return Moments(nodes, after.mean - nodes, after.measured, after.variance)


def range_of(states: States, scale: Floats) -> Floats:
    """Return the grid over the range of the nominal device."""
    nominal = states.conductance / scale[:, None]
    low, high = np.nanquantile(nominal, [ODD_READINGS, 1 - ODD_READINGS])
    return conductance_grid(max(float(low), 0.0), float(high))
