"""Training from where a network stands to the end of its last epoch, piece by piece."""

import time
from collections.abc import Iterator

from pcmsim.config.settings import Settings
from pcmsim.experiment.checkpoint import Progress
from pcmsim.experiment.record import Record
from pcmsim.training.trainer import Trainer

# Kernels return to Python this often, for progress, checkpoints and interrupts.
EXAMPLES_PER_CALL = 1000


def begin(trainer: Trainer) -> Progress:
    """Return the progress of a run that has not shown any example yet."""
    progress = Progress(Record())
    progress.record.add_histograms(trainer)
    return progress


def train(
    settings: Settings,
    trainer: Trainer,
    progress: Progress,
    *,
    threads: int = 1,
    evaluate_from: int = 1,
) -> Iterator[None]:
    """Train to the end of the last epoch; yield after every piece of work.

    Args:
        settings: how many epochs there are.
        trainer: the network, changed in place.
        progress: what is written down, changed in place.
        threads: threads that share an evaluation.
        evaluate_from: the first epoch, counted from 1, after which images are classified.
    """
    examples = settings.training.epochs * len(trainer.data.train_labels)
    while trainer.shown < examples:
        started = time.perf_counter()
        trainer.advance(EXAMPLES_PER_CALL)
        progress.training_seconds += time.perf_counter() - started
        if trainer.shown_in_epoch == 0:
            progress.record.add_epoch(trainer, threads, evaluate=trainer.epoch >= evaluate_from)
        yield
