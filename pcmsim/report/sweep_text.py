"""A sweep as a page of text: one line a point, with error bars."""

from collections.abc import Mapping

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.collect import Collection
from pcmsim.campaign.interval import Interval
from pcmsim.campaign.summary import Summary, summarise
from pcmsim.report.plain_text import Row, table

NOTE = """\
Test accuracy: mean over the last five epochs, then over runs.  Loss: against the first point,
run by run, since runs of the same number share their random numbers.  +-: 95 % confidence
interval by Student's t."""


def sweep_text(runs: Collection) -> str:
    """Return title, table and failures of a sweep."""
    parts = [runs.title]
    if runs.finished:
        parts += [table(_rows(runs)), NOTE]
    parts.append(f"{runs.finished} of {runs.points} runs are finished in {runs.folder}")
    if runs.failures:
        parts.append(failures_text(runs.failures))
    return "\n\n".join(parts)


def failures_text(failures: Mapping[str, str]) -> str:
    """Return which runs failed, and why."""
    lines = [f"  {name}: {failure}" for name, failure in failures.items()]
    return "\n".join([f"{len(lines)} failed, and are tried again next time:", *lines])


def _rows(runs: Collection) -> list[Row]:
    heading = [*runs.axes, "runs", "test accuracy", "", "loss", ""]
    return [heading, *(_row(summary) for summary in summarise(runs))]


def _row(summary: Summary) -> Row:
    cells = [cell_text(cell) for cell in summary.cells.values()]
    return [
        *cells,
        str(summary.replicates),
        *percent_with_error(summary.accuracy),
        *percent_with_error(summary.loss),
    ]


def cell_text(cell: Cell) -> str:
    """Return what stands in a table for a value."""
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def percent_with_error(interval: Interval | None) -> tuple[str, str]:
    """Return a mean and its error, as percentages; nothing where they are not known."""
    if interval is None:
        return "", ""
    mean = f"{100 * interval.mean:.2f} %"
    if interval.half_width is None:
        return mean, ""
    return mean, f"+- {100 * interval.half_width:.2f} %"
