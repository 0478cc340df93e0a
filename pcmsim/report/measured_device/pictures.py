"""Which pictures the report on an imported device has, and what is said about each."""

from collections.abc import Callable
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from pcmsim.report.measured_device import panels
from pcmsim.report.measured_device.figures import Picture
from pcmsim.report.measured_device.numbers import Memory, Side
from pcmsim.report.measured_device.story import Story, Trains
from pcmsim.traces.estimating.fits import mean_course, mean_steps
from pcmsim.traces.traces import UP, Floats

# Gong et al., Nature Comm. 9:2102, 2018: shares of the variance over 1,000 devices (published).
GONG = ("PCM, Gong et al. 2018", 0.67, 0.33)

Draw = Callable[[Axes], list[Artist]]


def truth_pictures(story: Story) -> list[Picture]:
    """Return measured and simulated traces over each other and side by side."""
    pictures = []
    for side in story.sides:
        if side.pulse in story.trains:
            trains = story.trains[side.pulse]
            make = _courses if trains.is_course else _after
            pictures += make(side, trains)
    return pictures


def _courses(side: Side, trains: Trains) -> list[Picture]:
    name = f"{side.name} pulses in a row"
    limits = panels.limits_of(trains.measured, trains.simulated)

    def scaled(draw: Callable[[Axes], None]) -> Draw:
        def both(axes: Axes) -> list[Artist]:
            draw(axes)
            panels.count_pulses(axes, trains.measured, name)
            axes.set_ylim(*limits)
            return []

        return both

    title = _sentence(side.name)
    return [
        Picture(
            f"{title}: measured and simulated",
            f"Bold: means. Bands: 80 % of readings, from 10 to 90 %. Thin: up to "
            f"{panels.MOST_OVERLAID} single traces of each.",
            scaled(partial(_overlaid, trains)),
        ),
        Picture(
            f"{title}: measured alone",
            f"{_count(trains.measured, panels.MOST_LINES)} measured traces.",
            scaled(partial(_alone, trains.measured, panels.MEASURED, "measured")),
        ),
        Picture(
            f"{title}: simulated alone",
            f"{_count(trains.simulated, panels.MOST_LINES)} simulated traces.",
            scaled(partial(_alone, trains.simulated, panels.SIMULATED, "simulated")),
        ),
    ]


def _overlaid(trains: Trains, axes: Axes) -> None:
    panels.draw_overlaid(axes, trains.measured, trains.simulated)


def _alone(traces: Floats, colour: str, name: str, axes: Axes) -> None:
    panels.draw_alone(axes, traces, colour, name)


def _after(side: Side, trains: Trains) -> list[Picture]:
    def draw(axes: Axes) -> list[Artist]:
        panels.draw_after(axes, trains.measured[:, 1], trains.simulated[:, 1], f"a {side.name}")
        return []

    title = f"{_sentence(side.name)}: what it leaves"
    caption = f"Conductance just after a {side.name}, measured and simulated, cumulative."
    return [Picture(title, caption, draw)]


def trace_pictures(story: Story) -> list[Picture]:
    """Return the measured traces as a whole, and some of them."""
    traces = story.device.traces.conductance

    def all_of_them(axes: Axes) -> list[Artist]:
        panels.draw_alone(axes, traces, panels.MEASURED, "all devices")
        panels.count_pulses(axes, traces, "pulses of any kind since the first reading")
        axes.set_ylim(*panels.limits_of(traces))
        return []

    def some(axes: Axes) -> list[Artist]:
        panels.draw_some(axes, story.device.traces)
        panels.count_pulses(axes, traces, "pulses of any kind since the first reading")
        axes.set_ylim(*panels.limits_of(traces))
        return []

    return [
        Picture(
            "All devices",
            f"{_count(traces, panels.MOST_LINES)} traces; bold: mean; band: 10 to 90 %.",
            all_of_them,
        ),
        Picture("Single devices", "Some devices one by one; gaps are missing readings.", some),
    ]


def table_pictures(story: Story) -> list[Picture]:
    """Return the tables over the density of the steps that they were made from."""
    memory = story.memory
    pictures = []
    for side in story.sides:
        if memory is None or side.pulse != UP:
            pictures.append(_table_picture(side, ""))
        else:
            pictures.append(_table_picture(memory.first, ", first after a RESET"))
            pictures.append(_table_picture(memory.last, ", long after a RESET"))
            pictures.append(_memory_picture(memory))
    return pictures


def _table_picture(side: Side, when: str) -> Picture:
    return Picture(
        f"{_sentence(side.name)}{when}: table and measured steps",
        f"Shades: {len(side.steps.change):,} measured steps. Lines: quantiles of the table. "
        f"{_filled(side)}",
        partial(_table, side),
    )


def _memory_picture(memory: Memory) -> Picture:
    last = int(memory.pulses[-1])
    return Picture(
        f"{_sentence(memory.first.name)}: mean step and pulses since RESET",
        "Steps begin at higher conductances after more pulses: that is in both. The point at "
        f"{last:,} stands for {last:,} pulses and more.",
        _drawn(partial(panels.draw_memory, memory=memory)),
    )


def _table(side: Side, axes: Axes) -> list[Artist]:
    return panels.draw_table(axes, side)


def _filled(side: Side) -> str:
    filled = int(np.count_nonzero(side.table.filled))
    if not filled:
        return "No row of the table had to be filled."
    return (
        f"Hatched: {filled} of {len(side.table.filled)} rows that had too few steps and are "
        "filled from their neighbours."
    )


def distribution_pictures(story: Story) -> list[Picture]:
    """Return measured and fitted distributions of steps."""
    return [
        Picture(
            f"{_sentence(side.name)}: distribution of steps",
            "Bold: measured, by the conductance before the pulse. Dashed: simulated by the table.",
            partial(_distributions, side),
        )
        for side in story.sides
        if side.levels
    ]


def _distributions(side: Side, axes: Axes) -> list[Artist]:
    return panels.draw_distributions(axes, side.levels)


def fit_pictures(story: Story) -> list[Picture]:
    """Return the mean steps with their fits, and what these leave unexplained."""
    pictures = []
    for side in story.sides:
        means, fits = mean_steps(side.table), story.fits.get(side.pulse, ())
        if fits:
            title = _sentence(side.name)
            pictures += [
                Picture(
                    f"{title}: mean step and fits",
                    "Dots: means of the steps that begin nearest to each conductance.",
                    _drawn(partial(panels.draw_fits, means=means, fits=fits)),
                ),
                Picture(
                    f"{title}: what the fits leave",
                    "Grey: within two standard errors, where 95 % should be if a law holds.",
                    _drawn(partial(panels.draw_residuals, means=means, fits=fits)),
                ),
            ]
        if side.pulse in story.courses:
            pictures.append(_course(story, side))
    return pictures


def _course(story: Story, side: Side) -> Picture:
    measured = mean_course(story.device.traces, side.pulse)
    fit = story.courses[side.pulse]
    label = f"{side.name} pulses in a row"
    return Picture(
        f"{_sentence(side.name)}: mean course and its exponential",
        "NeuroSim's formula, fitted to the mean of the devices' first trains.",
        _drawn(partial(panels.draw_fitted_course, measured=measured, fit=fit, label=label)),
    )


def variance_pictures(story: Story) -> list[Picture]:
    """Return the shares of the variance, and the ranges of the devices."""
    device = story.device.estimate
    rows = [
        (side.name, 1 - shares.device_share, shares.device_share)
        for side in story.sides
        if (shares := device.set_variance if side.pulse == UP else device.reset_variance)
    ]

    def ranges(axes: Axes) -> list[Artist]:
        panels.draw_ranges(axes, device.scale, device.range_spread)
        return []

    return [
        Picture(
            "Where the variance comes from",
            "Read noise is taken out. Gong et al.: published, over 1,000 devices.",
            _drawn(partial(panels.draw_shares, rows=[*rows, GONG])),
        ),
        Picture(
            "Ranges of the devices",
            f"Estimated range of each of {len(device.scale):,} devices, over the nominal one.",
            ranges,
        ),
    ]


def main_pictures(story: Story) -> list[Picture]:
    """Return the pictures of the one figure that shows the most important."""
    truth = truth_pictures(story)
    by_title = {picture.title: picture for picture in truth if "alone" not in picture.title}
    return [
        *by_title.values(),
        *table_pictures(story),
        *distribution_pictures(story),
        *(one for one in fit_pictures(story) if "mean step" in one.title),
    ]


def _drawn(draw: Callable[[Axes], None]) -> Draw:
    def drawn(axes: Axes) -> list[Artist]:
        draw(axes)
        return []

    return drawn


def _sentence(name: str) -> str:
    return name[0].upper() + name[1:]


def _count(traces: Floats, most: int) -> str:
    return f"{len(traces):,}" if len(traces) <= most else f"{most} of {len(traces):,}"
