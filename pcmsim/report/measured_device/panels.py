"""The panels of the report on an imported device: what is drawn into one pair of axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from pcmsim.array.crossbar import NARROWEST_RANGE
from pcmsim.devices.normal import normal_quantile
from pcmsim.report.measured_device.numbers import (
    FITTED_QUANTILES,
    Level,
    Memory,
    Side,
)
from pcmsim.report.measured_device.trains import course_of
from pcmsim.report.plain_text import MICRO
from pcmsim.report.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    VERMILLION,
    shades_of_blue,
)
from pcmsim.traces.estimating.fits import Fit, MeanSteps
from pcmsim.traces.traces import Floats, Traces

# Two more of the colours of Okabe and Ito.
ORANGE = "#E69F00"
PURPLE = "#CC79A7"

MEASURED, SIMULATED = BLUE, VERMILLION
FIT_COLOURS = (VERMILLION, GREEN, PURPLE, ORANGE, GREY)
FIT_DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 3)))
FIT_MARKERS = "os^Dv"
LEVEL_COLOURS = (BLUE, GREEN, VERMILLION)
DEVICE_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, BLACK)
HATCH = "////"

# Thin lines in a panel: alone, and where two kinds of them lie over each other.
MOST_LINES = 100
MOST_OVERLAID = 12
SOME_DEVICES = 5
LONGEST_NAME = 20
# Of a fitted cumulative distribution.
MOST_POINTS = 400
# Steps outside these quantiles are not shown one by one, so that a few do not squeeze the rest.
SHOWN_STEPS = (0.001, 0.999)
CELLS_ACROSS, CELLS_UP = 48, 48

Limits = tuple[float, float]


def draw_thin(axes: Axes, traces: Floats, colour: str, most: int, name: str | None = None) -> None:
    """Draw single traces (traces, readings) in S; missing readings are bridged."""
    chosen = np.unique(np.linspace(0, len(traces) - 1, min(most, len(traces))).astype(int))
    lines = []
    for trace in traces[chosen]:
        there = np.flatnonzero(np.isfinite(trace))
        lines.append(np.column_stack([there, trace[there] / MICRO]))
    alpha = float(np.clip(12 / max(len(lines), 1), 0.2, 0.7))
    axes.add_collection(
        LineCollection(lines, colors=colour, lw=0.5, alpha=alpha, rasterized=True, label=name)
    )
    axes.autoscale_view()


def draw_course(
    axes: Axes, traces: Floats, colour: str, name: str, *, dashed: bool = False
) -> None:
    """Draw the mean of traces (traces, readings) in S, and the band of 80 % of them around it."""
    course = course_of(traces)
    low, high, mean = course.low / MICRO, course.high / MICRO, course.mean / MICRO
    axes.fill_between(course.pulses, low, high, color=colour, alpha=0.18, lw=0)
    for edge in (low, high):
        axes.plot(course.pulses, edge, color=colour, lw=0.6, ls=(0, (4, 2)) if dashed else "-")
    dashes = (0, (5, 2)) if dashed else "-"
    axes.plot(course.pulses, mean, color=colour, lw=1.8, ls=dashes, zorder=4, label=name)


def draw_alone(axes: Axes, traces: Floats, colour: str, name: str) -> None:
    """Draw traces of one origin: thin lines, mean and band."""
    draw_thin(axes, traces, colour, MOST_LINES)
    draw_course(axes, traces, BLACK, f"{name}: mean, 10-90 %")


def draw_overlaid(axes: Axes, measured: Floats, simulated: Floats) -> None:
    """Draw measured and simulated traces over each other: few thin lines, means and bands."""
    draw_thin(axes, measured, MEASURED, MOST_OVERLAID)
    draw_thin(axes, simulated, SIMULATED, MOST_OVERLAID)
    draw_course(axes, measured, MEASURED, "measured")
    draw_course(axes, simulated, SIMULATED, "simulated", dashed=True)


def count_pulses(axes: Axes, traces: Floats, label: str) -> None:
    """Scale the horizontal axis by pulses, the vertical one by conductance."""
    axes.set_xlim(0, max(traces.shape[1] - 1, 1))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set_xlabel(label)
    axes.set_ylabel("conductance (µS)")


def limits_of(*traces: Floats) -> Limits:
    """Return limits (uS) that hold all conductances (S), with some room."""
    values = np.concatenate([each[np.isfinite(each)] for each in traces]) / MICRO
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    room = 0.04 * (high - low) or 0.1
    return (0.0 if 0 <= low < 0.3 * high else low - room), high + room


def draw_after(axes: Axes, measured: Floats, simulated: Floats, name: str) -> None:
    """Draw how the conductance (S) after a single pulse is distributed."""
    for after, colour, label, dashes in (
        (measured, MEASURED, "measured", "-"),
        (simulated, SIMULATED, "simulated", (0, (5, 2))),
    ):
        shown = np.sort(after[np.isfinite(after)]) / MICRO
        share = 100 * np.arange(1, len(shown) + 1) / max(len(shown), 1)
        axes.step(shown, share, where="post", color=colour, ls=dashes, label=label)
    axes.set_ylim(0, 100)
    axes.set_xlabel(f"conductance after {name} (µS)")
    axes.set_ylabel("readings at or below (%)")


def draw_table(axes: Axes, side: Side) -> list[Artist]:
    """Draw where measured steps are dense, and the quantiles of the table over them."""
    table = side.table
    limits = _limits_of_steps(side)
    ends = _ends_of_range(side)
    if side.steps.change.size:
        _draw_density(axes, side, ends, limits)
    _hatch_filled(axes, side)
    axes.axhline(0, color=BLACK, lw=0.5)
    across = table.conductance / MICRO
    low, median, high = (side.quantile(share) / MICRO for share in FITTED_QUANTILES)
    axes.plot(across, median, color=VERMILLION, lw=1.8, label="table: median")
    axes.plot(across, low, color=VERMILLION, lw=1, ls=(0, (5, 2)), label="10 and 90 %")
    axes.plot(across, high, color=VERMILLION, lw=1, ls=(0, (5, 2)))
    axes.set_xlim(*ends)
    axes.set_ylim(*limits)
    axes.set_xlabel("conductance before the pulse (µS)")
    axes.set_ylabel("change by one pulse (µS)")
    if not table.filled.any():
        return []
    return [Patch(facecolor="none", edgecolor=GREY, hatch=HATCH, lw=0, label="filled")]


def _draw_density(axes: Axes, side: Side, ends: Limits, limits: Limits) -> None:
    """Draw how many steps are in each cell, with a bar that says what the shades mean."""
    grid = [np.linspace(*ends, CELLS_ACROSS + 1), np.linspace(*limits, CELLS_UP + 1)]
    before, change = side.steps.before / MICRO, side.steps.change / MICRO
    counts, *_ = np.histogram2d(before, change, grid)
    mesh = axes.pcolormesh(
        *grid,
        np.ma.masked_equal(counts.T, 0),
        cmap=shades_of_blue(0.18),
        norm=LogNorm(1, max(counts.max(), 2)),
        rasterized=True,
    )
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02, aspect=25)
    bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    bar.ax.minorticks_off()
    bar.set_label("measured steps per cell")
    bar.outline.set_visible(False)


def _ends_of_range(side: Side) -> Limits:
    """Return limits (uS) that hold the table's range and nearly all conductances before steps."""
    low, high = side.edges[[0, -1]] / MICRO
    if side.steps.before.size:
        first, last = np.quantile(side.steps.before, SHOWN_STEPS) / MICRO
        low, high = min(low, first), max(high, last)
    return float(low), float(high)


def _limits_of_steps(side: Side) -> Limits:
    """Return limits (uS) that hold nearly all steps and the quantiles of the table."""
    values = [*np.concatenate([side.quantile(share) for share in FITTED_QUANTILES]), 0.0]
    if side.steps.change.size:
        values += [*np.quantile(side.steps.change, SHOWN_STEPS)]
    low, high = min(values) / MICRO, max(values) / MICRO
    room = 0.05 * (high - low) or 0.1
    return low - room, high + room


def _hatch_filled(axes: Axes, side: Side) -> None:
    """Hatch the cells for which there were too few measurements."""
    edges = side.edges / MICRO
    for filled, left, right in zip(side.table.filled, edges[:-1], edges[1:], strict=True):
        if filled:
            axes.axvspan(left, right, facecolor="none", edgecolor=GREY, hatch=HATCH, lw=0)


def draw_memory(axes: Axes, memory: Memory) -> None:
    """Draw the mean step against the pulses since RESET, measured and by the tables."""
    axes.errorbar(
        memory.pulses, memory.mean / MICRO, memory.error / MICRO,
        fmt="o", color=MEASURED, ms=3, lw=0.8, label="measured \N{PLUS-MINUS SIGN} standard error",
    )  # fmt: skip
    axes.plot(
        memory.pulses,
        memory.fitted / MICRO,
        color=SIMULATED,
        lw=1.4,
        ls=(0, (5, 2)),
        label="tables",
    )
    axes.axhline(0, color=BLACK, lw=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    axes.set_xlabel("partial-SET pulses since the last RESET")
    axes.set_ylabel("mean step (µS)")


def draw_distributions(axes: Axes, levels: Sequence[Level]) -> list[Artist]:
    """Draw measured and fitted distributions of the step at several conductances."""
    for level, colour in zip(levels, LEVEL_COLOURS, strict=False):
        name = f"{level.low / MICRO:.3g}-{level.high / MICRO:.3g} µS"
        steps, fitted = level.measured / MICRO, level.fitted / MICRO
        share = 100 * np.arange(1, len(steps) + 1) / len(steps)
        axes.step(steps, share, where="post", color=colour, lw=3, alpha=0.4, label=name)
        if fitted.size:
            share = np.linspace(0, 1, MOST_POINTS)
            axes.plot(np.quantile(fitted, share), 100 * share, color=BLACK, lw=1, ls=(0, (5, 2)))
    steps = np.concatenate([each for level in levels for each in (level.measured, level.fitted)])
    ends = np.quantile(steps, SHOWN_STEPS) / MICRO
    room = 0.04 * float(np.ptp(ends)) or 0.1
    axes.set_xlim(ends[0] - room, ends[1] + room)
    axes.set_ylim(0, 100)
    axes.set_xlabel("change by one pulse (µS)")
    axes.set_ylabel("steps at or below (%)")
    return [Line2D([], [], color=BLACK, lw=1, ls=(0, (5, 2)), label="fitted")]


def draw_fits(axes: Axes, means: MeanSteps, fits: Sequence[Fit]) -> None:
    """Draw the mean step against conductance, with its error, and all fits to it."""
    axes.errorbar(
        means.conductance / MICRO, means.mean / MICRO, means.error / MICRO,
        fmt="o", color=BLACK, ms=3, lw=0.8, label="mean \N{PLUS-MINUS SIGN} standard error",
    )  # fmt: skip
    for number, fit in enumerate(fits):
        colour, dashes = _look_of(number)
        axes.plot(fit.x / MICRO, fit.y / MICRO, color=colour, ls=dashes, lw=1.4, label=fit.law)
    axes.axhline(0, color=BLACK, lw=0.5)
    axes.set_xlabel("conductance before the pulse (µS)")
    axes.set_ylabel("mean step (µS)")


def draw_residuals(axes: Axes, means: MeanSteps, fits: Sequence[Fit]) -> None:
    """Draw by how many standard errors the measured mean step deviates from each fit."""
    axes.axhspan(-2, 2, color=LIGHT_GREY, alpha=0.35, lw=0)
    axes.axhline(0, color=BLACK, lw=0.5)
    for number, fit in enumerate(fits):
        colour, dashes = _look_of(number)
        residual = means.mean - np.interp(means.conductance, fit.x, fit.y)
        deviation = residual / means.error
        axes.plot(
            means.conductance / MICRO, deviation, color=colour, ls=dashes, lw=0.9,
            marker=FIT_MARKERS[number % len(FIT_MARKERS)], ms=3, label=fit.law,
        )  # fmt: skip
    axes.set_xlabel("conductance before the pulse (µS)")
    axes.set_ylabel("measured less fit (standard errors)")


def draw_fitted_course(
    axes: Axes, measured: tuple[Floats, Floats, Floats], fit: Fit, label: str
) -> None:
    """Draw the mean course (pulses; mean and standard error in S) and its exponential."""
    pulses, mean, error = measured
    low, high = (mean - 2 * error) / MICRO, (mean + 2 * error) / MICRO
    axes.fill_between(
        pulses, low, high, color=MEASURED, alpha=0.25, lw=0, label="2 standard errors"
    )
    axes.plot(pulses, mean / MICRO, color=MEASURED, label="measured mean")
    axes.plot(fit.x, fit.y / MICRO, color=SIMULATED, ls=(0, (5, 2)), label=fit.law)
    count_pulses(axes, mean[None, :], label)
    axes.set_xlim(0, pulses[-1])


def _look_of(number: int) -> tuple[str, Any]:
    return FIT_COLOURS[number % len(FIT_COLOURS)], FIT_DASHES[number % len(FIT_DASHES)]


def draw_shares(axes: Axes, rows: Sequence[tuple[str, float, float]]) -> None:
    """Draw shares (0 to 1) of the variance from pulse to pulse and between devices as bars."""
    places = np.arange(len(rows))[::-1]
    pulse = 100 * np.array([row[1] for row in rows])
    device = 100 * np.array([row[2] for row in rows])
    axes.barh(places, pulse, 0.6, color=BLUE, label="pulse to pulse")
    axes.barh(places, device, 0.6, pulse, color=ORANGE, label="device to device")
    for place, one, other in zip(places, pulse, device, strict=True):
        for left, share, colour in ((0, one, "white"), (one, other, BLACK)):
            if share >= 8:
                axes.text(
                    left + share / 2, place, f"{share:.0f} %", ha="center", va="center",
                    color=colour, fontsize=8,
                )  # fmt: skip
    axes.set_yticks(places, [row[0] for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the variance of a step (%)")


def draw_some(axes: Axes, traces: Traces) -> None:
    """Draw single devices one by one, with the gaps where readings are missing."""
    read = np.isfinite(traces.conductance).sum(axis=1)
    chosen = np.flatnonzero(read >= 2)
    chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, SOME_DEVICES).astype(int))]
    for device, colour in zip(chosen, DEVICE_COLOURS, strict=False):
        trace = traces.conductance[device] / MICRO
        axes.plot(
            trace, color=colour, lw=0.9, marker=".", ms=2, label=_short(traces.devices[device])
        )


def _short(name: str) -> str:
    return (
        name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
    )


def draw_ranges(axes: Axes, scale: Floats, spread: float) -> None:
    """Draw how the ranges of the devices are distributed, and the normal that is drawn from."""
    shown = np.sort(scale)
    share = 100 * np.arange(1, len(shown) + 1) / len(shown)
    axes.step(shown, share, where="post", color=MEASURED, label="estimated, drawn towards 1")
    if spread > 0:
        probability = np.arange(1, 200) / 200
        drawn = np.maximum(1 + spread * normal_quantile(probability), NARROWEST_RANGE)
        axes.plot(drawn, 100 * probability, color=SIMULATED, ls=(0, (5, 2)), label="simulated")
    axes.set_ylim(0, 100)
    axes.set_xlabel("range of a device over the nominal one")
    axes.set_ylabel("devices at or below (%)")
