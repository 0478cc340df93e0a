"""The runs of a sweep as columns, and as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.folder import RunsFolder
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result


class Entry(NamedTuple):
    """A run that is there or is to be: its digest, its name, and its entries of the axes."""

    digest: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Collection:
    """The finished runs of a sweep, one row each.

    Attributes:
        folder: where they are.
        title: the title of the sweep.
        axes: names of the columns that hold what was varied.
        columns: name -> array of one entry a run: the axes, ``replicate``, accuracies as means
            over the last five epochs, counters at the end, those of ``Result.after``, ``digest``.
        failures: name of a point -> why it has failed.
        points: how many runs there are to be.
        reference: entries of the axes at the first point, to which others are compared.
    """

    folder: Path
    title: str
    axes: tuple[str, ...]
    columns: dict[str, NDArray[Any]]
    failures: dict[str, str]
    points: int
    reference: tuple[Cell, ...]

    @property
    def finished(self) -> int:
        """How many runs are finished."""
        return len(self.columns["digest"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column."""
        return self.columns[name]

    def to_csv(self) -> str:
        """Return all runs as CSV, headed by the names of the columns."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*(column.tolist() for column in self.columns.values()), strict=True))
        return text.getvalue()


def collect(folder: str | Path) -> Collection:
    """Read all finished runs of a sweep; one that is still being run may be read as well.

    Raises:
        UserError: this is not the folder of a sweep, or a file in it is damaged.
    """
    runs = RunsFolder(Path(folder))
    index = runs.read_index()
    entries = [
        Entry(point["digest"], point["name"], tuple(point["cells"])) for point in index["points"]
    ]
    return gather(runs, index["title"], index["axes"], entries)


def gather(
    runs: RunsFolder, title: str, axes: Sequence[str], entries: Sequence[Entry]
) -> Collection:
    """Read the finished ones of some runs, at least one, whose ``axes`` are varied.

    Raises:
        UserError: a file of theirs is damaged.
    """
    rows, failures = [], {}
    for digest, name, cells in entries:
        if runs.run_path(digest).exists():
            row = _row(Result.open(runs.run_path(digest)))
            rows.append(dict(zip(axes, cells, strict=True)) | row)
        elif runs.failure_path(digest).exists():
            failures[name] = _why(runs.failure_path(digest))
    return Collection(
        folder=runs.path,
        title=title,
        axes=tuple(axes),
        columns=_columns(rows, axes),
        failures=failures,
        points=len(entries),
        reference=entries[0].cells,
    )


def _row(result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {"replicate": result.settings.replicate}
    for name, column in result.arrays.items():
        group, _, figure = name.partition("/")
        if group == "epochs" and "accuracy" in figure:
            row |= _numbered(figure, result.last(figure))
        elif group == "epochs":
            row |= _numbered(figure, column[-1])
    return row | result.after() | {"digest": str(result.attributes["settings_sha256"])}


def _numbered(name: str, value: Any) -> dict[str, Any]:
    """Return one column for a number, and one for each item of an array."""
    if np.ndim(value) == 0:
        return {name: value.item()}
    return {f"{name}_{n}": item for n, item in enumerate(np.ravel(value).tolist(), 1)}


def _columns(rows: list[dict[str, Any]], axes: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Turn rows into columns, with NaN where a run has no such figure."""
    names = dict.fromkeys(name for row in rows for name in row)
    if not rows:
        names = dict.fromkeys([*axes, "replicate", "test_accuracy", "digest"])
    return {name: _column([row.get(name, np.nan) for row in rows]) for name in names}


def _column(values: list[Any]) -> NDArray[Any]:
    are_words = {isinstance(value, str) for value in values}
    # Words and numbers together stay what they are.
    return np.array(values, object if len(are_words) == 2 else None)


def _why(path: Path) -> str:
    try:
        return path.read_text().partition("\n\n")[0]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
