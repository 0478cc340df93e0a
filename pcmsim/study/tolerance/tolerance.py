"""How much of a setting a network tolerates: from a settings file to a value with its bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from pcmsim.campaign.axes import Cell, cell_of
from pcmsim.campaign.collect import Collection, collect
from pcmsim.campaign.folder import RunsFolder, locked
from pcmsim.campaign.growing import GrowingRuns, Tell
from pcmsim.campaign.point import Point
from pcmsim.campaign.prepare import Preparation
from pcmsim.campaign.run_points import Pool
from pcmsim.campaign.sweep import pool_of
from pcmsim.campaign.sweep_file import nth_replicate
from pcmsim.errors import UserError
from pcmsim.study.tolerance.search import FIRST_LOOK, Limit, search
from pcmsim.study.tolerance.value import Parameter, read_parameter
from pcmsim.study.tolerance.way import Way, ways_of


@dataclass(frozen=True)
class Tolerance:
    """How far a setting may go at a given loss of accuracy.

    Attributes:
        name: the setting.
        unit: its unit.
        loss: accuracy that may be lost on the average of replicates, as a fraction.
        reference: value against which it is lost.
        limits: what was found on the way up, down, or both.
        runs: all runs, those at the reference first.
    """

    name: str
    unit: str
    loss: float
    reference: Cell
    limits: tuple[tuple[Way, Limit], ...]
    runs: Collection


def tolerance(
    config: str | Path,
    parameter: str,
    loss: float,
    out: str | Path,
    overrides: Sequence[str] = (),
    *,
    reference: float | None = None,
    first: float | None = None,
    last: float | None = None,
    scale: str | None = None,
    replicates: int = 10,
    workers: int = 1,
    dask: str | None = None,
    report: Tell | None = None,
) -> Tolerance:
    """Find how far a setting may go before accuracy falls by more than is allowed.

    The search goes from the reference upwards and downwards, as far as there is room.  The mean
    loss of test accuracy is taken over replicates, each compared with the reference's of the same
    random numbers.  Which values are tested depends on the settings alone; what is finished is
    never run again.

    Args:
        config: settings file.
        parameter: the setting, such as ``faults.dead``; of one that has a number for each layer
            a common factor is searched.
        loss: accuracy that may be lost, as a fraction.
        out: folder for the runs.
        overrides: changes to the file, such as ``training.epochs=3``.
        reference: value against which accuracy is lost; None: the file's own.
        first: lowest value to search; None: what is allowed and seems reasonable.
        last: highest value to search; None: what is allowed and seems reasonable.
        scale: ``linear`` or ``log``; None: whichever seems reasonable.
        replicates: the most runs at a value.
        workers: processes on this machine.
        dask: address of a Dask scheduler, whose workers are used instead.
        report: told when a run ends.

    Raises:
        UserError: settings have a fault, a run has failed, another process is writing to the
            folder, or there are no workers.
    """
    if not 0 < loss < 1:
        raise UserError(f"--loss: must be a fraction above 0 and below 1, not {loss:g}")
    if replicates < 2:
        raise UserError(f"--replicates: must be at least 2, for an error bar, not {replicates}")
    sought = _Sought(read_parameter(config, parameter, overrides), reference)
    ways = ways_of(sought.parameter, sought.reference, first, last, scale)
    sought.check_ends(ways)
    with locked(Path(out)) as folder, pool_of(workers, dask) as pool:
        runs = _Runs(sought, folder, pool, report)
        if sought.reference is None:
            ways = [_from_the_better_end(ways[0], runs, min(FIRST_LOOK, replicates))]
        limits = tuple((way, search(way, runs.losses, loss, replicates)) for way in ways)
    return Tolerance(
        name=parameter,
        unit=sought.parameter.unit,
        loss=loss,
        reference=cell_of(sought.reference),
        limits=limits,
        runs=collect(out),
    )


class _Sought:
    """Makes points of the search; the files that settings name are loaded once."""

    def __init__(self, parameter: Parameter, reference: float | None) -> None:
        self.parameter = parameter
        self.reference = parameter.own if reference is None else reference
        self._preparation = Preparation()
        if reference is not None:
            self._first(reference, "--reference")

    def check_ends(self, ways: Sequence[Way]) -> None:
        """Refuse, before anything runs, ends that are not allowed: all between them will be."""
        for way in ways:
            for end, option in zip(sorted((way.near, way.far)), ("--from", "--to"), strict=True):
                self._first(end, option)

    def points(self, value: float | None, count: int) -> list[Point]:
        """Return the first so many replicates at a value."""
        first = self._first(value, "--parameter")
        return [nth_replicate(first, number) for number in range(count)]

    def _first(self, value: float | None, option: str) -> Point:
        parameter = self.parameter
        settings = parameter.settings if value is None else parameter.settings_at(value, option)
        return self._preparation.point(settings, {parameter.name: cell_of(value)})


class _Runs(GrowingRuns):
    """Runs at the values that the search asks for, and what accuracy they cost."""

    def __init__(self, sought: _Sought, folder: RunsFolder, pool: Pool, tell: Tell | None) -> None:
        name = sought.parameter.name
        super().__init__(f"Tolerance of {name}", [name], folder, pool, tell)
        self._sought = sought
        self._known: dict[str, float] = {}

    def losses(self, value: float, count: int) -> list[float]:
        """Return how much lower accuracy is at a value than at the reference, by replicate."""
        before = self._sought.points(self._sought.reference, count)
        after = self._sought.points(value, count)
        self.run([*before, *after])
        pairs = zip(before, after, strict=True)
        return [self._accuracy(one) - self._accuracy(other) for one, other in pairs]

    def _accuracy(self, point: Point) -> float:
        if point.digest not in self._known:
            self._known[point.digest] = float(self.folder.result(point).last("test_accuracy"))
        return self._known[point.digest]


def _from_the_better_end(way: Way, runs: _Runs, count: int) -> Way:
    """Return the way in that direction in which the loss grows."""
    near, far = (mean(runs.losses(end, count)) for end in (way.near, way.far))
    return way if near <= far else way.back()
