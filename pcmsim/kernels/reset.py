"""The occasional RESET: making room for learning where a pair has run full.

Partial SET only ever raises a conductance, so pairs drift towards both devices at their
maximum, where no update is possible.  Every so many examples each synapse is inspected; where
the larger conductance of the pair is above one threshold and the smaller above another, both
devices get a RESET and the old difference is written back on one of them by partial-SET pulses,
with a read-back after each, until it is met within a tolerance or the pulses run out (Burr et
al., IEDM 2014: published in outline, recalled in detail).
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.layer import HEALTHY, MINUS, PLUS, renew_weight
from pcmsim.kernels.philox import REPROGRAM, RESET, WORDS, philox, stream
from pcmsim.kernels.program import RESETS, SET_PULSES, after_jump, reset

_ZERO = np.float32(0.0)


class OccasionalReset(NamedTuple):
    """When a pair is reset, and how well its difference is written back (conductances in S)."""

    interval: int  # examples between two inspections; 0: never
    larger_above: np.float32
    smaller_above: np.float32
    tolerance: np.float32
    max_pulses: int


@part
def inspect_layer(layer, device, policy, hits, step, key, counters):
    """Reset every pair of one layer that has run full."""
    for row in range(layer.weight.shape[0]):
        for n in range(_find_full(layer, policy, row, hits)):
            column = hits.column[n]
            wanted = _difference(layer, row, column)
            _reset_pair(layer, device, row, column, step, key, counters)
            _write_back(layer, device, policy, row, column, wanted, step, key, counters)
            renew_weight(layer, row, column)


@part
def _find_full(layer, policy, row, hits):
    """List the columns of one row whose pairs have run full; return their number.

    In two passes: the first, over all pairs, is free of branches and fast; few pass it.
    """
    pairs = layer.conductance[row]
    for column in range(pairs.shape[0]):
        larger = max(pairs[column, PLUS], pairs[column, MINUS])
        smaller = min(pairs[column, PLUS], pairs[column, MINUS])
        hits.pulses[column] = (larger > policy.larger_above) & (smaller > policy.smaller_above)
    count = 0
    for column in range(pairs.shape[0]):
        if hits.pulses[column]:
            hits.column[count] = column
            count += 1
    return count


@part
def _reset_pair(layer, device, row, column, step, key, counters):
    words = philox(column, row, step, stream(RESET, layer.number, 0), key)
    reset(layer, device, row, column, PLUS, words[PLUS])
    reset(layer, device, row, column, MINUS, words[MINUS])
    counters[RESETS] += 2


@part
def _write_back(layer, device, policy, row, column, wanted, step, key, counters):
    """Raise one device of a pair until G+ - G- is ``wanted``, within the policy's tolerance.

    Which one is decided after the RESET, from the sign of what is missing: that is the right
    one even where a fault keeps the other from having been reset.
    """
    side = PLUS if wanted - _difference(layer, row, column) > _ZERO else MINUS
    lead = wanted if side == PLUS else -wanted
    healthy = layer.fault[row, column, side] == HEALTHY
    scale = layer.range_scale[row, column, side]
    other = layer.conductance[row, column, PLUS + MINUS - side]
    g = layer.conductance[row, column, side]
    past = layer.pulses_since_reset[row, column, side] if device.memory > 1 else 0
    words = philox(column, row, step, stream(REPROGRAM, layer.number, 0), key)
    pulse = 0
    while pulse < policy.max_pulses and lead - (g - other) > policy.tolerance:
        if pulse > 0 and pulse % WORDS == 0:
            block = stream(REPROGRAM, layer.number, pulse // WORDS)
            words = philox(column, row, step, block, key)
        if healthy:
            jumps = device.set_jumps[past]
            g = scale * after_jump(device, jumps, g / scale, words[pulse % WORDS])
            past = min(past + 1, device.memory - 1)
        pulse += 1
    counters[SET_PULSES] += pulse
    if healthy:
        layer.conductance[row, column, side] = g
        if device.memory > 1:
            layer.pulses_since_reset[row, column, side] = past


@part
def _difference(layer, row, column):
    return layer.conductance[row, column, PLUS] - layer.conductance[row, column, MINUS]
