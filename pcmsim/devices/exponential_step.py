"""`exponential_step`: steps that die away exponentially with the conductance, down to a floor.

With x the place in the range, from 0 at g_min to 1 at g_max, mean steps are, as parts of the
range,

    up      floor_up   + amplitude_up   exp(-decay_up x)
    down    floor_down + amplitude_down exp(-decay_down (1 - x))

and normal with the spread ``step_spread * step + noise + noise_slope * x``.

Two open codes have this form.  aihwkit (IBM/aihwkit, commit 4545f11b, exponential-step device)
writes it in weights w with z = 2 a w / (bmax - bmin) + b as dw_min (1 - A_up exp(gamma_up z)) up
and dw_min (1 - A_down exp(-gamma_down z)) down; for both of its presets z is -2 x or -x.
N2D2 (commit ccce8ba2) has, after Suri et al., IEDM 2011, alpha exp(beta x) and no floor.
"""

import numpy as np

from pcmsim.config.device_settings import ExponentialStepDevice
from pcmsim.devices.model import Floats
from pcmsim.devices.normal_steps import NormalSteps


class ExponentialStep(NormalSteps):
    """The device model of the settings' kind ``exponential_step``; see ``model.DeviceModel``."""

    def __init__(self, settings: ExponentialStepDevice) -> None:
        """Take the numbers from the settings."""
        super().__init__(settings)
        self.bidirectional = settings.bidirectional
        self.noise_slope = settings.noise_slope
        self.reset_residue = settings.reset_residue
        self.reset_spread = settings.reset_spread
        self.settings = settings

    def up(self, place: Floats) -> Floats:
        """Return the mean step up, as a part of the range."""
        law = self.settings
        return np.asarray(law.floor_up + law.amplitude_up * np.exp(-law.decay_up * place))

    def down(self, place: Floats) -> Floats:
        """Return the mean step down, as a positive part of the range."""
        law = self.settings
        return np.asarray(
            law.floor_down + law.amplitude_down * np.exp(-law.decay_down * (1 - place))
        )
