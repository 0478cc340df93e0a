"""What each imperfection costs: taken away from the file, and alone in an ideal device."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from pcmsim.campaign.axes import cell_of
from pcmsim.campaign.collect import Collection, collect
from pcmsim.campaign.folder import locked
from pcmsim.campaign.interval import Interval, interval
from pcmsim.campaign.point import Point
from pcmsim.campaign.prepare import Preparation
from pcmsim.campaign.run_points import Report, run_each_once
from pcmsim.campaign.summary import Accuracies, paired_loss
from pcmsim.campaign.sweep import pool_of
from pcmsim.campaign.sweep_file import nth_replicate
from pcmsim.config.load import load_config
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.study.imperfections import Imperfection, imperfections_of, without

TITLE = "What each imperfection costs"
# The column of the folder's table that tells the devices apart, and its entries.
DEVICE = "device"
AS_IN_FILE = "as in the file"
IDEAL = "ideal"
IDEAL_ONE_WAY = "ideal but one-way"


@dataclass(frozen=True)
class Cost:
    """What an imperfection costs in test accuracy, as fractions.

    Attributes:
        name: the imperfection, in words.
        settings: the settings that it consists of, with their values in the file.
        in_file: accuracy without it less that of the file as it is; None if runs have failed.
        alone: accuracy of an ideal device less that of one that has nothing but it; None if runs
            have failed.  What only one-way devices have is compared with an ideal one-way one.
    """

    name: str
    settings: str
    in_file: Interval | None
    alone: Interval | None


@dataclass(frozen=True)
class Attribution:
    """What all imperfections of a file cost.

    Attributes:
        folder: where the runs are.
        replicates: runs of each device.
        accuracy: test accuracy of the file as it is; None if its runs have failed.
        ideal_accuracy: that without any imperfection; None if its runs have failed.
        costs: one for each imperfection, the most costly in the file first.
        failures: name of a run -> why it has failed.
    """

    folder: Path
    replicates: int
    accuracy: Interval | None
    ideal_accuracy: Interval | None
    costs: list[Cost]
    failures: dict[str, str]


def attribute(
    config: str | Path,
    out: str | Path,
    overrides: Sequence[str] = (),
    *,
    replicates: int = 5,
    workers: int = 1,
    dask: str | None = None,
    report: Report | None = None,
) -> Attribution:
    """Take each imperfection of a file away alone, and put each alone into an ideal device.

    Which imperfections there are, and what is ideal, says ``pcmsim.study.imperfections``.  All
    devices share their random numbers, replicate by replicate.  Runs that are finished are never
    run again.

    Args:
        config: settings file.
        out: folder for the runs.
        overrides: changes to the file, such as ``training.epochs=3``.
        replicates: runs of each device.
        workers: processes on this machine.
        dask: address of a Dask scheduler, whose workers are used instead.
        report: told when a run ends.

    Raises:
        UserError: settings have a fault, nothing is imperfect, another process is writing to the
            folder, or there are no workers.
    """
    settings = load_config(config, overrides)
    found = imperfections_of(settings)
    if not found:
        raise UserError(f"{config}: nothing is imperfect, and so there is nothing to attribute")
    points = _points(devices_of(settings, found), replicates)
    with locked(Path(out)) as folder, pool_of(workers, dask) as pool:
        folder.write_index(TITLE, [DEVICE], points)
        run_each_once(points, folder, pool, report)
        runs = collect(folder.path)
    return _attribution(settings, found, runs, replicates)


def devices_of(settings: Settings, found: Sequence[Imperfection]) -> dict[str, Settings]:
    """Return all that is to be run, by name."""
    one_way = [one for one in found if one.makes_one_way]
    devices = {AS_IN_FILE: settings, IDEAL: without(settings, found)}
    if one_way:
        devices[IDEAL_ONE_WAY] = _only(settings, found, one_way)
    for one in found:
        devices[_without_name(one)] = without(settings, [one])
        devices[_only_name(one)] = _only(
            settings, found, [one, *(one_way if one.needs_one_way else [])]
        )
    return devices


def _only(
    settings: Settings, found: Iterable[Imperfection], kept: Sequence[Imperfection]
) -> Settings:
    return without(settings, [one for one in found if one not in kept])


def _without_name(one: Imperfection) -> str:
    return f"without {one.name}"


def _only_name(one: Imperfection) -> str:
    return f"only {one.name}"


def _points(devices: Mapping[str, Settings], replicates: int) -> list[Point]:
    """Return all runs: the first replicate of every device, then the second, ..."""
    preparation = Preparation()
    firsts = [preparation.point(device, {DEVICE: name}) for name, device in devices.items()]
    return [nth_replicate(first, number) for number in range(replicates) for first in firsts]


def _attribution(
    settings: Settings, found: Sequence[Imperfection], runs: Collection, replicates: int
) -> Attribution:
    accuracies = _by_device(runs)
    costs = [
        Cost(
            name=one.name,
            settings=_in_file(settings, one),
            in_file=paired_loss(accuracies[_without_name(one)], accuracies[AS_IN_FILE]),
            alone=paired_loss(
                accuracies[IDEAL_ONE_WAY if one.needs_one_way else IDEAL],
                accuracies[_only_name(one)],
            ),
        )
        for one in found
    ]
    return Attribution(
        folder=runs.folder,
        replicates=replicates,
        accuracy=_mean(accuracies[AS_IN_FILE]),
        ideal_accuracy=_mean(accuracies[IDEAL]),
        costs=sorted(costs, key=_by_cost),
        failures=runs.failures,
    )


def _by_device(runs: Collection) -> defaultdict[str, Accuracies]:
    """Return accuracies by device; none for a device of which no run is finished."""
    accuracies: defaultdict[str, Accuracies] = defaultdict(dict)
    columns = (runs[name].tolist() for name in (DEVICE, "replicate", "test_accuracy"))
    for device, replicate, accuracy in zip(*columns, strict=True):
        accuracies[device][replicate] = accuracy
    return accuracies


def _mean(accuracies: Accuracies) -> Interval | None:
    return interval(list(accuracies.values())) if accuracies else None


def _by_cost(cost: Cost) -> float:
    return math.inf if cost.in_file is None else -cost.in_file.mean


def _in_file(settings: Settings, one: Imperfection) -> str:
    return ", ".join(f"{name} = {cell_of(attrgetter(name)(settings))}" for name in one.settings)
