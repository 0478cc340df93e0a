"""Random numbers for whole arrays, addressed like all others by what they are for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import standard_normal_nodes
from pcmsim.kernels.prepare import draw_normals, fill_words

# The experiment's seed and its replicate; one Philox key.
Key = tuple[np.uint64, np.uint64]


def make_key(seed: int, replicate: int) -> Key:
    """Return the key under which all random numbers of one run are drawn."""
    return np.uint64(seed), np.uint64(replicate)


def random_words(
    purpose: int,
    layer: int,
    shape: tuple[int, int],
    key: Key,
    step: int = 0,
    first_row: int = 0,
) -> NDArray[np.uint32]:
    """Return four random words for each cross-point, from a row on: shape (rows, columns, 4)."""
    words = np.empty((*shape, 4), np.uint32)
    fill_words(purpose, layer, step, first_row, key, words)
    return words


def uniform(words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Turn words into numbers strictly between 0 and 1."""
    return (words.astype(np.float64) + 0.5) / 2.0**32


def normal(words: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Turn words into standard normal deviates."""
    deviates = np.empty(words.size, np.float32)
    draw_normals(standard_normal_nodes(), np.ascontiguousarray(words).ravel(), deviates)
    return deviates.reshape(words.shape)


def log_normal(deviates: NDArray[Any], spread: float) -> NDArray[np.float64]:
    """Turn standard normal deviates into log-normal numbers of mean 1 and this deviation."""
    sigma = np.sqrt(np.log1p(spread**2))
    numbers: NDArray[np.float64] = np.exp(sigma * deviates.astype(np.float64) - sigma**2 / 2)
    return numbers


def shuffled(purpose: int, count: int, turn: int, key: Key) -> NDArray[Any]:
    """Return the numbers 0 to ``count - 1`` in a random order, another one each ``turn``."""
    words = np.empty((1, count, 2), np.uint32)
    fill_words(purpose, 0, turn, 0, key, words)
    return np.lexsort((words[0, :, 1], words[0, :, 0]))
