"""From numbers to pulses: which cross-points fire, under either update rule.

A weight is to change by ``learning_rate * x * delta``; one pulse changes it by about one
nominal step, so the change wanted *in pulses* is ``pulses_per_delta * x * delta``.

CROSSBAR, the rule an array can carry out (Burr et al., IEDM 2014: published in outline).  The
update window has a few time slots.  The neuron upstream of a row looks at x alone and fires in
some of them, the neuron downstream of a column looks at delta alone and fires in some of them,
and a device receives a pulse in every slot in which both fire.  There are only so many different
trains upstream, so the columns that each of them meets are listed once for all rows.

A synapse of several pairs of devices receives its pulses on one of them, the same one in the whole
array, and the next one with the next example: one counter for the whole array is all it takes
(Boybat et al., Nature Communications 9:2514, 2018: published).

Where a volatile element stands beside the pair, it receives the pulses in the place of the pair.

CONVENTIONAL, the textbook rule: the product is formed at every cross-point, which no array can
do at once, and rounded to whole pulses.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.compile import part
from pcmsim.kernels.hits import GROUP, entry_of
from pcmsim.kernels.layer import Array, has_volatile
from pcmsim.kernels.program import program
from pcmsim.kernels.team import share
from pcmsim.kernels.volatile import pulse_volatile

CROSSBAR = 0
CONVENTIONAL = 1

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)


class UpdateRule(NamedTuple):
    """When neurons fire.  A size above n of its rising thresholds asks for n pulses."""

    rule: int  # CROSSBAR or CONVENTIONAL
    pulses_per_delta: Array  # (layers,) float32
    x_thresholds: Array  # (layers, slots) float32, on |x|
    pulse_thresholds: Array  # (layers, slots) float32, on a change wanted in pulses
    # (slots + 1, slots + 1) uint32: in how many slots trains of n pulses upstream and m
    # downstream both fire
    coincidences: Array


class Trains(NamedTuple):
    """Scratch: the pulses that neurons fire, and where those of the two sides meet."""

    upstream: Array  # (rows,) uint32
    downstream: Array  # (columns,) uint32
    rows: Array  # (rows,) uint32, those whose neuron fires at all
    columns: Array  # (columns,) uint32, the same
    # What a train of n pulses meets in a row whose x is positive: how many columns, and entries
    # for a list of hits, in row 0, with room for whole groups.
    met: Array  # (slots + 1,) uint32
    meetings: Array  # (slots + 1, columns + GROUP) uint64


@part
def update_layer(team, layer, device, rule, x, delta, trains, hits, step, key, counters):
    """Fire the pulses that one example asks for in one layer: in a share of the rows that fire."""
    if rule.rule == CROSSBAR:
        gain = rule.pulses_per_delta[layer.number]
        _count_pulses(rule.pulse_thresholds[layer.number], gain, delta, trains.downstream)
        firing = _list_firing(delta.shape[0], trains.downstream, trains.columns)
        if firing == 0:
            return
        _list_meetings(layer, rule, delta, trains, firing, step)
        _count_pulses(rule.x_thresholds[layer.number], _ONE, x, trains.upstream)
    else:
        for row in range(x.shape[0]):
            trains.upstream[row] = x[row] != _ZERO
    firing_rows = _list_firing(x.shape[0], trains.upstream, trains.rows)
    first, last = share(team, firing_rows)
    while first < last:
        first, count = _list_hits(layer, rule, first, last, x, delta, trains, hits, step)
        if has_volatile(layer):
            pulse_volatile(layer, hits, count, step, key)
        else:
            program(layer, device, hits, count, step, key, counters)


@part
def _count_pulses(thresholds, gain, sizes, pulses):
    """Fill ``pulses`` with how many of the thresholds ``gain * |size|`` exceeds."""
    for n in range(sizes.shape[0]):
        pulses[n] = 0
    for k in range(thresholds.shape[0]):
        for n in range(sizes.shape[0]):
            pulses[n] += gain * abs(sizes[n]) > thresholds[k]


@part
def _list_firing(lines, pulses, firing):
    """List the lines whose neuron fires; return how many there are."""
    count = 0
    for line in range(lines):
        firing[count] = line
        count += pulses[line] != 0
    return count


@part
def _chosen(layer, column, step):
    """Return the column of that pair of a synapse whose turn it is."""
    turn = np.uint64(step) % layer.pairs_per_synapse
    return np.uint64(column) * layer.pairs_per_synapse + turn


@part
def _list_meetings(layer, rule, delta, trains, firing, step):
    """List the columns that a train of n pulses upstream meets, for every n."""
    for n in range(1, rule.coincidences.shape[0]):
        met = 0
        for k in range(firing):
            column = trains.columns[k]
            pulses = rule.coincidences[n, trains.downstream[column]]
            side = PLUS if delta[column] > _ZERO else MINUS
            trains.meetings[n, met] = entry_of(0, _chosen(layer, column, step), pulses, side)
            met += pulses != 0
        trains.met[n] = met


@part
def _list_hits(layer, rule, first, last, x, delta, trains, hits, step):
    """List the cross-points that receive pulses, of as many firing rows as fit.

    They are the rows ``first`` to ``last`` (exclusive) of the list of those that fire.  Returns
    the one to go on from, and the length of the list.
    """
    count = 0
    needed = delta.shape[0] + GROUP
    while first < last and count + needed <= hits.entry.shape[0]:
        row = trains.rows[first]
        if rule.rule == CROSSBAR:
            count = _add_meetings(trains, row, x[row], hits, count)
        else:
            count = _add_products(layer, rule, row, x[row], delta, hits, count, step)
        first += 1
    return first, count


@part
def _add_meetings(trains, row, x, hits, count):
    """Add the columns that the train of a row meets, a group at a time: the rest is overwritten."""
    n = trains.upstream[row]
    meetings = trains.meetings[n]
    row_and_sign = entry_of(row, 0, 0, PLUS if x > _ZERO else MINUS)
    for first in range(0, trains.met[n], GROUP):
        for k in range(first, first + GROUP):
            hits.entry[count + k] = meetings[k] ^ row_and_sign
    return count + trains.met[n]


@part
def _add_products(layer, rule, row, x, delta, hits, count, step):
    """Add the columns in which ``pulses_per_delta * |x * delta|`` asks for a pulse."""
    for column in range(delta.shape[0]):
        product = x * delta[column]
        wanted = rule.pulses_per_delta[layer.number] * abs(product)
        pulses = 0
        for k in range(rule.pulse_thresholds.shape[1]):
            pulses += wanted > rule.pulse_thresholds[layer.number, k]
        side = PLUS if product > _ZERO else MINUS
        hits.entry[count] = entry_of(row, _chosen(layer, column, step), pulses, side)
        count += pulses > 0
    return count
