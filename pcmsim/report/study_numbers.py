"""Measured numbers, their errors and their verdicts, in words."""

from pcmsim.campaign.interval import Interval
from pcmsim.study.outcome import Claim, Verdict

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
# Told apart by shape, and so without colours too.
SYMBOLS = {
    Verdict.AGREES: "\N{CHECK MARK}",
    Verdict.DIFFERS: "\N{BALLOT X}",
    Verdict.OPEN: "?",
}


def plain(number: float) -> str:
    """Return a setting's value without needless digits: 0.25, 20, 5,000, 1,000,000."""
    digits = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
    return digits.replace("-", MINUS)


def hundredths(interval: Interval | None) -> str:
    """Return a mean and its error as percentages, without the unit."""
    if interval is None:
        return NOTHING
    # Adding 0 takes the sign from a mean that rounds to nothing.
    mean = f"{round(100 * interval.mean, 2) + 0:.2f}".replace("-", MINUS)
    if interval.half_width is None:
        return mean
    return f"{mean} \N{PLUS-MINUS SIGN} {100 * interval.half_width:.2f}"


def percent(interval: Interval) -> str:
    """Return an accuracy, such as 83.90 ± 1.02 %."""
    return f"{hundredths(interval)} %"


def points(interval: Interval) -> str:
    """Return a loss or difference of accuracies, such as 1.20 ± 0.35 points."""
    return f"{hundredths(interval)} points"


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
