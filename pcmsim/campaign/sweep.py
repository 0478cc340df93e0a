"""A sweep, from its file to its table."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from pcmsim.campaign.collect import Collection, collect
from pcmsim.campaign.dask_pool import dask_pool
from pcmsim.campaign.folder import RunsFolder, locked
from pcmsim.campaign.interval import interval
from pcmsim.campaign.local_pool import LocalPool
from pcmsim.campaign.point import Point
from pcmsim.campaign.run_points import Pool, Report, run_points
from pcmsim.campaign.sweep_file import Plan, Stop, nth_replicate, read_sweep


def sweep(
    path: str | Path,
    out: str | Path,
    overrides: Sequence[str] = (),
    *,
    replicates: int | None = None,
    workers: int = 1,
    dask: str | None = None,
    report: Report | None = None,
) -> Collection:
    """Run all points of a sweep file that are not finished, and return its table.

    The table is a function of the settings alone: neither workers nor interruptions change a
    bit of it.  Points that fail are listed in ``failures``; they are tried again next time.

    Args:
        path: the sweep file.
        out: folder for the runs; to go on with a sweep, or to extend it, use the same one.
        overrides: changes to all points, such as ``training.epochs=3``.
        replicates: runs at each point; wins over the file.
        workers: processes on this machine.
        dask: address of a Dask scheduler, whose workers are used instead.
        report: told when a point ends.

    Raises:
        UserError: the file or any of its points has a fault, another process is writing to the
            folder, or there are no workers.
    """
    plan = read_sweep(path, overrides, replicates)
    with locked(Path(out)) as folder, pool_of(workers, dask) as pool:
        _run(plan, folder, pool, report)
    return collect(out)


def pool_of(workers: int, dask: str | None = None) -> AbstractContextManager[Pool]:
    """Return the workers of a Dask scheduler, or, without one, processes on this machine.

    Raises:
        UserError: there are none.
    """
    return dask_pool(dask) if dask is not None else LocalPool(workers)


def _run(plan: Plan, folder: RunsFolder, pool: Pool, report: Report | None) -> None:
    points = new = plan.points()
    done = 0
    while new:
        folder.write_index(plan.title, plan.axes, points)
        for outcome in run_points(new, folder, pool):
            done += 1
            if report is not None:
                report(outcome, done, len(points))
        new = [] if plan.stop is None else _one_more(plan.combinations, points, folder, plan.stop)
        points = points + new


def _one_more(
    combinations: Sequence[Point], points: Sequence[Point], folder: RunsFolder, stop: Stop
) -> list[Point]:
    """Return the next replicate of each combination whose mean is still too uncertain."""
    more = []
    for first in combinations:
        group = [point for point in points if point.cells == first.cells]
        if len(group) < stop.replicates and _is_uncertain(group, folder, stop.half_width):
            more.append(nth_replicate(first, len(group)))
    return more


def _is_uncertain(group: list[Point], folder: RunsFolder, half_width: float) -> bool:
    """Tell whether more runs would help; not where one has failed."""
    if not all(folder.has(point) for point in group):
        return False
    accuracies = [float(folder.result(point).last("test_accuracy")) for point in group]
    found = interval(accuracies).half_width
    return found is None or found > half_width
