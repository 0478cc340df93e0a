"""The neurons: their activation is tanh or logistic, and the derivative belongs to it (exact)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.config.settings import Network
from pcmsim.kernels.neuron import activate, derivative, strongest, tanh
from pcmsim.training.rules import neurons_of
from tests.kernels.calling import called
from tests.twin import neuron as twin

exact = settings(max_examples=200, derandomize=True, deadline=None, database=None)
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
activations = st.sampled_from(["tanh", "logistic"])


def test_tanh_is_accurate() -> None:
    """Within the 2e-7 that the kernel promises, over all it can be asked, and odd to the bit."""
    arguments = np.concatenate([np.linspace(0, 12, 20_001), [1e-40, 1e-20, 1e-6, 100.0, 3e38]])
    for z in arguments.astype(np.float32):
        assert called(tanh)(z) == pytest.approx(math.tanh(z), rel=0, abs=2e-7)
        assert called(tanh)(-z) == -called(tanh)(z)
        assert abs(called(tanh)(z)) <= 1
    assert called(tanh)(np.float32(math.inf)) == called(tanh)(np.float32(9))


@exact
@given(activations, st.floats(0.25, 4, width=32), st.lists(finite, min_size=1, max_size=9))
def test_activation_equals_the_twins(activation: str, slope: float, currents: list[float]) -> None:
    """And is the function it is named after: half a tanh has an error of 1e-7 and a rounding."""
    neurons = neurons_of(Network(activation=activation, slope=slope))
    outputs = np.array(currents, np.float32) / np.float32(4)
    expected = [twin.activate(neurons, current) for current in outputs]
    z = slope * outputs.astype(np.float64)
    called(activate)(neurons, outputs)
    assert outputs.tolist() == expected
    named = np.tanh(z) if activation == "tanh" else 0.5 + 0.5 * np.tanh(z / 2)
    assert np.abs(outputs - named).max() <= 3e-7


@exact
@given(activations, st.floats(0.25, 4), st.floats(-3, 3))
def test_exact_derivative_is_that_of_the_activation(
    activation: str, slope: float, current: float
) -> None:
    """Against a central difference in double precision, good to 1e-6 at this step and slope."""

    def activated(current: float) -> float:
        z = slope * current
        return math.tanh(z) if activation == "tanh" else 1 / (1 + math.exp(-z))

    neurons = neurons_of(Network(activation=activation, slope=slope))
    difference = (activated(current + 1e-4) - activated(current - 1e-4)) / 2e-4
    got = called(derivative)(neurons, 0, np.float32(activated(current)))
    # Rounding x to 2**-24 moves 1 - x**2 by at most 2**-23, and the largest slope is 4.
    assert got == pytest.approx(difference, rel=0, abs=4 * 2.0**-21 + 1e-6)


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_piecewise_derivative_drops_at_the_knee(activation: str) -> None:
    """Full slope up to the knee, in parts of the half swing; beyond it the layer's own floor."""
    neurons = neurons_of(
        Network(
            activation=activation,
            slope=2.0,
            derivative="piecewise",
            derivative_knee=0.75,
            derivative_floor=[0.0, 0.125, 0.5],
        )
    )
    swing, middle, largest = (1.0, 0.0, 2.0) if activation == "tanh" else (0.5, 0.5, 0.5)
    for layer, floor in enumerate([0.0, 0.125, 0.5]):
        for sign in (-1, +1):
            within = np.float32(middle + sign * 0.7499 * swing)
            beyond = np.float32(middle + sign * 0.7501 * swing)
            assert called(derivative)(neurons, layer, within) == largest
            assert called(derivative)(neurons, layer, beyond) == floor * largest


def test_the_first_of_equally_strong_neurons_answers() -> None:
    """And the bias entry behind the outputs has no voice."""
    assert called(strongest)(np.array([0.5, 0.75, 0.75, 0.25, 1.0], np.float32), 4) == 1
    assert called(strongest)(np.array([-1.0, -1.0, 1.0], np.float32), 2) == 0
