"""Curves of the study: accuracy against one quantity, with its error and every single run."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from pcmsim.experiment import published
from pcmsim.report.reproduction.axis import has_names, name_of, place_of, place_of_base, values_of
from pcmsim.report.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    VERMILLION,
    house_style,
    key_of,
    limits_of_accuracy,
    new_figure,
    set_heading,
)
from pcmsim.study.reproduction.outcome import Curve

WIDTH, HEIGHT = 4.0, 2.75
LEAST_SPAN = 20  # points
QUICK = "quick run"
# In points; names that are nearer to one another are hard to tell apart.
LEAST_GAP = 3
POINTS = 72


def curve_figure(curve: Curve, *, is_published: bool, is_quick: bool) -> Figure:
    """Draw a curve that has at least one value.

    Args:
        curve: what is drawn.
        is_published: whether the published accuracy is drawn beside it.
        is_quick: whether it is marked as preliminary.
    """
    with house_style():
        figure = new_figure(WIDTH, HEIGHT)
        axes = figure.subplots()
        if is_quick:
            _mark_as_quick(axes)
        _draw_means(axes, curve)
        _draw_runs(axes, curve)
        _scale_horizontally(axes, curve)
        if (base := place_of_base(curve)) is not None:
            _draw_base(axes, base)
        if is_published:
            _draw_published(axes)
        axes.set_ylim(*_limits(curve, is_published=is_published))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
        axes.set_ylabel("test accuracy (%)")
        axes.set_xlabel(curve.label)
        set_heading(figure, "", key=key_of(axes))
        _keep_names_apart(figure, axes)
    return figure


def _limits(curve: Curve, *, is_published: bool) -> tuple[float, float]:
    """Return limits (%) that leave so much room that small differences look small."""
    beside = [published.TEST_ACCURACY] if is_published else []
    low, high = limits_of_accuracy(100 * np.array([*curve.runs["test_accuracy"], *beside]))
    return max(min(low, high - LEAST_SPAN), 0), high


def _mark_as_quick(axes: Axes) -> None:
    """Write across the panel, behind the data, that this is preliminary."""
    axes.text(
        0.5,
        0.5,
        QUICK,
        transform=axes.transAxes,
        ha="center",
        va="center",
        rotation=20,
        fontsize=32,
        color=LIGHT_GREY,
        alpha=0.6,
        zorder=0,
    )


def _draw_means(axes: Axes, curve: Curve) -> None:
    """Draw means and errors: bars where values have names, else a line within a band."""
    places = np.array([place_of(curve, value) for value in values_of(curve)])
    means = 100 * np.array([summary.accuracy.mean for summary in curve.summaries])
    errors = 100 * _errors(curve)
    if has_names(curve):
        axes.errorbar(
            places, means, errors, fmt="_", ms=14, capsize=4, color=BLUE, label="mean, 95 %"
        )
        axes.set_xlim(-0.6, len(places) - 0.4)
        return
    order = np.argsort(places)
    x, mean, error = places[order], means[order], errors[order]
    axes.plot(x, mean, color=BLUE, label="mean")
    if np.isfinite(error).any():
        axes.fill_between(x, mean - error, mean + error, color=BLUE, alpha=0.2, lw=0, label="95 %")


def _draw_runs(axes: Axes, curve: Curve) -> None:
    places = [place_of(curve, value) for value in curve.runs[curve.setting].tolist()]
    accuracies = 100 * curve.runs["test_accuracy"]
    axes.plot(places, accuracies, "o", color=BLACK, alpha=0.4, mew=0, ms=2.4, label="single run")


def _errors(curve: Curve) -> NDArray[np.float64]:
    """Return half widths of the intervals, NaN where there is none."""
    widths = [summary.accuracy.half_width for summary in curve.summaries]
    return np.array([np.nan if width is None else width for width in widths])


def _scale_horizontally(axes: Axes, curve: Curve) -> None:
    values = values_of(curve)
    places = [place_of(curve, value) for value in values]
    if curve.is_logarithmic and not has_names(curve):
        # Logarithmic from the smallest value upwards; below it there is room for a zero.
        smallest = min((place for place in places if place > 0), default=1)
        axes.set_xscale("symlog", linthresh=smallest, linscale=0.5)
    if curve.is_logarithmic or has_names(curve):
        names = [name_of(curve, value) for value in values]
        axes.set_xticks(places, names)
        axes.xaxis.set_minor_locator(NullLocator())


def _keep_names_apart(figure: Figure, axes: Axes) -> None:
    """Slant the values along a finished figure's axis if they would run into one another."""
    figure.draw_without_rendering()
    labels = [label for label in axes.get_xticklabels() if label.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    gap = LEAST_GAP * figure.dpi / POINTS
    if any(one.x1 + gap > other.x0 for one, other in pairwise(boxes)):
        for label in labels:
            label.set(rotation=35, ha="right", rotation_mode="anchor")


def _draw_base(axes: Axes, place: float) -> None:
    """Draw a line down from a mark on the upper edge."""
    axes.axvline(place, color=GREY, lw=0.8, ls=":", zorder=0)
    axes.plot(
        place,
        1,
        "v",
        transform=axes.get_xaxis_transform(),
        color=GREY,
        ms=5,
        clip_on=False,
        label="base file",
    )


def _draw_published(axes: Axes) -> None:
    accuracy = published.TEST_ACCURACY
    axes.axhline(100 * accuracy, color=VERMILLION, lw=0.8, ls=(0, (5, 3)), zorder=0)
    axes.annotate(
        f"published\n{published.in_percent(accuracy)}",
        (1, 100 * accuracy),
        xycoords=axes.get_yaxis_transform(),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        color=VERMILLION,
        fontsize=7.5,
    )
