"""Repeating a run from its result alone."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pcmsim.experiment.measure import measure
from pcmsim.experiment.result import Result
from pcmsim.experiment.run import Report, load_data_of, run
from pcmsim.files import write_whole


@dataclass(frozen=True)
class Comparison:
    """How a repeated run compares with the first one.

    Attributes:
        differing: names of the datasets that are not the same, bit for bit.
        datasets: how many were compared.
        changed_versions: what is not as it was, such as ``numpy_version: 2.3.1, now 2.4.6``.
    """

    differing: list[str]
    datasets: int
    changed_versions: list[str]

    @property
    def identical(self) -> bool:
        """True if every dataset is the same, bit for bit."""
        return not self.differing


def rerun(path: str | Path, *, threads: int = 1, report: Report | None = None) -> Comparison:
    """Repeat a run from the settings in its result file and compare all datasets.

    Raises:
        UserError: the file is no result, or the data it was made with are not to be had.
    """
    first = Result.open(path)
    data = load_data_of(first)
    with tempfile.TemporaryDirectory(prefix="pcmsim-rerun-") as folder:
        copy = Path(folder) / "again.h5"
        if first.is_slim:
            write_whole(copy, measure(first.settings, data, threads=threads))
            again = Result.open(copy)
        else:
            again = run(first.settings, copy, threads=threads, report=report)
    return compare(first, again)


def compare(first: Result, again: Result) -> Comparison:
    """Compare all datasets of two results bit for bit."""
    names = sorted(first.arrays.keys() | again.arrays.keys())
    differing = [name for name in names if not _same(first, again, name)]
    versions = [
        f"{name}: {first.attributes[name]}, now {again.attributes[name]}"
        for name in sorted(first.attributes)
        if name.endswith("_version") and first.attributes[name] != again.attributes[name]
    ]
    return Comparison(differing, len(names), versions)


def _same(first: Result, again: Result, name: str) -> bool:
    if name not in first.arrays or name not in again.arrays:
        return False
    one, other = first.arrays[name], again.arrays[name]
    same_form = one.dtype == other.dtype and one.shape == other.shape
    return same_form and one.tobytes() == other.tobytes()
