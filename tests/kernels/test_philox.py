"""Random numbers: the published generator, in every form in which it is computed (exact)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.devices.jump_table import standard_normal_nodes
from pcmsim.kernels import philox as kernels
from pcmsim.kernels.prepare import draw_normals, fill_words
from tests.kernels.calling import called
from tests.twin.device import draw
from tests.twin.philox import Address, Key, Purpose, Words, philox

words = st.integers(0, 2**32 - 1)
exact = settings(max_examples=50, derandomize=True, deadline=None, database=None)

# Random123, tests/kat_vectors, philox4x32-10: counter, key, answer.
KNOWN_ANSWERS = {
    "zeros": ("00000000 00000000 00000000 00000000", "00000000 00000000",
              "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
             "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "digits of pi": ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
                     "d16cfe09 94fdcceb 5001e420 24126ea1"),
}  # fmt: skip


def from_hex(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


def kernel_key(key: Key) -> tuple[np.uint64, np.uint64]:
    return np.uint64(key[0]), np.uint64(key[1])


def kernel_philox(counter: Words, key: Key) -> tuple[int, ...]:
    return tuple(int(word) for word in called(kernels.philox)(*counter, kernel_key(key)))


@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_known_answers(name: str) -> None:
    counter, key, answer = map(from_hex, KNOWN_ANSWERS[name])
    assert philox(counter, key) == answer
    assert kernel_philox(counter, key) == answer


@exact
@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_kernel_equals_twin(counter: Words, key: Key) -> None:
    assert kernel_philox(counter, key) == philox(counter, key)


@exact
@given(st.sampled_from(Purpose), st.integers(0, 63), words, st.tuples(words, words))
def test_words_of_a_whole_array(purpose: Purpose, layer: int, step: int, key: Key) -> None:
    filled = np.zeros((3, 5, 4), np.uint32)
    fill_words(int(purpose), layer, step, 7, kernel_key(key), filled)
    for row, column, number in np.ndindex(filled.shape):
        place = Address(key, layer, 7 + row, column)
        assert filled[row, column, number] == place.word(purpose, step, number)


@exact
@given(st.lists(words, min_size=1, max_size=20))
def test_normal_deviates_equal_the_twins(drawn: list[int]) -> None:
    nodes = standard_normal_nodes()
    deviates = np.zeros(len(drawn), np.float32)
    draw_normals(nodes, np.array(drawn, np.uint32), deviates)
    assert deviates.tolist() == [draw(nodes, word) for word in drawn]


def test_a_seed_keeps_its_meaning() -> None:
    """No purpose ever changes its number, or old results could not be computed again."""
    assert {purpose.name: purpose.value for purpose in Purpose} == {
        name: getattr(kernels, name) for name in Purpose.__members__
    }
