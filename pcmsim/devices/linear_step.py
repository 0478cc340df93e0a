"""`linear_step` and `soft_bounds`: steps that change in proportion to the conductance.

With x the place in the range, from 0 at g_min to 1 at g_max, mean steps run in straight lines
between what they are at the two ends of the range, as parts of the range,

    up      up_at_bottom (1 - x) + up_at_top x
    down    down_at_top x + down_at_bottom (1 - x)

and are normal with the spread ``step_spread * step + noise``.  Soft bounds are the case in which
steps towards an end vanish there.

The form is open code: IBM/aihwkit, commit 4545f11b, where a linear-step device has in weights w
the steps dw_min (1 - gamma_up w / w_max) up and dw_min (1 - gamma_down w / w_min) down, and soft
bounds are gamma = 1.  A spread that is the same everywhere (their additive noise) is ``noise``.
"""

import numpy as np

from pcmsim.config.device_settings import LinearStepDevice, SoftBoundsDevice
from pcmsim.devices.model import Floats
from pcmsim.devices.normal_steps import NormalSteps


class LinearStep(NormalSteps):
    """The device model of the settings' kind ``linear_step``; see ``model.DeviceModel``."""

    def __init__(self, settings: LinearStepDevice) -> None:
        """Take the numbers from the settings."""
        super().__init__(settings)
        self.ups = (settings.up_at_bottom, settings.up_at_top)
        self.downs = (settings.down_at_bottom, settings.down_at_top)

    def up(self, place: Floats) -> Floats:
        """Return the mean step up, as a part of the range."""
        return _between(self.ups, place)

    def down(self, place: Floats) -> Floats:
        """Return the mean step down, as a positive part of the range."""
        return _between(self.downs, place)


class SoftBounds(NormalSteps):
    """The device model of the settings' kind ``soft_bounds``; see ``model.DeviceModel``."""

    def __init__(self, settings: SoftBoundsDevice) -> None:
        """Take the numbers from the settings."""
        super().__init__(settings)
        self.ups = (settings.first_step_up, 0.0)
        self.downs = (0.0, settings.first_step_down)

    def up(self, place: Floats) -> Floats:
        """Return the mean step up, as a part of the range."""
        return _between(self.ups, place)

    def down(self, place: Floats) -> Floats:
        """Return the mean step down, as a positive part of the range."""
        return _between(self.downs, place)


def _between(ends: tuple[float, float], place: Floats) -> Floats:
    """Return what lies on a straight line from its value at the bottom to that at the top."""
    return np.asarray(ends[0] * (1 - place) + ends[1] * place)
