"""Random words: Philox4x32-10 on Python integers, addressed by what each word is for."""

from dataclasses import dataclass
from enum import IntEnum

Words = tuple[int, int, int, int]
Key = tuple[int, int]

ROUNDS = 10
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
KEY_STEPS = 0x9E3779B9, 0xBB67AE85


class Purpose(IntEnum):
    """What a random word is for."""

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
    CHARGE = 22


def philox(counter: Words, key: Key) -> Words:
    """Return the four 32-bit words that belong to a counter under a key."""
    for n in range(ROUNDS):
        counter = _one_round(counter, (_key_word(key, 0, n), _key_word(key, 1, n)))
    return counter


def _key_word(key: Key, place: int, number: int) -> int:
    return (key[place] + number * KEY_STEPS[place]) % 2**32


def _one_round(counter: Words, key: Key) -> Words:
    high_0, low_0 = divmod(MULTIPLIERS[0] * counter[0], 2**32)
    high_1, low_1 = divmod(MULTIPLIERS[1] * counter[2], 2**32)
    return high_1 ^ counter[1] ^ key[0], low_1, high_0 ^ counter[3] ^ key[1], low_0


@dataclass(frozen=True)
class Address:
    """A place in the array; at every moment it has as many words for each purpose as it needs."""

    key: Key
    layer: int
    row: int
    column: int

    def word(self, purpose: Purpose, step: int, number: int = 0) -> int:
        """Return word ``number`` for a purpose at a step: four words come from one counter."""
        block, place = divmod(number, 4)
        stream = purpose << 24 | self.layer << 16 | block
        return philox((self.column, self.row, step, stream), self.key)[place]
