"""One device, and one draw from the tables that describe it."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from pcmsim.kernels.layer import Array, DeviceTables

F = np.float32

QUANTILE_CELLS = 128
CONDUCTANCE_CELLS = 32


def draw(quantiles: Array, word: int) -> F:
    """Draw from the distribution with these quantiles: the one at ``word / 2**32`` of the way."""
    cell, rest = divmod(word, 2**32 // QUANTILE_CELLS)
    share = F(rest) * F(QUANTILE_CELLS / 2**32)
    return quantiles[cell] + share * (quantiles[cell + 1] - quantiles[cell])


def draw_between(table: Array, position: F, word: int) -> F:
    """Draw where ``position`` lies between two rows of a table, at the same share of both."""
    cell = min(max(int(position), 0), CONDUCTANCE_CELLS - 1)
    low, high = draw(table[cell], word), draw(table[cell + 1], word)
    return low + (position - F(cell)) * (high - low)


@dataclass
class Device:
    """A device of its own range, ``scale`` times the nominal one; a faulty one never changes."""

    tables: DeviceTables
    events: Counter[str]
    conductance: F
    scale: F
    healthy: bool
    pulses_since_reset: int

    def partial_set(self, word: int) -> None:
        """Take one partial-SET pulse."""
        if self._answers():
            self._step(self.tables.set_jumps[self.pulses_since_reset], word)
            self.pulses_since_reset = min(self.pulses_since_reset + 1, self.tables.memory - 1)

    def reset(self, word: int) -> None:
        """Take one RESET, which is a depression if the device is bidirectional."""
        if self._answers():
            self._step(self.tables.reset_jumps, word)
            self.pulses_since_reset = 0

    def _answers(self) -> bool:
        if not self.healthy:
            self.events["pulses on faulty devices"] += 1
        return self.healthy

    def _step(self, table: Array, word: int) -> None:
        """Change by a random step, seen from a device of nominal range, within the range."""
        nominal = self.conductance / self.scale
        position = (nominal - self.tables.g_min) * self.tables.cells_per_siemens
        nominal += draw_between(table, position, word)
        self.events["clips at the bottom"] += int(nominal < self.tables.g_min)
        self.events["clips at the top"] += int(nominal > self.tables.g_max)
        self.conductance = self.scale * min(max(nominal, self.tables.g_min), self.tables.g_max)
