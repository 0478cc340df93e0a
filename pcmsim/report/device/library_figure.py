"""The library of devices in one picture: how each of them answers a train of pulses."""

import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from pcmsim.array.response import Response, noise_free_response, simulate_response
from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.report.device.library import DeviceFacts
from pcmsim.report.device.steps import pulses_to_saturation
from pcmsim.report.plain_text import MICRO
from pcmsim.report.style import (
    BLUE,
    GREY,
    VERMILLION,
    house_style,
    key_of,
    new_figure,
    set_heading,
)

DEVICES = 200
TRACES = 3
COLUMNS = 4
# The train goes on beyond saturation, to so many times the pulses that lead there.
PULSES_OVER_SATURATION = 1.5
# Of the longest response a picture shows no more than this many pulses each way.
MOST_PULSES = 20_000
WIDTH, HEIGHT = 2.15, 1.6


def devices_figure(devices: list[tuple[DeviceFacts, Settings]]) -> Figure:
    """Draw the response of every device: mean, spread and single devices, up and down."""
    rows = math.ceil(len(devices) / COLUMNS)
    with house_style():
        figure = new_figure(WIDTH * COLUMNS, HEIGHT * rows + 0.4)
        panels = figure.subplots(rows, COLUMNS, squeeze=False)
        for panel, (facts, settings) in zip(panels.flat, devices, strict=False):
            _draw(panel, facts, _response(settings))
        for empty in list(panels.flat)[len(devices) :]:
            empty.set_visible(False)
        for left in panels[:, 0]:
            left.set_ylabel("conductance (µS)")
        for lowest in list(panels.flat)[max(len(devices) - COLUMNS, 0) : len(devices)]:
            lowest.set_xlabel("pulses")
        set_heading(figure, f"{len(devices)} devices: {DEVICES} of each, simulated", _key(panels))
    return figure


def _response(settings: Settings) -> Response:
    """Fire pulses until the device is full; where it has steps down, as many down."""
    device = settings.device
    assert not isinstance(device, FloatDevice)
    saturation = pulses_to_saturation(noise_free_response(tabulate(build_model(device))))
    pulses = min(math.ceil(PULSES_OVER_SATURATION * saturation), MOST_PULSES)
    return simulate_response(device, pulses, DEVICES, settings.seed)


def _draw(axes: Axes, facts: DeviceFacts, response: Response) -> None:
    conductance = response.conductance / MICRO
    mean, spread = conductance.mean(axis=0), conductance.std(axis=0)
    for trace in conductance[:TRACES]:
        axes.plot(response.pulses, trace, color=GREY, lw=0.4, label=_once(axes, "single devices"))
    turn = int(np.searchsorted(response.pulses, response.pulses_up)) + 1
    parts = [(slice(0, turn), BLUE, "mean and spread, up")]
    if facts.asymmetry is not None:
        parts.append((slice(turn - 1, None), VERMILLION, "down"))
    for part, colour, name in parts:
        low, high = mean[part] - spread[part], mean[part] + spread[part]
        axes.fill_between(response.pulses[part], low, high, color=colour, alpha=0.2, lw=0)
        axes.plot(response.pulses[part], mean[part], color=colour, label=name)
    axes.set_xlim(0, response.pulses[-1])
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.set_title(facts.name)


def _once(axes: Axes, name: str) -> str | None:
    """Return a name for the key, the first time."""
    return None if axes.lines else name


def _key(panels: Any) -> list[Artist]:
    """Return the longest key of all panels: that of a device with steps down."""
    return max((key_of(panel) for panel in panels.flat), key=len)
