"""What the models of the device library share: gradual steps with a normal spread.

With x the place in the range, from 0 at g_min to 1 at g_max, and all else as parts of the range,

    mean      up(x) or -down(x)
    spread    step_spread * |mean| + noise + noise_slope * x

A device that is not bidirectional has, in place of steps down, an abrupt RESET that leaves a
normal residue above g_min.
"""

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np

from pcmsim.devices.model import Floats
from pcmsim.devices.normal import normal_quantile, quantile_after_reset


class Range(Protocol):
    """The settings that every device of the library has."""

    @property
    def g_min(self) -> float:
        """Lowest conductance, S."""

    @property
    def g_max(self) -> float:
        """Highest conductance, S."""

    @property
    def step_spread(self) -> float:
        """Spread of a step over its mean."""

    @property
    def noise(self) -> float:
        """Spread of all steps, as a part of the range."""


class NormalSteps(ABC):
    """A device model that lacks only the means of its steps; see ``model.DeviceModel``."""

    bidirectional = True
    memory = 1
    noise_slope = 0.0
    reset_residue = 0.0
    reset_spread = 0.0

    def __init__(self, settings: Range) -> None:
        """Take range and spreads from the settings."""
        self.g_min = settings.g_min
        self.g_max = settings.g_max
        self.step_spread = settings.step_spread
        self.noise = settings.noise

    @abstractmethod
    def up(self, place: Floats) -> Floats:
        """Return the mean step up from a place in the range, as a part of the range."""

    @abstractmethod
    def down(self, place: Floats) -> Floats:
        """Return the mean step down from a place in the range, as a positive part of the range."""

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a step up, S."""
        place = self._place(conductance)
        return self._step(place, self.up(place), probability)

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of a step down, or of the change under a RESET, S."""
        place = self._place(conductance)
        if self.bidirectional:
            return self._step(place, -self.down(place), probability)
        return quantile_after_reset(self, conductance, probability)

    def _place(self, conductance: Any) -> Floats:
        return np.asarray((np.asarray(conductance) - self.g_min) / (self.g_max - self.g_min))

    def _step(self, place: Floats, mean: Floats, probability: Any) -> Floats:
        spread = self.step_spread * np.abs(mean) + self.noise + self.noise_slope * place
        return np.asarray(
            (self.g_max - self.g_min) * (mean + spread * normal_quantile(probability))
        )
