"""A published statement, and the runs by which it is judged."""

from collections.abc import Iterator
from dataclasses import dataclass

from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.interval import interval
from pcmsim.campaign.point import Point
from pcmsim.campaign.summary import Accuracies, paired_loss
from pcmsim.campaign.sweep_file import nth_replicate
from pcmsim.study.reproduction.claims import Published
from pcmsim.study.reproduction.outcome import Claim


@dataclass(frozen=True)
class Trial:
    """A statement, and the point that it is about.

    Attributes:
        statement: what was published.
        point: first replicate of the point.
        replicates: how many runs of it there are to be.
        figure: column of a run that is meant.
        reference: the point that loses nothing; None if accuracy itself is meant.
    """

    statement: Published
    point: Point
    replicates: int
    figure: str = "test_accuracy"
    reference: Point | None = None

    def points(self) -> Iterator[Point]:
        """Yield all runs that are needed."""
        for number in range(self.replicates):
            if self.reference is not None:
                yield nth_replicate(self.reference, number)
            yield nth_replicate(self.point, number)

    def claim(self, folder: RunsFolder) -> Claim:
        """Return the statement beside what the finished runs say; nothing if there are none."""
        found = accuracies(folder, self.point, self.replicates, self.figure)
        if self.reference is not None:
            reference = accuracies(folder, self.reference, self.replicates, self.figure)
            return self.statement.held_against(paired_loss(reference, found))
        return self.statement.held_against(interval(list(found.values())) if found else None)


def accuracies(
    folder: RunsFolder, point: Point, replicates: int, figure: str = "test_accuracy"
) -> Accuracies:
    """Return an accuracy of the finished runs of a point, by replicate."""
    runs = (nth_replicate(point, number) for number in range(replicates))
    return {
        run.settings.replicate: float(folder.result(run).last(figure))
        for run in runs
        if folder.has(run)
    }
