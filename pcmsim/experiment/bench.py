"""How fast training is, as a ratio to plain float training timed alongside.

Absolute times say little on a machine that others use too.  So the two are timed in turn, a
piece of each, in the same process and on the same images, and the median ratio is quoted.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from pcmsim.array.crossbar import initial_weights
from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.experiment.run import load_fitting_data
from pcmsim.kernels.reference import float_sgd
from pcmsim.training.trainer import Trainer

REFERENCE_RATE = np.float32(0.01)
ROUNDS = 9


def bench(settings: Settings) -> dict[str, Any]:
    """Time the training that the settings describe against float32 online SGD, single thread.

    Both have been trained for one epoch before they are timed, so that the device run fires the
    pulses of a network that has learnt something, not of a blank one.

    Raises:
        UserError: the settings' files cannot be used.
    """
    data = load_fitting_data(settings)
    trainer = Trainer(settings, data)
    show_to_devices = _epoch_of(trainer)
    show_to_reference = _reference_epoch(settings, data)
    show_to_devices()
    show_to_reference()
    pairs = [(_time(show_to_devices), _time(show_to_reference)) for _ in range(ROUNDS)]
    examples = len(data.train_labels)
    return {
        "examples_per_second": examples / median(device for device, _ in pairs),
        "float_sgd_examples_per_second": examples / median(float_sgd for _, float_sgd in pairs),
        "ratio": median(float_sgd / device for device, float_sgd in pairs),
        "examples_per_round": examples,
        "rounds": ROUNDS,
    }


def _epoch_of(trainer: Trainer) -> Callable[[], None]:
    return lambda: trainer.advance(len(trainer.data.train_labels))


def _reference_epoch(settings: Settings, data: Dataset) -> Callable[[], None]:
    key = make_key(settings.seed, settings.replicate)
    weights = tuple(initial_weights(settings.network, key))
    sizes = settings.network.layers
    x = tuple(np.ones(count + 1, np.float32) for count in sizes)
    delta = tuple(np.zeros(count, np.float32) for count in sizes[1:])
    order = np.arange(len(data.train_labels))
    return lambda: float_sgd(
        weights, x, delta, data.train_images, data.train_labels, order, REFERENCE_RATE
    )


def _time(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
