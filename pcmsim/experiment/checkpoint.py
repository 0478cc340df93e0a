"""The unfinished run on disk, and taking it up again.

A checkpoint holds what training has changed: the layers, the counters, how many examples have
been shown, and the history.  All else follows from the settings.  Random numbers need no
saving: they are addressed by the examples shown.
"""

from dataclasses import dataclass
from pathlib import Path

import h5py

from pcmsim.errors import UserError
from pcmsim.experiment.record import Record
from pcmsim.files import opened, written_at_once
from pcmsim.training.trainer import Trainer

FORMAT = "pcmsim checkpoint 2"
# Checksums of all that decides a run, by the names they have in files.
Origin = dict[str, str]
WORDS = {
    "settings_sha256": "settings",
    "data_sha256": "images",
    "device_file_sha256": "contents of device.file",
    "fault_map_sha256": "contents of faults.map",
}
# What training changes in a layer; the rest is made anew from the settings.
STORED = ("weight", "weight_across", "variance", "variance_across")
CHANGING = (*STORED, "pairs", "pulses_since_reset", "cycles", "volatile")


@dataclass
class Progress:
    """How far a run has come, apart from the state of its trainer."""

    record: Record
    training_seconds: float = 0.0


def checkpoint_path(result: Path) -> Path:
    """Return where the checkpoint of a run lies: beside its result to be."""
    return result.with_name(f"{result.name}.checkpoint")


def save(path: Path, origin: Origin, trainer: Trainer, progress: Progress) -> None:
    """Replace the checkpoint at ``path`` by the present state.

    Raises:
        UserError: the file cannot be written; an older checkpoint stays as it was.
    """
    with written_at_once(path) as file:
        file.attrs["format"] = FORMAT
        file.attrs.update(origin)
        file.attrs["shown"] = trainer.shown
        file.attrs["right"] = trainer.right
        file.attrs["training_seconds"] = progress.training_seconds
        file["counters"] = trainer.synapses.counters
        for layer in trainer.synapses.layers:
            for name in CHANGING:
                file[f"layers/{layer.number}/{name}"] = getattr(layer, name)
        progress.record.write(file)


def restore(path: Path, origin: Origin, trainer: Trainer) -> Progress:
    """Bring a fresh trainer to the state that a checkpoint holds.

    Raises:
        UserError: the file is unreadable, or belongs to other settings, images or devices.
    """
    with opened(path) as file:
        _check(path, file, origin)
        trainer.synapses.counters[:] = file["counters"][:]
        for layer in trainer.synapses.layers:
            for name in CHANGING:
                getattr(layer, name)[...] = file[f"layers/{layer.number}/{name}"][...]
        trainer.restore(int(file.attrs["shown"]), int(file.attrs["right"]))
        return Progress(Record.read(file), float(file.attrs["training_seconds"]))


def _check(path: Path, file: h5py.File, origin: Origin) -> None:
    if file.attrs.get("format") != FORMAT:
        raise UserError(
            f"{path} is not a checkpoint of this version of pcmsim; remove it to start anew"
        )
    for name, found in origin.items():
        if file.attrs.get(name) != found:
            raise UserError(
                f"{path} belongs to a run with other {WORDS[name]}; run without --resume to start "
                "anew, or choose another --out"
            )
