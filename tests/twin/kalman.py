"""Following a device along its readings, one reading and one scale at a time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pcmsim.kernels.kalman import Law, Noise, Readings

DEGREES = 5.0
LEAST_LEFT = 0.01
LOGARITHM_BEYOND = 1e100


@dataclass(frozen=True)
class Seen:
    """A reading, what was expected of it and what is known after it.

    Conductances in S, variances in S^2; None where there is nothing.
    """

    kind: int | None
    reading: float | None
    expected: float | None
    uncertain_before: float
    noise: float
    known: float | None
    uncertain: float


def watch(readings: Readings, law: Law, noise: Noise, device: int, scale: float) -> Iterator[Seen]:
    """Follow one device of a scale."""
    known: float | None = None
    uncertain = 0.0
    for place, value in enumerate(readings.conductance[device].tolist()):
        reading = None if math.isnan(value) else value
        row = int(readings.kind[device, place])
        kind = None if row < 0 else row
        if kind is None or known is None:
            # Nothing is expected: a reading is all there is.
            size = noise_of(noise, value)
            known, uncertain = reading, size
            yield Seen(kind, reading, None, 0.0, size, known, uncertain)
            continue
        step = step_of(law, kind, int(readings.early[device, place]), known / scale)
        expected = known + scale * step.mean
        size = noise_of(noise, expected)
        before = step.keeps * step.keeps * uncertain
        before = before + scale * scale * step.variance + noise.doubt * size
        if reading is None:
            known, uncertain = expected, before
        else:
            gain = before / (before + size)
            known, uncertain = expected + gain * (reading - expected), (1.0 - gain) * before
        yield Seen(kind, reading, expected, before, size, known, uncertain)


@dataclass(frozen=True)
class Step:
    """What is expected of the step of the nominal device."""

    mean: float
    keeps: float
    variance: float


def step_of(law: Law, kind: int, early: int, conductance: float) -> Step:
    """Return what is expected of a step at a conductance (S)."""
    last = law.mean.shape[1] - 1
    cells = min(max((conductance - law.low) * law.cells_per_siemens, 0.0), float(last))
    cell = min(int(cells), last - 1)

    def between(values: list[float]) -> float:
        return values[cell] + (cells - cell) * (values[cell + 1] - values[cell])

    late = between(law.variance[kind].tolist())
    variance = max(late + float(law.early_variance[kind, early]), LEAST_LEFT * late)
    return Step(
        between(law.mean[kind].tolist()) + float(law.early_mean[kind, early]),
        1.0 + min(max(between(law.slope[kind].tolist()), -1.0), 0.0),
        variance + law.unknown,
    )


def noise_of(noise: Noise, conductance: float) -> float:
    """Return the variance of a reading, S^2."""
    part = noise.relative * conductance
    return noise.absolute * noise.absolute + part * part


def likelihood(seen: list[Seen], tells: list[bool], unit: float) -> float:
    """Return the sum of the logarithms of likelihoods, but for a constant.

    To have the kernel's bits it must round as that does, which takes logarithms of products.
    """
    total, product = 0.0, 1.0
    for one in seen:
        if counts(one, tells):
            product *= unlikely(one, unit)
            if not 1.0 / LOGARITHM_BEYOND < product < LOGARITHM_BEYOND:
                total -= 0.5 * math.log(product)
                product = 1.0
    return total - 0.5 * math.log(product)


def plain_likelihood(seen: list[Seen], tells: list[bool], unit: float) -> float:
    """Return the same sum, logarithm by logarithm."""
    return math.fsum(-0.5 * math.log(unlikely(one, unit)) for one in seen if counts(one, tells))


def square_of_score(low: list[Seen], high: list[Seen], tells: list[bool], unit: float) -> float:
    """Return the sum of the squares of what readings prefer one scale to another by."""
    total = 0.0
    for one, other in zip(low, high, strict=True):
        if counts(one, tells):
            difference = 0.5 * math.log(unlikely(one, unit) / unlikely(other, unit))
            total += difference * difference
    return total


def counts(one: Seen, tells: list[bool]) -> bool:
    """Return whether a reading tells of the scale."""
    return one.kind is not None and tells[one.kind] and one.reading is not None


def unlikely(one: Seen, unit: float) -> float:
    """Return one over the square of Student's t with the variance expected, but for a factor."""
    if one.expected is None or one.reading is None:
        return 1.0
    beside = one.reading - one.expected
    variance = (DEGREES - 2.0) * (one.uncertain_before + one.noise)
    tail = 1.0 + beside * beside / variance
    cube = tail * tail * tail
    return variance / unit * (cube * cube)
