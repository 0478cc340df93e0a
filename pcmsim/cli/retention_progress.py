"""Progress of ageing on standard error: a bar on a terminal, nothing elsewhere."""

import sys

from tqdm import tqdm

from pcmsim.cli.progress import Progress


class RetentionProgress(Progress):
    """A progress display; its instances are what ``retention`` takes as ``report``."""

    def __call__(self, done: int, total: int) -> None:
        """Show how many times have been looked at."""
        if self._bar is None:
            silent = not sys.stderr.isatty()
            self._bar = tqdm(total=total, unit=" times", leave=False, disable=silent)
        self._bar.update(done - self._bar.n)
