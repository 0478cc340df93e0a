"""The life of one training example: read forward, compare, read backward, fire the pulses.

Layer n reads ``x[n]``, whose last entry is the bias row and always 1, and gives ``x[n + 1]``.
A batch is read with the weights as they stand; its pulses fire after its last example, in the
order of its examples.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import kernel, part
from pcmsim.kernels.hits import Hits
from pcmsim.kernels.layer import Array
from pcmsim.kernels.neuron import activate, derivative, output_error, strongest
from pcmsim.kernels.philox import EVALUATION, READ_BACKWARD, READ_FORWARD
from pcmsim.kernels.read import Lines, read_backward, read_forward
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.update import Trains, update_layer

_ZERO = np.float32(0.0)


class Examples(NamedTuple):
    """Images, their labels, and the order in which they are shown."""

    images: Array  # (images, pixels) float32, in [-1, 1]
    labels: Array  # (images,) int64
    order: Array  # (shown,) int64


class Workspace(NamedTuple):
    """Scratch for a batch: what each neuron put out, and what error reached it."""

    x: tuple[Array, ...]  # layers + 1 arrays (batch, neurons + 1) float32, the last entry 1
    delta: tuple[Array, ...]  # layers arrays (batch, neurons) float32
    lines: Lines
    trains: Trains
    hits: Hits


@kernel
def train_on_array(
    layers,
    device,
    neurons,
    rule,
    policy,
    examples,
    first,
    last,
    batch,
    step,
    key,
    work,
    counters,
):
    """Train an array of devices on examples ``first`` to ``last`` (exclusive) of the order.

    ``step`` is the number of examples shown before: it addresses the random numbers and tells
    when the occasional RESET is due.  Returns how many examples were classified correctly when
    they were shown.
    """
    correct = 0
    for start in range(first, last, batch):
        size = min(batch, last - start)
        correct += _learn(layers, neurons, examples, start, size, step, key, work)
        for n in range(size):
            for layer in layers:
                x = work.x[layer.number][n]
                delta = work.delta[layer.number][n]
                update_layer(
                    layer, device, rule, x, delta, work.trains, work.hits, step + n, key, counters
                )
        if policy.interval > 0 and (step + size) // policy.interval > step // policy.interval:
            for layer in layers:
                inspect_layer(layer, device, policy, work.hits, step, key, counters)
        step += size
    return correct


@kernel
def train_float(layers, neurons, learning_rate, examples, first, last, batch, step, key, work):
    """Do the same with exact numbers for weights: ``w += learning_rate * x * delta``."""
    correct = 0
    for start in range(first, last, batch):
        size = min(batch, last - start)
        correct += _learn(layers, neurons, examples, start, size, step, key, work)
        for n in range(size):
            for layer in layers:
                x = work.x[layer.number][n]
                delta = work.delta[layer.number][n]
                _add_product(layer, learning_rate[layer.number], x, delta)
        step += size
    return correct


@kernel
def classify(layers, neurons, images, first, last, step, key, work, answers):
    """Fill ``answers[first:last]`` with the classes the network gives to these images."""
    batch = work.x[0].shape[0]
    top = len(layers) - 1
    for start in range(first, last, batch):
        size = min(batch, last - start)
        for n in range(size):
            _show(images[start + n], work.x[0][n])
        _forward(layers, neurons, size, EVALUATION, step + start, key, work)
        for n in range(size):
            answers[start + n] = strongest(work.x[top + 1][n], work.delta[top].shape[1])


@part
def _learn(layers, neurons, examples, start, size, step, key, work):
    """Find the errors that a batch leaves at all neurons; return how many examples were right."""
    for n in range(size):
        _show(examples.images[examples.order[start + n]], work.x[0][n])
    _forward(layers, neurons, size, READ_FORWARD, step, key, work)
    top = len(layers) - 1
    correct = 0
    for n in range(size):
        label = examples.labels[examples.order[start + n]]
        outputs = work.x[top + 1][n]
        output_error(neurons, top, outputs, label, work.delta[top][n])
        correct += strongest(outputs, work.delta[top].shape[1]) == label
    for number in range(top, 0, -1):
        _pass_back(layers[number], neurons, size, step, key, work)
    return correct


@part
def _show(pixels, x):
    for pixel in range(pixels.shape[0]):
        x[pixel] = pixels[pixel]


@part
def _forward(layers, neurons, size, purpose, step, key, work):
    """Read all layers in turn, from the pixels to the output neurons."""
    for layer in layers:
        # The currents are put where the outputs will be; the bias entry after them stays 1.
        outputs = work.x[layer.number + 1]
        x = work.x[layer.number]
        read_forward(layer, size, x, outputs, work.lines, purpose, step, key)
        for n in range(size):
            activate(neurons, outputs[n, : layer.weight.shape[1]])


@part
def _pass_back(layer, neurons, size, step, key, work):
    """Read one layer backwards: from the errors of its columns to those of its row neurons."""
    deltas = work.delta[layer.number - 1]
    above = work.delta[layer.number]
    read_backward(layer, size, above, deltas, work.lines, READ_BACKWARD, step, key)
    for n in range(size):
        delta = deltas[n]
        x = work.x[layer.number][n]
        for neuron in range(delta.shape[0]):
            delta[neuron] *= derivative(neurons, layer.number - 1, x[neuron])


@part
def _add_product(layer, learning_rate, x, delta):
    """Change all weights by ``learning_rate * x * delta``, in both places where they are kept."""
    for row in range(layer.weight.shape[0]):
        change = learning_rate * x[row]
        if change != _ZERO:
            for column in range(layer.weight.shape[1]):
                layer.weight[row, column] += change * delta[column]
    for column in range(layer.weight_across.shape[0]):
        for row in range(layer.weight_across.shape[1]):
            layer.weight_across[column, row] += learning_rate * x[row] * delta[column]
