"""`pulse_curve`: conductance as a saturating exponential of the number of pulses.

From one end of the range to the other lead N pulses, on the curve

    x(p) = (1 - exp(-p / A)) / (1 - exp(-N / A))

x being the place in the range, from 0 at g_min to 1 at g_max; N and A are those of steps up or
of steps down.  A step from anywhere on the curve is therefore (1 - exp(-1 / A)) (x_end - x) up
and (exp(1 / A) - 1) (x_end - x) down, with x_end = 1 / (1 - exp(-N / A)), where the curve would
end; linear in x, so that the jump table holds it exactly.  Every step has the same normal spread,
``noise`` parts of the range.

A is told by a label of nonlinearity, as in NeuroSim (numbers only): the furthest distance of the
curve from the diagonal, both axes from 0 to 1, in units of 0.07 (measured: this gives their
tabulated A / N at labels from 0.01 to 9 within 1e-6).  A positive label is a concave curve over
p, a negative one its convex mirror image.  Steps down run back along their curve: where the
label is negative they are large at first, at the top, where it is positive at last.
"""

import math

import numpy as np

from pcmsim.config.device_settings import PulseCurveDevice
from pcmsim.devices.model import Floats
from pcmsim.devices.normal_steps import NormalSteps

# Distances are measured across the diagonal, deviations along the axis of conductance.
DEVIATION_PER_LABEL = 0.07 * math.sqrt(2)
# Below this curvature the curve is a straight line, to all digits that count.
STRAIGHT = 1e-6
STEEPEST = 200.0


class PulseCurve(NormalSteps):
    """The device model of the settings' kind ``pulse_curve``; see ``model.DeviceModel``."""

    def __init__(self, settings: PulseCurveDevice) -> None:
        """Take the numbers from the settings and find the curves that the labels stand for."""
        super().__init__(settings)
        self.curve_up = (settings.pulses_up, curvature(settings.nonlinearity_up))
        self.curve_down = (settings.pulses_down, curvature(settings.nonlinearity_down))

    def up(self, place: Floats) -> Floats:
        """Return the mean step up, as a part of the range."""
        return _along(*self.curve_up, +1, place)

    def down(self, place: Floats) -> Floats:
        """Return the mean step down, as a positive part of the range."""
        return -_along(*self.curve_down, -1, place)


def curvature(label: float) -> float:
    """Return N / A for a label of nonlinearity.

    The curve is furthest from the diagonal where its slope is 1; that distance grows with the
    curvature, so bisection finds it.
    """
    low, high = 0.0, STEEPEST
    for _ in range(100):
        middle = (low + high) / 2
        if _deviation(middle) < abs(label) * DEVIATION_PER_LABEL:
            low = middle
        else:
            high = middle
    return math.copysign(high, label)


def label_of(curvature: float) -> float:
    """Return the label of nonlinearity of a curve with this N / A; the inverse of ``curvature``."""
    return math.copysign(_deviation(abs(curvature)) / DEVIATION_PER_LABEL, curvature)


def _deviation(curvature: float) -> float:
    """Return how far the curve is from the diagonal at most, both axes from 0 to 1."""
    if curvature < STRAIGHT:
        return curvature / 8
    height = -math.expm1(-curvature)
    place = math.log(curvature / height) / curvature
    return -math.expm1(-curvature * place) / height - place


def _along(pulses: int, curvature: float, direction: int, place: Floats) -> Floats:
    """Return the change of place by one pulse forward (+1) or back (-1) along a curve."""
    if abs(curvature) < STRAIGHT:
        return np.full_like(place, direction / pulses)
    end = -1 / math.expm1(-curvature)
    return np.asarray(-math.expm1(-direction * curvature / pulses) * (end - place))
