"""What was measured of a published claim, and how that compares, in words."""

from pcmsim.report.typeset import NOTHING, percent, points
from pcmsim.study.reproduction.outcome import Claim, Verdict

# Told apart by shape, and so without colours too.
SYMBOLS = {
    Verdict.AGREES: "\N{CHECK MARK}",
    Verdict.DIFFERS: "\N{BALLOT X}",
    Verdict.OPEN: "?",
}


def measured(claim: Claim) -> str:
    """Return what was measured of a claim."""
    if claim.measured is None:
        return NOTHING
    return points(claim.measured) if claim.is_difference else percent(claim.measured)


def how_far(claim: Claim) -> str:
    """Say how far a claim is from its limits, and whether the error leaves the verdict open."""
    parts = []
    if claim.verdict is Verdict.DIFFERS:
        parts.append(f"{100 * claim.excess:.2f} points")
    if _reaches_a_limit(claim):
        parts.append("limit within the interval")
    return ", ".join(parts)


def _reaches_a_limit(claim: Claim) -> bool:
    mean, half_width = claim.measured or (0.0, None)
    limits = [limit for limit in (claim.low, claim.high) if limit is not None]
    return half_width is not None and any(abs(mean - limit) < half_width for limit in limits)
