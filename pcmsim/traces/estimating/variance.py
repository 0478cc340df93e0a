"""Which part of the variance of steps is from pulse to pulse, and which from device to device.

Each step is divided by the mean step at its conductance; steps where this is below a tenth of the
largest are left out.  What remains follows a one-way random-effects model,

    step / mean step = 1 + device effect + pulse effect

whose two variances come from the method of moments (analysis of variance) for unequal numbers of
steps: with n_i steps of device i of k, N in all,

    within  = sum of squares within devices / (N - k)
    between = (sum of squares between devices / (k - 1) - within) / n0
    n0      = (N - sum n_i^2 / N) / (k - 1)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.estimating.moments import Moments, Samples
from pcmsim.traces.traces import Floats

LEAST_MEAN = 0.1


@dataclass(frozen=True)
class VarianceShares:
    """The variance of steps over the mean step at their conductance.

    Attributes:
        pulse: variance from pulse to pulse within a device, net of read noise.
        device: variance from device to device.
        noise: variance that comes from the noise of readings.
        steps: how many steps this is made from.
        devices: of how many devices.
    """

    pulse: float
    device: float
    noise: float
    steps: int
    devices: int

    @property
    def device_share(self) -> float:
        """Return the share of device-to-device variance in that of the device (0 if there is none).

        Gong et al., Nature Comm. 2018, found 0.33 for PCM (published).
        """
        total = self.pulse + self.device
        return self.device / total if total > 0 else 0.0


def variance_shares(samples: Samples, pooled: Moments) -> VarianceShares:
    """Take the variance of relative steps apart.

    Args:
        samples: steps of all devices.
        pooled: mean step of all of them.
    """
    mean = pooled.mean_at(samples.before, samples.past)
    large = np.abs(mean) >= LEAST_MEAN * np.abs(pooled.mean).max()
    large &= mean != 0
    relative, device = samples.step[large] / mean[large], samples.device[large]
    within, between = random_effects(relative, device)
    noise = float(np.mean(samples.noise[large] / mean[large] ** 2)) if large.any() else 0.0
    return VarianceShares(
        pulse=max(within - noise, 0.0),
        device=between,
        noise=min(noise, within),
        steps=int(large.sum()),
        devices=int(np.unique(device).size),
    )


def random_effects(values: Floats, group: NDArray[np.int64]) -> tuple[float, float]:
    """Return the variances within and between groups of unequal size.

    Both are 0 if there are fewer than two groups or no group has two values.
    """
    _, place, count = np.unique(group, return_inverse=True, return_counts=True)
    groups, total = count.size, values.size
    if groups < 2 or total <= groups:
        return 0.0, 0.0
    means = np.bincount(place, values) / count
    within = float(np.sum((values - means[place]) ** 2)) / (total - groups)
    between = float(count @ (means - values.mean()) ** 2) / (groups - 1)
    size = (total - float(count @ count) / total) / (groups - 1)
    return within, max((between - within) / size, 0.0)
