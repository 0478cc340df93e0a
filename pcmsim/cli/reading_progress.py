"""How far a file of measured traces has been read."""

import sys
import time

from pcmsim.cli.progress import Progress, tell

SECONDS_WITHOUT_PROGRESS = 2.0
SECONDS_BETWEEN_LINES = 5.0


class ReadingProgress(Progress):
    """Shows how far a file is read, if that takes more than two seconds."""

    def __init__(self) -> None:
        """Start the clock."""
        self._started = self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Show how many bytes of how many have been read."""
        now = time.monotonic()
        if now - self._started < SECONDS_WITHOUT_PROGRESS:
            return
        if not sys.stderr.isatty():
            self._tell_line(now, done, total)
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False)
        self._bar.update(done - self._bar.n)

    def _tell_line(self, now: float, done: int, total: int) -> None:
        if now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            tell(f"read {done / 1e6:.0f} of {total / 1e6:.0f} MB")
