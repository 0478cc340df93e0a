"""One neuron: what it makes of its current, and of its error."""

from pcmsim.kernels.neuron import PIECEWISE, TANH, Neurons
from tests.twin.device import F


def activate(neurons: Neurons, current: F) -> F:
    """Return the output: tanh z or 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2."""
    if neurons.activation == TANH:
        return tanh(neurons.slope * current)
    half = F(0.5)
    return half + half * tanh(half * neurons.slope * current)


def tanh(z: F) -> F:
    """Return the tanh of an eighth of ``z`` by a continued fraction, doubled three times.

    z / (1 + z^2 / (3 + z^2 / (5 + z^2 / (7 + z^2 / 9)))), multiplied out.  Beyond 9 the answer
    is that for 9.
    """
    eighth = min(max(z, F(-9)), F(9)) / F(8)
    square = eighth * eighth
    numerator = F(945) + square * (F(105) + square)
    denominator = F(945) + square * (F(420) + square * F(15))
    t = eighth * numerator / denominator
    for _ in range(3):
        t = (t + t) / (F(1) + t * t)
    return t


def derivative(neurons: Neurons, layer: int, x: F) -> F:
    """Return the derivative where the output is ``x``, never less than the floor."""
    if neurons.activation == TANH:
        share, largest = F(1) - x * x, neurons.slope
    else:
        share, largest = F(4) * x * (F(1) - x), neurons.slope * F(0.25)
    if neurons.derivative == PIECEWISE:
        share = F(share > F(1) - neurons.knee * neurons.knee)
    return largest * max(share, neurons.derivative_floor[layer])


def output_error(neurons: Neurons, layer: int, outputs: list[F], label: int) -> list[F]:
    """Return delta of the output layer."""
    targets = [neurons.target_low] * len(outputs)
    targets[label] = neurons.target_high
    return [
        (target - x) * derivative(neurons, layer, x)
        for target, x in zip(targets, outputs, strict=True)
    ]


def strongest(outputs: list[F]) -> int:
    """Return the neuron with the largest output, the first one of equals."""
    return outputs.index(max(outputs))
