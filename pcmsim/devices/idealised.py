"""A device that is known as a whole, made better in some respects.

With q the quantile of a step and m its mean at a conductance, M the mean step in the middle of the
range (long after a RESET, where the device remembers), the step of the better device is

    step_scale * (M + concavity * (m - M) + step_noise * (q - m))

M is the yardstick of learning rates, so that neurons fire as many pulses as before.  Steps down of
a bidirectional device have an M of their own, and come with a factor (M up / M down) to the power
of 1 - asymmetry.  An abrupt RESET leaves ``reset_residue`` times what it left above the lowest
conductance.  A mirrored device steps down from G by what it steps up from g_min + g_max - G.
Where ``lowest`` moves g_min, conductances and steps are stretched in proportion.
"""

from typing import Any

import numpy as np

from pcmsim.config.idealised_settings import Idealised
from pcmsim.devices.jump_table import conductance_grid
from pcmsim.devices.model import DeviceModel, Floats
from pcmsim.errors import UserError
from pcmsim.kernels.jump import CONDUCTANCE_CELLS

# Means are taken over so many equal parts of probability.
PARTS = 512


def idealised(model: DeviceModel, wanted: Idealised) -> DeviceModel:
    """Return the better device; the model itself where nothing is to be better.

    Raises:
        UserError: steps up and down are to be made equal, and one of them has no mean.
    """
    return model if wanted == Idealised() else IdealisedModel(model, wanted)


class IdealisedModel:
    """A device made better; see ``model.DeviceModel``."""

    def __init__(self, model: DeviceModel, wanted: Idealised) -> None:
        """Take the means of all steps of the model.

        Raises:
            UserError: steps up and down are to be made equal, and one of them has no mean.
        """
        self.model = model
        self.wanted = wanted
        self.g_max = model.g_max
        self.g_min = wanted.lowest * model.g_min
        self.bidirectional = model.bidirectional or wanted.mirrored
        self.memory = 1 if wanted.mirrored else model.memory
        self.stretch = (self.g_max - self.g_min) / (model.g_max - model.g_min)
        self.grid = conductance_grid(model.g_min, model.g_max)
        probability = (np.arange(PARTS)[None, :] + 0.5) / PARTS
        at = self.grid[:, None]
        self.means_up = [
            np.mean(model.set_step(at, probability, past), axis=1) for past in range(model.memory)
        ]
        self.mean_down = np.mean(model.reset_step(at, probability), axis=1)
        self.down_scale = self._scale_of_steps_down()

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a partial-SET step, S."""
        before = self._in_model(conductance)
        since_reset = self.model.memory - 1 if self.wanted.mirrored else past
        steps = self.model.set_step(before, probability, since_reset)
        middle = _in_middle(self.means_up[-1])
        better = self._better(before, steps, self.means_up[since_reset], middle)
        return self.stretch * better

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change under RESET or of a step down, S."""
        if self.wanted.mirrored:
            mirrored = self.g_min + self.g_max - np.asarray(conductance)
            return -self.set_step(mirrored, 1 - np.asarray(probability), 0)
        before = self._in_model(conductance)
        steps = self.model.reset_step(before, probability)
        if self.bidirectional:
            middle = _in_middle(self.mean_down)
            better = self._better(before, steps, self.mean_down, middle)
            return self.stretch * self.down_scale * better
        residue = self.wanted.reset_residue * (before + steps - self.model.g_min)
        return self.stretch * (self.model.g_min + residue - before)

    def _in_model(self, conductance: Any) -> Floats:
        """Return where in the model's range a conductance of the better device is, S."""
        above = np.asarray(conductance, dtype=np.float64) - self.g_min
        return np.asarray(self.model.g_min + above / self.stretch)

    def _better(self, before: Floats, steps: Any, means: Floats, middle: float) -> Floats:
        mean = np.interp(before, self.grid, means)
        better = middle + self.wanted.concavity * (mean - middle)
        return np.asarray(
            self.wanted.step_scale * (better + self.wanted.step_noise * (steps - mean))
        )

    def _scale_of_steps_down(self) -> float:
        if not self.model.bidirectional or self.wanted.asymmetry == 1:
            return 1.0
        up, down = _in_middle(self.means_up[-1]), -_in_middle(self.mean_down)
        if up <= 0 or down <= 0:
            raise UserError(
                "device.idealised.asymmetry: must be 1 here, since in the middle of the range the "
                f"mean step up is {up:g} S and the mean step down {-down:g} S"
            )
        return float((up / down) ** (1 - self.wanted.asymmetry))


def _in_middle(means: Floats) -> float:
    return float(means[CONDUCTANCE_CELLS // 2])
