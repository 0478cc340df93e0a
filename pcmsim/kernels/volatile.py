"""A volatile element beside the pair of a synapse: a charge that pulses raise and lower a little.

Ambrogio et al., Nature 558:60, 2018 (published): a capacitor with three transistors stands beside
two PCM devices.  Training changes its charge alone, in steps that are small and nearly linear; it
leaks.  So it is transferred to the pair every so many examples (see ``reset``), and holds from
then on what the pair could not take up.  The weight of a synapse is

    weight_per_siemens (G+ - G-) + worth charge

An element does not step up exactly as far as it steps down, each in its own way, and drives its
weight away by that.  Hence polarity inversion: between every other two transfers the charge counts
the other way round, and an element whose steps up are too long pulls its weight down by as much
as it pushes it up before.

A charge is a part of the element's range, from -1/2 to 1/2, and has the sign that its weight has,
whatever the polarity.
"""

import numpy as np

from pcmsim.kernels.codes import PLUS
from pcmsim.kernels.compile import part
from pcmsim.kernels.hits import draw_words, place_of, pulses_of
from pcmsim.kernels.layer import difference_of, renew_weight
from pcmsim.kernels.philox import CHARGE, WORDS, stream
from pcmsim.kernels.program import after_jump
from pcmsim.kernels.team import share

# What charges lose in so many examples, they lose at once.
LEAK_INTERVAL = 100

_HALF = np.float32(0.5)


@part
def pulse_volatile(layer, hits, count, step, key):
    """Fire the pulses of the first ``count`` cross-points of ``hits`` at volatile elements."""
    element = layer.element
    inverted = element.inverts and step // element.interval % 2 == 1
    most = 0
    for n in range(count):
        most = max(most, pulses_of(hits.entry[n]))
    for pulse in range(most):
        if pulse % WORDS == 0:
            draw_words(hits, count, step, stream(CHARGE, layer.number, pulse // WORDS), key)
        words = hits.words[pulse % WORDS]
        for n in range(count):
            if pulses_of(hits.entry[n]) > pulse:
                row, column, side = place_of(hits.entry[n])
                _pulse(element, layer.volatile[row, column], side == PLUS, inverted, words[n])
                renew_weight(layer, row, column)


@part
def _pulse(element, one, weight_grows, inverted, word):
    """Step one element up or down, so that its weight grows or falls."""
    place = _HALF - one.charge if inverted else _HALF + one.charge
    if weight_grows != inverted:
        place = after_jump(element.tables, element.tables.set_jumps[0], place, word, one.up)
    else:
        place = after_jump(element.tables, element.tables.reset_jumps, place, word, one.down)
    one.charge = _HALF - place if inverted else place - _HALF


@part
def leak_layer(team, layer, times):
    """Let charges lose what they lose in so many ``LEAK_INTERVAL``, in this thread's rows."""
    first, last = share(team, layer.rows)
    for row in range(first, last):
        for column in range(layer.columns):
            for _ in range(times):
                layer.volatile[row, column].charge *= layer.element.kept
            renew_weight(layer, row, column)


@part
def keep_rest(layer, row, column, wanted):
    """Leave what a pair lacks of the ``wanted`` difference (S) to the volatile element beside it.

    It is charged under control of reads; that its own steps are finite is neglected (choice).
    """
    one = layer.volatile[row, column]
    rest = layer.weight_per_siemens * (wanted - difference_of(layer.pairs[row, column]))
    one.charge = min(max(rest / one.worth, -_HALF), _HALF)
