"""Making the volatile elements beside the pairs of an array; ``kernels.volatile`` uses them.

A nominal element is open code (capacitor preset of IBM/aihwkit, commit 4545f11b), in terms of its
range from 0 to 1:

    up      (1 + slope (1 - 2 x)) / steps
    down    (1 - slope (1 - 2 x)) / steps

with a spread of ``step_spread / steps`` everywhere.  Of a single one, with standard normal deviates
N of its own, a charge is worth ``1 + range_spread N`` of that, and its steps are longer by

    up      scale + asymmetry + asymmetry_spread N
    down    scale - asymmetry - asymmetry_spread N

where the scale is log-normal, of mean 1 and standard deviation ``step_scale_spread``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import Key, log_normal, normal, random_words
from pcmsim.config.device_settings import LinearStepDevice
from pcmsim.config.volatile_settings import Volatile
from pcmsim.devices.jump_table import tabulate
from pcmsim.devices.linear_step import LinearStep
from pcmsim.kernels.layer import VOLATILE, VolatileElement
from pcmsim.kernels.philox import VOLATILE_ELEMENT
from pcmsim.kernels.volatile import LEAK_INTERVAL

# What the charge of an element is worth is no less than this part of the nominal worth.
LEAST_WORTH = 0.1


def element_of(volatile: Volatile) -> VolatileElement:
    """Return the nominal element, and how it is used."""
    step, slope = 1 / volatile.steps, volatile.slope
    law = LinearStepDevice(
        kind="linear_step",
        g_min=0.0,
        g_max=1.0,
        up_at_bottom=step * (1 + slope),
        up_at_top=step * (1 - slope),
        down_at_top=step * (1 + slope),
        down_at_bottom=step * (1 - slope),
        step_spread=0.0,
        noise=min(step * volatile.step_spread, 1.0),
    )
    lifetime = volatile.lifetime or math.inf
    return VolatileElement(
        interval=volatile.interval,
        inverts=volatile.polarity_inversion,
        kept=np.float32(math.exp(-LEAK_INTERVAL / lifetime)),
        tables=tabulate(LinearStep(law)),
    )


def nominal_worth(volatile: Volatile, weight_range: float) -> float:
    """Return the weight of a charge of 1, twice that of a full one of either sign."""
    return 2 * weight_range / volatile.significance


def volatile_of(
    volatile: Volatile, weight_range: float, layer: int, shape: tuple[int, int], key: Key
) -> NDArray[np.void]:
    """Make the elements of a layer, without charge: shape (rows, columns), or (0, 0) for none.

    ``weight_range`` is the weight of a pair with one device full.
    """
    if volatile.interval == 0:
        return np.zeros((0, 0), VOLATILE)
    deviates = normal(random_words(VOLATILE_ELEMENT, layer, shape, key))
    worth = np.maximum(1 + volatile.range_spread * deviates[..., 0], LEAST_WORTH)
    scale = log_normal(deviates[..., 1], volatile.step_scale_spread)
    asymmetry = volatile.asymmetry + volatile.asymmetry_spread * deviates[..., 2]
    elements = np.zeros(shape, VOLATILE)
    elements["worth"] = nominal_worth(volatile, weight_range) * worth
    elements["up"] = np.maximum(scale + asymmetry, 0)
    elements["down"] = np.maximum(scale - asymmetry, 0)
    return elements
