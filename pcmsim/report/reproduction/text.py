"""The study as a page of text: the published claims and what was measured."""

from pcmsim.report.plain_text import Row, table
from pcmsim.study.reproduction.outcome import Claim, Outcome, Verdict

NOTE = """\
Accuracies: means over the last five epochs, then over runs.  Losses: run by run against the
settings without the change, since runs of the same number share their random numbers.  +-: 95 %
confidence interval by Student's t."""
QUICK = """\
QUICK: so few epochs and runs that figures only show that the program works."""


def study_text(outcome: Outcome) -> str:
    """Return the claims, what was left out, and what failed."""
    parts = [f"{outcome.base}: {outcome.replicates} runs a point, {outcome.epochs} epochs"]
    if outcome.is_quick:
        parts.append(QUICK)
    parts.append(table([_heading(), *(_row(claim) for claim in outcome.claims)]))
    for member in outcome.members:
        rows = [[member.name, *_heading()[1:]], *(_row(claim) for claim in member.claims)]
        parts.append(table(rows))
    parts.append(NOTE)
    parts += _list("left out:", outcome.left_out)
    parts += _list("failed, and tried again next time:", outcome.failures)
    return "\n\n".join(parts)


def _heading() -> Row:
    return ["claim", "criterion", "measured", "", "verdict"]


def _row(claim: Claim) -> Row:
    return [claim.name, claim.criterion, *_measured(claim), _verdict(claim)]


def _measured(claim: Claim) -> tuple[str, str]:
    """Return a mean and what follows it: differences in points, accuracies in percent."""
    if claim.measured is None:
        return "", ""
    unit = "points" if claim.is_difference else "%"
    mean, half_width = claim.measured
    error = "" if half_width is None else f"+- {100 * half_width:.2f}"
    return f"{100 * mean:.2f} {unit}", error


def _verdict(claim: Claim) -> str:
    if claim.verdict is Verdict.DIFFERS:
        return f"{claim.verdict} by {100 * claim.excess:.2f} points"
    return str(claim.verdict)


def _list(heading: str, lines: dict[str, str]) -> list[str]:
    if not lines:
        return []
    return ["\n".join([heading, *(f"  {name}: {why}" for name, why in lines.items())])]
