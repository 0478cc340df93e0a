"""The life of one training example, and of a batch of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pcmsim.kernels.layer import Array, ReadNoise
from pcmsim.kernels.neuron import Neurons
from pcmsim.kernels.reset import OccasionalReset
from tests.twin.crossbar import Crossbar
from tests.twin.device import F
from tests.twin.neuron import activate, derivative, output_error, strongest
from tests.twin.philox import Purpose
from tests.twin.pulses import Pulses
from tests.twin.volatile import LEAK_INTERVAL

# What reached every layer: the inputs of its rows, or the errors of its columns.
PerLayer = list[list[F]]


@dataclass
class Engine:
    """A network of crossbars; ``events`` counts what has happened in all of them."""

    crossbars: list[Crossbar]
    noise: ReadNoise
    neurons: Neurons
    pulses: list[Pulses]
    policy: OccasionalReset
    events: Counter[str]

    def train(self, images: Array, labels: Sequence[int], batch: int, step: int) -> int:
        """Show images in batches, ``step`` having been shown before; return how many were right."""
        right = 0
        for first in range(0, len(images), batch):
            shown = list(zip(images, labels, strict=True))[first : first + batch]
            right += self._train_batch(shown, step)
            step += len(shown)
        return right

    def classify(self, images: Array, step: int) -> list[int]:
        """Return the class of every image."""
        return [
            strongest(self._forward(image, Purpose.EVALUATION, step + n)[-1])
            for n, image in enumerate(images)
        ]

    def _train_batch(self, shown: list[tuple[Array, int]], step: int) -> int:
        """Read all examples with the weights as they stand, then fire their pulses in order."""
        right = 0
        wanted = []
        for n, (image, label) in enumerate(shown):
            outputs = self._forward(image, Purpose.READ_FORWARD, step + n)
            right += strongest(outputs[-1]) == label
            wanted.append((outputs, self._backward(outputs, label, step + n)))
        for n, (outputs, errors) in enumerate(wanted):
            self._update(outputs, errors, step + n)
        for _ in range(step // LEAK_INTERVAL, (step + len(shown)) // LEAK_INTERVAL):
            for crossbar in self.crossbars:
                crossbar.leak()
        if self._inspection_is_due(step, step + len(shown)):
            for crossbar in self.crossbars:
                crossbar.inspect(self.policy, step)
        return right

    def _forward(self, image: Array, purpose: Purpose, step: int) -> PerLayer:
        """Return the pixels and the outputs of every layer."""
        outputs = [list(image)]
        for crossbar in self.crossbars:
            x = [*outputs[-1], F(1)]
            currents = crossbar.read_forward(x, self.noise, purpose, step)
            outputs.append([activate(self.neurons, current) for current in currents])
        return outputs

    def _backward(self, outputs: PerLayer, label: int, step: int) -> PerLayer:
        """Return the errors of the neurons of every layer."""
        top = len(self.crossbars) - 1
        errors = [output_error(self.neurons, top, outputs[-1], label)]
        for number in range(top, 0, -1):
            currents = self.crossbars[number].read_backward(errors[0], self.noise, step)
            below = [
                current * derivative(self.neurons, number - 1, x)
                for current, x in zip(currents, outputs[number], strict=True)
            ]
            errors.insert(0, below)
        return errors

    def _update(self, outputs: PerLayer, errors: PerLayer, step: int) -> None:
        """Fire the pulses of one example in all layers."""
        for crossbar, pulses, below, delta in zip(
            self.crossbars, self.pulses, outputs[:-1], errors, strict=True
        ):
            for x, row in zip([*below, F(1)], crossbar.synapses, strict=True):
                for d, synapse in zip(delta, row, strict=True):
                    upwards = (x > 0) == (d > 0)
                    synapse.program(bool(upwards), pulses.at(x, d), step, self.events)

    def _inspection_is_due(self, before: int, after: int) -> bool:
        interval = self.policy.interval
        return interval > 0 and after // interval > before // interval
