"""What becomes of accuracy with time, as a page of text and as CSV."""

import csv
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pcmsim.campaign.interval import Interval, interval
from pcmsim.config.retention_settings import DAY, HOUR, MINUTE, MONTH, YEAR, RetentionSettings
from pcmsim.experiment.retention_curves import RetentionCurves
from pcmsim.report.plain_text import Row, list_of_facts, percent, table

UNITS = ((YEAR, "year"), (MONTH, "month"), (DAY, "day"), (HOUR, "h"), (MINUTE, "min"), (1.0, "s"))
MODEL = "Joshi et al., Nature Communications 11:2473, 2020"
COMPENSATION_NOTE = """\
Compensated: all currents of a layer are amplified by one factor, which restores the sum of its
conductances to that 20 s after writing."""
INTERVAL_NOTE = """\
+-: 95 % confidence interval of the mean, by Student's t, of devices aged anew; the trained
network is the same."""
COLUMNS = (
    "time_s",
    "test_accuracy",
    "half_width",
    "test_accuracy_compensated",
    "half_width_compensated",
)


def retention_text(curves: RetentionCurves) -> str:
    """Return the effects, the table of accuracies, and how to read it."""
    draws = f"{curves.draws} draw" if curves.draws == 1 else f"mean of {curves.draws} draws"
    notes = [COMPENSATION_NOTE] if curves.draws == 1 else [COMPENSATION_NOTE, INTERVAL_NOTE]
    return "\n\n".join(
        [
            f"Test accuracy against time, {draws}",
            list_of_facts([("model", MODEL), ("effects", effects(curves.settings.retention))]),
            table(retention_rows(curves)),
            "\n".join(notes),
        ]
    )


def retention_rows(curves: RetentionCurves) -> list[Row]:
    """Return a table: accuracy at the end of training, and at every time after it."""
    rows: list[Row] = [["time after writing", "test accuracy", "", "compensated", "", "factor"]]
    rows.append(["when trained", percent(curves.at_once), "", "", "", ""])
    for time, plain, compensated, factor in zip(
        curves.times.tolist(),
        intervals(curves.plain),
        intervals(curves.compensated),
        curves.compensation.mean(axis=(0, 2)).tolist(),
        strict=True,
    ):
        figures = [*_with_error(plain), *_with_error(compensated)]
        rows.append([words_of_time(time), *figures, f"{factor:.3f}"])
    if curves.draws > 1:
        return rows
    return [[row[0], row[1], row[3], row[5]] for row in rows]


def retention_csv(curves: RetentionCurves) -> str:
    """Return the curves as CSV, accuracies as fractions; what is not known stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    layers = curves.compensation.shape[-1]
    writer.writerow([*COLUMNS, *(f"compensation_{n}" for n in range(1, layers + 1))])
    for time, plain, compensated, factors in points_of(curves):
        writer.writerow([time, *plain, *compensated, *factors])
    return text.getvalue()


def points_of(
    curves: RetentionCurves,
) -> Iterator[tuple[float, Interval, Interval, list[float]]]:
    """Yield times (s), accuracies as they are and compensated, and the factors of all layers."""
    return zip(
        curves.times.tolist(),
        intervals(curves.plain),
        intervals(curves.compensated),
        curves.compensation.mean(axis=0).tolist(),
        strict=True,
    )


def effects(settings: RetentionSettings) -> str:
    """Say in words which effects there are."""
    there = {
        "programming error": settings.programming_error,
        "drift": settings.drift,
        "read noise": settings.read_noise,
    }
    return ", ".join(name for name, is_there in there.items() if is_there) or "none"


def intervals(accuracies: NDArray[np.float64]) -> list[Interval]:
    """Return means over draws, and their confidence intervals, from (draws, times)."""
    return [interval(of_time) for of_time in accuracies.T.tolist()]


def _with_error(one: Interval) -> tuple[str, str]:
    """Return a mean and its error as percentages; nothing for an error that is not known."""
    return percent(one.mean), "" if one.half_width is None else f"+- {percent(one.half_width)}"


def words_of_time(seconds: float) -> str:
    """Return a time, at least a second, in the largest unit of which there is one."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= size or size == 1)
    number = f"{seconds / size:.3g}"
    ending = "s" if unit in ("year", "month", "day") and number != "1" else ""
    return f"{number} {unit}{ending}"
