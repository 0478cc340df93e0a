"""The yardstick of speed: online SGD in float32, as fast as plain arithmetic allows.

Not used for any result.  It does what the float network does, with the compiler free to reorder
sums (``fastmath``), a fixed tanh network, batch 1, and rows without input passed over.
"""

import math

import numba
import numpy as np

from pcmsim.kernels.compile import FLAGS

_ZERO = np.float32(0.0)


@numba.njit(fastmath=True, **FLAGS)
def float_sgd(weights, x, delta, images, labels, order, learning_rate):
    """Train ``weights``, a tuple of (rows, columns) float32, on all images in this order.

    ``x`` are layers + 1 arrays (neurons + 1,) whose last entry is 1, ``delta`` one array
    (neurons,) per layer; both are scratch.
    """
    for image in order:
        for pixel in range(images.shape[1]):
            x[0][pixel] = images[image, pixel]
        for number, weight in enumerate(weights):
            _forward(weight, x[number], x[number + 1])
        for number in range(len(weights) - 1, -1, -1):
            if number == len(weights) - 1:
                _output_error(x[number + 1], labels[image], delta[number])
            else:
                _backward(weights[number + 1], delta[number + 1], x[number + 1], delta[number])
        for number, weight in enumerate(weights):
            _update(weight, x[number], delta[number], learning_rate)


@numba.njit(fastmath=True, **FLAGS)
def _forward(weight, x, y):
    columns = weight.shape[1]
    for column in range(columns):
        y[column] = _ZERO
    for row in range(weight.shape[0]):
        voltage = x[row]
        if voltage != _ZERO:
            for column in range(columns):
                y[column] += voltage * weight[row, column]
    for column in range(columns):
        y[column] = math.tanh(y[column])


@numba.njit(fastmath=True, **FLAGS)
def _output_error(y, label, delta):
    for k in range(delta.shape[0]):
        target = np.float32(1.0) if k == label else np.float32(-1.0)
        delta[k] = (target - y[k]) * (np.float32(1.0) - y[k] * y[k])


@numba.njit(fastmath=True, **FLAGS)
def _backward(weight, above, y, delta):
    for row in range(delta.shape[0]):
        total = _ZERO
        for column in range(weight.shape[1]):
            total += weight[row, column] * above[column]
        delta[row] = total * (np.float32(1.0) - y[row] * y[row])


@numba.njit(fastmath=True, **FLAGS)
def _update(weight, x, delta, learning_rate):
    for row in range(weight.shape[0]):
        change = learning_rate * x[row]
        if change != _ZERO:
            for column in range(weight.shape[1]):
                weight[row, column] += change * delta[column]
