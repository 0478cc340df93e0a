"""One run, from settings to a finished result file."""

import time
from collections.abc import Callable
from pathlib import Path

from pcmsim.config.read import settings_digest
from pcmsim.config.settings import Settings
from pcmsim.data import Dataset, load_dataset
from pcmsim.errors import UserError
from pcmsim.experiment import checkpoint
from pcmsim.experiment.checkpoint import WORDS, Origin, Progress, checkpoint_path
from pcmsim.experiment.provenance import checksums
from pcmsim.experiment.record import Record
from pcmsim.experiment.result import Result
from pcmsim.experiment.train import begin, train
from pcmsim.experiment.write_result import write_result
from pcmsim.files import refuse_to_replace, write_whole
from pcmsim.training.trainer import Trainer

SECONDS_BETWEEN_CHECKPOINTS = 10.0
# At least so many times as long as it takes to save one.
WORK_PER_CHECKPOINT = 10.0

# Told, after every piece of work: examples shown so far, examples in all, accuracies so far.
Report = Callable[[int, int, Record], None]


def run(
    settings: Settings,
    out: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    threads: int = 1,
    slim: bool = False,
    report: Report | None = None,
) -> Result:
    """Train the network that the settings describe and write its result to ``out``.

    The datasets of the result are a function of the settings alone: neither ``threads`` nor an
    interruption changes a bit of them.

    Args:
        settings: what to train, from ``load_config``.
        out: name of the result file; only a finished result ever gets it.
        resume: go on from the checkpoint of an interrupted run, if there is one; if the run
            was finished, return its result.
        overwrite: replace the result of other settings, if there is one.
        threads: threads that share the work.
        slim: keep figures only, no weights and no devices, and write no checkpoints: for arrays
            that would fill the disk.  Such a run cannot be resumed.
        report: told about progress, a few times a second.

    Raises:
        UserError: data, device file or checkpoint cannot be used, or ``out`` not be written.
    """
    if threads < 1:
        raise UserError(f"threads: must be at least 1, not {threads}")
    path = Path(out)
    digest = settings_digest(settings)
    if resume and Result.is_of(path, digest):
        return Result.open(path)
    refuse_to_replace(
        path, "a result of these settings", lambda file: Result.is_of(file, digest), overwrite
    )
    if slim:
        _try_to_write_beside(path)
    data = load_fitting_data(settings)
    trainer = Trainer(settings, data, threads)
    origin = {"settings_sha256": digest, **checksums(settings, data)}
    progress = begin(trainer) if slim else _begin(path, origin, trainer, resume)
    _train(settings, path, origin, trainer, progress, slim, report)
    try:
        write_result(path, settings, trainer, progress, slim=slim)
    except UserError as error:
        if slim:
            raise
        raise UserError(f"{error}\nThe run is finished; write its result with --resume") from error
    checkpoint_path(path).unlink(missing_ok=True)
    return Result.open(path)


def load_fitting_data(settings: Settings) -> Dataset:
    """Load the images and check that they fit the network.

    Raises:
        UserError: the images cannot be loaded, or have not as many pixels or classes as the
            network has inputs and outputs.
    """
    data = settings.data
    crop = None if data.crop is None else (data.crop[0], data.crop[1], data.crop[2], data.crop[3])
    dataset = load_dataset(data.path, data.train_images, crop, data.verify_checksum)
    if len(dataset.test_labels) < 2:
        raise UserError(
            f"data.path: test_images of {dataset.name} holds one image; two are the least"
        )
    inputs, outputs = settings.network.layers[0], settings.network.layers[-1]
    pixels = dataset.train_images.shape[1]
    if pixels != inputs:
        raise UserError(
            f"network.layers: starts with {inputs} neurons, but the images have {pixels} pixels "
            "after data.crop"
        )
    classes = 1 + int(max(dataset.train_labels.max(), dataset.test_labels.max()))
    if classes > outputs:
        raise UserError(
            f"network.layers: ends with {outputs} neurons, but the labels count up to {classes - 1}"
        )
    return dataset


def load_data_of(result: Result) -> Dataset:
    """Load the images that a result was made with.

    Raises:
        UserError: these, or another file that its settings name, are not there or are others.
    """
    data = load_fitting_data(result.settings)
    for name, digest in checksums(result.settings, data).items():
        if digest != result.attributes[name]:
            raise UserError(
                f"{result.path} was made with other {WORDS[name]} than those found now: the "
                f"SHA-256 was {result.attributes[name][:12]}..., now it is {digest[:12]}..."
            )
    return data


def _try_to_write_beside(path: Path) -> None:
    """Find out before the work whether the folder of a result can be written."""
    trial = checkpoint_path(path)
    write_whole(trial, b"")
    trial.unlink()


def _begin(path: Path, origin: Origin, trainer: Trainer, resume: bool) -> Progress:
    saved = checkpoint_path(path)
    if resume and saved.exists():
        return checkpoint.restore(saved, origin, trainer)
    progress = begin(trainer)
    # Written at once, so that a folder that cannot be written is found out before the work.
    checkpoint.save(saved, origin, trainer, progress)
    return progress


def _train(
    settings: Settings,
    path: Path,
    origin: Origin,
    trainer: Trainer,
    progress: Progress,
    slim: bool,
    report: Report | None,
) -> None:
    examples = settings.training.epochs * len(trainer.data.train_labels)
    saved_at, pause = time.monotonic(), SECONDS_BETWEEN_CHECKPOINTS
    for _ in train(settings, trainer, progress):
        now = time.monotonic()
        if not slim and (trainer.shown == examples or now - saved_at > pause):
            checkpoint.save(checkpoint_path(path), origin, trainer, progress)
            saved_at = time.monotonic()
            pause = max(SECONDS_BETWEEN_CHECKPOINTS, WORK_PER_CHECKPOINT * (saved_at - now))
        if report is not None:
            report(trainer.shown, examples, progress.record)
