"""The inspection of pairs: the occasional RESET, and the transfer from volatile elements.

Partial SET only ever raises a conductance, so pairs drift towards both devices at their
maximum, where no update is possible.  Every so many examples each synapse is inspected; where
the larger conductance of the pair is above one threshold and the smaller above another, both
devices get a RESET and the old difference is written back on one of them by partial-SET pulses,
with a read-back after each, until it is met within a tolerance or the pulses run out (Burr et
al., IEDM 2014: published in outline, recalled in detail).

Of a pair with a faulty device only the other one follows the training, and only upwards: it runs
full, and the pair never meets that criterion, or meets it again and again.  Where the faulty
devices are known they are left out, disconnected for good, and a device that has lost its partner
gets a RESET of its own when it is above the larger threshold.  The same weight cannot be had at a
lower conductance then: writing all of it back would fill the device again, writing nothing back
would throw away what it has learned.  So half is written back.

Of a synapse of several pairs each is inspected, reset and written back for itself.

Where a volatile element stands beside each pair, the inspection is the transfer: what is written
back is the difference and the charge together, also on a pair that is not full, if its charge is
worth more than the tolerance; what is missing then stays on the element (see ``volatile``).

Pairs that are due are listed and treated together, a pulse at a time: so the processor works on
many of them at once and waits for none.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.compile import part
from pcmsim.kernels.hits import draw_words, entry_of, place_of, pulses_of
from pcmsim.kernels.layer import difference_of, has_volatile, is_healthy, renew_weight
from pcmsim.kernels.philox import REPROGRAM, RESET, WORDS, stream
from pcmsim.kernels.program import RESETS, SET_PULSES, partial_set, reset
from pcmsim.kernels.team import share
from pcmsim.kernels.volatile import keep_rest

_ZERO = np.float32(0.0)

# Why a pair is listed, in the place of pulses: it has run full, its charge is to be transferred.
FULL = 1
CHARGED = 2

# What a device that has lost its partner keeps of its conductance.
KEPT = np.float32(0.5)

# Of the words drawn for a pair, the first two say where a RESET leads, these whether it fails.
FAILURE = 2


class OccasionalReset(NamedTuple):
    """When a pair is reset, and how well its difference is written back (conductances in S)."""

    interval: int  # examples between two inspections; 0: never
    larger_above: np.float32
    smaller_above: np.float32
    tolerance: np.float32
    max_pulses: int
    failures: np.uint64  # a RESET fails if its random word is below this: 2**32 is always
    fault_aware: bool  # faulty devices are known and left out: all of them are OPEN, at 0 S


@part
def inspect_layer(team, layer, device, policy, hits, step, key, counters):
    """Reset full pairs of one layer and transfer charges to pairs, in this thread's rows."""
    row, last = share(team, layer.rows)
    while row < last:
        row, count = _list_due(layer, policy, row, last, hits)
        _write_anew(layer, device, policy, hits, count, step, key, counters)


@part
def _list_due(layer, policy, row, last, hits):
    """List the pairs that are due, of as many rows as fit from ``row`` to ``last``.

    Returns the row to go on from, and the length of the list.  Each row is gone through twice:
    the first pass, over all its pairs, is free of branches and fast; few pass it.
    """
    count = 0
    columns = layer.pairs.shape[1]
    while row < last and count + columns <= hits.entry.shape[0]:
        levels = layer.levels[row]
        for column in range(columns):
            larger = max(levels[column, PLUS], levels[column, MINUS])
            smaller = min(levels[column, PLUS], levels[column, MINUS])
            hits.due[column] = (larger > policy.larger_above) & (smaller > policy.smaller_above)
        if policy.fault_aware:
            _mark_full_singles(layer, policy, row, hits)
        if has_volatile(layer):
            _mark_charged(layer, policy, row, hits)
        for column in range(columns):
            if hits.due[column]:
                hits.entry[count] = entry_of(row, column, hits.due[column], PLUS)
                count += 1
        row += 1
    return row, count


@part
def _mark_full_singles(layer, policy, row, hits):
    """Mark the devices that have lost their partners and run full; what is left out is at zero."""
    for column in range(layer.pairs.shape[1]):
        conductance = layer.pairs[row, column].conductance
        larger = max(conductance[PLUS], conductance[MINUS])
        if larger > policy.larger_above and _is_single(layer, row, column):
            hits.due[column] = FULL


@part
def _mark_charged(layer, policy, row, hits):
    """Mark the pairs that are to take up what the volatile elements beside them hold."""
    for column in range(layer.columns):
        if abs(_charge_in_siemens(layer, row, column)) > policy.tolerance:
            hits.due[column] |= CHARGED


@part
def _charge_in_siemens(layer, row, column):
    """Return the difference of conductances that is worth as much as a charge."""
    one = layer.volatile[row, column]
    return one.worth * one.charge / layer.weight_per_siemens


@part
def _write_anew(layer, device, policy, hits, count, step, key, counters):
    """RESET the listed pairs that are full, and write on all what they are to hold."""
    draw_words(hits, count, step, stream(RESET, layer.number, 0), key)
    for n in range(count):
        row, column, _ = place_of(hits.entry[n])
        is_full = pulses_of(hits.entry[n]) & FULL != 0
        is_single = policy.fault_aware and _is_single(layer, row, column)
        plus_is_healthy = is_healthy(layer.pairs[row, column], PLUS)
        wanted = difference_of(layer.pairs[row, column])
        if has_volatile(layer):
            wanted += _charge_in_siemens(layer, row, column)
        hits.g[n] = KEPT * wanted if is_full and is_single else wanted
        if is_full:
            plus_fails = hits.words[FAILURE + PLUS, n] < policy.failures
            minus_fails = hits.words[FAILURE + MINUS, n] < policy.failures
            reset(layer, device, row, column, PLUS, hits.words[PLUS, n], plus_fails)
            reset(layer, device, row, column, MINUS, hits.words[MINUS, n], minus_fails)
            counters[RESETS] += 1 if is_single else 2
        missing = hits.g[n] - difference_of(layer.pairs[row, column])
        side = PLUS if (plus_is_healthy if is_single else missing > _ZERO) else MINUS
        hits.entry[n] = entry_of(row, column, 0, side)
    _write_back(layer, device, policy, hits, count, step, key, counters)
    for n in range(count):
        row, column, _ = place_of(hits.entry[n])
        if has_volatile(layer):
            keep_rest(layer, row, column, hits.g[n])
        renew_weight(layer, row, column)


@part
def _write_back(layer, device, policy, hits, count, step, key, counters):
    """Raise one device of every listed pair until G+ - G- is back, within the tolerance.

    Which one has been decided after the RESET, from the sign of what is missing: that is the
    right one even where a fault has kept the other from being reset.  A single device is the one
    in any case.
    """
    for n in range(count):
        hits.unmet[n] = n
    unmet = count
    for pulse in range(policy.max_pulses):
        if pulse % WORDS == 0:
            block = stream(REPROGRAM, layer.number, pulse // WORDS)
            draw_words(hits, count, step, block, key)
        unmet = _pulse_unmet(layer, device, policy, hits, unmet, hits.words[pulse % WORDS])
        if unmet == 0:
            return
        counters[SET_PULSES] += unmet


@part
def _pulse_unmet(layer, device, policy, hits, unmet, words):
    """Give one partial SET to every pair that lacks more than the tolerance; return how many."""
    still_unmet = 0
    for k in range(unmet):
        n = hits.unmet[k]
        row, column, side = place_of(hits.entry[n])
        missing = hits.g[n] - difference_of(layer.pairs[row, column])
        if (missing if side == PLUS else -missing) > policy.tolerance:
            partial_set(layer, device, row, column, side, words[n])
            hits.unmet[still_unmet] = n
            still_unmet += 1
    return still_unmet


@part
def _is_single(layer, row, column):
    """Return whether a pair has a faulty device; the other one may be healthy."""
    pair = layer.pairs[row, column]
    return not (is_healthy(pair, PLUS) and is_healthy(pair, MINUS))
