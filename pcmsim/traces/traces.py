"""Readings of devices under trains of pulses, and the steps between them."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

# What was fired just before a reading.
START = 0
UP = 1
DOWN = -1


@dataclass(frozen=True)
class Traces:
    """The conductance of devices, read after every pulse.

    Attributes:
        devices: a name for each device.
        pulse: (devices, readings) int8, what was fired just before each reading: ``UP`` a partial
            SET or a step up, ``DOWN`` a RESET or a step down, ``START`` nothing that is known.
        conductance: (devices, readings) S; NaN where a reading is missing or was dropped, and
            after the end of a train that is shorter than others.
    """

    devices: tuple[str, ...]
    pulse: NDArray[np.int8]
    conductance: Floats


@dataclass(frozen=True)
class Steps:
    """Changes of conductance under single pulses of one kind.

    Attributes:
        device: (steps,) which device, as an index.
        reading: (steps,) which of its readings came before the pulse, as an index.
        before: (steps,) its conductance before the pulse, S.
        change: (steps,) by how much the pulse changed it, S.
    """

    device: NDArray[np.int64]
    reading: NDArray[np.int64]
    before: Floats
    change: Floats

    def take(self, chosen: Flags) -> "Steps":
        """Return some of the steps."""
        return Steps(*(getattr(self, field.name)[chosen] for field in fields(self)))


def repeated(traces: Traces, times: int) -> Traces:
    """Return traces several times over."""
    return Traces(
        traces.devices * times,
        np.tile(traces.pulse, (times, 1)),
        np.tile(traces.conductance, (times, 1)),
    )


def steps_of(traces: Traces, pulse: int) -> Steps:
    """Return all steps under one kind of pulse of which both readings are there."""
    before, after = traces.conductance[:, :-1], traces.conductance[:, 1:]
    device, reading = np.nonzero(
        (traces.pulse[:, 1:] == pulse) & np.isfinite(before) & np.isfinite(after)
    )
    start = before[device, reading]
    return Steps(device, reading, start, after[device, reading] - start)


def first_readings(traces: Traces) -> tuple[NDArray[np.int64], Floats]:
    """Return the devices that begin with a reading after no known pulse, and those readings (S)."""
    known = (traces.pulse[:, 0] == START) & np.isfinite(traces.conductance[:, 0])
    device = np.flatnonzero(known)
    return device, traces.conductance[device, 0]


def kinds_of(traces: Traces) -> list[int]:
    """Return which kinds of pulses were fired."""
    return [kind for kind in (UP, DOWN) if (traces.pulse[:, 1:] == kind).any()]
