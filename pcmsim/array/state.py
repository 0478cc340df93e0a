"""Looking at an array: how full its devices are, and the scales on which to draw them."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.codes import HEALTHY, WORN
from pcmsim.kernels.layer import DeviceTables, Layer

HISTOGRAM_BINS = 80
# Histograms reach this many times the nominal range, since devices differ in theirs.
HISTOGRAM_REACH = 1.6
# A device counts as saturated when it has climbed this part of its own range.
SATURATED = 0.95


def count_saturated(layers: tuple[Layer, ...], device: DeviceTables | None) -> int:
    """Return how many programmable devices are near the top of their range; 0 without devices."""
    if device is None:
        return 0
    threshold = device.g_min + SATURATED * (device.g_max - device.g_min)
    return sum(
        int(np.sum((layer.conductance > threshold * layer.range_scale) & (layer.fault == HEALTHY)))
        for layer in layers
    )


def count_worn(layers: tuple[Layer, ...]) -> int:
    """Return how many devices are worn out, those left out since included; 0 without devices."""
    return sum(int(np.sum(_is_worn(layer))) for layer in layers)


def _is_worn(layer: Layer) -> NDArray[np.bool_]:
    is_worn: NDArray[np.bool_] = layer.fault == WORN
    if layer.cycles.size:
        is_worn |= (layer.cycles == layer.endurance).any(axis=-1)
    return is_worn


def edges_of_conductance(device: DeviceTables) -> NDArray[np.float64]:
    """Return bin edges for histograms of conductance, S."""
    return np.linspace(0.0, HISTOGRAM_REACH * float(device.g_max), HISTOGRAM_BINS + 1)


def edges_of_weight(weight_range: float) -> NDArray[np.float64]:
    """Return bin edges for histograms of the weights of a layer with this nominal range."""
    reach = HISTOGRAM_REACH * weight_range
    return np.linspace(-reach, reach, HISTOGRAM_BINS + 1)
