"""The neurons: activation, its derivative, and the error of the output layer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.kernels.compile import part

TANH = 0
LOGISTIC = 1

EXACT = 0
PIECEWISE = 1

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)
_QUARTER = np.float32(0.25)
_BEYOND = np.float32(9.0)


class Neurons(NamedTuple):
    """How a neuron answers its current; the same for all layers but for the floor."""

    activation: int  # TANH or LOGISTIC
    slope: np.float32  # gain in front of the activation
    derivative: int  # EXACT or PIECEWISE
    knee: np.float32  # PIECEWISE: the output, in parts of its swing, where the slope drops
    derivative_floor: NDArray[np.float32]  # (layers,) smallest derivative, over the largest
    target_low: np.float32  # what every output but the right one should be
    target_high: np.float32  # what the right output should be


@part
def activate(neurons, current):
    """Turn the currents of all columns into outputs, in place: tanh or logistic of slope * current.

    The logistic function is 1 / (1 + exp(-z)) = 1/2 + 1/2 tanh(z / 2).
    """
    if neurons.activation == TANH:
        for n in range(current.shape[0]):
            current[n] = tanh(neurons.slope * current[n])
    else:
        for n in range(current.shape[0]):
            current[n] = _HALF + _HALF * tanh(_HALF * neurons.slope * current[n])


@part
def tanh(z):
    """Return tanh z within 2e-7, by additions, multiplications and divisions alone.

    So its bits do not depend on a mathematics library, and the processor does eight at a time.
    Lambert's continued fraction z / (1 + z^2 / (3 + z^2 / (5 + ...))), cut off after z^2 / 9, is
    exact to rounding at an eighth of z; tanh 2a = 2 tanh a / (1 + tanh^2 a) leads back up.
    Beyond 9, tanh is 1 in single precision.
    """
    eighth = min(max(z, -_BEYOND), _BEYOND) * np.float32(0.125)
    square = eighth * eighth
    above = np.float32(945.0) + square * (np.float32(105.0) + square)
    below = np.float32(945.0) + square * (np.float32(420.0) + square * np.float32(15.0))
    t = eighth * above / below
    t = (t + t) / (_ONE + t * t)
    t = (t + t) / (_ONE + t * t)
    return (t + t) / (_ONE + t * t)


@part
def derivative(neurons, layer, x):
    """Return the derivative of the activation where its output is ``x``.

    EXACT: slope (1 - x^2) for tanh, slope x (1 - x) for logistic.  PIECEWISE, the hardware's:
    the largest slope up to the knee, the floor beyond.  Never below the floor: a neuron whose
    derivative vanishes can no longer learn that it is saturated at the wrong end.
    """
    if neurons.activation == TANH:
        relative = _ONE - x * x
        largest = neurons.slope
    else:
        relative = np.float32(4.0) * x * (_ONE - x)
        largest = neurons.slope * _QUARTER
    if neurons.derivative == PIECEWISE:
        # 1 - x^2 for tanh and 4 x (1 - x) for logistic are the same function of the swing.
        relative = _ONE if relative > _ONE - neurons.knee * neurons.knee else _ZERO
    return largest * max(relative, neurons.derivative_floor[layer])


@part
def output_error(neurons, layer, x, label, delta):
    """Fill ``delta`` of the output layer: (target - output) times the derivative."""
    for k in range(delta.shape[0]):
        target = neurons.target_high if k == label else neurons.target_low
        delta[k] = (target - x[k]) * derivative(neurons, layer, x[k])


@part
def strongest(x, count):
    """Return the index of the largest of the first ``count`` outputs, the first one of equals."""
    best = 0
    for k in range(1, count):
        if x[k] > x[best]:
            best = k
    return best
