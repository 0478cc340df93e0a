"""The standard normal distribution, as far as device physics needs it."""

import math
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np

from pcmsim.devices.model import Floats

_inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])
_complement = np.vectorize(math.erfc, otypes=[np.float64])


class WithResidue(Protocol):
    """A range, and what a RESET leaves above its bottom; all in S."""

    g_min: float
    g_max: float
    reset_residue: float
    reset_spread: float


def quantile_after_reset(model: WithResidue, conductance: Any, probability: Any) -> Any:
    """Return the quantile of the change (S) under a RESET that leaves a normal residue."""
    residue = model.reset_residue + model.reset_spread * normal_quantile(probability)
    return np.clip(model.g_min + residue, model.g_min, model.g_max) - conductance


def normal_quantile(probability: Any) -> Floats:
    """Return the standard normal deviate below which a share ``probability`` lies."""
    return np.asarray(_inverse(probability), dtype=np.float64)


def normal_above(deviate: Any) -> Floats:
    """Return the share of a standard normal variable that is above a deviate."""
    return np.asarray(_complement(np.asarray(deviate) / math.sqrt(2)) / 2, dtype=np.float64)
