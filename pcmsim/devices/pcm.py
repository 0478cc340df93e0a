"""`pcm`: a mushroom cell with concave, saturating, stochastic partial SET and abrupt RESET.

The mean step shrinks as the cell fills.  With u the unfilled part of the range,
u = (g_max - G) / (g_max - g_min), one pulse takes on average

    dG = rate * (g_max - g_min) * u ** concavity

which for concavity 1 is a saturating exponential in the pulse number and for 0 a straight
line.  The rate is not a setting: it is the one with which the noise-free response has filled
90 % of the range after exactly ``pulses_to_90_percent`` pulses from empty.  The step is normal
with a standard deviation of ``step_spread`` times its mean; a RESET leaves a normal residue.

That response is concave, saturates and is stochastic is published (Burr et al., IEDM 2014);
this form and its numbers are ours.
"""

from typing import Any

import numpy as np

from pcmsim.config.device_settings import PcmDevice
from pcmsim.devices.model import Floats
from pcmsim.devices.normal import normal_quantile, quantile_after_reset


class Pcm:
    """The device model of the settings' kind ``pcm``; see ``model.DeviceModel``."""

    bidirectional = False
    memory = 1

    def __init__(self, settings: PcmDevice) -> None:
        """Take the numbers from the settings and solve for the rate."""
        self.g_min = settings.g_min
        self.g_max = settings.g_max
        self.concavity = settings.concavity
        self.step_spread = settings.step_spread
        self.reset_residue = settings.reset_residue
        self.reset_spread = settings.reset_spread
        self.rate = rate_to_fill(settings.pulses_to_90_percent, settings.concavity)

    def mean_step(self, conductance: Any) -> Floats:
        """Return the mean change of conductance (S) under one partial-SET pulse."""
        span = self.g_max - self.g_min
        unfilled = np.clip((self.g_max - np.asarray(conductance)) / span, 0.0, 1.0)
        return np.asarray(self.rate * span * unfilled**self.concavity)

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a partial-SET step, S: normal, relative spread constant."""
        return self.mean_step(conductance) * (1 + self.step_spread * normal_quantile(probability))

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change under RESET, S: down to g_min plus a residue."""
        return quantile_after_reset(self, conductance, probability)


def rate_to_fill(pulses: int, concavity: float) -> float:
    """Return the rate with which ``pulses`` noise-free steps fill 90 % of an empty range.

    The unfilled part after the last pulse falls as the rate grows, so bisection finds it.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        if _unfilled_after(pulses, rate, concavity) > 0.1:
            low = rate
        else:
            high = rate
    return high


def _unfilled_after(pulses: int, rate: float, concavity: float) -> float:
    unfilled = 1.0
    for _ in range(pulses):
        unfilled = max(unfilled - rate * unfilled**concavity, 0.0)
    return unfilled
