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

from pcmsim.kernels import kalman
from pcmsim.traces.estimating.filtered import Nominal, filter_input
from pcmsim.traces.estimating.limits import Limits
from pcmsim.traces.traces import Floats, Traces, steps_of

# Steps of one device that are needed to tell its scale.
FEWEST_STEPS = 5
FEWEST_DEVICES = 3
# Scales that are tried, over the present one; the search is repeated, so that more can be reached.
STEP = 1 / 80
FACTORS = np.exp(np.arange(-40, 41) * STEP)
# A peak is a parabola through the factors so many steps away.
CURVED = 2
# Scales must spread more than their errors explain by so many standard deviations of chance.
SIGNIFICANT = 2.0
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
    nominal: Nominal,
    gradual: list[int],
    limits: Limits | None = None,
) -> tuple[Floats, float]:
    """Return the scale of each device, drawn towards 1, and the spread of scales.

    Args:
        traces: readings of all devices.
        scale: (devices,) the present scales.
        nominal: what is known of the nominal device.
        gradual: kinds of pulses that step gradually: only these tell of the scale.
        limits: upper limits, if devices show any; these decide.
    """
    known = _steps_of_each(traces, gradual) >= FEWEST_STEPS
    if known.sum() < FEWEST_DEVICES:
        return np.ones(scale.size), 0.0
    best, error = _Likelihood(traces, nominal, gradual).best_factors(scale)
    own = np.clip(scale[known] * best[known], SMALLEST, LARGEST)
    error = np.minimum(own * error[known], LARGEST)
    if limits is not None:
        told, wrong = np.ones(scale.size), np.full(scale.size, np.inf)
        told[known], wrong[known] = own, error
        return limits.scales(told, wrong)
    spread, mean = between(own, error)
    drawn = np.ones(scale.size)
    drawn[known] = 1 + spread**2 / (spread**2 + error**2) * (own / mean - 1)
    return np.maximum(drawn, SMALLEST), spread / mean


def misfit(traces: Traces, scale: Floats, nominal: Nominal, gradual: list[int]) -> float:
    """Return how badly scales and responses explain the trains: Schwarz's criterion (BIC).

    Misfits can be compared where the traces are the same: a constant is left out.

    Scales that are not all 1 are one parameter for each device, known from the readings of its own.
    """
    total = _Likelihood(traces, nominal, gradual).at(scale[:, None])
    parameters = 0 if np.all(scale == 1) else scale.size
    readings = np.isfinite(traces.conductance).sum() / scale.size
    return float(parameters * np.log(readings) - 2 * total.sum())


def _steps_of_each(traces: Traces, kinds: list[int]) -> Floats:
    steps = [steps_of(traces, kind).device for kind in kinds]
    return np.bincount(np.concatenate(steps), minlength=len(traces.devices)).astype(np.float64)


class _Likelihood:
    """How likely the trains are if devices have one scale or another.

    The likelihood of each reading is taken given the filtered readings before it, and but for a
    factor that is the same whatever the scales and the nominal device.
    """

    def __init__(self, traces: Traces, nominal: Nominal, gradual: list[int]) -> None:
        tells = np.array([kind in gradual for kind in nominal.responses])
        self._input = (*filter_input(traces, nominal), tells)

    def at(self, scale: Floats) -> Floats:
        """Return the logarithm of the likelihood of each train at scales (devices, scales)."""
        likelihood, track = np.empty(scale.shape), np.empty((3, scale.shape[1]))
        kalman.log_likelihood(*self._input, scale, track, likelihood)
        return likelihood

    def best_factors(self, scale: Floats) -> tuple[Floats, Floats]:
        """Return by which factor the scale of each device is most likely, and its standard error.

        The error, relative, is the larger of two: by the curvature, and by what single readings
        say of it ("sandwich"), which holds also where steps are not distributed as the likelihood
        has it.
        """
        likelihood = self.at(np.outer(scale, FACTORS))
        peak = np.clip(likelihood.argmax(axis=1), CURVED, FACTORS.size - 1 - CURVED)
        device, wide = np.arange(scale.size), CURVED * STEP
        low, middle, high = (likelihood[device, peak + shift] for shift in (-CURVED, 0, CURVED))
        curvature = np.maximum((2 * middle - low - high) / wide**2, 1e-6)
        shift = np.clip((high - low) / (2 * wide) / curvature, -wide, wide)
        score = self._scores(scale * FACTORS[peak]) / curvature
        return FACTORS[peak] * np.exp(shift), np.maximum(curvature**-0.5, score)

    def _scores(self, scale: Floats) -> Floats:
        """Return the root of the sum of squared scores, slopes against the logarithm of the scale.

        A score is that of a single reading.
        """
        squares = np.empty(scale.size)
        pair = scale[:, None] * np.exp([-STEP, STEP])
        kalman.squared_scores(*self._input, pair, squares)
        return np.asarray(np.sqrt(squares) / (2 * STEP))


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
