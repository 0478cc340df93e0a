"""The verdict on a device: how well a network learns on it, what holds it back, what it endures.

The reference network is trained on the device in the best settings that a search finds.  The search
sees training images only; the verdict comes from test images and from random numbers that the
search has not seen.  Every run is a point in a folder, and is never run again.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

from pcmsim.campaign.axes import cell_of
from pcmsim.campaign.folder import RunsFolder, locked
from pcmsim.campaign.interval import interval
from pcmsim.campaign.point import Point
from pcmsim.campaign.run_points import Report
from pcmsim.campaign.summary import Accuracies, paired_loss
from pcmsim.campaign.sweep import pool_of
from pcmsim.campaign.sweep_file import nth_replicate
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result
from pcmsim.study.imperfections import Imperfection, changed, imperfections_of, without
from pcmsim.study.judge.hardware import hardware_of
from pcmsim.study.judge.images import SetsOfImages
from pcmsim.study.judge.place import Searched, Yardstick
from pcmsim.study.judge.reference import bench, references
from pcmsim.study.judge.runs import Runs
from pcmsim.study.judge.search import (
    FRUGAL,
    LEAST_BUDGET,
    THOROUGH,
    THRIFTY,
    Effort,
    Found,
    Place,
    Trial,
    search,
)
from pcmsim.study.judge.verdict import Gain, Rival, Verdict
from pcmsim.study.judge.wear import count_wear, wear_of

DEVICE = "the device"
IDEAL = "the device without any imperfection"
FASTER = ", rates as they were"
# Replicates that decide which learning rates suit finer steps.
DECIDING = 2
# A device that is RESET has more settings to be searched, and its runs take less time; those of one
# that takes more than so many pulses to fill take more.  Searched thoroughly, a device of 1,200
# pulses took 7 minutes, one of 1,252 whose steps are random 12; thriftily, one of 7,939 took 8, one
# of 10,000 more than 10.
BUDGET_ONE_WAY, BUDGET_BOTH_WAYS, BUDGET_FINE = 300, 150, 100
FINE, VERY_FINE = 1225, 9000
REPLICATES = 4
LEAST_REPLICATES = 2
# Replicates below this are kept for the verdict.
FIRST_OF_SEARCH = 1000
# With half the width of the interval of 95 % above this, the device has twice as many replicates.
UNCERTAIN = 0.01
MOST_REPLICATES = FIRST_OF_SEARCH // 2
# In the search, accuracies are means over so many last epochs.
LAST_EPOCHS = 3
KINDS_OF_PULSES = ("set_pulses", "depression_pulses")
RESULT = "judged.h5"


def judge(
    device: str | Path,
    out: str | Path,
    overrides: Sequence[str] = (),
    *,
    budget: int | None = None,
    replicates: int = REPLICATES,
    workers: int = 1,
    dask: str | None = None,
    report: Report | None = None,
) -> Verdict:
    """Train the reference network on a device, as well as a search within a budget can.

    The verdict depends on the device, the changes, the budget and the replicates alone, not on the
    number of workers.  Runs that are finished are never run again.

    Args:
        device: device file, or settings file whose blocks device, read and faults are taken.
        out: folder for the runs.
        overrides: changes to the reference network or the hardware, such as ``training.epochs=3``.
        budget: the most runs of the search; if None, ``BUDGET_ONE_WAY``, ``BUDGET_BOTH_WAYS`` or,
            of a device that takes more than ``FINE`` pulses to fill, ``BUDGET_FINE``.  Below
            ``BUDGET_BOTH_WAYS`` the search for such a device is thrifty, and for one that takes
            more than ``VERY_FINE`` frugal: pulses then have a price in accuracy.
        replicates: runs of each mean of the verdict.  Where the accuracy of the device is uncertain
            by more than ``UNCERTAIN``, twice as many for it and for all that may gain most.
        workers: processes on this machine.
        dask: address of a Dask scheduler, whose workers are used instead.
        report: told when a run ends.

    Raises:
        UserError: the device or a change has a fault, a number is too small, a run has failed,
            another process is writing to the folder, or there are no workers.
    """
    if budget is not None and budget < LEAST_BUDGET:
        raise UserError(f"--budget: must be at least {LEAST_BUDGET} runs, not {budget}")
    if not LEAST_REPLICATES <= replicates <= MOST_REPLICATES:
        raise UserError(
            f"--replicates: must be from {LEAST_REPLICATES}, for an error bar, to "
            f"{MOST_REPLICATES}, not {replicates}"
        )
    hardware = hardware_of(device)
    settings = bench(hardware.blocks, overrides)
    rivals = references(overrides)
    with locked(Path(out)) as folder, pool_of(workers, dask) as pool:
        images = SetsOfImages(settings, folder.path)
        examples = math.gcd(settings.data.train_images, images.examples)
        searched = Searched(settings, examples)
        if budget is None:
            budget = _budget_for(searched.device)
        imperfections = imperfections_of(settings, in_parts=True)
        final_runs = (len(rivals) + len(imperfections) + 4) * replicates
        runs = Runs(folder, pool, report, budget + final_runs)
        starts = searched.starts(hardware.settings_for(settings))
        found = _search(searched, starts, images, runs, budget)
        settings = searched.settings_at(found.place)
        effort = _effort_for(searched.device, budget)
        return _verdict(
            str(device), settings, rivals, found, effort, budget, replicates, runs, searched
        )


def _budget_for(device: Yardstick) -> int:
    if device.filling > FINE:
        return BUDGET_FINE
    return BUDGET_BOTH_WAYS if device.bidirectional else BUDGET_ONE_WAY


def _effort_for(device: Yardstick, budget: int) -> Effort:
    if device.filling <= FINE or budget >= BUDGET_BOTH_WAYS:
        return THOROUGH
    return FRUGAL if device.filling > VERY_FINE else THRIFTY


def _search(
    searched: Searched,
    starts: Sequence[Place],
    images: SetsOfImages,
    runs: Runs,
    budget: int,
) -> Found:
    """Find settings; every replicate of the search has its own random numbers and images."""
    effort = _effort_for(searched.device, budget)

    def accuracy(result: Result) -> float:
        return _late_accuracy(result) - effort.cost_of_pulses * _pulse_rate(result)

    def accuracies(trials: Sequence[Trial]) -> list[float]:
        points = [_point_of(trial, searched, images, runs) for trial in trials]
        runs.run(points)
        return [accuracy(runs.folder.result(point)) for point in points]

    return search(starts, searched.directions(), accuracies, budget, effort)


def _point_of(trial: Trial, searched: Searched, images: SetsOfImages, runs: Runs) -> Point:
    settings = images.settings_with(searched.settings_at(trial.place), trial.replicate)
    epochs = max(round(trial.share_of_epochs * settings.training.epochs), 1)
    training = settings.training.model_copy(update={"epochs": epochs})
    number = FIRST_OF_SEARCH + trial.replicate
    settings = settings.model_copy(update={"training": training, "replicate": number})
    return runs.point(settings, f"search, {trial.purpose}")


def _late_accuracy(result: Result) -> float:
    return float(result.arrays["epochs/test_accuracy"][-LAST_EPOCHS:].mean())


def _pulse_rate(result: Result) -> float:
    """Return how many pulses up and down, RESETs aside, were fired for each synapse and example."""
    settings = result.settings
    synapses = sum((rows + 1) * columns for rows, columns in pairwise(settings.network.layers))
    examples = settings.training.epochs * settings.data.train_images
    pulses = sum(float(result.arrays[f"epochs/{kind}"][-1]) for kind in KINDS_OF_PULSES)
    return pulses / synapses / examples


def _verdict(
    device: str,
    settings: Settings,
    rivals: dict[str, Settings],
    found: Found,
    effort: Effort,
    budget: int,
    replicates: int,
    runs: Runs,
    searched: Searched,
) -> Verdict:
    imperfections = imperfections_of(settings, in_parts=True)
    wanted = {DEVICE: settings, **rivals}
    wanted |= {_without(one): one.without(settings) for one in imperfections}
    if imperfections:
        wanted[IDEAL] = without(settings, imperfections)
    wanted |= _with_faster_steps(settings, imperfections)
    firsts = {name: runs.point(each, name) for name, each in wanted.items()}
    runs.run(_replicates(firsts, range(DECIDING)))
    firsts = _with_better_rates(firsts, runs.folder)
    reached = _reached(firsts, replicates, runs)
    gains = _gains(settings, imperfections, reached)
    if _is_uncertain(reached[DEVICE]):
        closer = [DEVICE, IDEAL, *(_without(one) for one in _may_gain_most(gains))]
        reached |= _reached(
            {name: firsts[name] for name in closer if name in firsts}, 2 * replicates, runs
        )
        gains = _gains(settings, imperfections, reached)
    replicates = len(reached[DEVICE])
    train = _accuracies(runs.folder, firsts[DEVICE], replicates, "train_accuracy")
    result = count_wear(settings, runs.folder.path / RESULT)
    return Verdict(
        device=device,
        folder=runs.folder.path,
        settings=settings,
        is_bidirectional=searched.device.bidirectional,
        replicates=replicates,
        budget=budget,
        effort=effort,
        runs=runs.count,
        accuracy=interval(list(reached[DEVICE].values())),
        train_accuracy=interval(list(train.values())),
        rivals=[Rival(name, interval(list(reached[name].values()))) for name in rivals],
        ideal=interval(list(reached[IDEAL].values())) if imperfections else None,
        gains=gains,
        wear=wear_of(result, is_bidirectional=searched.device.bidirectional),
        course=found.steps,
        result=result.path,
    )


def _without(one: Imperfection | Gain) -> str:
    return f"without {one.name}"


def _with_faster_steps(
    settings: Settings, imperfections: Sequence[Imperfection]
) -> dict[str, Settings]:
    """Return what is without coarse steps once more, with the learning rates as they were.

    Finer steps come with rates lower by the same factor, which suits neurons that fire many pulses,
    and leaves others with too little learning.
    """
    finer = {_without(one): one.without(settings) for one in imperfections}
    finer[IDEAL] = without(settings, imperfections)
    return {
        f"{name}{FASTER}": changed(
            each, training={"learning_rate": settings.training.learning_rate}
        )
        for name, each in finer.items()
        if each.training != settings.training
    }


def _with_better_rates(firsts: dict[str, Point], folder: RunsFolder) -> dict[str, Point]:
    """Keep, of what was tried with two learning rates, what does better in the first replicates."""

    def reached(first: Point) -> float:
        return sum(_accuracies(folder, first, DECIDING).values())

    names = [name for name in firsts if not name.endswith(FASTER)]
    tried = {name: [firsts[name], firsts.get(f"{name}{FASTER}")] for name in names}
    return {name: max(filter(None, points), key=reached) for name, points in tried.items()}


def _reached(firsts: dict[str, Point], replicates: int, runs: Runs) -> dict[str, Accuracies]:
    """Run what is missing of so many replicates of each, and return their test accuracies."""
    runs.run(_replicates(firsts, range(replicates)))
    return {name: _accuracies(runs.folder, first, replicates) for name, first in firsts.items()}


def _is_uncertain(accuracies: Accuracies) -> bool:
    half_width = interval(list(accuracies.values())).half_width
    return half_width is not None and half_width > UNCERTAIN


def _replicates(firsts: dict[str, Point], numbers: Iterable[int]) -> list[Point]:
    return [nth_replicate(first, n) for n in numbers for first in firsts.values()]


def _accuracies(
    folder: RunsFolder, first: Point, replicates: int, figure: str = "test_accuracy"
) -> Accuracies:
    points = [nth_replicate(first, n) for n in range(replicates)]
    return {point.settings.replicate: float(folder.result(point).last(figure)) for point in points}


def _gains(
    settings: Settings, imperfections: Sequence[Imperfection], reached: dict[str, Accuracies]
) -> list[Gain]:
    """Return what each imperfection taken away gains, run by run, the most first."""
    here = reached[DEVICE]
    gains = [_gain(one, settings, here, reached[_without(one)]) for one in imperfections]
    return sorted(gains, key=lambda gain: -gain.gain.mean)


def _may_gain_most(gains: Sequence[Gain]) -> list[Gain]:
    """Return the first of some gains, and those that are not clearly less."""
    return [gain for gain in gains if not gains[0].is_clearly_more(gain)]


def _gain(one: Imperfection, settings: Settings, here: Accuracies, there: Accuracies) -> Gain:
    gain = paired_loss(there, here)
    assert gain is not None
    values = [f"{name} = {cell_of(attrgetter(name)(settings))}" for name in one.settings]
    return Gain(one.name, ", ".join(values), gain)
