"""What becomes of accuracy with time, as a picture."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from pcmsim.config.retention_settings import DAY, HOUR, MINUTE, MONTH, YEAR
from pcmsim.experiment.retention_curves import RetentionCurves
from pcmsim.report.result.retention_text import effects, intervals, words_of_time
from pcmsim.report.style import (
    BLUE,
    GREY,
    VERMILLION,
    house_style,
    key_of,
    new_figure,
    set_heading,
)

TICKS = (MINUTE, HOUR, DAY, MONTH, YEAR, 10 * YEAR, 100 * YEAR)
# Words below two ticks touch each other where they are nearer than this part of the axis.
NEAREST_TICKS = 0.1
# Room on either side of the curves, as a ratio of times.
MARGIN = 1.3


def retention_figure(curves: RetentionCurves) -> Figure:
    """Draw accuracy with and without global drift compensation against time."""
    with house_style():
        figure = new_figure(4.8, 3.2)
        axes = figure.subplots()
        _draw(axes, curves.times, curves.compensated, BLUE, "o-", "compensated")
        _draw(axes, curves.times, curves.plain, VERMILLION, "s-", "as it is")
        axes.axhline(
            100 * curves.at_once, color=GREY, lw=0.8, ls=(0, (5, 3)), label="when trained", zorder=0
        )
        _scale_time(axes, curves)
        axes.set_ylabel("test accuracy (%)")
        axes.set_ylim(*_limits(curves))
        what = effects(curves.settings.retention)
        set_heading(figure, f"Accuracy after training: {what}", key=key_of(axes))
    return figure


def _draw(
    axes: Axes,
    times: NDArray[np.float64],
    accuracies: NDArray[np.float64],
    colour: str,
    form: str,
    label: str,
) -> None:
    """Draw means, and a band for the 95 % confidence interval where there is one."""
    means = 100 * np.array([one.mean for one in intervals(accuracies)])
    errors = 100 * np.array([one.half_width or 0 for one in intervals(accuracies)])
    axes.plot(times, means, form, color=colour, label=label)
    if errors.any():
        axes.fill_between(times, means - errors, means + errors, color=colour, alpha=0.18, lw=0)


def _scale_time(axes: Axes, curves: RetentionCurves) -> None:
    """Make time logarithmic, with ticks at times that people know."""
    first, last = float(curves.times[0]), float(curves.times[-1])
    ticks = _ticks(first, last)
    axes.set_xscale("log")
    axes.set_xticks(ticks, [words_of_time(time) for time in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(first / MARGIN, last * MARGIN)
    axes.set_xlabel("time since the devices were written")


def _ticks(first: float, last: float) -> list[float]:
    """Return times that people know, and both ends of the axis as far as there is room."""
    nearest = (last / first) ** NEAREST_TICKS
    ticks: list[float] = []
    for time in (*reversed(TICKS), last, first):
        if first <= time <= last and all(max(time, t) / min(time, t) > nearest for t in ticks):
            ticks.append(time)
    return sorted(ticks)


def _limits(curves: RetentionCurves) -> tuple[float, float]:
    """Return round limits (%) with some room around all draws."""
    shown = 100 * np.concatenate([curves.plain.ravel(), curves.compensated.ravel()])
    low = 5 * np.floor((min(shown.min(), 100 * curves.at_once) - 1) / 5)
    high = 5 * np.ceil((max(shown.max(), 100 * curves.at_once) + 1) / 5)
    return max(float(low), 0.0), min(float(high), 100.5)
