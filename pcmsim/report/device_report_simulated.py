"""Simulated traces of a finished device, under the very pulses that were measured."""

import numpy as np

from pcmsim.array.crossbar import NARROWEST_RANGE
from pcmsim.devices.table import cell_of
from pcmsim.traces.estimate import Estimate
from pcmsim.traces.tables import PulseTable
from pcmsim.traces.traces import DOWN, START, UP, Floats, Traces


def simulate_traces(measured: Traces, device: Estimate, scale: Floats, seed: int) -> Traces:
    """Fire the pulses of measured traces at simulated devices.

    Each starts where the measured one did and is read where the measured one was; what is missing
    there is missing here.  Devices obey the equations of the array (``kernels.program``), and
    readings have the noise that was measured.

    Args:
        measured: the traces to be simulated again.
        device: the nominal device.
        scale: (devices,) the range of each device over the nominal one.
        seed: the same seed gives the same traces.
    """
    chance = np.random.default_rng(seed)
    there = np.isfinite(measured.conductance)
    nominal = _within(device, first_readings(measured) / scale)
    course = np.empty_like(measured.conductance)
    course[:, 0] = scale * nominal
    for reading in range(1, course.shape[1]):
        pulse, probability = measured.pulse[:, reading], chance.random(len(course))
        for kind, table in ((UP, device.set_table), (DOWN, device.reset_table)):
            hit = pulse == kind
            moved = nominal[hit] + draw_jumps(table, nominal[hit], probability[hit])
            nominal[hit] = _within(device, moved)
        anew = (pulse == START) & there[:, reading]
        nominal[anew] = _within(device, measured.conductance[anew, reading] / scale[anew])
        course[:, reading] = scale * nominal
    deviation = np.sqrt(device.noise.variance_at(course))
    course += deviation * chance.standard_normal(course.shape)
    return Traces(measured.devices, measured.pulse, np.where(there, course, np.nan))


def draw_scales(device: Estimate, devices: int, seed: int) -> Floats:
    """Draw the ranges of devices over the nominal one, as an array of them has: (devices,)."""
    deviates = np.random.default_rng(seed).standard_normal(devices)
    return np.asarray(np.maximum(1 + device.range_spread * deviates, NARROWEST_RANGE))


def first_readings(traces: Traces) -> Floats:
    """Return where each device starts, S; the median of the others for one that was never read."""
    there = np.isfinite(traces.conductance)
    first = np.argmax(there, axis=1)
    start = traces.conductance[np.arange(len(first)), first].copy()
    never = ~there.any(axis=1)
    start[never] = np.median(start[~never]) if not never.all() else 0.0
    return np.asarray(start)


def draw_jumps(table: PulseTable, conductance: Floats, probability: Floats) -> Floats:
    """Draw changes of conductance (S) from a table, interpolated linearly as ``kernels.jump`` does.

    Args:
        table: the table of one kind of pulse.
        conductance: (n,) of nominal devices, S.
        probability: (n,) from 0 to 1.
    """
    row, down = cell_of(table.conductance, conductance)
    column, across = cell_of(table.probability, probability)
    low = table.step[row, column]
    low = low + across * (table.step[row, column + 1] - low)
    high = table.step[row + 1, column]
    high = high + across * (table.step[row + 1, column + 1] - high)
    return np.asarray(low + down * (high - low))


def _within(device: Estimate, nominal: Floats) -> Floats:
    return np.clip(nominal, device.g_min, device.g_max)
