"""All that the report on an imported device tells, found out before anything is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pcmsim.report.measured_device.numbers import Memory, Side, memory_of, sides_of
from pcmsim.report.measured_device.simulated import draw_scales, simulate_traces
from pcmsim.report.measured_device.trains import Course, course_of, trains_of
from pcmsim.traces.device_file import DeviceFile
from pcmsim.traces.estimating.fits import Fit, fit_steps, fit_trace
from pcmsim.traces.traces import Floats, Traces

SEED = 1
# Trains of fewer pulses have no course worth drawing: what they leave is shown instead.
SHORTEST_COURSE = 3
# Where the courses of measured and simulated trains are compared: parts of their length.
COMPARED_AT = (0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Trains:
    """Trains of one kind of pulse, measured and simulated: (trains, pulses + 1) S."""

    measured: Floats
    simulated: Floats

    @property
    def is_course(self) -> bool:
        """Whether they are long enough to have a course."""
        return self.pulses >= SHORTEST_COURSE

    @property
    def pulses(self) -> int:
        """The pulses of the longest train."""
        return int(self.measured.shape[1]) - 1

    def compared(self) -> list[tuple[int, Course, Course]]:
        """Return measured and simulated readings after some numbers of pulses."""
        places = sorted({max(round(part * self.pulses), 1) for part in COMPARED_AT})
        pairs = []
        for place in places:
            at = slice(place, place + 1)
            one, other = course_of(self.measured[:, at]), course_of(self.simulated[:, at])
            if one.pulses.size:
                pairs.append((place, one, other))
        return pairs


@dataclass(frozen=True)
class Story:
    """A device file, and what follows from it.

    Attributes:
        name: name of the device file, without its folder.
        device: what is in the file.
        simulated: traces of simulated devices under the measured pulses.
        sides: steps up and steps down, as far as they were measured.
        trains: trains of each kind of pulse; of those kinds only that were measured.
        fits: laws fitted to the mean steps of each kind of pulse.
        courses: exponentials fitted to the mean course of the first trains of each kind.
        memory: how steps depend on pulses since RESET; None for a device without memory.
    """

    name: str
    device: DeviceFile
    simulated: Traces
    sides: tuple[Side, ...]
    trains: Mapping[int, Trains]
    fits: Mapping[int, Sequence[Fit]]
    courses: Mapping[int, Fit]
    memory: Memory | None = None

    def named_fits(self) -> dict[str, Sequence[Fit]]:
        """Return all fits by the names of the pulses they are about."""
        named: dict[str, Sequence[Fit]] = {}
        for side in self.sides:
            course = self.courses.get(side.pulse)
            fits = [*self.fits.get(side.pulse, ()), *([course] if course else [])]
            if fits:
                named[side.name] = fits
        return named


def story_of(name: str, device: DeviceFile) -> Story:
    """Simulate a device, compare it with its measurement, and fit laws to it."""
    traces, estimate = device.traces, device.estimate
    scale = draw_scales(estimate, len(traces.devices), SEED)
    simulated = simulate_traces(traces, estimate, scale, SEED)
    sides = sides_of(traces, estimate)
    trains = {
        side.pulse: Trains(trains_of(traces, side.pulse), trains_of(simulated, side.pulse))
        for side in sides
    }
    return Story(
        name=name,
        device=device,
        simulated=simulated,
        sides=sides,
        trains={pulse: each for pulse, each in trains.items() if len(each.measured)},
        fits={side.pulse: fit_steps(estimate, side.pulse) for side in sides},
        courses={
            side.pulse: course for side in sides if (course := _course_of(traces, side, trains))
        },
        memory=memory_of(traces, estimate),
    )


def _course_of(traces: Traces, side: Side, trains: Mapping[int, Trains]) -> Fit | None:
    return fit_trace(traces, side.pulse) if trains[side.pulse].is_course else None


def range_of(traces: Traces) -> tuple[float, float]:
    """Return the lowest and the highest reading, S."""
    read = traces.conductance[np.isfinite(traces.conductance)]
    return float(read.min()), float(read.max())
