"""The study as CSV: its runs, and the published claims."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from pcmsim.campaign.collect import Entry, gather
from pcmsim.campaign.folder import RunsFolder
from pcmsim.study.reproduction.outcome import Claim, Outcome
from pcmsim.study.reproduction.plan import StudyPlan


def runs_csv(plan: StudyPlan, folder: RunsFolder) -> str:
    """Return all finished runs, one row for each part of the study that a run is for.

    After the part come the settings that are varied, each a column; then the columns of a sweep.
    """
    points = {(part, point.digest): point for part, point in plan.runs()}
    digests = dict.fromkeys(digest for _, digest in points)
    runs = gather(folder, "", (), [Entry(digest, "", ()) for digest in digests])
    columns = (column.tolist() for column in runs.columns.values())
    figures = {
        row["digest"]: row
        for row in (dict(zip(runs.columns, row, strict=True)) for row in zip(*columns, strict=True))
    }
    varied = dict.fromkeys(setting for point in points.values() for setting in point.cells)
    return _csv(
        ["part", *varied, *runs.columns],
        (
            {"part": part, **point.cells, **figures[digest]}
            for (part, digest), point in points.items()
            if digest in figures
        ),
    )


def claims_csv(outcome: Outcome) -> str:
    """Return all claims, those of the ensemble included, with what was measured."""
    rows = [_row(outcome.base, claim) for claim in outcome.claims]
    rows += [_row(member.name, claim) for member in outcome.members for claim in member.claims]
    return _csv(list(rows[0]), rows)


def _row(settings: str, claim: Claim) -> dict[str, Any]:
    measured = claim.measured
    return {
        "settings": settings,
        "claim": claim.name,
        "published": claim.published,
        "criterion": claim.criterion,
        "low": claim.low,
        "high": claim.high,
        "measured": measured and measured.mean,
        "half_width": measured and measured.half_width,
        "verdict": claim.verdict,
        "excess": claim.excess,
    }


def _csv(names: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows under a heading; what a row does not have stays empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
