"""What pulses do to the devices: partial SET, RESET, and the pulses of one row.

A device keeps to its own range, which is the nominal one times its scale, and its steps grow
with its range.  A faulty device is not changed by any pulse.
"""

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.jump import draw_jump
from pcmsim.kernels.layer import HEALTHY, MINUS, PLUS, renew_weight
from pcmsim.kernels.philox import DEPRESSION, SET, WORDS, philox_columns, stream

_ZERO = np.float32(0.0)

# Places in the counters.
SET_PULSES = 0
DEPRESSION_PULSES = 1
RESETS = 2
COUNTERS = 3


@part
def partial_set(layer, device, row, column, side, word):
    """Apply one partial-SET pulse: a stochastic step that depends on conductance and history."""
    if layer.fault[row, column, side] == HEALTHY:
        past = layer.pulses_since_reset[row, column, side]
        _jump(layer, device, device.set_jumps[past], row, column, side, word)
        if past + 1 < device.set_jumps.shape[0]:
            layer.pulses_since_reset[row, column, side] = past + 1


@part
def reset(layer, device, row, column, side, word):
    """Apply one RESET, abrupt and with a random residue; a depression if bidirectional."""
    if layer.fault[row, column, side] == HEALTHY:
        _jump(layer, device, device.reset_jumps, row, column, side, word)
        layer.pulses_since_reset[row, column, side] = 0


@part
def _jump(layer, device, jumps, row, column, side, word):
    scale = layer.range_scale[row, column, side]
    g = layer.conductance[row, column, side] / scale
    position = (g - device.g_min) * device.cells_per_siemens
    g += draw_jump(jumps, position, word)
    layer.conductance[row, column, side] = scale * min(max(g, device.g_min), device.g_max)


@part
def program_row(layer, device, row, x, delta, hits, step, key, counters):
    """Fire the pulses of one row: ``hits.pulses[n]`` of them at column ``hits.columns[n]``.

    Where x and delta have the same sign the weight is to grow: partial SET on G+, and on G-
    where they differ.  A bidirectional pair moves both ways at once: a step up on the one
    device, a step down on the other.
    """
    most = 0
    for n in range(hits.count[0]):
        most = max(most, hits.pulses[n])
    for first in range(0, most, WORDS):
        block = first // WORDS
        words = hits.words
        philox_columns(hits.columns, hits.count[0], row, step, stream(SET, layer.number, block), key, words)
        for n in range(hits.count[0]):
            side = _side_to_raise(x[row], delta[hits.columns[n]])
            for pulse in range(min(hits.pulses[n] - first, WORDS)):
                partial_set(layer, device, row, hits.columns[n], side, words[pulse, n])
                counters[SET_PULSES] += 1
        if device.bidirectional:
            down = stream(DEPRESSION, layer.number, block)
            philox_columns(hits.columns, hits.count[0], row, step, down, key, words)
            for n in range(hits.count[0]):
                side = PLUS + MINUS - _side_to_raise(x[row], delta[hits.columns[n]])
                for pulse in range(min(hits.pulses[n] - first, WORDS)):
                    reset(layer, device, row, hits.columns[n], side, words[pulse, n])
                    counters[DEPRESSION_PULSES] += 1
    for n in range(hits.count[0]):
        renew_weight(layer, row, hits.columns[n])


@part
def _side_to_raise(x, delta):
    return PLUS if (x > _ZERO) == (delta > _ZERO) else MINUS
