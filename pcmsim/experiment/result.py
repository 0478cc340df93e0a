"""The result file, read: everything a finished run leaves behind, in one HDF5 file.

``/`` carries attributes: the resolved settings as YAML and their SHA-256, seed and replicate,
name and SHA-256 of the data, versions, machine, date, times.  Datasets, all reproducible:

``epochs/``       one entry per epoch: online_accuracy (training images, each when it was shown),
                  train_accuracy (the same images after the epoch), test_accuracy,
                  test_accuracy_halves (epochs, 2), and, counted from the start,
                  set_pulses, depression_pulses, resets; saturated_devices, worn_devices
``histograms/n/`` per layer weight, g_plus, g_minus: (epochs + 1, bins), beginning with the state
                  before training; weight_edges and conductance_edges (S) bound the bins
``layers/n/``     at the end: weight (rows, columns), and where there are devices conductance
                  (rows, columns, 2) for G+ and G- in S (with a column for each pair
                  of a synapse, where there are several), fault (its codes in the attribute
                  codes), range_scale, pulses_since_reset, and where devices wear out cycles
                  (rows, columns, 2, 2), the SETs and RESETs that each device took while healthy;
                  where pairs have a volatile element beside them charge (rows, columns)
``confusion/``    train, test: (true class, answer) counts of images at the end
``retention/``    where the settings ask for it: time (s) since the devices were written,
                  test_accuracy then, test_accuracy_compensated with global drift compensation,
                  compensation (times, layers), the factors by which that amplifies

A slim result, one of the many of a sweep, has no ``layers/``, and its accuracies are NaN in epochs
before the last five; ``online_accuracy`` is there for all.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from pcmsim.config.load import settings_from_text
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.files import opened, what_it_is

FORMAT = "pcmsim result 1"
# Accuracies are quoted as means over this many last epochs: one epoch's is a lucky draw.
LAST_EPOCHS = 5


@dataclass(frozen=True)
class Result:
    """A finished run, read from its file.

    Attributes:
        path: the file.
        settings: the resolved settings it was made with.
        attributes: the attributes of the file.
        arrays: dataset name -> array, all of them.
    """

    path: Path
    settings: Settings
    attributes: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    @classmethod
    def open(cls, path: str | Path) -> "Result":
        """Read a result file.

        Raises:
            UserError: there is no such file, or it is not a result of this version of pcmsim.
        """
        path = Path(path)
        with opened(path) as file:
            attributes = dict(file.attrs)
            if attributes.get("format") != FORMAT:
                raise UserError(
                    f"{path} is not a result of this version of pcmsim; {what_it_is(path)}"
                )
            settings = settings_from_text(attributes["settings"], f"the settings in {path}")
            return cls(path, settings, attributes, _read_arrays(file))

    @staticmethod
    def is_of(path: Path, digest: str) -> bool:
        """Tell whether a file is the result of the settings with this digest."""
        try:
            with opened(path) as file:
                return bool(file.attrs.get("settings_sha256") == digest)
        except UserError:
            return False

    @property
    def synapses(self) -> int:
        """Cross-points of all layers, bias rows included."""
        return sum((rows + 1) * columns for rows, columns in pairwise(self.settings.network.layers))

    @property
    def is_slim(self) -> bool:
        """True if the layers are left out."""
        return "layers/0/weight" not in self.arrays

    @property
    def layers(self) -> int:
        """Layers of weights."""
        return len(self.settings.network.layers) - 1

    def last(self, column: str) -> Any:
        """Return the mean of a column of the epoch table over the last five epochs."""
        return self.arrays[f"epochs/{column}"][-LAST_EPOCHS:].mean(axis=0)

    def after(self) -> dict[str, float]:
        """Return test accuracies at the last time after training; none where none was measured."""
        names = {
            "test_accuracy_after": "retention/test_accuracy",
            "test_accuracy_after_compensated": "retention/test_accuracy_compensated",
        }
        return {
            name: float(self.arrays[column][-1])
            for name, column in names.items()
            if column in self.arrays
        }

    def summary(self) -> dict[str, Any]:
        """Return the figures that scripts rely on: accuracies as fractions, means of the last
        five epochs, and totals."""
        return {
            "result": str(self.path),
            "train_accuracy": float(self.last("train_accuracy")),
            "online_accuracy": float(self.last("online_accuracy")),
            "test_accuracy": float(self.last("test_accuracy")),
            "test_accuracy_halves": [float(half) for half in self.last("test_accuracy_halves")],
            "best_test_accuracy": float(np.nanmax(self.arrays["epochs/test_accuracy"])),
            "synapses": self.synapses,
            "neurons": sum(self.settings.network.layers),
            "examples_per_second": float(self.attributes["examples_per_second"]),
            "set_pulses": int(self.arrays["epochs/set_pulses"][-1]),
            "resets": int(self.arrays["epochs/resets"][-1]),
            "seed": self.settings.seed,
            "replicate": self.settings.replicate,
            "epochs": self.settings.training.epochs,
            "settings_sha256": str(self.attributes["settings_sha256"]),
            **self.after(),
        }


def _read_arrays(file: h5py.File) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}

    def take(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[...]

    file.visititems(take)
    return arrays
