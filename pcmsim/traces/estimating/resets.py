"""What a RESET does: whether pulses down are RESETs, and the table of where they lead to."""

from dataclasses import replace

import numpy as np

from pcmsim.devices.jump_table import quantile_nodes
from pcmsim.kernels.jump import QUANTILE_CELLS
from pcmsim.traces.estimating.moments import LEAST_VARIANCE, Samples
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.estimating.tables import PulseTable, pulse_table
from pcmsim.traces.traces import DOWN, Floats, Traces, first_readings, steps_of

# An abrupt RESET leaves less than this part of the way to the bottom, in the median.
LEFT_BY_RESET = 0.2


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


def abrupt_reset(samples: Samples, nodes: Floats) -> PulseTable:
    """Return the table of a RESET: where it leads to is smoothed, not by how far it falls."""
    after = pulse_table(where_to(samples), nodes, mean="plain")
    return replace(after, step=after.step - nodes[:, None], own_mean=after.own_mean - nodes)


def assumed_reset(traces: Traces, nodes: Floats, scale: Floats, noise: MeasuredNoise) -> PulseTable:
    """Return a RESET to the bottom of the range that spreads as the first readings do.

    First readings in the lower fifth of the range are taken for those after a RESET as they are.
    """
    device, first = first_readings(traces)
    first = first / scale[device]
    probability = np.linspace(0, 1, QUANTILE_CELLS + 1)
    after = np.full(probability.size, nodes[0])
    if first.size >= 2:
        own = float(np.var(first))
        of_reading = float(np.mean(noise.variance_at(first * scale[device])))
        kept = np.sqrt(max(1 - of_reading / own, LEAST_VARIANCE)) if own > 0 else 1.0
        middle = (np.arange(first.size) + 0.5) / first.size
        rest = np.sort(first - first.mean()) * kept
        form = quantile_nodes(lambda wanted: np.interp(wanted, middle, rest))[0]
        is_low = first.mean() < nodes[0] + LEFT_BY_RESET * (nodes[-1] - nodes[0])
        after = (first.mean() if is_low else nodes[0]) + np.maximum.accumulate(form)
    after = np.clip(after, nodes[0], nodes[-1])
    step = after[None, :] - nodes[:, None]
    nothing = np.full(nodes.size, np.nan)
    return PulseTable(
        nodes, probability, step, np.zeros(nodes.size, np.int64), np.ones(nodes.size, bool),
        nothing, nothing,
    )  # fmt: skip


def where_to(samples: Samples) -> Samples:
    """Return samples of the conductance after a pulse in place of the step."""
    return Samples(samples.device, samples.before, samples.before + samples.step, samples.noise)
