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
from pcmsim.kernels.layer import MINUS, PLUS, renew_weight
from pcmsim.kernels.philox import REPROGRAM, RESET, WORDS, philox, stream
from pcmsim.kernels.program import RESETS, SET_PULSES, partial_set, reset

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
    missing = wanted - _difference(layer, row, column)
    side = PLUS if missing > _ZERO else MINUS
    direction = np.float32(1.0) if side == PLUS else np.float32(-1.0)
    words = philox(column, row, step, stream(REPROGRAM, layer.number, 0), key)
    for pulse in range(policy.max_pulses):
        if direction * missing <= policy.tolerance:
            return
        if pulse > 0 and pulse % WORDS == 0:
            block = stream(REPROGRAM, layer.number, pulse // WORDS)
            words = philox(column, row, step, block, key)
        partial_set(layer, device, row, column, side, words[pulse % WORDS])
        counters[SET_PULSES] += 1
        missing = wanted - _difference(layer, row, column)


@part
def _difference(layer, row, column):
    return layer.conductance[row, column, PLUS] - layer.conductance[row, column, MINUS]
