"""What imperfections cost, as bars."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pcmsim.campaign.interval import Interval
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
from pcmsim.study.attribute import TITLE, Attribution

# Of the height that an imperfection has: two bars and some room.
BAR = 0.38


def attribution_figure(found: Attribution) -> Figure:
    """Draw for each imperfection what it costs in the file, and what alone."""
    with house_style():
        figure = new_figure(5.4, 1.1 + 0.42 * len(found.costs))
        axes = figure.subplots()
        axes.axvline(0, color=GREY, lw=0.6, zorder=0)
        _draw(axes, [cost.in_file for cost in found.costs], -BAR / 2, BLUE, "in the file")
        _draw(axes, [cost.alone for cost in found.costs], BAR / 2, VERMILLION, "alone, else ideal")
        axes.set_yticks(range(len(found.costs)), [cost.name for cost in found.costs])
        axes.set_ylim(len(found.costs) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("cost in test accuracy (points)")
        set_heading(figure, TITLE, key=key_of(axes))
    return figure


def _draw(axes: Axes, costs: list[Interval | None], offset: float, colour: str, label: str) -> None:
    shown = [(place, cost) for place, cost in enumerate(costs) if cost is not None]
    axes.barh(
        np.array([place for place, _ in shown]) + offset,
        [100 * cost.mean for _, cost in shown],
        height=BAR,
        color=colour,
        xerr=[100 * (cost.half_width or 0) for _, cost in shown],
        error_kw={"ecolor": BLACK, "elinewidth": 0.8},
        label=label,
    )
