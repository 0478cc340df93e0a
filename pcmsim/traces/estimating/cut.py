"""Steps that the end of a device's range cut short, as long as they may have been.

Where devices wander against limits, a step that ends there tells only how long it was at least.
Taken for all of it, large steps would seem smaller than they are, and devices of large steps more
like others.  So every step that leads to within a hundredth of the range from the end, or beyond,
is replaced by a draw from what is expected of it, given that it does (imputation): for this, steps
are normally distributed, with the mean and the variance that the steps of the device have at that
conductance, drawn ones among them.  The draws are the same numbers whenever this is repeated, so
that the repetitions settle.
"""

from dataclasses import replace

import numpy as np

from pcmsim.devices.normal import normal_above, normal_quantile
from pcmsim.traces.estimating.moments import Moments, Samples
from pcmsim.traces.traces import UP, Floats

AT_LIMIT = 0.01
SEED = 0
# Probabilities are kept above this.
LEAST = 1e-12


def lengthened(samples: Samples, kind: int, pooled: Moments, factor: Floats) -> Samples:
    """Return steps with those that were cut short as long as they may have been.

    Args:
        samples: steps of one kind of pulse, S.
        kind: ``UP`` or ``DOWN``.
        pooled: mean and variance of the steps of a nominal device.
        factor: (devices,) size of the steps of each device over that of the nominal one.
    """
    low, high = pooled.conductance[[0, -1]]
    forward, end = (1.0, high) if kind == UP else (-1.0, low)
    gap = forward * (end - samples.before) - AT_LIMIT * (high - low)
    is_cut = forward * samples.step >= gap
    cut, gap = samples.take(is_cut), gap[is_cut]
    own = factor[cut.device]
    mean = forward * own * pooled.mean_at(cut.before, cut.past)
    spread = own * np.sqrt(pooled.measured_at(cut.before, cut.past))
    away = np.divide(gap - mean, spread, out=np.full(gap.size, np.inf), where=spread > 0)
    drawn = np.random.default_rng(SEED).random(samples.step.size)[is_cut]
    share = np.clip(drawn * normal_above(away), LEAST, 1 - LEAST)
    step = samples.step.copy()
    step[is_cut] = forward * np.maximum(mean - spread * normal_quantile(share), gap)
    return replace(samples, step=step)
