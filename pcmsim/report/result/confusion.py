"""Which classes are taken for which."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pcmsim.experiment.result import Result
from pcmsim.report.style import (
    LIGHT_GREY,
    describe_run,
    house_style,
    new_figure,
    set_heading,
    shades_of_blue,
)

# Beyond so many classes counts would not be readable.
CLASSES_WITH_COUNTS = 20
INCHES_PER_CLASS = 0.32


def confusion_figure(result: Result) -> Figure:
    """Draw the answers to the test images at the end, row by row as a share of the true class."""
    counts = result.arrays["confusion/test"]
    classes = len(counts)
    side = INCHES_PER_CLASS * min(max(classes, 8), CLASSES_WITH_COUNTS)
    with house_style():
        figure = new_figure(side + 1.2, side + 0.75, true_to_scale=True)
        axes = figure.subplots()
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        _draw_shares(figure, axes, share)
        if classes <= CLASSES_WITH_COUNTS:
            _print_counts(axes, counts, share)
        accuracy = np.trace(counts) / max(counts.sum(), 1)
        axes.set_title(f"{accuracy:.2%} of {counts.sum():,} test images right".replace("%", " %"))
        set_heading(figure, describe_run(result.settings))
    return figure


def _draw_shares(figure: Figure, axes: Axes, share: NDArray[np.float64]) -> None:
    """Draw shares as shades; the square root tells small shares, the mistakes, apart."""
    scale = PowerNorm(0.5, vmin=0, vmax=100)
    image = axes.imshow(100 * share, cmap=shades_of_blue(0.0), norm=scale)
    axes.set_xlabel("answer")
    axes.set_ylabel("true class")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    if len(share) <= CLASSES_WITH_COUNTS:
        axes.set_xticks(range(len(share)))
        axes.set_yticks(range(len(share)))
    bar = figure.colorbar(image, ax=axes, shrink=0.85, pad=0.03, ticks=[0, 1, 5, 10, 25, 50, 100])
    bar.set_label("share of the true class (%)")
    bar.outline.set_visible(False)


def _print_counts(axes: Axes, counts: NDArray[np.int64], share: NDArray[np.float64]) -> None:
    for (true, answer), count in np.ndenumerate(counts):
        dark = share[true, answer] > 0.3
        colour = "white" if dark else LIGHT_GREY if count == 0 else "black"
        axes.text(answer, true, str(count), ha="center", va="center", color=colour, fontsize=7)
