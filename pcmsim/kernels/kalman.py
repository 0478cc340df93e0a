"""What is expected of a reading of a device, and what the reading tells: a Kalman filter.

Known of a device are its conductance G and how uncertain that is, a variance P.  A pulse moves a
device of scale s as it moves the nominal one, s times as far.  With mean m and variance v of the
nominal step (what early pulses since RESET add included, but v at least a hundredth of what it is
long after), the slope m' of the mean, held within -1 and 0, and the variance u > 0 to which these
are known, all at G / s held within the nodes,

    G' = G + s m
    P' = (1 + m')^2 P + s^2 (v + u) + d N

and a reading R with noise of variance N = absolute^2 + (relative G')^2 corrects that by the gain
K = P' / (P' + N),

    G = G' + K (R - G')
    P = (1 - K) P'

(Kalman, 1960; extended: m is not linear, and the uncertainty goes through its slope.)  The part d
of the noise keeps a filter that trusts its model from no longer listening to readings.  Where a
reading is missing the expectation stays, G = G' and P = P'; where nothing is expected, as at the
start of a train, the reading is taken as it is, G = R and P = N.

How likely a train is follows from how far each reading is from its expectation, R - G', of which
the variance is P' + N (the decomposition of Schweppe, 1965).
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import kernel, part
from pcmsim.kernels.layer import Array

NO_LAW = -1
# What is left of a variance when that of early pulses is taken out is at least this part of it.
LEFT = 0.01
# Degrees of freedom of the Student's t that a reading follows about its expectation.
FREEDOM = 5.0
# Logarithms are taken of products beyond this: one reading, however odd, does not overflow them.
LARGE = 1e100


class Readings(NamedTuple):
    """Readings of devices, and what was fired between them: arrays (devices, readings)."""

    conductance: Array  # float64, S; NaN where missing
    kind: Array  # int8, row of the law of the pulse before; NO_LAW where there is none
    early: Array  # int64, which addition holds for the pulse before
    variance: float  # of all readings, S^2: the unit in which likelihoods take variances


class Law(NamedTuple):
    """How a nominal device answers pulses of some kinds, straight between equally spaced nodes."""

    low: float  # lowest node, S
    cells_per_siemens: float
    mean: Array  # (kinds, nodes) of the step, S
    slope: Array  # (kinds, nodes) of the mean, S / S
    variance: Array  # (kinds, nodes) of the step, S^2
    early_mean: Array  # (kinds, memory) what early pulses add to the mean, S
    early_variance: Array  # (kinds, memory) and to the variance, S^2
    unknown: float  # variance to which these are known, S^2; above 0


class Noise(NamedTuple):
    """Noise of single readings, and how much of it is added to what is uncertain anyway."""

    absolute: float  # S
    relative: float
    doubt: float


@kernel
def filter_readings(readings, law, noise, scale, state, uncertain):
    """Filter the readings of devices of given scales (devices,).

    ``state`` and ``uncertain`` (devices, readings) receive G (S) and P (S^2) after each reading;
    G is NaN where nothing is known, before the first reading of a train.
    """
    for device in range(scale.size):
        belief = np.nan, 0.0
        for place in range(state.shape[1]):
            ahead = _expect(readings, law, noise, device, place, scale[device], belief)
            belief = _correct(ahead, readings.conductance[device, place])
            state[device, place], uncertain[device, place] = belief


@kernel
def log_likelihood(readings, law, noise, tells, scale, track, likelihood):
    """Find how likely trains are if devices have one or another scale (devices, scales).

    ``likelihood`` (devices, scales) receives the sum of the logarithms of the likelihoods of all
    readings after pulses that tell, but for a constant that depends on the readings alone;
    ``tells`` (kinds,) says which do.  Logarithms are taken of products, which saves a quarter of
    the time.  ``track`` (3, scales) holds G and P under each scale, and the product.
    """
    known, uncertain, product = track
    for device in range(scale.shape[0]):
        known[:], uncertain[:], product[:] = np.nan, 0.0, 1.0
        likelihood[device] = 0.0
        for place in range(readings.conductance.shape[1]):
            reading = readings.conductance[device, place]
            told = _tells(readings, tells, device, place)
            # Side by side, so that the processor has chains of operations to overlap: a filter
            # alone is one chain, in which each operation waits for the one before.
            for n in range(scale.shape[1]):
                belief = known[n], uncertain[n]
                ahead = _expect(readings, law, noise, device, place, scale[device, n], belief)
                known[n], uncertain[n] = _correct(ahead, reading)
                if told:
                    product[n] *= _unlikely(readings, ahead, reading)
                    if not 1.0 / LARGE < product[n] < LARGE:
                        likelihood[device, n] -= 0.5 * np.log(product[n])
                        product[n] = 1.0
        for n in range(scale.shape[1]):
            likelihood[device, n] -= 0.5 * np.log(product[n])


@kernel
def squared_scores(readings, law, noise, tells, scale, squares):
    """Find by how much single readings prefer the second of two scales (devices, 2) to the first.

    ``squares`` (devices,) receives the sum of the squares of the differences of the logarithms that
    ``log_likelihood`` adds up.
    """
    for device in range(scale.shape[0]):
        first, second, total = (np.nan, 0.0), (np.nan, 0.0), 0.0
        for place in range(readings.conductance.shape[1]):
            reading = readings.conductance[device, place]
            one = _expect(readings, law, noise, device, place, scale[device, 0], first)
            other = _expect(readings, law, noise, device, place, scale[device, 1], second)
            first, second = _correct(one, reading), _correct(other, reading)
            if _tells(readings, tells, device, place):
                ratio = _unlikely(readings, one, reading) / _unlikely(readings, other, reading)
                total += (0.5 * np.log(ratio)) ** 2
        squares[device] = total


@part
def _tells(readings, tells, device, place):
    """Return whether a reading is there and came after a pulse that tells."""
    kind = readings.kind[device, place]
    return kind != NO_LAW and tells[kind] and not np.isnan(readings.conductance[device, place])


@part
def _expect(readings, law, noise, device, place, scale, belief):
    """Return G', P' and N at a reading, from G and P before; G' is NaN if nothing is expected."""
    known, uncertain = belief
    kind = readings.kind[device, place]
    if kind == NO_LAW or np.isnan(known):
        return np.nan, 0.0, _noise_variance(noise, readings.conductance[device, place])
    early = readings.early[device, place]
    position = (known / scale - law.low) * law.cells_per_siemens
    # In this order no number, not even NaN, leads out of the nodes.
    position = min(position if position > 0.0 else 0.0, law.mean.shape[1] - 1.0)
    cell = min(np.int64(position), law.mean.shape[1] - 2)
    fraction = position - cell
    step = _between(law.mean[kind], cell, fraction) + law.early_mean[kind, early]
    keeps = 1.0 + min(max(_between(law.slope[kind], cell, fraction), -1.0), 0.0)
    late = _between(law.variance[kind], cell, fraction)
    spread = max(late + law.early_variance[kind, early], LEFT * late) + law.unknown
    expected = known + scale * step
    of_reading = _noise_variance(noise, expected)
    doubtful = keeps * keeps * uncertain + scale * scale * spread + noise.doubt * of_reading
    return expected, doubtful, of_reading


@part
def _correct(ahead, reading):
    """Return G and P after a reading, from G', P' and N."""
    expected, uncertain, of_reading = ahead
    if np.isnan(reading):
        return expected, uncertain
    if np.isnan(expected):
        return reading, of_reading
    gain = uncertain / (uncertain + of_reading)
    return expected + gain * (reading - expected), (1.0 - gain) * uncertain


@part
def _unlikely(readings, ahead, reading):
    """Return 1 over the square of the likelihood of a reading, but for a factor, from G', P' and N.

    The reading follows Student's t with variance P' + N about G': with V = (FREEDOM - 2) (P' + N),
    V (1 + (R - G')^2 / V)^6, for 6 is FREEDOM + 1.  It is 1 if nothing is expected.
    """
    expected, uncertain, of_reading = ahead
    if np.isnan(expected):
        return 1.0
    innovation = reading - expected
    variance = (FREEDOM - 2.0) * (uncertain + of_reading)
    tail = 1.0 + innovation * innovation / variance
    cube = tail * tail * tail
    return variance / readings.variance * (cube * cube)


@part
def _noise_variance(noise, conductance):
    """Return N, S^2."""
    return noise.absolute * noise.absolute + (noise.relative * conductance) ** 2


@part
def _between(values, cell, fraction):
    """Return what holds at a fraction of the way from a node to the next one."""
    return values[cell] + fraction * (values[cell + 1] - values[cell])
