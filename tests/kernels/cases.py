"""Small arrays with a bit of everything in them, for the kernels and for the twin."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import strategies as st

from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.kernels.layer import Array
from pcmsim.kernels.program import DEPRESSION_PULSES, RESETS, SET_PULSES
from pcmsim.kernels.team import form_team
from pcmsim.kernels.train import Examples, classify
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import make_synapses
from tests.twin.crossbar import Crossbar
from tests.twin.engine import Engine
from tests.twin.pulses import pulses_per_layer

# Devices with large and wild steps, which often meet the ends of the range.
DEVICES: list[dict[str, Any]] = [
    {"kind": "pcm", "pulses_to_90_percent": 5, "step_spread": 1.0},
    {"kind": "pcm", "pulses_to_90_percent": 3, "concavity": 0.5, "g_max": 5e-6},
    {"kind": "nandakumar2018", "g_max": 6e-6},
    {"kind": "linear", "steps": 5, "step_spread": 0.6, "asymmetry": 0.1, "nonlinearity": 1.0},
]
ACTIVATIONS: list[dict[str, Any]] = [
    {"activation": "tanh", "target_low": -0.9, "target_high": 0.9},
    {"activation": "logistic", "target_low": 0.0, "target_high": 1.0},
]
# Volatile elements with coarse steps, worth enough for transfers.
CAPACITOR = {"steps": 6, "significance": 1.0, "slope": 0.5, "step_spread": 0.5, "lifetime": 1000}
WITHOUT_TRANSFER: list[dict[str, Any]] = [{}, {"pairs": 2}, {"pairs": 3}]
SYNAPSES = [
    *WITHOUT_TRANSFER,
    {"volatile": {**CAPACITOR, "interval": 1, "asymmetry": 0.1}},
    {"volatile": {**CAPACITOR, "interval": 3, "significance": 20.0, "polarity_inversion": False}},
]
FAULTS: dict[str, Any] = {
    "dead": 0.05,
    "stuck_on": 0.05,
    "stuck_random": 0.1,
    "stuck_present": 0.1,
    "stuck_at": 0.05,
    "stuck_on_level": 0.8,
    "stuck_level": 8e-6,
}
# An array of these lines is smaller than some networks, larger than others.
LINES = {"array_rows": 12, "array_columns": 16, "dead_rows": 0.1, "dead_columns": 0.1}
CLUSTERS = {"clustered": 0.2, "cluster_radius": 1.0, "clustered_state": "stuck_random"}
WEAR = {"endurance_set": 12, "endurance_reset": 3, "worn_state": "dead"}
FAULTY = [
    {},
    FAULTS,
    {**LINES, **CLUSTERS},
    WEAR,
    {**LINES, "endurance_set": 5, "endurance_spread": 1.0, "stuck_on_level": 0.9},
    {**FAULTS, "placing": "bernoulli", "endurance_reset": 2, "endurance_spread": 0.0},
]


@st.composite
def small_networks(draw: st.DrawFn, layers: int) -> Settings:
    """Draw a network with some layers of weights, and how it is to be trained.

    Up to 20 columns: more than the sixteen that the kernels take at a time, and a remainder.
    """
    width = st.integers(3, 20)
    device = draw(st.sampled_from(DEVICES))
    step_scale_spread = draw(st.sampled_from([0.0, 0.5]))
    synapses = SYNAPSES if device["kind"] != "linear" else WITHOUT_TRANSFER
    return Settings(
        seed=draw(st.integers(0, 2**32 - 1)),
        replicate=draw(st.integers(0, 2)),
        network={
            "layers": [draw(st.integers(4, 11)), *(draw(width) for _ in range(layers))],
            **draw(st.sampled_from(ACTIVATIONS)),
            "slope": 1.5,
            "derivative": draw(st.sampled_from(["exact", "piecewise"])),
            "derivative_knee": 0.6,
            "derivative_floor": [draw(st.sampled_from([0.0, 0.1])) for _ in range(layers)],
            "initial_weight": 3.0,
        },
        data={"crop": None},
        training={
            "batch_size": draw(st.integers(1, 4)),
            "learning_rate": [draw(st.floats(0.1, 5.0)) for _ in range(layers)],
        },
        update={
            "rule": draw(st.sampled_from(["crossbar", "conventional"])),
            "slots": draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 32])),
            "pulse_threshold": [draw(st.sampled_from([0.1, 0.5])) for _ in range(layers)],
        },
        device={**device, "range_spread": 0.3, "step_scale_spread": step_scale_spread},
        synapse=draw(st.sampled_from(synapses)),
        read=draw(st.sampled_from([{}, {"noise_absolute": 3e-7, "noise_relative": 0.04}])),
        reset={
            "interval": draw(st.integers(0, 3)),
            "larger_above": 0.4,
            "smaller_above": 0.15,
            "tolerance": draw(st.sampled_from([0.0, 0.02])),
            "max_pulses": draw(st.integers(0, 9)),
            "failure": draw(st.sampled_from([0.0, 0.2, 1.0])),
            "fault_aware": draw(st.booleans()),
        },
        faults=draw(st.sampled_from(FAULTY)),
    )


class Case:
    """An array of devices for the kernels to train, random images, and a twin of both."""

    def __init__(
        self,
        settings: Settings,
        images: int,
        threads: int = 1,
        shown_before: int = 0,
    ) -> None:
        """Make the array and draw the images; so many others were shown before."""
        sizes = settings.network.layers
        self.shown_before = shown_before
        self.settings = settings
        self.key = make_key(settings.seed, settings.replicate)
        self.synapses = make_synapses(settings, self.key)
        self.neurons = neurons_of(settings.network)
        self.examples = draw_examples(settings.seed, images, sizes[0], sizes[-1])
        self.crew = Crew(sizes, settings.training.batch_size, threads, settings.synapse.pairs)

    def train(self, first: int, last: int) -> int:
        """Let the kernels show some of the examples; return how many were right."""
        step = self.shown_before + first
        return self.synapses.learn(self.neurons, self.examples, first, last, step, self.crew)

    def classify(self) -> list[int]:
        """Let the kernels classify all images."""
        images = self.examples.images
        answers = np.full(len(images), -1, np.int64)
        (alone,) = form_team(1)
        classify(
            alone, self.synapses.layers, self.neurons, images, 0, len(images), 0,
            self.key, self.crew.workspaces[0], answers,
        )  # fmt: skip
        return answers.tolist()

    def shown(self) -> tuple[Array, list[int]]:
        """Return images and labels in the order in which they are shown."""
        order = self.examples.order
        return self.examples.images[order], self.examples.labels[order].tolist()

    def arrays(self) -> list[bytes]:
        """Return everything that training changes, layer by layer."""
        remembers = self.synapses.device.memory > 1
        return [
            array.tobytes()
            for layer in self.synapses.layers
            for array in (
                layer.conductance,
                layer.weight,
                layer.weight_across.T if layer.number > 0 else layer.weight,
                layer.pulses_since_reset if remembers else np.zeros_like(layer.fault),
                layer.fault,
                layer.cycles,
                layer.charge,
            )
        ]

    def counters(self) -> dict[str, int]:
        """Return the counters under the names of the twin's events."""
        places = {"SET pulses": SET_PULSES, "depressions": DEPRESSION_PULSES, "RESETs": RESETS}
        return {name: int(self.synapses.counters[place]) for name, place in places.items()}

    def twin(self) -> Engine:
        """Return a twin of the array as it is now."""
        synapses = self.synapses
        events: Counter[str] = Counter()
        key = int(self.key[0]), int(self.key[1])
        return Engine(
            crossbars=[Crossbar(layer, synapses.device, key, events) for layer in synapses.layers],
            noise=synapses.layers[0].noise,
            neurons=self.neurons,
            pulses=pulses_per_layer(self.settings.update, list(synapses.rule.pulses_per_delta)),
            policy=synapses.policy,
            events=events,
        )


def arrays_of(twin: Engine) -> list[bytes]:
    """Return everything that training changes, in the order of ``Case.arrays``."""
    return [
        array.tobytes()
        for crossbar in twin.crossbars
        for array in (
            crossbar.conductance(),
            crossbar.weight(),
            crossbar.weight(),
            crossbar.pulses_since_reset(),
            crossbar.fault(),
            crossbar.cycles(),
            crossbar.charge(),
        )
    ]


def draw_examples(seed: int, images: int, pixels: int, classes: int) -> Examples:
    """Draw images from -1 to 1, a quarter of the pixels at zero, shown in a random order."""
    random = np.random.default_rng(seed)
    values = random.uniform(-1, 1, (images, pixels)) * (random.random((images, pixels)) > 0.25)
    return Examples(
        images=values.astype(np.float32),
        labels=random.integers(0, classes, images),
        order=random.permutation(images),
    )
