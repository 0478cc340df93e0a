"""A tolerance as a picture: the loss of accuracy against the setting that was searched."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from pcmsim.report.style import (
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    house_style,
    key_of,
    new_figure,
    set_heading,
)
from pcmsim.study.tolerance.search import Limit, Tested, Verdict
from pcmsim.study.tolerance.tolerance import Tolerance

# Room above the limit, in limits: what is far beyond it matters little, and would hide the rest.
MOST_LIMITS = 5
COLOURS = {Verdict.WITHIN: BLUE, Verdict.UNCLEAR: GREY, Verdict.BEYOND: VERMILLION}
MARKERS = {Verdict.WITHIN: "o", Verdict.UNCLEAR: "D", Verdict.BEYOND: "s"}


def tolerance_figure(found: Tolerance) -> Figure:
    """Draw all values that were tested, the limit, and the bounds of what is tolerated."""
    with house_style():
        figure = new_figure(4.8, 3.2)
        axes = figure.subplots()
        for _, limit in found.limits:
            _draw_bounds(axes, limit)
        _draw_limit(axes, found)
        _draw_tested(axes, found)
        if all(way.is_log for way, _ in found.limits):
            _scale_by_ratios(axes)
        axes.set_xlabel(f"{found.name} ({found.unit})" if found.unit else found.name)
        axes.set_ylabel("loss of test accuracy (points)")
        set_heading(figure, found.runs.title, key=key_of(axes))
    return figure


def _scale_by_ratios(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _draw_tested(axes: Axes, found: Tolerance) -> None:
    tested = [one for _, limit in found.limits for one in limit.tested]
    for verdict in Verdict:
        chosen = [one for one in tested if one.verdict is verdict]
        if chosen:
            axes.errorbar(
                [one.value for one in chosen],
                [100 * one.loss.mean for one in chosen],
                [100 * (one.loss.half_width or 0) for one in chosen],
                fmt=MARKERS[verdict],
                color=COLOURS[verdict],
                lw=0.9,
                label=verdict,
            )
    axes.set_ylim(*_limits(found.loss, tested))


def _limits(loss: float, tested: list[Tested]) -> tuple[float, float]:
    """Return limits (points) that show every value which is not far beyond what is allowed."""
    lows = [one.loss.mean - (one.loss.half_width or 0) for one in tested]
    highs = [one.loss.mean + (one.loss.half_width or 0) for one in tested]
    high = min(max(*highs, 1.5 * loss), MOST_LIMITS * loss)
    low = max(min(*lows, 0), -MOST_LIMITS * loss)
    room = 0.05 * (high - low)
    return 100 * (low - room), 100 * (high + room)


def _draw_limit(axes: Axes, found: Tolerance) -> None:
    axes.axhline(0, color=GREY, lw=0.6, zorder=0)
    axes.axhline(100 * found.loss, color=BLACK, lw=0.8, ls=(0, (5, 3)), zorder=0, label="allowed")


def _draw_bounds(axes: Axes, limit: Limit) -> None:
    """Shade where the limit lies with 95 % confidence."""
    if limit.within is not None and limit.beyond is not None:
        axes.axvspan(limit.within, limit.beyond, color=GREY, alpha=0.15, lw=0)
    if limit.best is not None:
        axes.axvline(limit.best, color=GREY, lw=0.8, ls=":", zorder=0)
