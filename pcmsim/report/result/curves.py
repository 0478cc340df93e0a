"""How training went: accuracy, pulses and saturated devices against epoch."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from pcmsim.experiment import published
from pcmsim.experiment.result import Result
from pcmsim.report.style import (
    BLUE,
    GREEN,
    GREY,
    VERMILLION,
    describe_run,
    house_style,
    key_of,
    limits_of_accuracy,
    new_figure,
    set_heading,
)

# Up to so many epochs every one is marked by a dot.
MARKED_EPOCHS = 30


def training_figure(result: Result) -> Figure:
    """Draw accuracies, and for devices also pulses and saturation, one panel below the other."""
    with house_style():
        if result.settings.device.kind == "float":
            figure = new_figure(4.8, 3.0)
            accuracy = figure.subplots()
            lowest = accuracy
        else:
            figure = new_figure(4.8, 4.8)
            accuracy, pulses, saturation = figure.subplots(
                3, sharex=True, gridspec_kw={"height_ratios": [3, 1.2, 0.8]}
            )
            _draw_pulses(pulses, result)
            _draw_saturation(saturation, result)
            lowest = saturation
            figure.align_ylabels()
        _draw_accuracies(accuracy, result)
        _count_epochs(lowest, result)
        set_heading(figure, describe_run(result.settings), key=key_of(accuracy))
    return figure


def _draw_accuracies(axes: Axes, result: Result) -> None:
    column = {
        name: 100 * result.arrays[f"epochs/{name}"]
        for name in ("online_accuracy", "train_accuracy", "test_accuracy", "test_accuracy_halves")
    }
    halves = column["test_accuracy_halves"]
    epochs = _epochs(result)
    dots = _marker(result)
    axes.plot(epochs, column["test_accuracy"], dots, color=BLUE, zorder=4, label="test")
    axes.plot(
        epochs,
        column["train_accuracy"],
        dots,
        color=VERMILLION,
        zorder=3,
        label="training after epoch",
    )
    axes.plot(epochs, column["online_accuracy"], dots, color=GREY, label="training when shown")
    axes.fill_between(epochs, *halves.T, color=BLUE, alpha=0.15, lw=0, label="test halves")
    axes.plot(epochs, halves, dots, color=BLUE, alpha=0.4, lw=0.6, markersize=2)
    axes.set_ylabel("accuracy (%)")
    shown = np.concatenate([np.ravel(values) for values in column.values()])
    if published.is_comparable(result):
        _draw_published(axes)
        shown = np.append(shown, [100 * published.TRAIN_ACCURACY, 100 * published.TEST_ACCURACY])
    axes.set_ylim(*limits_of_accuracy(shown))


def _draw_published(axes: Axes) -> None:
    """Draw two lines, and say beside them, out of the way of the curves, what they are."""
    lines = (
        (published.TEST_ACCURACY, BLUE, "bottom", f"{published.SHORT_SOURCE}\n{{}} test"),
        (published.TRAIN_ACCURACY, VERMILLION, "top", "{} training"),
    )
    for accuracy, colour, side, words in lines:
        axes.axhline(100 * accuracy, color=colour, lw=0.8, ls=(0, (5, 3)), zorder=0)
        axes.annotate(
            words.format(published.in_percent(accuracy)),
            (1, 100 * accuracy),
            xycoords=axes.get_yaxis_transform(),
            xytext=(4, -1 if side == "top" else 1),
            textcoords="offset points",
            va=side,
            color=colour,
            fontsize=7.5,
        )


def _draw_pulses(axes: Axes, result: Result) -> None:
    """Draw how many pulses of each kind an example costs, in all of the array."""
    bidirectional = result.arrays["epochs/depression_pulses"][-1] > 0
    set_pulses, resets = _per_example(result, "set_pulses"), _per_example(result, "resets")
    kinds = (
        (set_pulses, BLUE, "steps up, as\nmany down" if bidirectional else "partial SET"),
        (resets, VERMILLION, "RESET"),
    )
    for pulses, colour, label in kinds:
        if pulses.any():
            axes.plot(_epochs(result), pulses, _marker(result), color=colour, label=label)
            axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    _scale_by_decades(axes, np.concatenate([set_pulses, resets]))
    axes.set_ylabel("pulses\nper example")


def _scale_by_decades(axes: Axes, shown: NDArray[np.float64]) -> None:
    """Make the vertical axis logarithmic, from one power of ten to another."""
    positive = shown[shown > 0]
    if positive.size:
        axes.set_yscale("log", nonpositive="mask")
        lowest = np.floor(np.log10(positive.min()))
        highest = max(np.ceil(np.log10(positive.max())), lowest + 1)
        axes.set_ylim(10**lowest, 10**highest)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def _draw_saturation(axes: Axes, result: Result) -> None:
    devices = 2 * result.synapses
    share = 100 * result.arrays["epochs/saturated_devices"] / devices
    axes.plot(_epochs(result), share, _marker(result), color=GREEN)
    axes.set_ylim(0, max(1.15 * share.max(), 0.1))
    axes.set_ylabel("saturated\ndevices (%)")


def _count_epochs(axes: Axes, result: Result) -> None:
    epochs = _epochs(result)
    axes.set_xlim(0.5, len(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch")


def _epochs(result: Result) -> NDArray[Any]:
    return np.arange(1, 1 + len(result.arrays["epochs/test_accuracy"]))


def _marker(result: Result) -> str:
    return "o-" if len(_epochs(result)) <= MARKED_EPOCHS else "-"


def _per_example(result: Result, counter: str) -> NDArray[np.float64]:
    """Return what a counter rose by in each epoch, per example shown."""
    examples = result.arrays["confusion/train"].sum()
    return np.asarray(np.diff(result.arrays[f"epochs/{counter}"], prepend=0) / examples)
