"""Simulated traces of a finished device, under the very pulses that were measured."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.crossbar import NARROWEST_RANGE
from pcmsim.array.random import log_normal
from pcmsim.traces.estimating.estimate import Estimate
from pcmsim.traces.estimating.pulse_count import Counts, pulses_since_reset, table_after
from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.traces import DOWN, START, UP, Flags, Floats, Traces


def simulate_traces(measured: Traces, device: Estimate, scale: Floats, seed: int) -> Traces:
    """Fire the pulses of measured traces at simulated devices.

    Each starts where the measured one did and is read where the measured one was; what is missing
    there is missing here.  Devices obey the equations of the array (``kernels.program``), with
    their memory of pulses since RESET and a factor of its own on each device's steps, and readings
    have the noise that was measured.

    Args:
        measured: the traces to be simulated again.
        device: the nominal device.
        scale: (devices,) the range of each device over the nominal one.
        seed: the same seed gives the same traces.
    """
    chance = np.random.default_rng(seed)
    there = np.isfinite(measured.conductance)
    nominal = _within(device, beginnings(measured) / scale)
    factor = draw_step_scales(device, len(scale), seed)
    past = pulses_since_reset(measured) if device.memory > 1 else None
    begins = np.argmax(there, axis=1)
    course = np.empty_like(measured.conductance)
    course[:, 0] = scale * nominal
    for reading in range(1, course.shape[1]):
        pulse, probability = measured.pulse[:, reading], chance.random(len(course))
        for hit, table, own in _hits(device, pulse, None if past is None else past[:, reading - 1]):
            jumps = table.quantile(nominal[hit], probability[hit])
            nominal[hit] = _within(device, nominal[hit] + (factor[hit] if own else 1.0) * jumps)
        anew = there[:, reading] & ((pulse == START) | (reading == begins))
        nominal[anew] = _within(device, measured.conductance[anew, reading] / scale[anew])
        course[:, reading] = scale * nominal
    deviation = np.sqrt(device.noise.variance_at(course))
    course += deviation * chance.standard_normal(course.shape)
    return Traces(measured.devices, measured.pulse, np.where(there, course, np.nan))


def _hits(
    device: Estimate, pulse: NDArray[np.int8], past: Counts | None
) -> Iterator[tuple[Flags, PulseTable, bool]]:
    """Yield which devices draw from which table, and whether their own factor counts there."""
    up = pulse == UP
    if past is None:
        yield up, device.set_table, True
    else:
        count = table_after(past, device.memory)
        for number in np.unique(count[up]):
            yield up & (count == number), device.set_tables[number], True
    yield pulse == DOWN, device.reset_table, device.bidirectional


def draw_scales(device: Estimate, devices: int, seed: int) -> Floats:
    """Draw the ranges of devices over the nominal one, as an array of them has: (devices,)."""
    deviates = np.random.default_rng(seed).standard_normal(devices)
    return np.asarray(np.maximum(1 + device.range_spread * deviates, NARROWEST_RANGE))


def draw_step_scales(device: Estimate, devices: int, seed: int) -> Floats:
    """Draw how large the devices' steps are over those of a nominal one, as an array has them.

    Log-normal of mean 1 (``array.crossbar.step_scales``): (devices,).
    """
    deviates = np.random.default_rng((seed, 1)).standard_normal(devices)
    return log_normal(deviates, device.step_scale_spread)


def beginnings(traces: Traces) -> Floats:
    """Return where each device starts, S; the median of the others for one that was never read."""
    there = np.isfinite(traces.conductance)
    first = np.argmax(there, axis=1)
    start = traces.conductance[np.arange(len(first)), first].copy()
    never = ~there.any(axis=1)
    start[never] = np.median(start[~never]) if not never.all() else 0.0
    return np.asarray(start)


def _within(device: Estimate, nominal: Floats) -> Floats:
    return np.clip(nominal, device.g_min, device.g_max)
