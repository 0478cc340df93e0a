"""Steps of the nominal device: the size that steps of each device have is divided out of them.

The array engine multiplies every step of a device by a factor of its own, of mean 1 over devices.
Tables must be made of steps whose device's factor is divided out, for two reasons.  What devices
differ in would be counted twice.  And devices of large steps leave a part of the range sooner than
those of small ones, so that most steps that begin there are steps of slow devices.  But factors can
only be found from the mean step of a nominal device.  Hence rounds: mean and variance of the
nominal step, the factor of each device, and again.

Steps are weighed by w = m^2 / v, with nominal mean m and variance v at their conductance, so that
those of which nothing is known, where the mean is small, do not decide.  With W the sum of the w of
a device, its factor is the sum of w (step / m), over W.  The error of a factor is that factor times
sqrt(V / W), where V, about 1, is by how much steps scatter more than v says.  What factors spread
beyond their errors is the spread of sizes, t (the equation of Paule and Mandel, 1982).  Each factor
is drawn towards 1 by the share that its error e has in t^2 + e^2; what is then left unknown of it,
t e / sqrt(t^2 + e^2), is for the tables to take out.

Devices count as different by a test with no factor taken out.  In the sums U of w (step / m - 1) of
a device each step is unpredictable from those before it, while a mean of its own depends on where
its steps have led it.  The squares of the U, less what all devices have in common, are on average
V W + (t W)^2; their sum must exceed what chance makes of it by 2.5 standard deviations,
V sqrt(2 sum W^2).

Steps from the tenth of the range at the end that they lead to, which cuts them short, tell nothing
of sizes, unless devices wander against limits: then those that were cut short are known, and
``lengthened`` in every round.  The test takes neither the lowest nor the highest tenth.  Single
steps of far greater weight than others tell nothing.

Where devices are alike, steps stay as they are, cut short or not.  Devices whose limit is known are
those that stayed there most often, and to lengthen their steps would overdo it: the mean step at
the top of ``pcm-exponential-step`` was found five times too large.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pcmsim.traces.estimating.cut import lengthened
from pcmsim.traces.estimating.moments import Moments, Samples, moments
from pcmsim.traces.estimating.scales import between
from pcmsim.traces.traces import UP, Floats

# Part of the range at either end that cuts steps short, so that their mean is less well known.
AT_ENDS = 0.1
# Steps that weigh more than so many times what nine in ten do at most are left out: a few of them,
# of which the variance is hardly known, would decide.
HEAVIEST = 3.0
# Devices must differ by so many standard deviations of chance.
SIGNIFICANT = 2.5
ROUNDS = 12
SMALLEST, LARGEST_SPREAD, LEAST_ERROR = 0.05, 1.0, 1e-6


@dataclass(frozen=True)
class NominalSteps:
    """Steps of the nominal device, and what of other devices was divided out of them.

    Attributes:
        samples: steps of every kind of pulse, over the factor of their device.
        factor: (devices,) size of the steps of each over that of the nominal device, drawn towards
            1 as it is uncertain.
        spread: standard deviation of the true factors, at most 1.
        unknown: standard deviation of what ``factor`` leaves of them.
    """

    samples: Mapping[int, Samples]
    factor: Floats
    spread: float
    unknown: float


def nominal_steps(
    samples: Mapping[int, Samples], nodes: Floats, devices: int, memory: int, cut_short: bool
) -> NominalSteps:
    """Return what steps would be on the nominal device.

    Args:
        samples: steps of every kind of pulse that steps gradually, ``UP`` among them.
        nodes: conductances (S) of a nominal device over its range.
        devices: how many devices there are.
        memory: after how many counts of pulses since RESET steps up differ.
        cut_short: whether devices wander against limits, which cut steps short.
    """
    found = NominalSteps(samples, np.ones(devices), 0.0, 0.0)
    if not devices_differ(samples[UP], moments(samples[UP], nodes, memory=memory)):
        return found
    for _ in range(ROUNDS):
        pooled = {
            kind: moments(one, nodes, memory=memory if kind == UP else 1)
            for kind, one in found.samples.items()
        }
        steps, left_out = samples, AT_ENDS
        if cut_short:
            left_out = 0.0
            steps = {
                kind: lengthened(one, kind, pooled[kind], found.factor)
                for kind, one in samples.items()
            }
        found = _with_sizes(steps, pooled, found.factor, left_out)
    return found


def devices_differ(samples: Samples, pooled: Moments) -> bool:
    """Return whether the size of steps differs between devices beyond chance."""
    alike = np.ones(samples.device.max(initial=0) + 1)
    told = _told(samples, pooled, alike, (AT_ENDS, AT_ENDS))
    if told.steps == 0:
        return False
    by_chance = told.scatter / told.steps
    rest = told.sums - told.weight
    rest -= told.weight * rest.sum() / told.weight.sum()
    excess = float(rest @ rest) - by_chance * float(told.weight.sum())
    chance = by_chance * float(np.sqrt(2 * (told.weight @ told.weight)))
    return excess > SIGNIFICANT * chance


def _with_sizes(
    samples: Mapping[int, Samples], pooled: Mapping[int, Moments], factor: Floats, left_out: float
) -> NominalSteps:
    """Divide out the sizes that follow from the steps of the nominal device.

    Steps that begin in this part of the range from the end that they lead to are ``left_out``.
    """
    parts = [
        _told(
            _divided(one, factor),
            pooled[kind],
            factor,
            (0.0, left_out) if kind == UP else (left_out, 0.0),
        )
        for kind, one in samples.items()
    ]
    weight, sums = np.sum([[one.weight, one.sums] for one in parts], axis=0)
    by_chance = sum(one.scatter for one in parts) / max(sum(one.steps for one in parts), 1)
    known = weight > 0
    told = np.maximum(sums[known] / weight[known], SMALLEST)
    error = np.maximum(factor[known] * np.sqrt(by_chance / weight[known]), LEAST_ERROR)
    spread, mean = between(told, error)
    told, error, spread = told / mean, error / mean, min(spread / mean, LARGEST_SPREAD)
    chance = error**2 / (spread**2 + error**2)
    factor, unknown = np.ones(weight.size), np.full(weight.size, spread**2)
    factor[known] = np.maximum(told + chance * (1 - told), SMALLEST)
    unknown[known] = chance * spread**2
    nominal = {kind: _divided(one, factor) for kind, one in samples.items()}
    return NominalSteps(nominal, factor, spread, float(np.sqrt(unknown.mean())))


def _divided(samples: Samples, factor: Floats) -> Samples:
    """Return steps over the factor of their device.

    They count by its square: so a mean of them is the slope of steps against factors, which is
    right though factors are uncertain, as they are drawn towards 1 by as much.  If all counted the
    same, the mean step of ``reram-array-optimised`` would come out an eighth too small (measured):
    slow devices linger, and theirs are the factors that are believed too large.
    """
    own = factor[samples.device]
    return replace(samples, step=samples.step / own, noise=samples.noise / own**2, weight=own**2)


@dataclass(frozen=True)
class _Told:
    """What steps of one kind of pulse tell of the size of steps, one entry a device.

    Attributes:
        weight: sum of their weights.
        sums: sum of weight times step over nominal mean step.
        scatter: sum over all steps of what is left, squared, over the variance.
        steps: how many these are.
    """

    weight: Floats
    sums: Floats
    scatter: float
    steps: int


def _told(
    nominal: Samples, pooled: Moments, factor: Floats, left_out: tuple[float, float]
) -> _Told:
    """Return what steps, their device's ``factor`` divided out, tell of its size.

    Those that begin in these parts of the range, at its lower and upper end, are ``left_out``.
    """
    mean = pooled.mean_at(nominal.before, nominal.past)
    variance = pooled.measured_at(nominal.before, nominal.past)
    low, high = pooled.conductance[[0, -1]]
    place = (nominal.before - low) / (high - low)
    told = (variance > 0) & (mean != 0) & (place >= left_out[0]) & (place <= 1 - left_out[1])
    if not told.any():
        return _Told(np.zeros(factor.size), np.zeros(factor.size), 0.0, 0)
    weight = np.divide(mean**2, variance, out=np.zeros_like(mean), where=told)
    told &= weight <= HEAVIEST * np.quantile(weight[told], 0.9)
    device, mean, variance, weight = (
        each[told] for each in (nominal.device, mean, variance, weight)
    )
    step = nominal.step[told]
    count = None if nominal.weight is None else nominal.weight[told]
    return _Told(
        weight=np.bincount(device, weight, factor.size).astype(np.float64),
        sums=factor * np.bincount(device, mean * step / variance, factor.size),
        scatter=float(np.average((step - mean) ** 2 / variance, weights=count) * device.size),
        steps=device.size,
    )
