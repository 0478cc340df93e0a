"""Tables of the study: claims, measures against faults, points of a curve."""

from collections.abc import Sequence

from pcmsim.report.markup import Html, element, join, table
from pcmsim.report.reproduction.axis import name_of
from pcmsim.report.reproduction.claims import SYMBOLS, how_far, measured
from pcmsim.report.typeset import hundredths, percent, plain
from pcmsim.study.reproduction.outcome import Claim, Curve, Mitigation


def claims_table(claims: Sequence[Claim]) -> Html:
    """Return claims beside what was measured, with links to the curves they belong to."""
    heading = ["claim", "published", "criterion", "measured", "verdict", "by how much"]
    rows = [
        [
            join(symbol(claim), " ", _linked(claim)),
            claim.published,
            claim.criterion,
            measured(claim),
            element("b", claim.verdict, class_=claim.verdict.name.lower()),
            how_far(claim),
        ]
        for claim in claims
    ]
    return table("Claims", heading, {"": rows})


def symbol(claim: Claim) -> Html:
    """Return the symbol of a claim's verdict."""
    name = claim.verdict.name.lower()
    return element("span", SYMBOLS[claim.verdict], class_=name, title=claim.verdict)


def anchor_of(curve: str) -> str:
    """Return what marks the figure of a curve within the page."""
    return f"curve-{curve}"


def mitigation_table(mitigations: Sequence[Mitigation]) -> Html:
    """Return losses by measure and share of faults, with a group of rows for each fault."""
    shares = sorted({share for mitigation in mitigations for share in mitigation.losses})
    heading = ["loss in points at", *(f"{plain(100 * share)} %" for share in shares)]
    groups = {
        fault: [
            [each.measure, *(hundredths(each.losses.get(share)) for share in shares)]
            for each in mitigations
            if each.fault == fault
        ]
        for fault in dict.fromkeys(each.fault for each in mitigations)
    }
    return table("Measures against faults", heading, groups)


def points_table(curve: Curve) -> Html:
    """Return accuracy and loss at all points of a curve."""
    heading = [curve.label, "runs", "test accuracy", "loss (points)"]
    rows = [
        [
            name_of(curve, summary.cells[curve.setting]),
            str(summary.replicates),
            percent(summary.accuracy),
            hundredths(summary.loss),
        ]
        for summary in curve.summaries
    ]
    return table(f"Numbers: {curve.title}", heading, {"": rows})


def _linked(claim: Claim) -> str:
    if claim.curve is None:
        return claim.name
    return element("a", claim.name, href=f"#{anchor_of(claim.curve)}")
