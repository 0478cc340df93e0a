"""Progress of a search on standard error: a count on a terminal, a line per run elsewhere.

How many runs there will be is not known before they are done.
"""

import sys

from tqdm import tqdm

from pcmsim.campaign.run_points import Outcome
from pcmsim.cli.progress import Progress, tell


class ToleranceProgress(Progress):
    """A progress display; its instances are what ``tolerance`` takes as ``report``."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._bar = tqdm(unit=" runs", leave=False, disable=not sys.stderr.isatty())

    def __call__(self, outcome: Outcome, done: int) -> None:
        """Show which run has ended."""
        self._bar.update()
        if not self._bar.disable:
            self._bar.set_description_str(outcome.point.name)
        elif outcome.is_new:
            tell(f"run {done}: {outcome.point.name}")
