"""Training without devices is stochastic gradient descent (exact)."""

import numpy as np
import pytest

from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.kernels.layer import Array
from pcmsim.kernels.neuron import Neurons
from pcmsim.kernels.train import Examples
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from tests.kernels.cases import draw_examples
from tests.twin import neuron as twin

SIZES = [9, 11, 19]
TARGETS = {"tanh": (-0.75, 0.75), "logistic": (0.25, 1.0)}
ONE = np.float32(1)


def make_settings(activation: str, floor: float, rates: list[float], batch: int) -> Settings:
    low, high = TARGETS[activation]
    return Settings(
        network={
            "layers": SIZES,
            "activation": activation,
            "slope": 1.25,
            "derivative_floor": floor,
            "target_low": low,
            "target_high": high,
            "initial_weight": 2.0,
        },
        data={"crop": None},
        training={"learning_rate": rates, "batch_size": batch},
        device={"kind": "float"},
    )


def make_float_synapses(settings: Settings) -> Synapses:
    return make_synapses(settings, make_key(settings.seed, settings.replicate))


def train(synapses: Synapses, settings: Settings, examples: Examples) -> int:
    """Show all examples once; return how many were right."""
    batch = settings.training.batch_size
    neurons, crew = neurons_of(settings.network), Crew(SIZES, batch, threads=1)
    return synapses.learn(neurons, examples, 0, len(examples.order), 0, crew)


def weights_of(synapses: Synapses) -> list[Array]:
    return [layer.weight.copy() for layer in synapses.layers]


def descend(weights: list[Array], settings: Settings, examples: Examples) -> int:
    """Do the same in NumPy, in the order that the kernels state; return how many were right."""
    neurons = neurons_of(settings.network)
    batch = settings.training.batch_size
    rates = np.array(settings.training.learning_rate, np.float32)
    right = 0
    for first in range(0, len(examples.order), batch):
        products = []
        for image in examples.order[first : first + batch]:
            label = int(examples.labels[image])
            x, deltas = backpropagate(weights, neurons, examples.images[image], label)
            right += int(np.argmax(x[-1][:-1]) == label)
            products += list(zip(weights, rates, x[:-1], deltas, strict=True))
        for weight, rate, rows, delta in products:
            weight += (rate * rows)[:, None] * delta
    return right


def backpropagate(
    weights: list[Array], neurons: Neurons, image: Array, label: int
) -> tuple[list[Array], list[Array]]:
    """Return the inputs of all layers, and after them the outputs; and delta of all layers."""
    x = [np.append(image, ONE)]
    for weight in weights:
        currents = add_rows(x[-1][:, None] * weight)
        x.append(np.array([*(twin.activate(neurons, c) for c in currents), ONE]))
    top = len(weights) - 1
    deltas = [np.array(twin.output_error(neurons, top, list(x[-1][:-1]), label))]
    for layer in range(top, 0, -1):
        slopes = [twin.derivative(neurons, layer - 1, output) for output in x[layer][:-1]]
        deltas.insert(0, add_rows(weights[layer][:-1].T * deltas[0][:, None]) * np.array(slopes))
    return x, deltas


def add_rows(terms: Array) -> Array:
    """Add up the rows of a matrix one after the other; ``np.sum`` would add in pairs."""
    total = np.zeros(terms.shape[1], np.float32)
    for row in terms:
        total += row
    return total


@pytest.mark.parametrize("activation", TARGETS)
@pytest.mark.parametrize("batch", [1, 3])
def test_equals_numpy_bit_for_bit(activation: str, batch: int) -> None:
    """The order of all sums is stated, so float32 leaves no freedom."""
    settings = make_settings(activation, floor=0.05, rates=[0.3, 0.7], batch=batch)
    examples = draw_examples(seed=1, images=40, pixels=SIZES[0], classes=SIZES[-1])
    synapses = make_float_synapses(settings)
    weights = weights_of(synapses)

    right = train(synapses, settings, examples)

    assert right == descend(weights, settings, examples)
    for weight, layer in zip(weights, synapses.layers, strict=True):
        assert weight.tobytes() == layer.weight.tobytes()
    assert np.array_equal(synapses.layers[1].weight_across, synapses.layers[1].weight.T)


@pytest.mark.parametrize("activation", TARGETS)
def test_is_descent_along_the_gradient(activation: str) -> None:
    """One example changes the weights by minus the gradient of half the squared error.

    The gradient is a central difference in double precision: with a step of 1e-5 it is good to
    1e-9 (a third derivative of order 10 times the step squared; rounding of 1e-16 over the
    step).  The change of a weight passes through at most 70 roundings to float32 in a row (two
    sums of 10 and 19 products, and less than 40 others, each of 2**-24 in terms below 4) and
    through one activation good to 2e-7 per layer: 3e-5 in all.
    """
    settings = make_settings(activation, floor=0.0, rates=[1.0, 1.0], batch=1)
    examples = draw_examples(seed=2, images=1, pixels=SIZES[0], classes=SIZES[-1])
    synapses = make_float_synapses(settings)
    before = weights_of(synapses)
    train(synapses, settings, examples)

    changes = [a - b for a, b in zip(weights_of(synapses), before, strict=True)]
    gradient = gradient_of_half_squared_error(before, settings, examples)
    for change, slope in zip(changes, gradient, strict=True):
        assert np.abs(change).max() > 0.05
        assert np.abs(change + slope).max() < 3e-5


def gradient_of_half_squared_error(
    weights: list[Array], settings: Settings, examples: Examples
) -> list[Array]:
    """Return the derivative with respect to every weight, by central differences."""
    activation = settings.network.activation
    low, high = TARGETS[activation]
    target = np.where(np.arange(SIZES[-1]) == examples.labels[0], high, low)
    weights = [weight.astype(np.float64) for weight in weights]

    def error() -> float:
        x = examples.images[0].astype(np.float64)
        for weight in weights:
            current = settings.network.slope * (np.append(x, 1.0) @ weight)
            x = np.tanh(current) if activation == "tanh" else 1 / (1 + np.exp(-current))
        return float(np.sum((target - x) ** 2) / 2)

    def error_with(weight: Array, place: tuple[int, ...], change: float) -> float:
        kept = weight[place]
        weight[place] += change
        changed = error()
        weight[place] = kept
        return changed

    step = 1e-5
    gradient = [np.empty_like(weight) for weight in weights]
    for weight, slope in zip(weights, gradient, strict=True):
        for place in np.ndindex(weight.shape):
            rise = error_with(weight, place, +step) - error_with(weight, place, -step)
            slope[place] = rise / (2 * step)
    return gradient
