"""Plain sentences: how a file was understood, and what was repaired or left out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.reading import clean
from pcmsim.traces.reading.layout import Layout
from pcmsim.traces.reading.order import Order
from pcmsim.traces.reading.units import shown
from pcmsim.traces.traces import DOWN, START, UP, Traces

Kinds = NDArray[np.int8]

MOST_NAMES = 5


def of_layout(layout: Layout) -> list[str]:
    """Say how the columns were understood."""
    readings = layout.readings
    if not layout.is_wide:
        notes = [f"Long form: one reading a row, in {_column(readings[0].name)}."]
    elif len(readings) == 1:
        notes = [f"One device, in {_column(readings[0].name)}."]
    else:
        notes = [f"Wide form: one column for each of {len(readings)} devices."]
    if layout.left_out:
        notes.append(f"Columns that are not used: {listed(layout.left_out)}.")
    return notes


def of_order(order: Order, by_cycle: bool) -> list[str]:
    """Say what was done to the order of rows."""
    notes = []
    if order.sorted_groups:
        what = "train" if by_cycle else "device"
        notes.append(
            f"Pulse numbers of {counted(order.sorted_groups, what)} were out of order: sorted."
        )
    if order.dropped:
        notes.append(f"{counted(order.dropped, 'row')} came twice: kept once.")
    if order.restarts:
        notes.append(
            f"Pulse numbers start anew {counted(order.restarts, 'time')}: a new train begins there."
        )
    if order.late:
        notes.append(
            f"First readings of {counted(order.late, 'train')} are missing: others begin with "
            "lower pulse numbers."
        )
    if order.step != 1:
        notes.append(
            f"Readings are {order.step:g} pulses apart: a step stands for {order.step:g} pulses."
        )
    if order.leaps:
        apart = "1 pulse" if order.step == 1 else f"{order.step:g} pulses"
        notes.append(
            f"Pulse numbers leap {counted(order.leaps, 'time')}: only the other {order.steps} "
            f"readings, {apart} after the one before, show a step; readings in between are missing."
        )
    return notes


def of_shape(kinds: Kinds, pulse: Kinds) -> str:
    """Say how pulses were understood whose kinds the file does not tell."""
    trains = int(((kinds == START) & (pulse != START)).sum())
    fallen = int((kinds == DOWN).sum())
    told = "The file tells no kinds of pulses: they step up"
    if fallen:
        told += f", except for {fallen} on long ways down, which step down"
    if trains:
        told += f"; {counted(trains, 'sharp fall')} to the bottom, each a RESET before a new train"
    return f"{told}."


def of_outliers(count: int) -> list[str]:
    """Say how many readings were dropped as outliers."""
    if not count:
        return []
    return [
        f"{counted(count, 'outlier')} dropped: further than {clean.FAR:g} times the noise from "
        "both neighbours, which agree."
    ]


def of_below_zero(count: int) -> list[str]:
    """Say how many readings were set to zero."""
    if not count:
        return []
    share = 100 * clean.NOISE_AROUND_ZERO
    return [
        f"{counted(count, 'reading')} below zero, by at most {share:g} % of the highest, set to 0."
    ]


def of_broken(broken: clean.Broken, devices: Sequence[str]) -> list[str]:
    """Name devices that were dropped."""
    return [
        f"{counted(which.size, 'broken device')} dropped ({why}): {_named(which, devices)}."
        for which, why in _reasons(broken)
    ]


def why_broken(broken: clean.Broken, devices: Sequence[str]) -> str:
    """Return why devices are broken, for a message that refuses them."""
    return "; ".join(
        f"{which.size} {why} ({_named(which, devices)})" for which, why in _reasons(broken)
    )


def _reasons(broken: clean.Broken) -> list[tuple[NDArray[np.int64], str]]:
    reasons = [
        (broken.too_few, "fewer than two readings"),
        (broken.stuck, "stuck: all readings are the same"),
        (broken.weak, f"span less than {100 * clean.RESPONSE:g} % of what others do"),
        (broken.restless, "jump about instead of answering pulses"),
    ]
    return [(which, why) for which, why in reasons if which.size]


def _named(which: NDArray[np.int64], devices: Sequence[str]) -> str:
    return listed([devices[n] for n in which])


def listed(names: Sequence[str]) -> str:
    """Return a few names, and how many there are beyond."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def facts_of(traces: Traces, unit: str) -> dict[str, int | float | str]:
    """Return the numbers that describe traces."""
    there = np.isfinite(traces.conductance)
    kinds = {kind: int(((traces.pulse == kind) & there).sum()) for kind in (UP, DOWN, START)}
    return {
        "devices": len(traces.devices),
        "readings": int(there.sum()),
        "unit": unit,
        "lowest": float(np.fmin.reduce(traces.conductance, axis=None)),
        "highest": float(np.fmax.reduce(traces.conductance, axis=None)),
        "pulses_up": kinds[UP],
        "pulses_down": kinds[DOWN],
        "trains": kinds[START],
    }


def facts_text(facts: dict[str, int | float | str]) -> list[tuple[str, str]]:
    """Return the same as names and words."""
    low, high = float(facts["lowest"]), float(facts["highest"])
    return [
        ("devices", f"{facts['devices']}, {facts['broken_devices']} broken ones dropped"),
        ("readings", f"{facts['readings']} in {facts['unit']}, {facts['missing']} missing"),
        ("dropped", f"{facts['outliers']} outliers, {facts['repeated_rows']} repeated rows"),
        ("conductance", f"{shown(low, 'S')} to {shown(high, 'S')}"),
        (
            "pulses",
            f"{facts['pulses_up']} up, {facts['pulses_down']} down, {facts['trains']} readings "
            "that begin a train",
        ),
    ]


def _column(name: str) -> str:
    return name if name.startswith("column ") else f"column {name}"


def counted(count: int, what: str) -> str:
    """Return a number of things, such as ``3 rows``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
