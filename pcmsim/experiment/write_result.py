"""Writing the result file of a finished run; ``result`` says what is in it."""

import io
from pathlib import Path

import h5py
import numpy as np

from pcmsim.array.crossbar import range_scales
from pcmsim.array.fault_map import FAULTS
from pcmsim.array.state import edges_of_conductance, edges_of_weight
from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.read import settings_digest, to_yaml
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import spread_of
from pcmsim.experiment.checkpoint import Progress
from pcmsim.experiment.measure_retention import write_retention
from pcmsim.experiment.provenance import checksums, provenance
from pcmsim.experiment.result import FORMAT
from pcmsim.files import put_together, written_at_once
from pcmsim.training.trainer import Trainer

FAULT_CODES = ", ".join(FAULTS)
LAYER_ARRAYS = ("weight", "conductance", "fault", "pulses_since_reset", "cycles", "charge")


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
    write_retention(file, settings, trainer)


def _write_layers(file: h5py.File, settings: Settings, trainer: Trainer) -> None:
    device = settings.device
    spread = None if isinstance(device, FloatDevice) else spread_of(device).range
    for layer in trainer.synapses.layers:
        arrays = {name: getattr(layer, name) for name in LAYER_ARRAYS}
        if spread is not None:
            shape, rows = layer.pairs.shape, slice(0, layer.rows)
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
