"""How a device answers pulses: what a device paper shows of its device.

From left to right: the conductance of many simulated devices in the course of a pulse train,
the step against the conductance it starts from, and what a RESET leaves.
"""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from pcmsim.array.response import Response, noise_free_response, simulate_response
from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import conductance_grid, mean_step, spread_of_step, tabulate
from pcmsim.errors import UserError
from pcmsim.kernels.layer import Array, DeviceTables
from pcmsim.report.device.steps import (
    pulses_to_saturation,
    residue_quantiles,
)
from pcmsim.report.plain_text import MICRO
from pcmsim.report.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    VERMILLION,
    house_style,
    key_of,
    letter,
    new_figure,
    set_heading,
)

DEVICES = 1000
TRACES = 4
# The train goes on beyond saturation, to so many times the pulses that lead there.
PULSES_OVER_SATURATION = 1.6
RESIDUE_BINS = 40
# Above the steps, as part of the height they take.
ROOM_FOR_LEGEND = 0.25


def device_figure(settings: Settings) -> Figure:
    """Draw the response of the device that the settings describe.

    Raises:
        UserError: the settings have exact numbers for weights, or a file that the device needs
            cannot be used.
    """
    device = settings.device
    if isinstance(device, FloatDevice):
        raise UserError("device.kind: float has no device whose response could be drawn")
    tables = tabulate(build_model(device))
    saturation = pulses_to_saturation(noise_free_response(tables))
    pulses = math.ceil(PULSES_OVER_SATURATION * saturation)
    response = simulate_response(device, pulses, DEVICES, settings.seed)
    with house_style():
        figure = new_figure(6.0 if tables.bidirectional else 7.2, 2.8)
        if tables.bidirectional:
            course, step = figure.subplots(1, 2, width_ratios=[1.35, 1])
        else:
            course, step, residue = figure.subplots(1, 3, width_ratios=[1.35, 1, 0.8])
            _draw_residue(residue, tables)
        _draw_course(course, response)
        _draw_step(step, tables)
        set_heading(figure, f"{device.kind} device", key=key_of(course))
    return figure


def _draw_course(axes: Axes, response: Response) -> None:
    """Draw mean, spread and single devices against the number of pulses."""
    conductance = response.conductance / MICRO
    mean, spread = conductance.mean(axis=0), conductance.std(axis=0)
    axes.plot(response.pulses, mean, color=BLUE, zorder=3, label="mean")
    axes.fill_between(
        response.pulses, mean - spread, mean + spread,
        color=BLUE, alpha=0.2, lw=0, label="\N{PLUS-MINUS SIGN} 1 standard deviation",
    )  # fmt: skip
    for number, trace in enumerate(conductance[:TRACES]):
        label = "single devices" if number == 0 else None
        axes.plot(response.pulses, trace, color=GREY, lw=0.5, label=label)
    axes.set_xlim(0, response.pulses[-1])
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set_ylabel("conductance (µS)")
    if response.pulses[-1] > response.pulses_up:
        axes.set_xlabel(f"pulses: {response.pulses_up:,} up, then as many down")
    else:
        axes.set_xlabel("partial-SET pulses after a RESET")
    letter(axes, 0, f"response of {len(conductance):,} devices")


def _draw_step(axes: Axes, tables: DeviceTables) -> None:
    """Draw mean and spread of the steps against conductance, as the jump tables have them."""
    if tables.bidirectional:
        _draw_one_step(axes, tables, tables.set_jumps[-1], BLUE, "up")
        _draw_one_step(axes, tables, tables.reset_jumps, VERMILLION, "down")
    elif len(tables.set_jumps) > 1:
        _draw_one_step(axes, tables, tables.set_jumps[0], VERMILLION, "just after a RESET")
        _draw_one_step(axes, tables, tables.set_jumps[-1], BLUE, "long after")
    else:
        _draw_one_step(axes, tables, tables.set_jumps[-1], BLUE)
    axes.axhline(0, color=BLACK, lw=0.5)
    axes.set_xlim(0, float(tables.g_max) / MICRO)
    axes.set_xlabel("conductance (µS)")
    axes.set_ylabel("step per pulse (µS)")
    if key_of(axes):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + ROOM_FOR_LEGEND * (high - low))
        axes.legend(loc="upper right")
    letter(axes, 1, "step")


def _draw_one_step(
    axes: Axes, tables: DeviceTables, jumps: Array, colour: str, name: str | None = None
) -> None:
    grid = conductance_grid(float(tables.g_min), float(tables.g_max)) / MICRO
    mean, spread = mean_step(jumps) / MICRO, spread_of_step(jumps) / MICRO
    axes.fill_between(grid, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0)
    axes.plot(grid, mean, color=colour, label=name)


def _draw_residue(axes: Axes, tables: DeviceTables) -> None:
    """Draw how the conductance after a RESET is distributed."""
    nodes = residue_quantiles(tables) / MICRO
    places = np.linspace(0, len(nodes) - 1, 4096)
    residues = np.interp(places, np.arange(len(nodes)), nodes)
    room = 0.1 * np.ptp(nodes) or 0.01 * float(tables.g_max) / MICRO
    limits = max(nodes.min() - room, 0.0), nodes.max() + room
    counts, edges = np.histogram(residues, RESIDUE_BINS, limits)
    axes.stairs(100 * counts / len(places), edges, fill=True, color=LIGHT_GREY)
    axes.stairs(100 * counts / len(places), edges, color=BLACK, lw=0.6)
    axes.set_xlim(*limits)
    axes.set_ylim(0)
    axes.set_xlabel("conductance (µS)")
    axes.set_ylabel("RESETs per bin (%)")
    letter(axes, 2, "after a RESET")
