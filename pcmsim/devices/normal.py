"""The standard normal distribution, as far as device physics needs it."""

from statistics import NormalDist
from typing import Any

import numpy as np

from pcmsim.devices.model import Floats

_inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])


def normal_quantile(probability: Any) -> Floats:
    """Return the standard normal deviate below which a share ``probability`` lies."""
    return np.asarray(_inverse(probability), dtype=np.float64)
