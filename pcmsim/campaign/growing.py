"""Runs of which only earlier ones tell which they are: a search asks for them as it goes."""

from collections.abc import Callable, Sequence

from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.point import Point
from pcmsim.campaign.run_points import Outcome, Pool, run_points
from pcmsim.errors import UserError

# Told when a run ends: what became of it, and how many have ended.
Tell = Callable[[Outcome, int], None]


class GrowingRuns:
    """Points of one folder, each run when it is first asked for."""

    def __init__(
        self,
        title: str,
        columns: Sequence[str],
        folder: RunsFolder,
        pool: Pool,
        tell: Tell | None,
    ) -> None:
        """Run in this folder and pool; title and columns are those of its index."""
        self.folder = folder
        self._title = title
        self._columns = columns
        self._pool = pool
        self._tell = tell
        self._points: dict[str, Point] = {}

    @property
    def count(self) -> int:
        """How many different runs there were."""
        return len(self._points)

    def run(self, points: Sequence[Point]) -> None:
        """Run what is new among some points.

        Raises:
            UserError: a run has failed, the folder cannot be written, or the pool is gone.
        """
        new = {point.digest: point for point in points if point.digest not in self._points}
        if not new:
            return
        done = self.count
        self._points |= new
        self.folder.write_index(self._title, self._columns, list(self._points.values()))
        for outcome in run_points(new.values(), self.folder, self._pool):
            done += 1
            if outcome.failure is not None:
                text = f"{outcome.point.name} failed: {outcome.failure}; what is finished is kept"
                raise UserError(f"{text}, and starting again goes on from there")
            if self._tell is not None:
                self._tell(outcome, done)
