"""Showing examples to a network, and asking it what it sees."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import make_key, shuffled
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Network, Settings
from pcmsim.data.dataset import Dataset
from pcmsim.kernels.philox import EXAMPLE_ORDER
from pcmsim.kernels.team import form_team
from pcmsim.kernels.train import Examples, classify
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from pcmsim.training.workspace import make_workspace

IMAGES_PER_TASK = 1000
# Of these, so many are read before the next layer is.
IMAGES_AT_A_TIME = 10


class Trainer:
    """A network, and how far its training has come.

    All that training changes are the layers and counters of ``synapses`` and the two numbers
    ``shown`` and ``right``.  All randomness is addressed by ``shown``.  So these are a complete
    checkpoint.

    Attributes:
        synapses: the layers of weights, and the pulse counters.
        weight_ranges: per layer, the weight of a pair with one device full, the other at zero.
        shown: examples shown so far.
        right: how many of those of the epoch under way, or of the one just completed, were
            classified correctly when they were shown.
    """

    def __init__(self, settings: Settings, data: Dataset, threads: int = 1) -> None:
        """Make the network that the settings describe.

        ``threads`` share the work; what is learnt does not depend on them.

        Raises:
            UserError: a file that the settings name cannot be used.
        """
        self.data = data
        self.key = make_key(settings.seed, settings.replicate)
        self.synapses = make_synapses(settings, self.key)
        self.shown = 0
        self.right = 0
        self.weight_ranges = _weight_ranges(settings.network, self.synapses)
        self._batch = settings.training.batch_size
        self._sizes = settings.network.layers
        self._neurons = neurons_of(settings.network)
        self._crew = Crew(self._sizes, self._batch, threads, settings.synapse.pairs)

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.shown // len(self.data.train_labels)

    @property
    def shown_in_epoch(self) -> int:
        """Examples of the epoch under way; 0 when one has just been completed."""
        return self.shown % len(self.data.train_labels)

    def advance(self, examples: int) -> None:
        """Show about so many examples, in whole batches, at most to the end of the epoch."""
        first = self.shown_in_epoch
        if first == 0:
            self.right = 0
            self._begin_epoch()
        batches = max(1, examples // self._batch)
        last = min(first + batches * self._batch, len(self.data.train_labels))
        self.right += self.synapses.learn(
            self._neurons, self._examples, first, last, self.shown, self._crew
        )
        self.shown += last - first

    def restore(self, shown: int, right: int) -> None:
        """Take up training where a checkpoint left it; the arrays are restored by the caller."""
        self.shown = shown
        self.right = right
        self._begin_epoch()

    def answers_to_training_images(self) -> NDArray[np.int64]:
        """Return the class that the network gives to each training image; shape (images,)."""
        return self._classify(self.data.train_images, 0)

    def answers_to_test_images(self) -> NDArray[np.int64]:
        """Return the class that the network gives to each test image; shape (images,)."""
        return self._classify(self.data.test_images, len(self.data.train_images))

    def _begin_epoch(self) -> None:
        images, labels = self.data.train_images, self.data.train_labels
        order = shuffled(EXAMPLE_ORDER, len(labels), self.epoch, self.key)
        self._examples = Examples(images, labels, order)

    def _classify(self, images: NDArray[np.float32], offset: int) -> NDArray[np.int64]:
        """Share the images out to threads; what they find does not depend on their number.

        ``offset`` gives every image that is ever read in an evaluation a step of its own, and
        with it read noise of its own.
        """
        step = self.epoch * (len(self.data.train_images) + len(self.data.test_images)) + offset
        answers = np.empty(len(images), np.int64)
        (alone,) = form_team(1)

        def classify_from(first: int) -> None:
            last = min(first + IMAGES_PER_TASK, len(images))
            work = make_workspace(self._sizes, IMAGES_AT_A_TIME)
            classify(
                alone, self.synapses.layers, self._neurons,
                images, first, last, step, self.key, work, answers,
            )  # fmt: skip

        self._crew.share_out(classify_from, range(0, len(images), IMAGES_PER_TASK))
        return answers


def _weight_ranges(network: Network, synapses: Synapses) -> list[float]:
    ranges = per_layer(network.weight_range, len(synapses.layers))
    if synapses.device is None or network.full_scale is None:
        return ranges
    return [weight * float(synapses.device.g_max) / network.full_scale for weight in ranges]
