"""Lists of cross-points that are programmed together, and the random words for them.

Devices lie far apart in memory and their random words take time to draw; treated together, they
are waited for once, and their words are drawn sixteen at a time.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import part
from pcmsim.kernels.layer import Array
from pcmsim.kernels.philox import philox

# Random words are drawn for so many cross-points at a time.
GROUP = 16

# An entry of a list is one word, so that lists are quickly copied: from the lowest bit on, the
# device of the pair, the pulses that it receives, the column and the row.
_PULSES = np.uint64(8)
_COLUMN = np.uint64(16)
_ROW = np.uint64(40)
_BYTE = np.uint64(0xFF)
_THREE_BYTES = np.uint64(0xFFFFFF)


class Hits(NamedTuple):
    """Scratch: a list of cross-points that receive pulses."""

    entry: Array  # (most,) uint64
    g: Array  # (most,) float32, conductance over range scale, or G+ - G- to be written back, S
    step_scale: Array  # (most,) float32, of the device; left at 1 where all have the same
    cell: Array  # (most,) uint32, the row of a jump table that it is in
    corners: Array  # (4, most) float32, entries of a jump table, S
    past: Array  # (most,) uint32, pulses since RESET
    words: Array  # (WORDS, most) uint32, random
    due: Array  # (columns,) uint32, of one row, why a pair is to be listed; 0: it is not
    unmet: Array  # (most,) uint32, which of the list still wait for pulses


@part
def entry_of(row, column, pulses, side):
    """Return an entry of a list; row and column below 2**24, pulses and side below 2**8."""
    return (
        np.uint64(row) << _ROW
        | np.uint64(column) << _COLUMN
        | np.uint64(pulses) << _PULSES
        | np.uint64(side)
    )


@part
def place_of(entry):
    """Return the row and the column of an entry, and the device of the pair."""
    row = entry >> _ROW
    column = entry >> _COLUMN & _THREE_BYTES
    return row, column, entry & _BYTE


@part
def pulses_of(entry):
    """Return how many pulses an entry asks for."""
    return np.int64(entry >> _PULSES & _BYTE)


@part
def draw_words(hits, count, step, stream_word, key):
    """Draw four words each for the first ``count`` entries.

    They are drawn in whole groups: the processor does sixteen at a time.
    """
    whole_groups = (count + GROUP - 1) // GROUP * GROUP
    for n in range(whole_groups):
        row, column = hits.entry[n] >> _ROW, hits.entry[n] >> _COLUMN & _THREE_BYTES
        block = philox(column, row, step, stream_word, key)
        hits.words[0, n], hits.words[1, n], hits.words[2, n], hits.words[3, n] = block
