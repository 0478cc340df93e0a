"""From numbers to pulses: which cross-points fire, under either update rule.

A weight is to change by ``learning_rate * x * delta``; one pulse changes it by about one
nominal step, so the change wanted *in pulses* is ``pulses_per_delta * x * delta``.

CROSSBAR, the rule an array can carry out (Burr et al., IEDM 2014: published in outline).  The
update window has a few time slots.  The neuron upstream of a row looks at x alone and fires in
some of them, the neuron downstream of a column looks at delta alone and fires in some of them,
and a device receives a pulse in every slot in which both fire.  A train of pulses is the bit
mask of its slots, so the pulses at a cross-point are the common bits of two masks.

CONVENTIONAL, the textbook rule: the product is formed at every cross-point, which no array can
do at once, and rounded to whole pulses.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.layer import Array
from pcmsim.kernels.program import program

CROSSBAR = 0
CONVENTIONAL = 1

_ZERO = np.float32(0.0)


class UpdateRule(NamedTuple):
    """When neurons fire.  A size above n of its rising thresholds asks for n pulses."""

    rule: int  # CROSSBAR or CONVENTIONAL
    pulses_per_delta: Array  # (layers,) float32
    x_thresholds: Array  # (layers, slots) float32, on |x|
    pulse_thresholds: Array  # (layers, slots) float32, on a change wanted in pulses
    x_masks: Array  # (slots + 1,) uint32, the slots of a train of n pulses upstream
    delta_masks: Array  # (slots + 1,) uint32, the same downstream


class Trains(NamedTuple):
    """Scratch: the pulse trains of the columns."""

    masks: Array  # (columns,) uint32
    firing: Array  # (columns,) uint32, the columns whose neuron fires at all


@part
def update_layer(layer, device, rule, x, delta, trains, hits, step, key, counters):
    """Fire the pulses that one example asks for in one layer."""
    firing = _fire_downstream(rule, layer.number, delta, trains)
    if firing == 0:
        return
    row = 0
    while row < layer.weight.shape[0]:
        row, count = _list_hits(layer, rule, row, x, delta, trains, firing, hits)
        program(layer, device, x, delta, hits, count, step, key, counters)


@part
def _list_hits(layer, rule, row, x, delta, trains, firing, hits):
    """List the cross-points that receive pulses, of as many rows as fit from ``row`` on.

    Returns the row to go on from, and the length of the list.
    """
    count = 0
    rows, columns = layer.weight.shape
    while row < rows and count + columns <= hits.row.shape[0]:
        if x[row] != _ZERO:
            if rule.rule == CROSSBAR:
                count = _find_coincidences(
                    rule, layer.number, row, x[row], trains, firing, hits, count
                )
            else:
                count = _find_products(rule, layer.number, row, x[row], delta, hits, count)
        row += 1
    return row, count


@part
def count_pulses(thresholds, size):
    """Return how many of the rising thresholds ``size`` exceeds."""
    count = 0
    while count < thresholds.shape[0] and size > thresholds[count]:
        count += 1
    return count


@part
def _fire_downstream(rule, layer, delta, trains):
    """Fill the mask of every column from its own delta; return how many columns fire."""
    firing = 0
    for column in range(delta.shape[0]):
        wanted = rule.pulses_per_delta[layer] * abs(delta[column])
        mask = rule.delta_masks[count_pulses(rule.pulse_thresholds[layer], wanted)]
        trains.masks[column] = mask
        if mask != 0:
            trains.firing[firing] = column
            firing += 1
    return firing


@part
def _find_coincidences(rule, layer, row, x, trains, firing, hits, count):
    """Add the columns whose pulses overlap with those that a row's neuron fires for ``x``."""
    mask = rule.x_masks[count_pulses(rule.x_thresholds[layer], abs(x))]
    if mask != 0:
        for n in range(firing):
            column = trains.firing[n]
            common = mask & trains.masks[column]
            hits.row[count] = row
            hits.column[count] = column
            hits.pulses[count] = _bits(common)
            count += common != 0
    return count


@part
def _bits(mask):
    count = 0
    while mask != 0:
        mask &= mask - np.uint32(1)
        count += 1
    return count


@part
def _find_products(rule, layer, row, x, delta, hits, count):
    """Add the columns in which ``pulses_per_delta * |x * delta|`` asks for a pulse."""
    for column in range(delta.shape[0]):
        wanted = rule.pulses_per_delta[layer] * abs(x * delta[column])
        pulses = count_pulses(rule.pulse_thresholds[layer], wanted)
        if pulses > 0:
            hits.row[count] = row
            hits.column[count] = column
            hits.pulses[count] = pulses
            count += 1
    return count
