"""The volatile element beside a pair: a charge that is pulsed, leaks, and takes what is left."""

from collections import Counter
from dataclasses import dataclass

from pcmsim.kernels.layer import VolatileElement
from tests.twin.device import F, draw_between
from tests.twin.philox import Address, Purpose

HALF = F(0.5)
LEAK_INTERVAL = 100


@dataclass
class Element:
    """A capacitor; its charge has the sign that its weight has."""

    nominal: VolatileElement
    address: Address
    events: Counter[str]
    charge: F
    worth: F
    up: F
    down: F

    @property
    def weight(self) -> F:
        """What it adds to the weight of its synapse."""
        return self.worth * self.charge

    def program(self, upwards: bool, pulses: int, step: int) -> None:
        """Move the weight up or down by some pulses."""
        transfers = step // self.nominal.interval
        inverted = self.nominal.inverts and transfers % 2 == 1
        self.events["pulses under inverted polarity"] += pulses * inverted
        for n in range(pulses):
            word = self.address.word(Purpose.CHARGE, step, n)
            stored = -self.charge if inverted else self.charge
            stored = self._stepped(stored, upwards != inverted, word)
            self.charge = -stored if inverted else stored

    def _stepped(self, stored: F, upwards: bool, word: int) -> F:
        """Return the charge on the capacitor itself after a step up or down."""
        tables, place = self.nominal.tables, HALF + stored
        jumps = tables.set_jumps[0] if upwards else tables.reset_jumps
        position = (place - tables.g_min) * tables.cells_per_siemens
        after = place + (self.up if upwards else self.down) * draw_between(jumps, position, word)
        self.events["charges clipped"] += not tables.g_min <= after <= tables.g_max
        self.events["steps of charge"] += 1
        return min(max(after, tables.g_min), tables.g_max) - HALF

    def leak(self) -> None:
        """Lose what is lost in so many examples."""
        self.charge *= self.nominal.kept
        self.events["leaks"] += 1

    def keep(self, weight: F) -> None:
        """Take up as much of a weight as there is room for."""
        self.charge = min(max(weight / self.worth, -HALF), HALF)
        self.events["charges full after a transfer"] += abs(self.charge) == HALF
