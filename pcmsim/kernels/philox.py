"""Random numbers addressed by physical identity: Philox4x32-10.

A counter-based generator is a function, not a sequence: the 128-bit counter says *what* the
number is for, the 64-bit key says *which experiment*, and the answer is always the same four
32-bit words.  The counter used here is

    (column, row, step, stream)      stream = purpose << 24 | layer << 16 | part

so the draw for a device at a moment does not depend on threads, on the order of loops, on
where a run was interrupted, or on what other devices did.  Two runs that differ in one
setting share all other randomness, which makes differences between them precise.

Source of the algorithm and of its constants: Salmon, Moraes, Dror, Shaw, *Parallel random
numbers: as easy as 1, 2, 3*, SC'11 (published); known-answer vectors in
``tests/kernels/test_philox.py``.
"""

import numpy as np

from pcmsim.kernels.compile import part

MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
LOW_32 = np.uint64(0xFFFFFFFF)
SHIFT_32 = np.uint64(32)
ROUNDS = 10
WORDS = 4

# What a random number is for.  The values are part of the meaning of a seed: append, never reuse.
SET = 1
DEPRESSION = 2
RESET = 3
REPROGRAM = 4
READ_FORWARD = 5
READ_BACKWARD = 6
INITIAL_WEIGHT = 7
INITIAL_CONDUCTANCE = 8
RANGE_SCALE = 9
FAULT_PLACE = 10
FAULT_VALUE = 11
EXAMPLE_ORDER = 12
EVALUATION = 13
FAULT_CENTRE = 14
FAULT_NEIGHBOUR = 15
FAULT_LINE = 16
ENDURANCE = 17
PROGRAMMING_ERROR = 18
DRIFT_EXPONENT = 19
AGED_READ = 20
STEP_SCALE = 21
CHARGE = 22
VOLATILE_ELEMENT = 23


@part
def stream(purpose, layer, index):
    """Return the fourth counter word; ``layer`` below 256, ``index`` below 65,536."""
    return (
        np.uint64(purpose) << np.uint64(24) | np.uint64(layer) << np.uint64(16) | np.uint64(index)
    )


@part
def philox(column, row, step, stream_word, key):
    """Return the four 32-bit words (as uint64) of one counter under one key."""
    c0 = np.uint64(column)
    c1 = np.uint64(row)
    c2 = np.uint64(step)
    c3 = np.uint64(stream_word)
    k0 = np.uint64(key[0])
    k1 = np.uint64(key[1])
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0 = (product_1 >> SHIFT_32) ^ c1 ^ k0
        c1 = product_1 & LOW_32
        c2 = (product_0 >> SHIFT_32) ^ c3 ^ k1
        c3 = product_0 & LOW_32
        k0 = (k0 + WEYL_0) & LOW_32
        k1 = (k1 + WEYL_1) & LOW_32
    return c0, c1, c2, c3
