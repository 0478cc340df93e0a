"""Where the pairs of devices are, in the plane of G+ and G-.

The axes are turned by 45 degrees, as in the published plots: the weight, G+ - G-, points up,
and the sum, which grows as a pair fills up, to the right.  All that a nominal pair can reach is
a diamond; its right corner is the dead end from which the occasional RESET leads out.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from pcmsim.config.device_settings import ArrayDevice
from pcmsim.devices.catalogue import build_model
from pcmsim.experiment.result import Result
from pcmsim.kernels.codes import HEALTHY, MINUS, PLUS
from pcmsim.report.plain_text import MICRO
from pcmsim.report.style import (
    BLACK,
    VERMILLION,
    describe_run,
    house_style,
    new_figure,
    set_heading,
    shades_of_blue,
)

MOST_COLUMNS = 3
PANEL_INCHES = 2.1
# Bins are square, so many across the nominal diamond.
BINS = 64
# Room around the outermost pair, as part of the diamond.
MARGIN = 0.04
SHADES = shades_of_blue(0.25)

Edges = NDArray[Any]


@dataclass(frozen=True)
class Pairs:
    """The pairs of one layer, as points of the turned plane (uS).

    Attributes:
        name: number of the layer, from 1, and its rows and columns.
        total: (pairs,) G+ + G-.
        difference: (pairs,) G+ - G-.
        healthy: (pairs,) True where neither device is faulty.
    """

    name: str
    total: NDArray[np.float64]
    difference: NDArray[np.float64]
    healthy: NDArray[np.bool_]


def diamond_figure(result: Result, device: ArrayDevice) -> Figure:
    """Draw the density of all pairs of this device at the end, one panel per layer.

    Raises:
        UserError: a file that the device needs cannot be used.
    """
    model = build_model(device)
    g_min, g_max = model.g_min / MICRO, model.g_max / MICRO
    layers = [_pairs_of(result, number) for number in range(result.layers)]
    edges = _edges(layers, g_min, g_max)
    densities = [_density(pairs, *edges) for pairs in layers]
    scale = LogNorm(1, max(10.0, *(density.max() for density in densities)))
    with house_style():
        figure, panels = _panels(len(layers), *edges)
        for axes, pairs, density in zip(panels, layers, densities, strict=True):
            _draw_range(axes, g_min, g_max)
            filled = np.ma.masked_equal(density.T, 0)
            axes.pcolormesh(*edges, filled, cmap=SHADES, norm=scale, rasterized=True)
            _mark_faulty(axes, pairs)
            axes.set_title(f"layer {pairs.name}")
        _add_scale(figure, panels, scale)
        set_heading(figure, describe_run(result.settings))
    return figure


def _add_scale(figure: Figure, panels: list[Axes], scale: LogNorm) -> None:
    bar = figure.colorbar(
        ScalarMappable(scale, SHADES),
        ax=panels,
        pad=0.02,
        aspect=25,
        format=StrMethodFormatter("{x:,g}"),
    )
    bar.set_label("pairs per bin")


def _pairs_of(result: Result, number: int) -> Pairs:
    """Return the pairs of a layer at the end of training."""
    conductance = result.arrays[f"layers/{number}/conductance"].astype(np.float64) / MICRO
    plus, minus = conductance[..., PLUS], conductance[..., MINUS]
    healthy = (result.arrays[f"layers/{number}/fault"] == HEALTHY).all(axis=-1)
    rows, columns = plus.shape
    return Pairs(
        name=f"{number + 1}: {rows} \N{MULTIPLICATION SIGN} {columns}",
        total=(plus + minus).ravel(),
        difference=(plus - minus).ravel(),
        healthy=healthy.ravel(),
    )


def _edges(layers: list[Pairs], g_min: float, g_max: float) -> tuple[Edges, Edges]:
    """Return the edges (uS) of square bins that cover all pairs and the nominal diamond."""
    width = 2 * (g_max - g_min) / BINS
    right = max(2 * g_max, *(float(pairs.total.max()) for pairs in layers))
    top = max(g_max - g_min, *(float(abs(pairs.difference).max()) for pairs in layers))
    across = math.ceil((1 + MARGIN) * right / width)
    up = math.ceil((1 + MARGIN) * top / width)
    return width * np.arange(across + 1), width * np.arange(-up, up + 1)


def _density(pairs: Pairs, totals: Edges, differences: Edges) -> NDArray[np.float64]:
    """Return how many healthy pairs there are in each bin, shape (totals, differences)."""
    points = pairs.total[pairs.healthy], pairs.difference[pairs.healthy]
    return np.histogram2d(*points, bins=(totals, differences))[0]


def _panels(layers: int, totals: Edges, differences: Edges) -> tuple[Figure, list[Axes]]:
    """Return a figure with one panel per layer, all of the same limits and true to scale."""
    columns = min(layers, MOST_COLUMNS)
    rows = math.ceil(layers / columns)
    height = PANEL_INCHES * (differences[-1] - differences[0]) / totals[-1]
    figure = new_figure(
        PANEL_INCHES * columns + 1.25, (height + 0.35) * rows + 0.6, true_to_scale=True
    )
    grid = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    for unused in grid[layers:]:
        unused.remove()
    panels = grid[:layers]
    for number, axes in enumerate(panels):
        axes.set_aspect("equal")
        axes.set_xlim(0, totals[-1])
        axes.set_ylim(differences[0], differences[-1])
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        _label(axes, leftmost=number % columns == 0, lowest=number + columns >= layers)
    return figure, panels


def _label(axes: Axes, leftmost: bool, lowest: bool) -> None:
    """Label the axes of a panel where no neighbour does."""
    axes.tick_params(labelleft=leftmost, labelbottom=lowest)
    if leftmost:
        axes.set_ylabel("$G^+ - G^-$ (µS)")
    if lowest:
        axes.set_xlabel("$G^+ + G^-$ (µS)")


def _draw_range(axes: Axes, g_min: float, g_max: float) -> None:
    """Draw what a nominal pair can reach, and which way each device points."""
    middle, half = g_min + g_max, g_max - g_min
    corners = [(2 * g_min, 0), (middle, half), (2 * g_max, 0), (middle, -half), (2 * g_min, 0)]
    axes.plot(*np.transpose(corners), color=BLACK, lw=0.7, zorder=3)
    for name, sign in (("$G^+$", 1), ("$G^-$", -1)):
        axes.annotate(
            f"{name} \N{RIGHTWARDS ARROW}",
            (2 * g_min + half / 2, sign * half / 2),
            xytext=(-6, 6 * sign),
            textcoords="offset points",
            rotation=45 * sign,
            ha="center",
            va="center",
            fontsize=7,
        )


def _mark_faulty(axes: Axes, pairs: Pairs) -> None:
    """Mark pairs of which a device is faulty by dots, behind the healthy ones."""
    faulty = ~pairs.healthy
    if faulty.any():
        axes.plot(
            pairs.total[faulty],
            pairs.difference[faulty],
            ".",
            color=VERMILLION,
            markersize=1.4,
            markeredgewidth=0,
            alpha=0.6,
            zorder=0,
            rasterized=True,
        )
        axes.text(
            0.98, 0.97, f"{faulty.sum():,} pairs\nwith a fault",
            transform=axes.transAxes, ha="right", va="top", color=VERMILLION, fontsize=7,
        )  # fmt: skip
