"""Accuracy against the time since training: as it was measured, or as a result keeps it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcmsim.config.settings import Settings
from pcmsim.experiment.result import Result

Floats = NDArray[np.float64]

# Where a result keeps them; one entry a time, of the run's own draw.
TIME = "retention/time"
PLAIN = "retention/test_accuracy"
COMPENSATED = "retention/test_accuracy_compensated"
COMPENSATION = "retention/compensation"


@dataclass(frozen=True)
class RetentionCurves:
    """Accuracy against time.

    Attributes:
        settings: of the run, with the effects under ``retention``.
        at_once: test accuracy at the end of training, with conductances as they were then.
        times: seconds since the devices were written; shape (times,).
        plain: test accuracy as it is; shape (draws, times).
        compensated: test accuracy with global drift compensation; shape (draws, times).
        compensation: by how much that amplifies; shape (draws, times, layers).
    """

    settings: Settings
    at_once: float
    times: Floats
    plain: Floats
    compensated: Floats
    compensation: Floats

    @property
    def draws(self) -> int:
        """How many times all random numbers were drawn."""
        return len(self.plain)


def has_curves(result: Result) -> bool:
    """Tell whether a run has measured what becomes of its accuracy."""
    return TIME in result.arrays


def curves_of(result: Result) -> RetentionCurves:
    """Return what a run has measured; ``has_curves`` must be true of it."""
    return RetentionCurves(
        settings=result.settings,
        at_once=float(result.arrays["epochs/test_accuracy"][-1]),
        times=result.arrays[TIME],
        plain=result.arrays[PLAIN][None],
        compensated=result.arrays[COMPENSATED][None],
        compensation=result.arrays[COMPENSATION][None],
    )
