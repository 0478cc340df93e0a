"""The result file: everything a finished run leaves behind, in one HDF5 file.

``/`` carries attributes: the resolved settings as YAML and their SHA-256, seed and replicate,
name and SHA-256 of the data, versions, machine, date, times.  Datasets, all reproducible:

``epochs/``       one entry per epoch: online_accuracy (training images, each when it was shown),
                  train_accuracy (the same images after the epoch), test_accuracy,
                  test_accuracy_halves (epochs, 2), and, counted from the start,
                  set_pulses, depression_pulses, resets; saturated_devices, worn_devices
``histograms/n/`` per layer weight, g_plus, g_minus: (epochs + 1, bins), beginning with the state
                  before training; weight_edges and conductance_edges (S) bound the bins
``layers/n/``     at the end: weight (rows, columns), and where there are devices conductance
                  (rows, columns, 2) for G+ and G- in S, fault (its codes in the attribute
                  codes), range_scale, pulses_since_reset, and where devices wear out cycles
                  (rows, columns, 2, 2), the SETs and RESETs that each device took while healthy
``confusion/``    train, test: (true class, answer) counts of images at the end

A slim result, one of the many of a sweep, has no ``layers/``, and its accuracies are NaN in epochs
before the last five; ``online_accuracy`` is there for all.
"""

import io
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from pcmsim.array.crossbar import range_scales
from pcmsim.array.fault_map import FAULTS
from pcmsim.array.state import edges_of_conductance, edges_of_weight
from pcmsim.config.load import settings_from_text
from pcmsim.config.read import settings_digest, to_yaml
from pcmsim.config.settings import FloatDevice, Settings
from pcmsim.errors import UserError
from pcmsim.experiment.checkpoint import Progress
from pcmsim.experiment.files import opened, put_together, written_at_once
from pcmsim.experiment.provenance import checksums, provenance
from pcmsim.training.trainer import Trainer

FORMAT = "pcmsim result 1"
# Accuracies are quoted as means over this many last epochs: one epoch's is a lucky draw.
LAST_EPOCHS = 5
FAULT_CODES = ", ".join(FAULTS)
LAYER_ARRAYS = ("weight", "conductance", "fault", "pulses_since_reset", "cycles")


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
                raise UserError(f"{path} is not a result of this version of pcmsim")
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
        }


def write_result(
    path: Path, settings: Settings, trainer: Trainer, progress: Progress, *, slim: bool = False
) -> None:
    """Write a finished run, ``slim`` without its layers; it gets its name when it is complete.

    Raises:
        UserError: the file cannot be written.
    """
    with written_at_once(path) as file:
        _write_figures(file, settings, trainer, progress)
        if not slim:
            _write_layers(file, settings, trainer)


def slim_result(settings: Settings, trainer: Trainer, progress: Progress) -> bytes:
    """Return the file of a finished run without its layers."""
    image = io.BytesIO()
    with put_together(image) as file:
        _write_figures(file, settings, trainer, progress)
    return image.getvalue()


def _write_figures(
    file: h5py.File, settings: Settings, trainer: Trainer, progress: Progress
) -> None:
    file.attrs["format"] = FORMAT
    file.attrs["settings"] = to_yaml(settings)
    file.attrs["settings_sha256"] = settings_digest(settings)
    file.attrs["seed"] = settings.seed
    file.attrs["replicate"] = settings.replicate
    file.attrs["data_name"] = trainer.data.name
    file.attrs.update(checksums(settings, trainer.data))
    file.attrs["training_seconds"] = progress.training_seconds
    file.attrs["examples_per_second"] = trainer.shown / progress.training_seconds
    file.attrs.update(provenance())
    progress.record.write(file)
    _write_edges(file, trainer)
    _write_confusion(file, trainer)


def _write_layers(file: h5py.File, settings: Settings, trainer: Trainer) -> None:
    for layer in trainer.synapses.layers:
        arrays = {name: getattr(layer, name) for name in LAYER_ARRAYS}
        if not isinstance(settings.device, FloatDevice):
            shape, rows = (layer.rows, layer.columns), slice(0, layer.rows)
            spread = settings.device.range_spread
            arrays["range_scale"] = range_scales(spread, layer.number, shape, rows, trainer.key)
        for name, array in arrays.items():
            if array.size:
                file.create_dataset(f"layers/{layer.number}/{name}", data=array, compression=1)
        if trainer.synapses.device is not None:
            file[f"layers/{layer.number}/fault"].attrs["codes"] = FAULT_CODES


def _write_edges(file: h5py.File, trainer: Trainer) -> None:
    for layer, weight_range in zip(trainer.synapses.layers, trainer.weight_ranges, strict=True):
        group = f"histograms/{layer.number}"
        file[f"{group}/weight_edges"] = edges_of_weight(weight_range)
        if trainer.synapses.device is not None:
            file[f"{group}/conductance_edges"] = edges_of_conductance(trainer.synapses.device)


def _write_confusion(file: h5py.File, trainer: Trainer) -> None:
    data = trainer.data
    classes = trainer.synapses.layers[-1].weight.shape[1]
    pairs = {
        "train": (data.train_labels, trainer.answers_to_training_images()),
        "test": (data.test_labels, trainer.answers_to_test_images()),
    }
    for name, (labels, answers) in pairs.items():
        counts = np.bincount(labels * classes + answers, minlength=classes * classes)
        file[f"confusion/{name}"] = counts.reshape(classes, classes)


def _read_arrays(file: h5py.File) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}

    def take(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[...]

    file.visititems(take)
    return arrays
