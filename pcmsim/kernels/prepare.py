"""What an array is made with, before any training: random numbers, and all its weights."""

import numpy as np

from pcmsim.kernels.compile import kernel
from pcmsim.kernels.jump import draw_quantile
from pcmsim.kernels.layer import renew_weight
from pcmsim.kernels.philox import philox, stream


@kernel
def fill_words(purpose, layer, step, first_row, key, words):
    """Fill ``words`` (rows, columns, 4) uint32 with those of every cross-point, from a row on."""
    for row in range(words.shape[0]):
        for column in range(words.shape[1]):
            block = philox(column, first_row + row, step, stream(purpose, layer, 0), key)
            for n in range(words.shape[2]):
                words[row, column, n] = block[n]


@kernel
def draw_normals(normal, words, deviates):
    """Turn ``words`` (any number) uint32 into ``deviates``, by the quantiles ``normal``."""
    for n in range(words.shape[0]):
        deviates[n] = draw_quantile(normal, np.uint64(words[n]))


@kernel
def renew_weights(layer):
    """Bring what is stored of all weights of a layer up to date with its conductances."""
    for row in range(layer.rows):
        for column in range(0, layer.pairs.shape[1], layer.pairs_per_synapse):
            renew_weight(layer, row, column)
