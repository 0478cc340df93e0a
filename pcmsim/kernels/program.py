"""What pulses do to the devices: partial SET, RESET, and the pulses of a list of cross-points.

A device keeps to its own range, which is the nominal one times its scale, and its steps grow
with its range; on some devices they are larger or smaller than that by a factor.  A faulty device
is not changed by any pulse; a healthy one may become faulty by wearing out.
"""

import numpy as np

from pcmsim.kernels.codes import RESET_CYCLES, SET_CYCLES
from pcmsim.kernels.compile import part
from pcmsim.kernels.hits import draw_words, place_of, pulses_of
from pcmsim.kernels.jump import conductance_cell, draw_jump, quantile_cell, within_cell
from pcmsim.kernels.layer import is_healthy, renew_weight, step_scale_of
from pcmsim.kernels.philox import DEPRESSION, SET, WORDS, stream
from pcmsim.kernels.wear import wear, wears_out

# Places in the counters.
SET_PULSES = 0
DEPRESSION_PULSES = 1
RESETS = 2
COUNTERS = 3

_OTHER_DEVICE = np.uint64(1)
_ONE = np.float32(1.0)


@part
def program(layer, device, hits, count, step, key, counters):
    """Fire the pulses of the first ``count`` cross-points of ``hits``.

    Partial SET of G+ makes a weight grow, of G- shrink.  A bidirectional pair moves both ways at
    once: a step up on the one device, a step down on the other.
    """
    most = 0
    total = 0
    for n in range(count):
        pulses = pulses_of(hits.entry[n])
        most = max(most, pulses)
        total += pulses
    _pulse_listed(layer, device, SET, hits, count, most, step, key)
    counters[SET_PULSES] += total
    if device.bidirectional:
        for n in range(count):
            hits.entry[n] ^= _OTHER_DEVICE
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
            if purpose == SET and device.memory > 1:
                _jump_with_memory(device, hits, count, pulse, words)
            else:
                jumps = device.reset_jumps if purpose == DEPRESSION else device.set_jumps[0]
                if pulse == 0:
                    _jump_all(device, jumps, hits, count, words)
                else:
                    _jump_again(device, jumps, hits, count, pulse, words)
    _put_back(layer, device, hits, count)
    # Asked here, once for the whole list, so that it costs nothing where nothing wears out.
    if wears_out(layer):
        _wear_listed(layer, device, purpose, hits, count)


@part
def _jump_all(device, jumps, hits, count, words):
    """Give the first pulse, which all of them receive, to the listed devices.

    In three passes: what is not a look into the table, the processor does for sixteen at a time.
    """
    for n in range(count):
        hits.cell[n] = conductance_cell(_position(device, hits.g[n]))
    for n in range(count):
        row, column = hits.cell[n], quantile_cell(words[n])
        hits.corners[0, n], hits.corners[1, n] = jumps[row, column], jumps[row, column + 1]
        hits.corners[2, n], hits.corners[3, n] = jumps[row + 1, column], jumps[row + 1, column + 1]
    for n in range(count):
        g = hits.g[n]
        corners = (hits.corners[0, n], hits.corners[1, n], hits.corners[2, n], hits.corners[3, n])
        jump = hits.step_scale[n] * within_cell(corners, _position(device, g), words[n])
        hits.g[n] = min(max(g + jump, device.g_min), device.g_max)


@part
def _jump_again(device, jumps, hits, count, pulse, words):
    """Give pulse number ``pulse`` to the listed devices that receive so many: mostly few."""
    for n in range(count):
        if pulses_of(hits.entry[n]) > pulse:
            hits.g[n] = after_jump(device, jumps, hits.g[n], words[n], hits.step_scale[n])


@part
def _jump_with_memory(device, hits, count, pulse, words):
    """Do both for devices whose steps depend on the pulses since RESET."""
    for n in range(count):
        if pulses_of(hits.entry[n]) > pulse:
            jumps = device.set_jumps[hits.past[n]]
            hits.g[n] = after_jump(device, jumps, hits.g[n], words[n], hits.step_scale[n])
            hits.past[n] = min(hits.past[n] + 1, device.memory - 1)


@part
def _take_out(layer, device, hits, count):
    for n in range(count):
        row, column, side = place_of(hits.entry[n])
        pair = layer.pairs[row, column]
        hits.g[n] = pair.conductance[side] / pair.range_scale[side]
        if device.memory > 1:
            hits.past[n] = layer.pulses_since_reset[row, column, side]
    if layer.step_scale.shape[0] > 0:
        for n in range(count):
            row, column, side = place_of(hits.entry[n])
            hits.step_scale[n] = layer.step_scale[row, column, side]


@part
def _put_back(layer, device, hits, count):
    for n in range(count):
        row, column, side = place_of(hits.entry[n])
        pair = layer.pairs[row, column]
        if is_healthy(pair, side):
            pair.conductance[side] = pair.range_scale[side] * hits.g[n]
            renew_weight(layer, row, column)
            if device.memory > 1:
                layer.pulses_since_reset[row, column, side] = hits.past[n]


@part
def _wear_listed(layer, device, purpose, hits, count):
    kind = RESET_CYCLES if purpose == DEPRESSION else SET_CYCLES
    for n in range(count):
        row, column, side = place_of(hits.entry[n])
        if is_healthy(layer.pairs[row, column], side):
            wear(layer, device, kind, row, column, side, pulses_of(hits.entry[n]))
            renew_weight(layer, row, column)


@part
def partial_set(layer, device, row, column, side, word):
    """Apply one partial-SET pulse to one device."""
    pair = layer.pairs[row, column]
    if is_healthy(pair, side):
        past = layer.pulses_since_reset[row, column, side] if device.memory > 1 else 0
        step_scale = step_scale_of(layer, row, column, side)
        _replace(device, device.set_jumps[past], pair, side, word, step_scale)
        if device.memory > 1:
            layer.pulses_since_reset[row, column, side] = min(past + 1, device.memory - 1)
        if wears_out(layer):
            wear(layer, device, SET_CYCLES, row, column, side, 1)


@part
def reset(layer, device, row, column, side, word, fails):
    """Apply one RESET, abrupt and with a random residue, or a step down, to one device.

    One that fails leaves the device as it was, but wears it out like any other.
    """
    pair = layer.pairs[row, column]
    if is_healthy(pair, side):
        if not fails:
            step_scale = _ONE
            if device.bidirectional:
                step_scale = step_scale_of(layer, row, column, side)
            _replace(device, device.reset_jumps, pair, side, word, step_scale)
            if device.memory > 1:
                layer.pulses_since_reset[row, column, side] = 0
        if wears_out(layer):
            wear(layer, device, RESET_CYCLES, row, column, side, 1)


@part
def _replace(device, jumps, pair, side, word, step_scale):
    scale = pair.range_scale[side]
    g = pair.conductance[side] / scale
    pair.conductance[side] = scale * after_jump(device, jumps, g, word, step_scale)


@part
def after_jump(device, jumps, g, word, step_scale):
    """Return the nominal conductance ``g`` (S) after one pulse: a jump, kept within the range.

    That of a device with larger steps than others is larger by as much.
    """
    jump = step_scale * draw_jump(jumps, _position(device, g), word)
    return min(max(g + jump, device.g_min), device.g_max)


@part
def _position(device, g):
    """Return where on the grid of the device's tables a conductance lies."""
    return (g - device.g_min) * device.cells_per_siemens
