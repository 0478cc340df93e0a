"""What becomes of conductances with time: programming error, drift and read noise.

Joshi et al., *Accurate deep neural network inference using computational phase-change memory*,
Nature Communications 11:2473, 2020 (published); numbers as in open code, aihwkit,
``inference/noise/pcm.py``, commit 4545f11b.  They were measured on devices of 25 uS.  With
g = G / G_max of the conductance that was to be written, N a standard normal deviate of each
device, t the time since writing, t_0 = 20 s and t_read = 250 ns:

    programming  G(t_0) = G + sigma N,  sigma = max(-1.1731 g^2 + 1.9650 g + 0.26348, 0) uS
    drift        G(t) = G(t_0) (t / t_0)^-nu,  nu = |mu + s N|,
                 mu = clip(-0.0155 ln g + 0.0244, 0.049, 0.1),
                 s = clip(-0.0125 ln g - 0.0059, 0.008, 0.045)
    read noise   standard deviation G(t) Q sqrt(ln((t + t_read) / (2 t_read))),
                 Q = min(0.0088 / g^0.65, 0.2)

Our choices, with no claim about the experiment:

* G_max is that of the nominal device here, and sigma is taken over 25 uS: a device of twice the
  range has twice the error.
* No conductance is below zero.
* Read noise is 1/f noise, gathered from t_read to t: nearly all of it is slower than a pass over
  the test images.  So it is drawn once for each device and time, and for each time anew.  The
  share of images that are classified correctly is the same on the average as with a draw for each
  image; its spread is not.
* Volatile elements beside the pairs are empty: what has not been transferred is lost.
* A faulty device keeps the conductance at which it is stuck, without drift and noise.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.crossbar import blocks_of_rows
from pcmsim.array.random import Key, normal, random_words
from pcmsim.config.retention_settings import T_0, RetentionSettings
from pcmsim.kernels.codes import HEALTHY
from pcmsim.kernels.layer import VOLATILE, Array, Layer, levels_of
from pcmsim.kernels.philox import AGED_READ, DRIFT_EXPONENT, PROGRAMMING_ERROR
from pcmsim.kernels.prepare import renew_weights

Floats = NDArray[np.float64]

T_READ = 250e-9
PUBLISHED_G_MAX_MICRO = 25.0
# The logarithm of no conductance at all; drift and noise are at their ends long before.
LOWEST_G = 1e-7

# A random number of read noise is addressed by its draw and by time: so many steps an octave,
# which leave room for LONGEST, and above them room for the draws.
STEPS_PER_OCTAVE = 2**15
STEPS_PER_DRAW = 2**20
MOST_DRAWS = 2**12


def programming_spread(g: Any) -> Floats:
    """Return the standard deviation of a written conductance over G_max; ``g`` is G / G_max."""
    micro_siemens = -1.1731 * g**2 + 1.9650 * g + 0.26348
    return np.asarray(np.maximum(micro_siemens, 0) / PUBLISHED_G_MAX_MICRO)


def drift_exponents(g: Any, deviates: Any) -> Floats:
    """Return the drift exponent nu of devices with standard normal ``deviates``."""
    logarithm = np.log(np.maximum(g, LOWEST_G))
    mean = np.clip(-0.0155 * logarithm + 0.0244, 0.049, 0.1)
    spread = np.clip(-0.0125 * logarithm - 0.0059, 0.008, 0.045)
    return np.asarray(np.abs(mean + spread * deviates))


def drifted(conductance: Any, exponent: Any, time: float) -> Floats:
    """Return what is left of conductances so many seconds after writing, at least T_0."""
    return np.asarray(conductance * (time / T_0) ** -exponent)


def read_spread(g: Any, time: float) -> Floats:
    """Return the standard deviation of a read at a time (s), over the conductance at that time."""
    quality = np.minimum(0.0088 / np.maximum(g, LOWEST_G) ** 0.65, 0.2)
    return np.asarray(quality * math.sqrt(math.log((time + T_READ) / (2 * T_READ))))


@dataclass(frozen=True)
class Ageing:
    """How devices age: with the same random numbers whenever the same device is asked for.

    Attributes:
        effects: which effects there are.
        g_max: conductance of a nominal device that is full, S.
        key: key of the run's random numbers.
        draw: number of the draw, below ``MOST_DRAWS``; each has random numbers of its own.
    """

    effects: RetentionSettings
    g_max: float
    key: Key
    draw: int = 0

    def conductances(
        self, layer: int, written: NDArray[np.float32], time: float, first_row: int = 0
    ) -> NDArray[np.float32]:
        """Return the conductances (S) of healthy devices so many seconds after writing.

        ``written`` are those that were to be written, shape (rows, columns, 2), in S, from
        ``first_row`` of the layer on; the time is at least T_0.
        """
        g = written / self.g_max
        now: Any = written
        if self.effects.programming_error:
            error = self._deviates(PROGRAMMING_ERROR, layer, written, self.draw, first_row)
            now = np.maximum(written + self.g_max * programming_spread(g) * error, 0)
        if self.effects.drift:
            deviates = self._deviates(DRIFT_EXPONENT, layer, written, self.draw, first_row)
            now = drifted(now, drift_exponents(g, deviates), time)
        if self.effects.read_noise:
            step = self.draw * STEPS_PER_DRAW + _step_of(time)
            noise = self._deviates(AGED_READ, layer, written, step, first_row)
            now = np.maximum(now * (1 + read_spread(g, time) * noise), 0)
        return np.asarray(now, np.float32)

    def _deviates(
        self, purpose: int, layer: int, like: Array, step: int, first_row: int
    ) -> NDArray[np.float32]:
        """Draw a standard normal deviate for each device of some rows."""
        words = random_words(purpose, layer, like.shape[:2], self.key, step, first_row)
        return normal(words[..., :2])


def age(layer: Layer, aged: Layer, ageing: Ageing, time: float) -> float:
    """Fill ``aged``, from ``room_for``, with what a layer is so many seconds after writing.

    Returns the sum of its conductances, in S: the current of all columns, those of G+ and those of
    G- added, at 1 V on every row.
    """
    fault = layer.fault
    total = 0.0
    for rows in blocks_of_rows(layer.pairs.shape):
        written = layer.conductance[rows]
        now = ageing.conductances(layer.number, written, time, rows.start)
        now = np.where(fault[rows] == HEALTHY, now, written)
        aged.conductance[rows] = now
        total += float(now.sum(dtype=np.float64))
    renew_weights(aged)
    return total


def room_for(layer: Layer) -> Layer:
    """Return a copy of a layer whose conductances can be changed, and which is read forward.

    Volatile elements beside its pairs have lost their charges.
    """
    pairs = layer.pairs.copy()
    none = np.zeros((0, 0), np.float32)
    return layer._replace(
        pairs=pairs,
        levels=levels_of(pairs),
        weight_by_row=np.zeros_like(layer.weight_by_row),
        weight_by_column=none,
        variance_by_row=np.zeros_like(layer.variance_by_row),
        variance_by_column=none,
        volatile=np.zeros((0, 0), VOLATILE),
    )


def amplified(layer: Layer, factor: float) -> Layer:
    """Return a layer whose currents are multiplied by a factor; it shares all arrays.

    This is global drift compensation as far as the array is concerned (Joshi et al., published):
    one factor per layer, which follows its columns like the gain of an amplifier.
    """
    louder = layer._replace(weight_per_siemens=np.float32(layer.weight_per_siemens * factor))
    renew_weights(louder)
    return louder


def compensation(then: float, now: float) -> float:
    """Return by how much currents are to be amplified, from their sums at T_0 and later.

    Published: one factor, from summed column currents under a fixed input.  Choice: that input is
    the same voltage on all rows, and the sum is that of all columns, those of G+ and those of G-
    added; devices that are faulty, or noisy at that moment, are part of it.
    """
    return then / now if now > 0 else 1.0


def _step_of(time: float) -> int:
    """Return the number of a time: two within 1 part in 50,000 have the same read noise."""
    return round(STEPS_PER_OCTAVE * math.log2(time / T_0))
