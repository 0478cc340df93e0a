"""One sweep file of the study: its runs, and the curve that they make."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from statistics import median

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.collect import Collection, Entry, gather
from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.interval import Interval
from pcmsim.campaign.point import Point
from pcmsim.campaign.summary import Summary, summarise
from pcmsim.campaign.sweep_file import Plan, nth_replicate
from pcmsim.study.reproduction.outcome import Curve, Mitigation
from pcmsim.study.reproduction.trial import accuracies


@dataclass(frozen=True)
class StudySweep:
    """A sweep whose losses are against the base file itself.

    Attributes:
        name: stem of the sweep file.
        plan: its points.
        reference: the base file, with nothing varied.
    """

    name: str
    plan: Plan
    reference: Point

    def points(self) -> Iterator[Point]:
        """Yield all runs that are needed."""
        for number in range(self.plan.replicates):
            yield nth_replicate(self.reference, number)
        yield from self.plan.points()

    def curve(self, folder: RunsFolder) -> Curve:
        """Return what the finished runs say; without summaries if there are none."""
        runs, summaries = self._results(folder)
        setting = self.plan.axes[0]
        return Curve(
            name=self.name,
            title=self.plan.title,
            setting=setting,
            label=self.plan.label or setting,
            is_logarithmic=_is_logarithmic(self.cells),
            shipped=self._shipped(setting),
            summaries=summaries,
            runs=runs,
        )

    def mitigations(self, folder: RunsFolder) -> list[Mitigation]:
        """Return what the finished runs of a sweep over shares and measures say."""
        share, measure = self.plan.axes[:2]
        losses: dict[str, dict[float, Interval]] = {}
        for summary in self._results(folder)[1]:
            if summary.loss is not None:
                row = losses.setdefault(str(summary.cells[measure]), {})
                row[float(summary.cells[share])] = summary.loss
        return [Mitigation(self.plan.title, name, row) for name, row in losses.items()]

    @property
    def section(self) -> str:
        """The section of settings that the curve is about, such as ``faults``: the first word of
        the first axis."""
        return re.split(r"\W", self.plan.axes[0], maxsplit=1)[0]

    @property
    def cells(self) -> list[Cell]:
        """What stands on the first axis, point by point."""
        return [point.cells[self.plan.axes[0]] for point in self._points]

    @property
    def _points(self) -> Sequence[Point]:
        return self.plan.combinations

    def _results(self, folder: RunsFolder) -> tuple[Collection, list[Summary]]:
        """Return the finished runs, value after value, and their summaries."""
        runs = [
            nth_replicate(first, number)
            for first in self._points
            for number in range(self.plan.replicates)
        ]
        entries = [Entry(run.digest, run.name, tuple(run.cells.values())) for run in runs]
        found = gather(folder, self.plan.title, self.plan.axes, entries)
        reference = accuracies(folder, self.reference, self.plan.replicates)
        return found, summarise(found, reference)

    def _shipped(self, setting: str) -> Cell | None:
        """Return where the base file is on the axis: at one of its points, or between them."""
        for point in self._points:
            if point.digest == self.reference.digest:
                return point.cells[setting]
        value = attrgetter(setting)
        try:
            # Multiples and labels make an axis of their own.
            are_values = self.cells == [value(point.settings) for point in self._points]
        except AttributeError:
            return None
        shipped = value(self.reference.settings) if are_values else None
        return shipped if isinstance(shipped, int | float) else None


def _is_logarithmic(cells: Sequence[Cell]) -> bool:
    """Tell whether the middle value lies nearer to the geometric mean of the ends than to the
    arithmetic one."""
    values = [float(cell) for cell in cells if not isinstance(cell, str)]
    if len(values) < len(cells) or min(values) <= 0:
        return False
    low, high, middle = min(values), max(values), median(values)
    return abs(middle - math.sqrt(low * high)) < abs(middle - (low + high) / 2)
