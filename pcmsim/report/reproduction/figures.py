"""A curve of the study on its page: picture, words for those who do not see it, numbers."""

from pcmsim.report.embedded import image
from pcmsim.report.markup import Html, element, join
from pcmsim.report.reproduction.axis import name_with_unit
from pcmsim.report.reproduction.claims import measured
from pcmsim.report.reproduction.curves import curve_figure
from pcmsim.report.reproduction.tables import anchor_of, points_table, symbol
from pcmsim.report.typeset import percent, points
from pcmsim.study.reproduction.outcome import Curve, Outcome


def figure_of(curve: Curve, outcome: Outcome) -> Html:
    """Return the figure of a curve."""
    picture = curve_figure(
        curve,
        is_published=outcome.is_published_experiment,
        is_quick=outcome.is_quick,
    )
    return element(
        "figure",
        element("h3", curve.title),
        image(picture, _in_words(curve, is_quick=outcome.is_quick)),
        element("figcaption", _caption(curve, outcome)),
        element("details", element("summary", "Numbers"), points_table(curve)),
        id=anchor_of(curve.name),
    )


def _in_words(curve: Curve, *, is_quick: bool) -> str:
    first, last = curve.summaries[0], curve.summaries[-1]
    ends = " and ".join(
        f"{percent(end.accuracy)} at {name_with_unit(curve, end.cells[curve.setting])}"
        for end in (first, last)
    )
    kind = "Quick run. " if is_quick else ""
    return f"{kind}Test accuracy against {curve.label}: {ends}."


def _caption(curve: Curve, outcome: Outcome) -> Html:
    """Return the setting, what was measured of each claim about it, and the largest loss."""
    parts = [element("code", curve.setting), "."]
    if curve.shipped is not None:
        parts.append(f" Base file: {name_with_unit(curve, curve.shipped)}.")
    for claim in outcome.claims:
        if claim.curve == curve.name:
            parts += [f" {claim.name}: {measured(claim)}, ", symbol(claim), f" {claim.verdict}."]
    return join(*parts, _largest_loss(curve))


def _largest_loss(curve: Curve) -> str:
    losses = [
        (summary.loss, summary.cells[curve.setting]) for summary in curve.summaries if summary.loss
    ]
    if not losses:
        return ""
    loss, value = max(losses, key=lambda pair: pair[0].mean)
    return f" Largest loss: {points(loss)}, at {name_with_unit(curve, value)}."
