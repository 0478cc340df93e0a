"""`linear`: a bidirectional device that steps up and down, ideally by equal amounts.

With x the place in the range, from 0 at g_min to 1 at g_max, a step count N and a
nonlinearity v,

    up      dG = +(g_max - g_min) / N * (1 + asymmetry) * c * exp(-v (x - 1/2))
    down    dG = -(g_max - g_min) / N * (1 - asymmetry) * c * exp(+v (x - 1/2))

where c = sinh(v / 2) / (v / 2), the mean of 1 / exp over the range, makes N steps without
asymmetry cross the range whatever the nonlinearity (exactly for many small steps).  Both steps
are normal with a standard deviation of ``step_spread`` times their mean.

Asymmetry and nonlinearity of 0 give the symmetric, linear device with which the published
network reaches the accuracy of software (Burr et al., IEDM 2014: published).  The knobs are ours.
"""

import math
from typing import Any

import numpy as np

from pcmsim.config.device_settings import LinearDevice
from pcmsim.devices.model import Floats
from pcmsim.devices.normal import normal_quantile


class Linear:
    """The device model of the settings' kind ``linear``; see ``model.DeviceModel``."""

    bidirectional = True
    memory = 1

    def __init__(self, settings: LinearDevice) -> None:
        """Take the numbers from the settings."""
        self.g_min = settings.g_min
        self.g_max = settings.g_max
        self.steps = settings.steps
        self.step_spread = settings.step_spread
        self.asymmetry = settings.asymmetry
        self.nonlinearity = settings.nonlinearity
        half = settings.nonlinearity / 2
        self.stretch = math.sinh(half) / half if half > 0 else 1.0

    def mean_step(self, conductance: Any, direction: int) -> Floats:
        """Return the mean change of conductance (S) of a step up (+1) or down (-1)."""
        span = self.g_max - self.g_min
        place = (np.asarray(conductance) - self.g_min) / span
        bend = np.exp(-direction * self.nonlinearity * (place - 0.5))
        nominal = self.stretch * span / self.steps
        return np.asarray(direction * nominal * (1 + direction * self.asymmetry) * bend)

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a step up, S."""
        return self.mean_step(conductance, +1) * (
            1 + self.step_spread * normal_quantile(probability)
        )

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of a step down, S: rises with ``probability`` like any quantile."""
        return self.mean_step(conductance, -1) * (
            1 - self.step_spread * normal_quantile(probability)
        )
