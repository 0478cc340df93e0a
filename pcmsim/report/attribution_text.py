"""What imperfections cost, as a page of text and as CSV."""

import csv
import io

from pcmsim.campaign.interval import Interval
from pcmsim.report.plain_text import Row, list_of_facts, table
from pcmsim.report.sweep_text import failures_text, percent_with_error
from pcmsim.study.attribute import TITLE, Attribution, Cost

NOTE = """\
In the file: accuracy without it alone, less that of the file.  Alone: accuracy of an ideal device,
less that of one with nothing else.  Both run by run, since runs of the same number share their
random numbers; a negative cost is a gain.  Costs need not add up: imperfections hide or help each
other.  +-: 95 % confidence interval by Student's t."""
COLUMNS = (
    "imperfection",
    "settings",
    "cost_in_file",
    "half_width_in_file",
    "cost_alone",
    "half_width_alone",
)


def attribution_text(found: Attribution) -> str:
    """Return the two accuracies, the table of costs, and what failed."""
    facts = [
        ("as in the file", "  ".join(percent_with_error(found.accuracy))),
        ("ideal", "  ".join(percent_with_error(found.ideal_accuracy))),
    ]
    parts = [
        f"{TITLE} in test accuracy, mean of {found.replicates} runs",
        list_of_facts(facts),
        table(_rows(found)),
        NOTE,
    ]
    if found.failures:
        parts.append(failures_text(found.failures))
    return "\n\n".join(parts)


def attribution_csv(found: Attribution) -> str:
    """Return the costs as CSV, as fractions; what is not known stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cost in found.costs:
        writer.writerow([cost.name, cost.settings, *_or_none(cost.in_file), *_or_none(cost.alone)])
    return text.getvalue()


def _rows(found: Attribution) -> list[Row]:
    heading = ["imperfection", "in the file", "", "alone", ""]
    return [heading, *(_row(cost) for cost in found.costs)]


def _row(cost: Cost) -> Row:
    name = f"{cost.name} ({cost.settings})"
    return [name, *percent_with_error(cost.in_file), *percent_with_error(cost.alone)]


def _or_none(cost: Interval | None) -> Interval | tuple[None, None]:
    return (None, None) if cost is None else cost
