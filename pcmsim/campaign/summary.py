"""Means, intervals and losses of a sweep, point by point."""

from dataclasses import dataclass

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.collect import Collection
from pcmsim.campaign.interval import Interval, interval

# Accuracy at a point, by replicate.
Accuracies = dict[int, float]


@dataclass(frozen=True)
class Summary:
    """All finished replicates at one point.

    Attributes:
        cells: setting -> its value at this point.
        replicates: how many there are.
        accuracy: of test images, mean over the last five epochs, then over replicates.
        loss: accuracy at the reference less that at this point, mean over the replicates of
            both.  They share their random numbers, so that the interval is that of the paired
            differences.  None where they have no replicate in common.
    """

    cells: dict[str, Cell]
    replicates: int
    accuracy: Interval
    loss: Interval | None


def summarise(runs: Collection, reference: Accuracies | None = None) -> list[Summary]:
    """Return one summary for each point that has a finished run, in the order of the sweep.

    The reference is the first point, unless the accuracies of another are given.
    """
    groups: dict[tuple[Cell, ...], Accuracies] = {}
    columns = [runs[name].tolist() for name in (*runs.axes, "replicate", "test_accuracy")]
    for *cells, replicate, accuracy in zip(*columns, strict=True):
        groups.setdefault(tuple(cells), {})[replicate] = accuracy
    if reference is None:
        reference = groups.get(runs.reference, {})
    return [
        Summary(
            cells=dict(zip(runs.axes, key, strict=True)),
            replicates=len(group),
            accuracy=interval(list(group.values())),
            loss=paired_loss(reference, group),
        )
        for key, group in groups.items()
    ]


def paired_loss(reference: Accuracies, accuracies: Accuracies) -> Interval | None:
    """Return how much lower accuracies are than those of the same replicates at a reference."""
    common = sorted(reference.keys() & accuracies.keys())
    differences = [reference[replicate] - accuracies[replicate] for replicate in common]
    return interval(differences) if differences else None
