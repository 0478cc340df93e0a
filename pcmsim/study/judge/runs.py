"""The runs of a judge, each with what it is for."""

from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.growing import GrowingRuns
from pcmsim.campaign.point import Point
from pcmsim.campaign.prepare import Preparation
from pcmsim.campaign.run_points import Outcome, Pool, Report
from pcmsim.config.settings import Settings

TITLE = "Verdict"
PURPOSE = "purpose"


class Runs(GrowingRuns):
    """Runs of the search and of the verdict, in one folder."""

    def __init__(
        self, folder: RunsFolder, pool: Pool, report: Report | None, expected: int
    ) -> None:
        """Run in this folder and pool, and tell of ``expected`` runs unless there are more."""

        def tell(outcome: Outcome, done: int) -> None:
            if report is not None:
                report(outcome, done, max(expected, done))

        super().__init__(TITLE, [PURPOSE], folder, pool, tell)
        self._preparation = Preparation()

    def point(self, settings: Settings, purpose: str) -> Point:
        """Return a point of the folder, checked, and not yet run.

        Raises:
            UserError: the settings cannot be run.
        """
        return self._preparation.point(settings, {PURPOSE: purpose})
