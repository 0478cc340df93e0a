"""`nandakumar2018`: a doped-GST mushroom cell of 90 nm, with memory of pulses since RESET.

Nandakumar et al., J. Appl. Phys. 124:152135, 2018.  All numbers are open code:
YigitDemirag/srnn-pcm, ``xbar.py``, commit 2d917836.  With P = exp(-(n + 1) / 2.6) after n
pulses since the last RESET (the factor decays before it is used),

    mean    mu    = -0.084 G + 0.880 uS + 1.40 uS * P
    spread  sigma =  0.091 G + 0.260 uS + 2.15 uS * P
    SET     G <- clip(G + mu + sigma N(0, 1), 0.1 uS, g_max)
    RESET   G <- max(0.1 uS + 0.01 uS * N(0, 1), 0.01 uS), and n = 0

Its read noise, 0.03 G + 0.13 uS, belongs to the settings under ``read``; its drift between
programming and a later read is not part of this model.
"""

from typing import Any

import numpy as np

from pcmsim.config.device_settings import Nandakumar2018Device
from pcmsim.devices.normal import normal_quantile

MICRO = 1e-6
DECAY_PULSES = 2.6
LOWEST_AFTER_SET = 0.1 * MICRO
# After 24 pulses P is 1e-4, its share of the spread 0.2 nS: what follows is the same for good.
MEMORY = 24


class Nandakumar2018:
    """The device model of the settings' kind ``nandakumar2018``; see ``model.DeviceModel``."""

    bidirectional = False
    memory = MEMORY
    g_min = 0.01 * MICRO

    def __init__(self, settings: Nandakumar2018Device) -> None:
        """Take the maximum conductance from the settings; all else is the published model."""
        self.g_max = settings.g_max

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a partial-SET step, S: a normal step, clipped as published."""
        since_reset = np.exp(-(past + 1) / DECAY_PULSES)
        mean = -0.084 * conductance + (0.880 + 1.40 * since_reset) * MICRO
        spread = 0.091 * conductance + (0.260 + 2.15 * since_reset) * MICRO
        after = conductance + mean + spread * normal_quantile(probability)
        return np.clip(after, LOWEST_AFTER_SET, self.g_max) - conductance

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change under RESET, S."""
        after = (0.1 + 0.01 * normal_quantile(probability)) * MICRO
        return np.clip(after, self.g_min, self.g_max) - conductance
