"""What a run writes down along the way: after every epoch, and once before the first.

Every array here is a dataset of the result file and repeats bit for bit under the same
settings.  What does not repeat, such as times, is kept in attributes instead.
"""

from collections import defaultdict
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from pcmsim.array.state import (
    count_saturated,
    count_worn,
    edges_of_conductance,
    edges_of_weight,
)
from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.program import DEPRESSION_PULSES, RESETS, SET_PULSES
from pcmsim.training.trainer import Trainer

NOT_EVALUATED = {
    "train_accuracy": np.nan,
    "test_accuracy": np.nan,
    "test_accuracy_halves": [np.nan, np.nan],
}


class Record:
    """The history of a run, as growing columns.

    Attributes:
        columns: dataset name in the file -> one entry per epoch; histograms begin with one for
            the state before any training.  Accuracies of epochs that were not evaluated are NaN.
    """

    def __init__(self, columns: dict[str, list[Any]] | None = None) -> None:
        """Start an empty history, or go on with one that was read back."""
        self.columns: dict[str, list[Any]] = defaultdict(list, columns or {})

    def add_epoch(self, trainer: Trainer, *, evaluate: bool) -> None:
        """Write down the epoch that has just been completed, evaluating the network if asked."""
        synapses = trainer.synapses
        epoch = {
            "online_accuracy": trainer.right / len(trainer.data.train_labels),
            **(_accuracies(trainer) if evaluate else NOT_EVALUATED),
            "set_pulses": synapses.counters[SET_PULSES],
            "depression_pulses": synapses.counters[DEPRESSION_PULSES],
            "resets": synapses.counters[RESETS],
            "saturated_devices": count_saturated(synapses.layers, synapses.device),
            "worn_devices": count_worn(synapses.layers),
        }
        for name, value in epoch.items():
            self.columns[f"epochs/{name}"].append(value)
        self.add_histograms(trainer)

    def add_histograms(self, trainer: Trainer) -> None:
        """Write down how conductances and weights are distributed now."""
        device = trainer.synapses.device
        for layer, weight_range in zip(trainer.synapses.layers, trainer.weight_ranges, strict=True):
            group = f"histograms/{layer.number}"
            self._count(f"{group}/weight", layer.weight, edges_of_weight(weight_range))
            if device is not None:
                edges = edges_of_conductance(device)
                self._count(f"{group}/g_plus", layer.conductance[..., PLUS], edges)
                self._count(f"{group}/g_minus", layer.conductance[..., MINUS], edges)

    def write(self, file: h5py.File) -> None:
        """Write the history into a result or a checkpoint."""
        for name, column in self.columns.items():
            values = np.array(column)
            file.create_dataset(name, data=values, compression=1 if values.ndim > 1 else None)

    @classmethod
    def read(cls, file: h5py.File) -> "Record":
        """Read a history back from a checkpoint."""
        columns: dict[str, list[Any]] = {}

        def take(name: str, item: h5py.Dataset | h5py.Group) -> None:
            if isinstance(item, h5py.Dataset) and name.startswith(("epochs/", "histograms/")):
                columns[name] = list(item[:])

        file.visititems(take)
        return cls(columns)

    def _count(self, name: str, values: NDArray[np.float32], edges: NDArray[np.float64]) -> None:
        """Add one histogram; values beyond the ends are counted in the end bins."""
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        self.columns[name].append(counts)


def _accuracies(trainer: Trainer) -> dict[str, Any]:
    """Classify all images; return the parts that come out right."""
    data = trainer.data
    train = trainer.answers_to_training_images() == data.train_labels
    test = trainer.answers_to_test_images() == data.test_labels
    first_half, second_half = test[: len(test) // 2], test[len(test) // 2 :]
    return {
        "train_accuracy": train.mean(),
        "test_accuracy": test.mean(),
        "test_accuracy_halves": [first_half.mean(), second_half.mean()],
    }
