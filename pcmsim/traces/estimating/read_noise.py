"""How noisy the readings are, from the steps themselves.

A reading is the conductance G plus noise e.  The step from reading t to t + 1 contains
e(t + 1) - e(t), the next one e(t + 2) - e(t + 1): noise makes neighbouring steps of a train
correlated negatively, by its variance N.  With r the steps less their mean, V their variance from
pulse to pulse, and a the slope of the mean step against the conductance,

    mean of r(t) (r(t + 2) - r(t + 1)) = N (1 - 2 b) - a V
    variance of r                      = 2 N + (1 + a^2) V

from which N follows.  The product with the step after next takes out what a device has of its own;
the slopes tell how steps answer the steps before.  The mean step is taken at the reading *before*
the one at which the step begins, against which its slope is b = a (1 + a): at that one itself,
noise would lead back to the mean and hide.  The product is noisy where steps are, and so weighs by
one over the squared variance of steps at its conductance.  Noise counts as significant if it
exceeds 2.5 standard errors, found from device to device (one false alarm in 160), and a tenth of
the variance of the steps it was found in.  Where steps answer those before in other ways than by
their mean, as at the end of a range, this is not enough: a second mean of products must be as far
above zero, that of steps less their mean at the reading where they begin.

Significant noise is taken out of conductances and of the spread of steps by ``filtered``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.estimating.moments import Moments, Responses, Samples, moments
from pcmsim.traces.estimating.pulse_count import Counts
from pcmsim.traces.traces import Floats, Traces

SIGNIFICANT = 2.5
LEAST_SHARE = 0.1
LEAST_WINDOWS = 30
# Steps of this part of the range are as good as none where steps are weighed.
RESOLUTION = 1e-4
# The slope b of the mean step against the reading before is believed within these; below, there is
# no a.
SLOPES = (-0.25, 0.1)


@dataclass(frozen=True)
class MeasuredNoise:
    """The noise of single readings: its variance is absolute**2 + (relative * G)**2.

    Attributes:
        absolute: part that is the same at all conductances, S.
        relative: part that grows with the conductance, over the conductance.
        typical: standard deviation, S, in the middle of all readings.
        variance: mean variance, S^2, at the conductances that tell most of it; may be negative.
        error: standard error of ``variance``, S^2, from device to device.
        significant: whether noise can be told from none; if not, ``absolute``, ``relative`` and
            ``typical`` are 0 and nothing is taken out of the tables.
    """

    absolute: float
    relative: float
    typical: float
    variance: float
    error: float
    significant: bool

    def variance_at(self, conductance: Floats) -> Floats:
        """Return the variance of a reading (S^2) at a conductance (S)."""
        return np.asarray(self.absolute**2 + (self.relative * conductance) ** 2)


NO_NOISE = MeasuredNoise(0.0, 0.0, 0.0, 0.0, 0.0, False)


def measure_noise(
    traces: Traces,
    scale: Floats,
    nodes: Floats,
    kinds: list[int],
    responses: Responses,
    past: Counts | None,
) -> MeasuredNoise:
    """Estimate the noise of readings from trains of at least four pulses of one kind.

    Args:
        traces: readings of all devices.
        scale: (devices,) range of each device over the nominal one.
        nodes: conductances (S) of a nominal device over its range.
        kinds: kinds of pulses that step gradually, of ``UP`` and ``DOWN``.
        responses: of these is taken what early pulses add to the mean step.
        past: (devices, readings) pulses since RESET, if responses depend on them.
    """
    found = [_windows(traces, scale, nodes, kind, responses.get(kind), past) for kind in kinds]
    windows = _Windows(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    if windows.device.size < LEAST_WINDOWS or np.unique(windows.device).size < 2:
        return NO_NOISE
    variance, error = _mean_of(windows.product, windows)
    share = float(windows.weight @ windows.variance / windows.weight.sum())
    beyond, beyond_error = _mean_of(windows.beyond, windows)
    hidden = variance <= max(SIGNIFICANT * error, LEAST_SHARE * share)
    if hidden or beyond <= SIGNIFICANT * beyond_error:
        return MeasuredNoise(0.0, 0.0, 0.0, variance, error, False)
    absolute, relative = _two_parts(windows.product, windows.weight, windows.conductance)
    middle = float(np.nanmedian(traces.conductance))
    typical = float(np.hypot(absolute, relative * middle))
    return MeasuredNoise(absolute, relative, typical, variance, error, True)


class _Windows(NamedTuple):
    """What five readings in a row, with four pulses of one kind between them, say of noise.

    All arrays have one entry a window.
    """

    device: NDArray[np.int64]
    conductance: Floats  # S
    weight: Floats
    product: Floats  # of which the mean is the variance of noise, S^2
    beyond: Floats  # the same with steps less their mean where they begin: what only noise explains
    variance: Floats  # of steps, S^2


def _mean_of(product: Floats, windows: _Windows) -> tuple[float, float]:
    """Return the weighted mean of products and its standard error from device to device."""
    mean = float(windows.weight @ product / windows.weight.sum())
    deviation = np.bincount(windows.device, windows.weight * (product - mean))
    return mean, float(np.sqrt(deviation @ deviation) / windows.weight.sum())


def _windows(
    traces: Traces,
    scale: Floats,
    nodes: Floats,
    kind: int,
    response: Moments | None,
    past: Counts | None,
) -> _Windows:
    """Return all windows of one kind of pulse."""
    reading = traces.conductance / scale[:, None]
    fired = traces.pulse == kind
    starts = max(reading.shape[1] - 4, 0)
    whole = np.ones((reading.shape[0], starts), bool)
    for place in range(5):
        whole &= np.isfinite(reading[:, place : place + starts])
        whole &= fired[:, place : place + starts] | (place == 0)
    device, start = np.nonzero(whole)
    if device.size < LEAST_WINDOWS:
        none = np.zeros(0)
        return _Windows(np.zeros(0, np.int64), none, none, none, none, none)
    window = np.stack([reading[device, start + place] for place in range(5)])
    added = np.zeros((3, device.size))
    if response is not None and response.early is not None and past is not None:
        added = np.stack([response.early.mean_at(past[device, start + n]) for n in (1, 2, 3)])
    earlier, rest = _less_mean(device, window[:3], window, added, nodes)
    _, beyond = _less_mean(device, window[1:4], window, added, nodes)
    measured = earlier.measured_at(window[0])
    product = _noise_in(rest, measured, np.clip(earlier.slope_at(window[0]), *SLOPES))
    own = scale[device] ** 2
    resolution = (RESOLUTION * (nodes[-1] - nodes[0])) ** 2
    return _Windows(
        device=device,
        conductance=window[1] * scale[device],
        weight=1 / (own * (measured + resolution)) ** 2,
        product=own * product,
        beyond=own * beyond[0] * (beyond[2] - beyond[1]),
        variance=own * measured,
    )


def _noise_in(rest: Floats, measured: Floats, slope: Floats) -> Floats:
    """Return products (S^2) of which the mean is N; V is taken out by the ``measured`` variance.

    ``rest`` (3, n) are steps less their mean, ``slope`` is b.
    """
    own = (np.sqrt(1 + 4 * slope) - 1) / 2
    share = own / (1 + own**2)
    product = rest[0] * (rest[2] - rest[1]) + share * measured
    return np.asarray(product / (1 - 2 * slope + 2 * share))


def _less_mean(
    device: NDArray[np.int64], place: Floats, window: Floats, added: Floats, nodes: Floats
) -> tuple[Moments, Floats]:
    """Return moments of the last three steps of windows at given places, and steps less mean.

    What early pulses ``added`` to the mean of these steps is taken out before.
    """
    step = np.diff(window, axis=0)[1:] - added
    samples = Samples(np.tile(device, 3), place.ravel(), step.ravel(), np.zeros(step.size))
    found = moments(samples, nodes)
    return found, step - found.mean_at(place)


def _two_parts(product: Floats, weight: Floats, conductance: Floats) -> tuple[float, float]:
    """Fit ``product = absolute^2 + (relative G)^2`` with both parts at least 0."""
    root = np.sqrt(weight)
    columns = np.stack([np.ones_like(conductance), conductance**2], axis=1) * root[:, None]
    size = np.sqrt((columns**2).sum(axis=0))
    parts = np.linalg.lstsq(columns / size, root * product, rcond=None)[0] / size
    if parts.min() < 0:
        alone = (columns.T @ (root * product)) / size**2
        left = [((root * product - columns[:, n] * max(alone[n], 0)) ** 2).sum() for n in (0, 1)]
        best = int(np.argmin(left))
        parts = np.where(np.arange(2) == best, np.maximum(alone, 0), 0.0)
    absolute, relative = np.sqrt(parts)
    return float(absolute), float(relative)
