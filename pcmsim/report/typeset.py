"""Numbers and their errors as pages of HTML show them, with the signs of good typesetting."""

from pcmsim.campaign.interval import Interval

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"


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
