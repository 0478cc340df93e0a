"""What a device model must answer, and nothing more."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class DeviceModel(Protocol):
    """How the conductance of one nominal device answers a pulse.

    Attributes:
        g_min: lowest conductance the device reaches, S.
        g_max: highest conductance the device reaches, S.
        bidirectional: True if ``reset_step`` is a gradual step down, False if an abrupt RESET.
        memory: how many pulses since the last RESET change the answer; 1 for a device that
            remembers nothing but its conductance.
    """

    g_min: float
    g_max: float
    bidirectional: bool
    memory: int

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of the change of conductance (S) under one partial-SET pulse.

        Args:
            conductance: conductance before the pulse, S; broadcasts with ``probability``.
            probability: strictly between 0 and 1; 0.5 asks for the median change.
            past: partial-SET pulses since the last RESET, from 0 to ``memory - 1``.
        """
        ...

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change of conductance (S) under one RESET or depression."""
        ...
