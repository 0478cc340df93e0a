"""The life of one training example: read forward, compare, read backward, fire the pulses.

Layer n reads ``x[n]``, whose last entry is the bias row and always 1, and gives ``x[n + 1]``.
A batch is read with the weights as they stand; its pulses fire after its last example, in the
order of its examples.

Threads of a team share what one layer puts out, and the errors of hidden neurons; each writes the
part of them that it reads.  The images and the errors of the outputs are little work, and each
thread has its own of those.
"""

from typing import NamedTuple

import numpy as np

from pcmsim.kernels.compile import kernel, part
from pcmsim.kernels.hits import Hits
from pcmsim.kernels.layer import Array, has_volatile
from pcmsim.kernels.neuron import activate, derivative, output_error, strongest
from pcmsim.kernels.philox import EVALUATION, READ_BACKWARD, READ_FORWARD
from pcmsim.kernels.read import Lines, read_backward, read_forward
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.team import share, wait_for_all
from pcmsim.kernels.update import Trains, update_layer
from pcmsim.kernels.volatile import LEAK_INTERVAL, leak_layer

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
    team,
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
    when charges leak and when pairs are inspected.  Returns how many examples were classified
    correctly when they were shown.
    """
    correct = 0
    for start in range(first, last, batch):
        size = min(batch, last - start)
        correct += _learn(team, layers, neurons, examples, start, size, step, key, work)
        for n in range(size):
            for layer in layers:
                x = work.x[layer.number][n]
                delta = work.delta[layer.number][n]
                trains, hits = work.trains, work.hits
                update_layer(
                    team, layer, device, rule, x, delta, trains, hits, step + n, key, counters
                )
            wait_for_all(team)
        leaks = (step + size) // LEAK_INTERVAL - step // LEAK_INTERVAL
        if leaks > 0 and has_volatile(layers[0]):
            for layer in layers:
                leak_layer(team, layer, leaks)
            wait_for_all(team)
        if policy.interval > 0 and (step + size) // policy.interval > step // policy.interval:
            for layer in layers:
                inspect_layer(team, layer, device, policy, work.hits, step, key, counters)
            wait_for_all(team)
        step += size
    return correct


@kernel
def train_float(
    team, layers, neurons, learning_rate, examples, first, last, batch, step, key, work
):
    """Do the same with exact numbers for weights: ``w += learning_rate * x * delta``."""
    correct = 0
    for start in range(first, last, batch):
        size = min(batch, last - start)
        correct += _learn(team, layers, neurons, examples, start, size, step, key, work)
        for n in range(size):
            for layer in layers:
                x = work.x[layer.number][n]
                delta = work.delta[layer.number][n]
                _add_product(team, layer, learning_rate[layer.number], x, delta)
        wait_for_all(team)
        step += size
    return correct


@kernel
def classify(team, layers, neurons, images, first, last, step, key, work, answers):
    """Fill ``answers[first:last]`` with the classes the network gives to these images.

    ``team`` is a single thread: others are given other images.
    """
    batch = work.x[0].shape[0]
    top = len(layers) - 1
    for start in range(first, last, batch):
        size = min(batch, last - start)
        for n in range(size):
            _show(images[start + n], work.x[0][n])
        _forward(team, layers, neurons, size, EVALUATION, step + start, key, work)
        for n in range(size):
            answers[start + n] = strongest(work.x[top + 1][n], work.delta[top].shape[1])


@part
def _learn(team, layers, neurons, examples, start, size, step, key, work):
    """Find the errors that a batch leaves at all neurons; return how many examples were right."""
    for n in range(size):
        _show(examples.images[examples.order[start + n]], work.x[0][n])
    _forward(team, layers, neurons, size, READ_FORWARD, step, key, work)
    top = len(layers) - 1
    correct = 0
    for n in range(size):
        label = examples.labels[examples.order[start + n]]
        outputs = work.x[top + 1][n]
        output_error(neurons, top, outputs, label, work.delta[top][n])
        correct += strongest(outputs, work.delta[top].shape[1]) == label
    for number in range(top, 0, -1):
        _pass_back(team, layers[number], neurons, size, step, key, work)
    return correct


@part
def _show(pixels, x):
    for pixel in range(pixels.shape[0]):
        x[pixel] = pixels[pixel]


@part
def _forward(team, layers, neurons, size, purpose, step, key, work):
    """Read all layers in turn, from the pixels to the output neurons."""
    for layer in layers:
        # The currents are put where the outputs will be; the bias entry after them stays 1.
        outputs = work.x[layer.number + 1]
        x = work.x[layer.number]
        read_forward(team, layer, size, x, outputs, work.lines, purpose, step, key)
        first, last = share(team, layer.columns)
        for n in range(size):
            activate(neurons, outputs[n, first:last])
        wait_for_all(team)


@part
def _pass_back(team, layer, neurons, size, step, key, work):
    """Read one layer backwards: from the errors of its columns to those of its row neurons."""
    deltas = work.delta[layer.number - 1]
    above = work.delta[layer.number]
    read_backward(team, layer, size, above, deltas, work.lines, READ_BACKWARD, step, key)
    first, last = share(team, deltas.shape[1])
    for n in range(size):
        delta = deltas[n, first:last]
        x = work.x[layer.number][n, first:last]
        for neuron in range(delta.shape[0]):
            delta[neuron] *= derivative(neurons, layer.number - 1, x[neuron])
    wait_for_all(team)


@part
def _add_product(team, layer, learning_rate, x, delta):
    """Change the weights by ``learning_rate * x * delta``, in both places where they are kept."""
    first, last = share(team, layer.rows)
    for row in range(first, last):
        change = learning_rate * x[row]
        if change != _ZERO:
            for column in range(layer.columns):
                layer.weight_by_row[row, column] += change * delta[column]
    for column in range(layer.weight_by_column.shape[0]):
        for row in range(first, last):
            layer.weight_by_column[column, row] += learning_rate * x[row] * delta[column]
