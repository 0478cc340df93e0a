"""What a reader should know of an estimate: what was assumed, and what could not be told."""

import numpy as np

from pcmsim.traces.estimating.limits import FEWEST_READINGS, Limits
from pcmsim.traces.estimating.pulse_count import LONGEST, UNKNOWN, pulses_since_reset
from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.traces import UP, Traces

# A mean step at the top above this part of the largest one: trains ended before saturation.
SATURATED_BELOW = 0.1


def notes_on_tables(
    traces: Traces,
    set_table: PulseTable,
    reset_table: PulseTable,
    measured: bool,
    abrupt: bool,
    limits: Limits | None,
) -> list[str]:
    """Return what was assumed of pulses down, filled in or cut short."""
    notes = []
    if not measured:
        notes.append(
            "no pulses down were measured: an abrupt RESET to the bottom of the measured range is "
            "assumed, with the spread of the first readings"
        )
    if limits is not None:
        notes.append(
            f"{limits.seen.sum()} of {limits.seen.size} devices were held at an upper limit, where "
            f"at least {FEWEST_READINGS} readings agree: there their range ends; that of the "
            "others follows from their steps and their highest reading"
        )
    elif set_table.mean[-1] > SATURATED_BELOW * np.abs(set_table.mean).max():
        notes.append(
            "steps up at the top of the range are still "
            f"{100 * set_table.mean[-1] / np.abs(set_table.mean).max():.0f} % of the largest: "
            "trains ended before saturation, and the range of the device ends where they did"
        )
    tables = {"up": set_table, **({"down": reset_table} if measured else {})}
    for name, table in tables.items():
        if table.filled.any():
            notes.append(
                f"steps {name}: {table.filled.sum()} of {table.filled.size} conductances had too "
                "few samples of their own and were filled from their neighbours"
            )
    if abrupt and measured and reset_table.filled.all():
        notes.append("there are few RESETs: where they lead to is taken to be the same everywhere")
    if len(traces.devices) < 3:
        notes.append("fewer than 3 devices: nothing can be said about how devices differ")
    return notes


def notes_on_ranges(told: bool, span: float) -> list[str]:
    """Return why nothing is known of how ranges differ, unless it is ``told``."""
    if told:
        return []
    return [
        f"devices were seen on {100 * span:.2g} % of the range, in the median: how ranges differ "
        "from device to device cannot be told, and any difference is taken for one of step size"
    ]


def notes_of_memory(traces: Traces, early: list[PulseTable], late: PulseTable) -> list[str]:
    """Return how steps depend on the pulses since RESET; nothing if they do not."""
    if not early:
        return []
    notes = [
        f"steps up depend on the partial SETs since the last RESET: there are {len(early)} tables "
        f"for the first {len(early)} pulses and one for all that follow; "
        + _first_and_late(early[0], late),
        "pulses are counted from each RESET, and from the beginning of each trace that begins in "
        "the lowest fifth of the range",
    ]
    past = pulses_since_reset(traces)[:, :-1]
    unknown = int(((past == UNKNOWN) & (traces.pulse[:, 1:] == UP)).sum())
    if unknown:
        notes.append(
            f"{unknown} pulses up came fewer than {LONGEST} after a beginning further up or a gap: "
            "how many pulses came since the last RESET is unknown, and they are left out"
        )
    return notes


def _first_and_late(first: PulseTable, late: PulseTable) -> str:
    """Compare steps from where most were seen of both kinds, or else of each."""
    seen = np.minimum(first.samples, late.samples)
    place = int(np.argmax(seen))
    if seen[place]:
        return (
            f"from {1e6 * late.conductance[place]:.3g} uS the first step is {_step(first, place)}, "
            f"one long after {_step(late, place)}"
        )
    low, high = int(np.argmax(first.samples)), int(np.argmax(late.samples))
    return (
        f"the first step, from {1e6 * first.conductance[low]:.3g} uS, is {_step(first, low)}, one "
        f"long after, from {1e6 * late.conductance[high]:.3g} uS, {_step(late, high)}; no "
        "conductance was seen both right after a RESET and long after one"
    )


def _step(table: PulseTable, place: int) -> str:
    return f"{1e6 * table.mean[place]:.3g} +- {1e6 * table.spread[place]:.2g} uS"
