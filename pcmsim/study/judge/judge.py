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
from typing import NamedTuple

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
CHOICE = "choice of learning rates"
# A device that is RESET has more settings to be searched, and its runs take less time; those of one
# that takes more than so many pulses to fill take more.  Searched thoroughly, a device of 1,200
# pulses took 7 minutes, one of 1,252 whose steps are random 12; thriftily, one of 7,939 took 8, one
# of 10,000 more than 10.
BUDGET_ONE_WAY, BUDGET_BOTH_WAYS, BUDGET_FINE = 300, 150, 100
FINE, VERY_FINE = 1225, 9000
REPLICATES = 4
LEAST_REPLICATES = 2
# Replicates from here on are those of the search; the last below decide which learning rates suit
# finer steps, and all others are kept for the verdict.
FIRST_OF_SEARCH = 1000
DECIDING = range(FIRST_OF_SEARCH - 2, FIRST_OF_SEARCH)
# With half the width of the interval of 95 % above this, the device has twice as many replicates.
UNCERTAIN = 0.01
MOST_REPLICATES = DECIDING.start // 2
# In the search, accuracies are means over so many last epochs.
LAST_EPOCHS = 3
KINDS_OF_PULSES = ("set_pulses", "depression_pulses")
RESULT = "judged.h5"


class Task(NamedTuple):
    """What is judged, and how many runs that may take.

    Attributes:
        device: its file.
        searched: the settings that are searched on it.
        rivals: the shipped devices, each with its settings.
        budget: the most runs of the search.
        effort: how the search spends them.
        replicates: runs of each mean of the verdict.
    """

    device: str
    searched: Searched
    rivals: dict[str, Settings]
    budget: int
    effort: Effort
    replicates: int


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
        effort = _effort_for(searched.device, budget)
        task = Task(str(device), searched, rivals, budget, effort, replicates)
        runs = Runs(folder, pool, report, budget + _count_of_finals(task))
        starts = searched.starts(hardware.settings_for(settings))
        found = _search(task, starts, images, runs)
        return _verdict(task, found, runs)


def _budget_for(device: Yardstick) -> int:
    if device.filling > FINE:
        return BUDGET_FINE
    return BUDGET_BOTH_WAYS if device.bidirectional else BUDGET_ONE_WAY


def _effort_for(device: Yardstick, budget: int) -> Effort:
    if device.filling <= FINE or budget >= BUDGET_BOTH_WAYS:
        return THOROUGH
    return FRUGAL if device.filling > VERY_FINE else THRIFTY


def _count_of_finals(task: Task) -> int:
    """Return how many runs follow the search, unless the verdict is uncertain.

    What is imperfect does not depend on the settings that are searched.
    """
    candidates = _candidates(task.searched.settings, task.rivals)
    return len(candidates) * task.replicates + len(_in_doubt(candidates)) * len(DECIDING)


def _search(task: Task, starts: Sequence[Place], images: SetsOfImages, runs: Runs) -> Found:
    """Find settings; every replicate of the search has its own random numbers and images."""
    searched, effort = task.searched, task.effort

    def accuracy(result: Result) -> float:
        return _late_accuracy(result) - effort.cost_of_pulses * _pulse_rate(result)

    def accuracies(trials: Sequence[Trial]) -> list[float]:
        points = [_point_of(trial, searched, images, runs) for trial in trials]
        runs.run(points)
        return [accuracy(runs.folder.result(point)) for point in points]

    return search(starts, searched.directions(), accuracies, task.budget, effort)


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


def _verdict(task: Task, found: Found, runs: Runs) -> Verdict:
    settings = task.searched.settings_at(found.place)
    imperfections = imperfections_of(settings, in_parts=True)
    firsts = _best_of(_candidates(settings, task.rivals), runs)
    is_bidirectional = task.searched.device.bidirectional
    replicates = task.replicates
    _take_over_rivals(task, firsts, runs)
    reached = _reached(firsts, replicates, runs)
    gains = _gains(settings, imperfections, reached)
    if _is_uncertain(reached[DEVICE]):
        closer = [DEVICE, IDEAL, *(_without(one) for one in _may_gain_most(gains))]
        reached |= _reached(
            {name: firsts[name] for name in closer if name in firsts}, 2 * replicates, runs
        )
        gains = _gains(settings, imperfections, reached)
    replicates = len(reached[DEVICE])
    own = _first_replicates(firsts[DEVICE], replicates)
    train = _accuracies(runs.folder, own, "train_accuracy")
    result = count_wear(settings, runs.folder.path / RESULT)
    return Verdict(
        device=task.device,
        folder=runs.folder.path,
        settings=settings,
        is_bidirectional=is_bidirectional,
        replicates=replicates,
        budget=task.budget,
        effort=task.effort,
        runs=runs.count,
        accuracy=interval(list(reached[DEVICE].values())),
        train_accuracy=interval(list(train.values())),
        rivals=[Rival(name, interval(list(reached[name].values()))) for name in task.rivals],
        ideal=interval(list(reached[IDEAL].values())) if imperfections else None,
        gains=gains,
        wear=wear_of(result, is_bidirectional=is_bidirectional),
        course=found.steps,
        result=result.path,
    )


def _without(one: Imperfection | Gain) -> str:
    return f"without {one.name}"


def _candidates(settings: Settings, rivals: dict[str, Settings]) -> dict[str, list[Settings]]:
    """Return all that the verdict is about, by name; several settings where it is to be tried."""
    imperfections = imperfections_of(settings, in_parts=True)
    better = {_without(one): one.without(settings) for one in imperfections}
    if imperfections:
        better[IDEAL] = without(settings, imperfections)
    return {
        DEVICE: [settings],
        **{name: [each] for name, each in rivals.items()},
        **{name: _with_both_rates(each, settings) for name, each in better.items()},
    }


def _with_both_rates(better: Settings, settings: Settings) -> list[Settings]:
    """Return what is without coarse steps once more, with the learning rates as they were.

    Finer steps come with rates lower by the same factor, which suits neurons that fire many pulses,
    and leaves others with too little learning.
    """
    as_before = changed(better, training={"learning_rate": settings.training.learning_rate})
    return [better] if as_before == better else [better, as_before]


def _in_doubt(candidates: dict[str, list[Settings]]) -> list[Settings]:
    """Return what has to be tried, since there are others for the same."""
    return [each for some in candidates.values() if len(some) > 1 for each in some]


def _best_of(candidates: dict[str, list[Settings]], runs: Runs) -> dict[str, Point]:
    """Return the first replicate of each, of several candidates that which does best.

    They are tried on replicates that do not enter the verdict: the luck of the better would.
    """

    def trials(settings: Settings) -> list[Point]:
        numbered = (settings.model_copy(update={"replicate": n}) for n in DECIDING)
        return [runs.point(each, CHOICE) for each in numbered]

    def reached(settings: Settings) -> float:
        return sum(_accuracies(runs.folder, trials(settings)).values())

    runs.run([point for each in _in_doubt(candidates) for point in trials(each)])
    best = {
        name: max(some, key=reached) if len(some) > 1 else some[0]
        for name, some in candidates.items()
    }
    return {name: runs.point(settings, name) for name, settings in best.items()}


def _take_over_rivals(task: Task, firsts: dict[str, Point], runs: Runs) -> None:
    """Take over what a verdict in a folder beside this one has run of the rivals.

    They are the same for all devices, and a seventh of the time of a verdict (measured).
    """
    for name in task.rivals:
        for point in _first_replicates(firsts[name], task.replicates):
            runs.folder.take_over(point)


def _reached(firsts: dict[str, Point], replicates: int, runs: Runs) -> dict[str, Accuracies]:
    """Run what is missing of so many replicates of each, and return their test accuracies."""
    points = {name: _first_replicates(first, replicates) for name, first in firsts.items()}
    runs.run([point for nth in zip(*points.values(), strict=True) for point in nth])
    return {name: _accuracies(runs.folder, some) for name, some in points.items()}


def _is_uncertain(accuracies: Accuracies) -> bool:
    half_width = interval(list(accuracies.values())).half_width
    return half_width is not None and half_width > UNCERTAIN


def _first_replicates(first: Point, count: int) -> list[Point]:
    return [nth_replicate(first, n) for n in range(count)]


def _accuracies(
    folder: RunsFolder, points: Iterable[Point], figure: str = "test_accuracy"
) -> Accuracies:
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
