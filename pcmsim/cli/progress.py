"""Progress of a run on standard error: a bar on a terminal, a line per epoch elsewhere."""

import sys
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from pcmsim.experiment.record import Record


class Progress:
    """A bar that is closed at the end of a ``with`` block, before other lines are printed."""

    _bar: Any = None

    def __enter__(self) -> Self:
        """Show what is reported from here on."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()


class RunProgress(Progress):
    """A progress display; its instances are what ``run`` takes as ``report``."""

    def __init__(self) -> None:
        """Show nothing yet: the amount of work is known at the first report."""
        self._epochs = 0

    def __call__(self, shown: int, total: int, record: Record) -> None:
        """Show how far the run has come."""
        if self._bar is None:
            self._bar = tqdm(
                total=total,
                initial=shown,
                unit=" examples",
                leave=False,
                disable=not sys.stderr.isatty(),
            )
        self._bar.update(shown - self._bar.n)
        epochs = len(record.columns["epochs/train_accuracy"])
        if epochs > self._epochs:
            self._epochs = epochs
            self._tell_epoch(record, epochs)

    def _tell_epoch(self, record: Record, epochs: int) -> None:
        train = record.columns["epochs/train_accuracy"][-1]
        test = record.columns["epochs/test_accuracy"][-1]
        line = f"epoch {epochs:3d}: training {train:6.1%}  test {test:6.1%}"
        if self._bar.disable:
            tell(line)
        else:
            self._bar.set_description(line)


def tell(line: str) -> None:
    """Print a line on standard error; a run must not die because nobody reads it."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
