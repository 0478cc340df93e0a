"""Training from where a network stands to the end of its last epoch, piece by piece."""

import time
from collections.abc import Iterator

from pcmsim.array.crossbar import layer_shapes
from pcmsim.config.settings import Settings
from pcmsim.experiment.checkpoint import Progress
from pcmsim.experiment.record import Record
from pcmsim.training.trainer import Trainer

# Kernels return to Python this often, for progress, checkpoints and interrupts; sooner where so
# many synapses have been read and programmed: a tenth of a second or so.
EXAMPLES_PER_CALL = 1000
SYNAPSES_PER_CALL = 10**9


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
    evaluate_from: int = 1,
) -> Iterator[None]:
    """Train to the end of the last epoch; yield after every piece of work.

    Args:
        settings: how many epochs there are.
        trainer: the network, changed in place.
        progress: what is written down, changed in place.
        evaluate_from: the first epoch, counted from 1, after which images are classified.
    """
    examples = settings.training.epochs * len(trainer.data.train_labels)
    synapses = sum(rows * columns for rows, columns in layer_shapes(settings.network))
    at_a_time = min(EXAMPLES_PER_CALL, 1 + SYNAPSES_PER_CALL // synapses)
    while trainer.shown < examples:
        started = time.perf_counter()
        trainer.advance(at_a_time)
        progress.training_seconds += time.perf_counter() - started
        if trainer.shown_in_epoch == 0:
            progress.record.add_epoch(trainer, evaluate=trainer.epoch >= evaluate_from)
        yield
