"""Progress of a sweep on standard error: a bar on a terminal, a line per run elsewhere."""

import sys
import time

from tqdm import tqdm

from pcmsim.campaign.run_points import Outcome
from pcmsim.cli.progress import Progress, tell


class SweepProgress(Progress):
    """A progress display; its instances are what ``sweep`` takes as ``report``."""

    def __init__(self) -> None:
        """Start the clock; the amount of work is known at the first report."""
        self._bar = tqdm(unit=" runs", leave=False, smoothing=0, disable=not sys.stderr.isatty())
        self._started = time.monotonic()
        self._found = 0

    def __call__(self, outcome: Outcome, done: int, total: int) -> None:
        """Show how far the sweep has come."""
        self._bar.total = total
        if not outcome.is_new:
            # The time left is judged from what was run, not from what was found.
            self._found += 1
            self._bar.initial = self._found
        self._bar.update()
        if self._bar.disable:
            self._tell(outcome, done, total)
        else:
            self._bar.set_description_str(_words(outcome))

    def _tell(self, outcome: Outcome, done: int, total: int) -> None:
        if not outcome.is_new:
            return
        seconds = (time.monotonic() - self._started) / (done - self._found) * (total - done)
        left = tqdm.format_interval(seconds)
        tell(f"run {done} of {total}, {left} left: {_words(outcome)}")


def _words(outcome: Outcome) -> str:
    if outcome.failure is None:
        return outcome.point.name
    return f"{outcome.point.name} failed: {outcome.failure}"
