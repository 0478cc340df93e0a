"""What pulses do to the devices: partial SET, RESET, and the pulses of a list of cross-points.

A device keeps to its own range, which is the nominal one times its scale, and its steps grow
with its range.  A faulty device is not changed by any pulse; a healthy one may become faulty by
wearing out.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.jump import draw_jump
from pcmsim.kernels.layer import (
    HEALTHY,
    MINUS,
    PLUS,
    RESET_CYCLES,
    SET_CYCLES,
    Array,
    renew_weight,
)
from pcmsim.kernels.philox import DEPRESSION, SET, WORDS, philox, stream
from pcmsim.kernels.wear import wear, wears_out

_ZERO = np.float32(0.0)

# Random words are drawn for so many cross-points at a time.
GROUP = 16

# Places in the counters.
SET_PULSES = 0
DEPRESSION_PULSES = 1
RESETS = 2
COUNTERS = 3


class Hits(NamedTuple):
    """Scratch: a list of cross-points that receive pulses, and one device of each."""

    row: Array  # (most,) uint32
    column: Array  # (most,) uint32
    pulses: Array  # (most,) uint32
    side: Array  # (most,) uint32, which device of the pair
    g: Array  # (most,) float32, its conductance over its range scale, S
    past: Array  # (most,) uint32, its pulses since RESET
    words: Array  # (WORDS, most) uint32, random
    unmet: Array  # (most,) uint32, which of the list still wait for pulses


@part
def program(layer, device, x, delta, hits, count, step, key, counters):
    """Fire the pulses of the first ``count`` cross-points of ``hits``.

    Where x and delta have the same sign the weight is to grow: partial SET on G+, and on G-
    where they differ.  A bidirectional pair moves both ways at once: a step up on the one
    device, a step down on the other.
    """
    most = 0
    total = 0
    for n in range(count):
        grows = (x[hits.row[n]] > _ZERO) == (delta[hits.column[n]] > _ZERO)
        hits.side[n] = PLUS if grows else MINUS
        most = max(most, hits.pulses[n])
        total += hits.pulses[n]
    _pulse_listed(layer, device, SET, hits, count, most, step, key)
    counters[SET_PULSES] += total
    if device.bidirectional:
        for n in range(count):
            hits.side[n] = PLUS + MINUS - hits.side[n]
        _pulse_listed(layer, device, DEPRESSION, hits, count, most, step, key)
        counters[DEPRESSION_PULSES] += total


@part
def _pulse_listed(layer, device, purpose, hits, count, most, step, key):
    """Take the listed devices out of the array, give each its pulses, and put them back.

    The devices lie far apart in memory; fetched all at once they are waited for only once.
    """
    _take_out(layer, device, hits, count)
    for first in range(0, most, WORDS):
        draw_words(hits, count, step, stream(purpose, layer.number, first // WORDS), key)
        for pulse in range(first, min(first + WORDS, most)):
            words = hits.words[pulse - first]
            if purpose == DEPRESSION:
                _jump_all(device, device.reset_jumps, hits, count, pulse, words)
            elif device.memory == 1:
                _jump_all(device, device.set_jumps[0], hits, count, pulse, words)
            else:
                _jump_all_with_memory(device, hits, count, pulse, words)
    _put_back(layer, device, hits, count)
    # Asked here, once for the whole list, so that it costs nothing where nothing wears out.
    if wears_out(layer):
        _wear_listed(layer, device, purpose, hits, count)


@part
def _jump_all(device, jumps, hits, count, pulse, words):
    """Give pulse number ``pulse`` to every listed device that receives so many."""
    for n in range(count):
        if hits.pulses[n] > pulse:
            hits.g[n] = after_jump(device, jumps, hits.g[n], words[n])


@part
def _jump_all_with_memory(device, hits, count, pulse, words):
    """Do the same for devices whose steps depend on the pulses since RESET."""
    for n in range(count):
        if hits.pulses[n] > pulse:
            jumps = device.set_jumps[hits.past[n]]
            hits.g[n] = after_jump(device, jumps, hits.g[n], words[n])
            hits.past[n] = min(hits.past[n] + 1, device.memory - 1)


@part
def _take_out(layer, device, hits, count):
    for n in range(count):
        row, column, side = hits.row[n], hits.column[n], hits.side[n]
        hits.g[n] = layer.conductance[row, column, side] / layer.range_scale[row, column, side]
        hits.past[n] = layer.pulses_since_reset[row, column, side] if device.memory > 1 else 0


@part
def _put_back(layer, device, hits, count):
    for n in range(count):
        row, column, side = hits.row[n], hits.column[n], hits.side[n]
        if layer.fault[row, column, side] == HEALTHY:
            scale = layer.range_scale[row, column, side]
            layer.conductance[row, column, side] = scale * hits.g[n]
            renew_weight(layer, row, column)
            if device.memory > 1:
                layer.pulses_since_reset[row, column, side] = hits.past[n]


@part
def _wear_listed(layer, device, purpose, hits, count):
    kind = RESET_CYCLES if purpose == DEPRESSION else SET_CYCLES
    for n in range(count):
        row, column, side = hits.row[n], hits.column[n], hits.side[n]
        if layer.fault[row, column, side] == HEALTHY:
            wear(layer, device, kind, row, column, side, hits.pulses[n])
            renew_weight(layer, row, column)


@part
def draw_words(hits, count, step, stream_word, key):
    """Draw the random words of the list, in whole groups: the processor does sixteen at a time."""
    whole_groups = (count + GROUP - 1) // GROUP * GROUP
    for n in range(whole_groups):
        block = philox(hits.column[n], hits.row[n], step, stream_word, key)
        hits.words[0, n], hits.words[1, n], hits.words[2, n], hits.words[3, n] = block


@part
def partial_set(layer, device, row, column, side, word):
    """Apply one partial-SET pulse to one device."""
    if layer.fault[row, column, side] == HEALTHY:
        past = layer.pulses_since_reset[row, column, side] if device.memory > 1 else 0
        _replace(layer, device, device.set_jumps[past], row, column, side, word)
        if device.memory > 1:
            layer.pulses_since_reset[row, column, side] = min(past + 1, device.memory - 1)
        if wears_out(layer):
            wear(layer, device, SET_CYCLES, row, column, side, 1)


@part
def reset(layer, device, row, column, side, word, fails):
    """Apply one RESET, abrupt and with a random residue, to one device.

    One that fails leaves the device as it was, but wears it out like any other.
    """
    if layer.fault[row, column, side] == HEALTHY:
        if not fails:
            _replace(layer, device, device.reset_jumps, row, column, side, word)
            if device.memory > 1:
                layer.pulses_since_reset[row, column, side] = 0
        if wears_out(layer):
            wear(layer, device, RESET_CYCLES, row, column, side, 1)


@part
def _replace(layer, device, jumps, row, column, side, word):
    scale = layer.range_scale[row, column, side]
    g = layer.conductance[row, column, side] / scale
    layer.conductance[row, column, side] = scale * after_jump(device, jumps, g, word)


@part
def after_jump(device, jumps, g, word):
    """Return the nominal conductance ``g`` (S) after one pulse: a jump, kept within the range."""
    position = (g - device.g_min) * device.cells_per_siemens
    return min(max(g + draw_jump(jumps, position, word), device.g_min), device.g_max)
