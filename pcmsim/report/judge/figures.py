"""The verdict on a device as pictures: accuracies, gains, and the course of the search."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pcmsim.campaign.interval import Interval
from pcmsim.report.judge.text import name_of_accuracy
from pcmsim.report.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    VERMILLION,
    house_style,
    key_of,
    new_figure,
    set_heading,
)
from pcmsim.study.judge.verdict import Verdict

WIDTH = 5.6
PER_BAR, AROUND_BARS = 0.3, 0.75
BAR = 0.62
COURSE_HEIGHT = 2.9
STAGES = {"start": ("s", GREY), "step": ("o", BLUE), "final": ("D", VERMILLION)}
NAMES = {"start": "starting points", "step": "steps", "final": "finals"}


def accuracy_figure(verdict: Verdict) -> Figure:
    """Draw the accuracy of the device among those of its rivals, the best first."""
    bars = [("this device", verdict.accuracy, BLUE)]
    if verdict.ideal is not None:
        bars.append(("this device, ideal", verdict.ideal, GREY))
    bars += [(rival.name, rival.accuracy, LIGHT_GREY) for rival in verdict.rivals]
    bars.sort(key=lambda bar: -bar[1].mean)
    with house_style():
        figure, axes = _bars(bars)
        axes.set_xlim(0, 100)
        for place, (_, accuracy, _) in enumerate(bars):
            axes.annotate(
                f"{100 * accuracy.mean:.1f}",
                (0, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=BLACK if bars[place][2] == LIGHT_GREY else "white",
            )
        axes.set_xlabel("test accuracy (%)")
    return figure


def gains_figure(verdict: Verdict) -> Figure:
    """Draw what single improvements gain; there is at least one."""
    with house_style():
        figure, axes = _bars([(gain.name, gain.gain, BLUE) for gain in verdict.gains])
        axes.axvline(0, color=BLACK, lw=0.6)
        axes.set_xlabel("gain in test accuracy if taken away (points)")
    return figure


def course_figure(verdict: Verdict) -> Figure:
    """Draw the accuracy of the place that was kept, comparison by comparison."""
    with house_style():
        figure = new_figure(WIDTH, COURSE_HEIGHT)
        axes = figure.subplots()
        for stage, (marker, colour) in STAGES.items():
            steps = [step for step in verdict.course if step.stage == stage]
            if steps:
                axes.plot(
                    [step.runs for step in steps],
                    [100 * step.accuracy for step in steps],
                    marker, color=colour, ms=3, mew=0, label=NAMES[stage],
                )  # fmt: skip
        axes.set_xlim(0)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlabel("runs of the search")
        axes.set_ylabel(f"{name_of_accuracy(verdict)}\non images set aside (%)")
        set_heading(figure, "", key=key_of(axes))
    return figure


def _bars(bars: list[tuple[str, Interval, str]]) -> tuple[Figure, Axes]:
    figure = new_figure(WIDTH, AROUND_BARS + PER_BAR * len(bars))
    axes = figure.subplots()
    axes.barh(
        range(len(bars)),
        [100 * interval.mean for _, interval, _ in bars],
        height=BAR,
        color=[colour for _, _, colour in bars],
        xerr=[100 * (interval.half_width or 0) for _, interval, _ in bars],
        error_kw={"ecolor": BLACK, "elinewidth": 0.8},
    )
    axes.set_yticks(range(len(bars)), [name for name, _, _ in bars])
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    return figure, axes
