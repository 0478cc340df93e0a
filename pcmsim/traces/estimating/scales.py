"""The range of each device over that of the nominal one.

The array engine scales a device's whole range, and its steps with it, by one factor s.  The s of
a device is the one under which its steps are most likely: with nominal mean m and variance v of
the step,

    step ~ s m(G / s), with variance s^2 v(G / s) + noise

and Student's t with 5 degrees of freedom for its tails, so that a few odd steps do not decide.
Where a train reaches saturation its maximum decides, because steps are small and sharp there;
where trains end short of it, a larger range and larger steps are the same thing, and the size of
steps decides alone: where devices were seen on little of the range, scales are not asked for
(``rounds``).  Where devices are held at upper limits these decide (``limits``): a step that the
limit cut short is not one of the law above.

How uncertain an s is tells the curvature of the likelihood.  The spread of ranges is what the
estimates spread more than they are uncertain (the equation of Paule and Mandel, 1982); each s is
then drawn towards the mean, 1, by the share of its uncertainty: without this the noise of the
estimates would be taken out of the steps as if devices were different.  And devices count as
different only if that explains their trains better than one scale for all, by Schwarz's criterion.
"""

import numpy as np

from pcmsim.traces.estimating.limits import Limits
from pcmsim.traces.estimating.pulse_count import Counts
from pcmsim.traces.estimating.read_noise import MeasuredNoise, Responses, forecasts
from pcmsim.traces.traces import Floats, Traces, repeated, steps_of

FREEDOM = 5.0
# Steps of one device that are needed to tell its scale.
FEWEST_STEPS = 5
FEWEST_DEVICES = 3
# Scales that are tried, over the present one; the search is repeated, so that more can be reached.
FACTORS = np.exp(np.linspace(-0.5, 0.5, 81))
# Scales must spread more than their errors explain by so many standard deviations of chance.
SIGNIFICANT = 2.0
ROWS_AT_A_TIME = 20_000
SMALLEST, LARGEST = 0.1, 10.0


def scales_of_maxima(traces: Traces) -> Floats:
    """Return a first guess: each device's high readings over the mean of all devices'.

    Devices with less than half of the readings of the longest train are taken for nominal ones.
    """
    count = np.isfinite(traces.conductance).sum(axis=1)
    known = count >= max(count.max() / 2, 2)
    scale = np.ones(len(count))
    if known.sum() >= FEWEST_DEVICES:
        top = np.nanquantile(traces.conductance[known], 0.95, axis=1)
        scale[known] = np.clip(top / top.mean(), SMALLEST, LARGEST) if top.mean() > 0 else 1.0
    return scale


def fit_scales(
    traces: Traces,
    scale: Floats,
    responses: Responses,
    noise: MeasuredNoise,
    gradual: list[int],
    past: Counts | None,
    limits: Limits | None = None,
) -> tuple[Floats, float]:
    """Return the scale of each device, drawn towards 1, and the spread of scales.

    Args:
        traces: readings of all devices.
        scale: (devices,) the present scales.
        responses: mean and variance of the nominal device's steps.
        noise: noise of readings.
        gradual: kinds of pulses that step gradually: only these tell of the scale.
        past: (devices, readings) pulses since RESET, if responses depend on them.
        limits: upper limits, if devices show any; these decide.
    """
    known = _steps_of_each(traces, gradual) >= FEWEST_STEPS
    if known.sum() < FEWEST_DEVICES:
        return np.ones(scale.size), 0.0
    # Never a single factor: from one to the next the likelihood has a slope.
    together = max(ROWS_AT_A_TIME // scale.size, 2)
    pieces = np.array_split(FACTORS, max(FACTORS.size // together, 1))
    found = [_likelihood(traces, scale, piece, responses, noise, gradual, past) for piece in pieces]
    likelihood, scores = (np.concatenate([part[n] for part in found])[:, known] for n in (0, 1))
    best, error = _peaks(likelihood, scores)
    own = np.clip(scale[known] * best, SMALLEST, LARGEST)
    error = np.minimum(own * error, LARGEST)
    if limits is not None:
        told, wrong = np.ones(scale.size), np.full(scale.size, np.inf)
        told[known], wrong[known] = own, error
        return limits.scales(told, wrong)
    spread, mean = between(own, error)
    drawn = np.ones(scale.size)
    drawn[known] = 1 + spread**2 / (spread**2 + error**2) * (own / mean - 1)
    return np.maximum(drawn, SMALLEST), spread / mean


def misfit(
    traces: Traces,
    scale: Floats,
    responses: Responses,
    noise: MeasuredNoise,
    gradual: list[int],
    past: Counts | None,
) -> float:
    """Return how badly scales and responses explain the trains: Schwarz's criterion (BIC).

    Scales that are not all 1 are one parameter for each device, known from the readings of its own.
    """
    total, _ = _likelihood(traces, scale, np.ones(2), responses, noise, gradual, past)
    parameters = 0 if np.all(scale == 1) else scale.size
    readings = np.isfinite(traces.conductance).sum() / scale.size
    return float(parameters * np.log(readings) - 2 * total[0].sum())


def _steps_of_each(traces: Traces, kinds: list[int]) -> Floats:
    steps = [steps_of(traces, kind).device for kind in kinds]
    return np.bincount(np.concatenate(steps), minlength=len(traces.devices)).astype(np.float64)


def _likelihood(
    traces: Traces,
    scale: Floats,
    factors: Floats,
    responses: Responses,
    noise: MeasuredNoise,
    gradual: list[int],
    past: Counts | None,
) -> tuple[Floats, Floats]:
    """Return the logarithm of the likelihood of each train at each factor, and squared scores.

    Both have shape (factors, devices).  The likelihood of each reading is taken given the filtered
    readings before it; its score is by how much its logarithm grows from one factor to the next.
    """
    shape = (factors.size, scale.size)
    many = repeated(traces, factors.size)
    scales = np.outer(factors, scale).ravel()
    total, scores = np.zeros(shape), np.zeros(shape)
    for place, forecast in forecasts(many, scales, responses, noise, past):
        told = np.isin(many.pulse[:, place], gradual) & np.isfinite(forecast.rest)
        variance = np.where(told, forecast.variance * (FREEDOM - 2) / FREEDOM, 1.0)
        tail = (FREEDOM + 1) * np.log1p(forecast.rest**2 / variance / FREEDOM)
        single = np.where(told, -0.5 * (tail + np.log(variance)), 0.0).reshape(shape)
        total += single
        slope: Floats = np.gradient(single, axis=0)  # type: ignore[assignment]
        scores += slope**2
    return total, scores


def _peaks(likelihood: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Return the most likely factor of each device and its standard error, relative.

    The error is the larger of two: by the curvature, and by what single readings say of it
    ("sandwich"), which holds also where steps are not distributed as the likelihood has it.
    """
    peak = np.clip(likelihood.argmax(axis=0), 2, FACTORS.size - 3)
    device = np.arange(likelihood.shape[1])
    low, middle, high = (likelihood[peak + shift, device] for shift in (-2, 0, 2))
    step = np.log(FACTORS[1] / FACTORS[0])
    curvature = np.maximum((2 * middle - low - high) / (2 * step) ** 2, 1e-6)
    shift = np.clip((high - low) / (4 * step) / curvature, -2 * step, 2 * step)
    score = np.sqrt(scores[peak, device]) / step
    return FACTORS[peak] * np.exp(shift), np.maximum(curvature**-0.5, score / curvature)


def between(values: Floats, error: Floats) -> tuple[float, float]:
    """Return how much values spread beyond their errors, and their mean (Paule and Mandel)."""

    def excess(variance: float) -> tuple[float, float]:
        weight = 1 / (variance + error**2)
        mean = float(weight @ values / weight.sum())
        return float(weight @ (values - mean) ** 2) - (values.size - 1), mean

    low, high = 0.0, float(np.var(values) * 4 + 1e-12)
    if excess(low)[0] <= SIGNIFICANT * np.sqrt(2 * (values.size - 1)):
        return 0.0, excess(low)[1]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle)[0] > 0 else (low, middle)
    return float(np.sqrt(high)), excess(high)[1]
