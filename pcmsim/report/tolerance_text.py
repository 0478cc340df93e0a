"""A tolerance as a page of text: what was tested, and what follows in one sentence."""

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.summary import Summary, summarise
from pcmsim.report.plain_text import Row, table
from pcmsim.report.sweep_text import cell_text, percent_with_error
from pcmsim.study.tolerance.search import CLEAR, Limit
from pcmsim.study.tolerance.tolerance import Tolerance
from pcmsim.study.tolerance.way import Way

NOTE = f"""\
Test accuracy: mean over the last five epochs, then over runs.  Loss: against the reference, run
by run, since runs of the same number share their random numbers.  +-: 95 % confidence interval
by Student's t.  A value is within or beyond the limit if all of its {100 * CLEAR:g} % interval is;
so the bounds below hold in at least 95 % of cases, if the loss grows on the way."""


def tolerance_text(found: Tolerance) -> str:
    """Return the table of what was tested, and the answers."""
    parts = [
        f"{found.runs.title}: {100 * found.loss:g} points of test accuracy may be lost",
        table(_rows(found)),
        NOTE,
        *(answer(found, way, limit) for way, limit in found.limits),
        f"{found.runs.finished} runs in {found.runs.folder}",
    ]
    return "\n\n".join(parts)


def answer(found: Tolerance, way: Way, limit: Limit) -> str:
    """Say in one sentence how far the setting may go."""
    far = with_unit(way.far, found.unit)
    if limit.within is None:
        return f"{_moved(found, way)}: not even {with_unit(way.near, found.unit)} is tolerated."
    if limit.within == way.far:
        return f"{_moved(found, way)}: all is tolerated as far as {far}, where the search ended."
    within = with_unit(limit.within, found.unit)
    if limit.beyond is None:
        clause = f"clearly tolerated as far as {within}, and unclear up to {far}"
        return f"{_moved(found, way)}: {clause}, where the search ended."
    bounds = f"95 % confidence: {within} to {with_unit(limit.beyond, found.unit)}"
    best = limit.within if limit.best is None else _rounded(limit.best)
    return f"{_moved(found, way)}: tolerated as far as {with_unit(best, found.unit)} ({bounds})."


def _rounded(value: float) -> float:
    """Return a number with no more digits than make sense, and a whole one as it is."""
    return value if isinstance(value, int) else float(f"{value:.3g}")


def with_unit(cell: Cell, unit: str) -> str:
    """Return a value and its unit."""
    return f"{cell_text(cell)} {unit}".rstrip()


def _moved(found: Tolerance, way: Way) -> str:
    return f"{found.name}, {'upwards' if way.is_up else 'downwards'} from {cell_text(way.near)}"


def _rows(found: Tolerance) -> list[Row]:
    verdicts: dict[Cell, str] = {
        one.value: one.verdict for _, limit in found.limits for one in limit.tested
    }
    name = f"{found.name} ({found.unit})" if found.unit else found.name
    heading = [name, "runs", "test accuracy", "", "loss", "", ""]
    return [heading, *(_row(found, summary, verdicts) for summary in _in_order(found))]


def _in_order(found: Tolerance) -> list[Summary]:
    """Return all values as they rise, those that are not numbers first."""

    def place(summary: Summary) -> float:
        cell = summary.cells[found.name]
        return float("-inf") if isinstance(cell, str) else cell

    return sorted(summarise(found.runs), key=place)


def _row(found: Tolerance, summary: Summary, verdicts: dict[Cell, str]) -> Row:
    cell = summary.cells[found.name]
    is_reference = cell == found.reference
    return [
        cell_text(cell),
        str(summary.replicates),
        *percent_with_error(summary.accuracy),
        *percent_with_error(None if is_reference else summary.loss),
        "reference" if is_reference else verdicts.get(cell, ""),
    ]
