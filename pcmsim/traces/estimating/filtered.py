"""Conductances freed of the noise of readings, and the steps between them.

Conductances before a pulse are those of a Kalman filter along each train (``kernels.kalman``),
which knows mean and variance of steps and the noise: conditioned on the past they are free of the
bias that noise in both a step and its start would bring.  And the spread of steps is that of the
filter's steps less what the noise adds to it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pcmsim.kernels import kalman
from pcmsim.traces.estimating.moments import Responses, Samples
from pcmsim.traces.estimating.pulse_count import Counts, table_after
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.traces import Floats, Rows, Traces, steps_of

# What is expected of a step is known no better than this part of the range, and than this part of
# the variance of read noise: a filter that trusted its model more would not listen to the readings.
KNOWN_TO = 1e-3
DOUBT = 0.25


@dataclass(frozen=True)
class Nominal:
    """What is known of the nominal device, and of reading it.

    Attributes:
        responses: of each kind of pulse, on one grid; empty as long as nothing is known.
        noise: of readings.
        past: (devices, readings) pulses since RESET, if responses depend on them.
    """

    responses: Responses
    noise: MeasuredNoise
    past: Counts | None = None


@dataclass(frozen=True)
class States:
    """Conductances as the readings so far tell of them.

    Attributes:
        conductance: (devices, readings) S; NaN before the first reading of a train.
        variance: (devices, readings) how uncertain that is, S^2.
    """

    conductance: Floats
    variance: Floats


class FilterInput(NamedTuple):
    """Traces and what is known of the nominal device, as the kernels of the filter take them."""

    readings: kalman.Readings
    law: kalman.Law
    noise: kalman.Noise


def filter_trains(traces: Traces, scale: Floats, nominal: Nominal) -> States:
    """Filter every train of devices of given scales (devices,) from its first reading to its last.

    Without significant noise the states are the readings.
    """
    shape = traces.conductance.shape
    if not nominal.noise.significant:
        return States(traces.conductance.copy(), np.zeros(shape))
    states = States(np.empty(shape), np.empty(shape))
    kalman.filter_readings(
        *filter_input(traces, nominal), scale, states.conductance, states.variance
    )
    return states


def filter_input(traces: Traces, nominal: Nominal) -> FilterInput:
    """Return what kernels take; of the nominal device a response must be known at least."""
    laws = list(nominal.responses.values())
    grid = laws[0].conductance
    kind = np.full(traces.pulse.shape, kalman.NO_LAW, np.int8)
    for row, pulse in enumerate(nominal.responses):
        kind[:, 1:][traces.pulse[:, 1:] == pulse] = row
    early, early_mean, early_variance = _early(traces, nominal)
    law = kalman.Law(
        low=float(grid[0]),
        cells_per_siemens=float((grid.size - 1) / (grid[-1] - grid[0])),
        mean=np.stack([one.mean for one in laws]),
        slope=np.stack([one.slope_at(grid) for one in laws]),
        variance=np.stack([one.variance for one in laws]),
        early_mean=early_mean,
        early_variance=early_variance,
        unknown=float((KNOWN_TO * (grid[-1] - grid[0])) ** 2),
    )
    noise = kalman.Noise(nominal.noise.absolute, nominal.noise.relative, DOUBT)
    variance = float(np.nanvar(traces.conductance))
    return FilterInput(kalman.Readings(traces.conductance, kind, early, variance), law, noise)


def _early(traces: Traces, nominal: Nominal) -> tuple[Rows, Floats, Floats]:
    """Return which addition holds at each reading, and those to means and variances.

    The first has shape (devices, readings), the others (responses, memory).
    """
    additions = [one.early for one in nominal.responses.values()]
    memory = max(1 if one is None else one.memory for one in additions)
    # The last addition is 0: that of pulses long after a RESET, or of which nothing is known.
    which = np.full(traces.pulse.shape, memory - 1, np.int64)
    mean, variance = np.zeros((2, len(additions), memory))
    for row, one in enumerate(additions):
        if one is not None:
            mean[row], variance[row] = one.mean, one.variance
    if nominal.past is not None:
        which[:, 1:] = table_after(nominal.past[:, :-1], memory)
    return which, mean, variance


def nominal_samples(
    traces: Traces, scale: Floats, states: States, nominal: Nominal, kind: int
) -> Samples:
    """Return the steps of one kind of pulse over the scale of their device.

    A step leads from the filtered conductance to the next reading, and both must have been read.
    The noise of a step is that of both: its variance is what is uncertain of the state, as far as
    the step does not take it back, and that of the reading.  What is known of the ``past`` is told
    of each step.
    """
    steps = steps_of(traces, kind)
    device, before = steps.device, steps.reading
    own = scale[device]
    state, reading = states.conductance[device, before], traces.conductance[device, before + 1]
    response, past = nominal.responses.get(kind), nominal.past
    kept = 1.0 if response is None else 1 + np.clip(response.slope_at(state / own), -1, 0)
    added = kept**2 * states.variance[device, before] + nominal.noise.variance_at(reading)
    return Samples(
        device,
        state / own,
        (reading - state) / own,
        added / own**2,
        place=before,
        past=None if past is None else past[device, before],
    )
