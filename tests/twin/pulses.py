"""How many pulses a cross-point receives for one example: sets of time slots."""

from dataclasses import dataclass

from pcmsim.config.section import per_layer
from pcmsim.config.settings import Update
from tests.twin.device import F


def upstream_slots(pulses: int, slots: int) -> set[int]:
    """Return the slots in which a train of pulses fires upstream: spread evenly."""
    return {(2 * k + 1) * slots // (2 * pulses) for k in range(pulses)}


def downstream_slots(pulses: int) -> set[int]:
    """Return the slots in which a train of pulses fires downstream: from the start."""
    return set(range(pulses))


@dataclass(frozen=True)
class Pulses:
    """The update rule of one layer."""

    slots: int
    crossbar: bool
    x_threshold: float
    pulse_threshold: float
    pulses_per_delta: F

    def at(self, x: F, delta: F) -> int:
        """Return the pulses where a row is at ``x`` and a column at ``delta``."""
        if not self.crossbar:
            return self.downstream(x * delta)
        return len(
            upstream_slots(self.upstream(x), self.slots) & downstream_slots(self.downstream(delta))
        )

    def upstream(self, x: F) -> int:
        """Return the pulses that a row fires: how many of ``slots`` equal steps |x| exceeds."""
        rising = [n / self.slots for n in range(self.slots)]
        thresholds = [F(self.x_threshold + (1 - self.x_threshold) * rise) for rise in rising]
        return sum(abs(x) > threshold for threshold in thresholds)

    def downstream(self, delta: F) -> int:
        """Return the pulses that a change of ``delta`` is worth: the first, then whole ones."""
        wanted = self.pulses_per_delta * abs(delta)
        return sum(wanted > F(self.pulse_threshold + n) for n in range(self.slots))


def pulses_per_layer(update: Update, pulses_per_delta: list[F]) -> list[Pulses]:
    """Return the update rule of every layer."""
    layers = len(pulses_per_delta)
    return [
        Pulses(update.slots, update.rule == "crossbar", *of_layer)
        for of_layer in zip(
            per_layer(update.x_threshold, layers),
            per_layer(update.pulse_threshold, layers),
            pulses_per_delta,
            strict=True,
        )
    ]
