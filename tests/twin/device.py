"""One device, its life, and one draw from the tables that describe it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pcmsim.kernels.codes import HEALTHY, OPEN, WORN
from pcmsim.kernels.layer import Array, DeviceTables, ReadNoise

F = np.float32
ZERO = F(0)
ONE = F(1)

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
class Life:
    """How many pulses of one kind a device has taken, and how many it endures."""

    cycles: int = 0
    endurance: int | None = None

    def ends_with_next(self) -> bool:
        """Count one more pulse; return whether the device does not survive it."""
        self.cycles += 1
        return self.cycles == self.endurance


@dataclass
class Device:
    """A device of its own range, ``scale`` times the nominal one; a faulty one never changes."""

    tables: DeviceTables
    events: Counter[str]
    conductance: F
    scale: F
    step_scale: F = ONE
    fault: int = HEALTHY
    pulses_since_reset: int = 0
    sets: Life = field(default_factory=Life)
    resets: Life = field(default_factory=Life)
    worn_code: int = WORN
    worn_level: F = ZERO

    def partial_set(self, *words: int) -> None:
        """Take a train of partial-SET pulses, one for each random word."""
        self._take(words, self._set_once, self.sets)

    def depress(self, *words: int) -> None:
        """Take a train of depression pulses, which only a bidirectional device knows."""
        self._take(words, self._reset_once, self.resets)

    def reset(self, word: int, fails: bool) -> None:
        """Take one RESET, which makes a healthy device forget all pulses before it.

        One that fails is a pulse all the same, but moves nothing.
        """
        if fails and self.fault == HEALTHY:
            self.events["RESETs that fail"] += 1
            if self.resets.ends_with_next():
                self._wear_out()
        else:
            self._take((word,), self._reset_once, self.resets)
            if self.fault == HEALTHY:
                self.pulses_since_reset = 0

    def deviation(self, noise: ReadNoise) -> F:
        """Return the standard deviation of a read: a device that carries no current has none."""
        if self.fault == OPEN:
            self.events["reads of open devices"] += 1
            return F(0)
        return noise.absolute + noise.relative * self.conductance

    def _take(self, words: tuple[int, ...], pulse: Callable[[F, int], F], life: Life) -> None:
        """Take a train of pulses as a device of nominal range would, and scale the outcome."""
        if self.fault != HEALTHY:
            self.events["pulses on faulty devices"] += len(words)
            return
        nominal = self.conductance / self.scale
        for word in words:
            if life.ends_with_next():
                self._wear_out()
                return
            nominal = pulse(nominal, word)
        if words:
            self.conductance = self.scale * nominal

    def _wear_out(self) -> None:
        self.events["worn out"] += 1
        self.fault = self.worn_code
        self.conductance = self.scale * self.worn_level
        self.pulses_since_reset = 0

    def _set_once(self, nominal: F, word: int) -> F:
        jumps = self.tables.set_jumps[self.pulses_since_reset]
        self.pulses_since_reset = min(self.pulses_since_reset + 1, self.tables.memory - 1)
        return self._after(jumps, nominal, word, self.step_scale)

    def _reset_once(self, nominal: F, word: int) -> F:
        """Take one step down, which is larger on some devices, or one abrupt RESET."""
        step_scale = self.step_scale if self.tables.bidirectional else ONE
        return self._after(self.tables.reset_jumps, nominal, word, step_scale)

    def _after(self, jumps: Array, nominal: F, word: int, step_scale: F) -> F:
        """Return the conductance after one random jump, kept within the nominal range."""
        lowest, highest = self.tables.g_min, self.tables.g_max
        position = (nominal - lowest) * self.tables.cells_per_siemens
        after = nominal + step_scale * draw_between(jumps, position, word)
        self.events["clips at the bottom"] += int(after < lowest)
        self.events["clips at the top"] += int(after > highest)
        return min(max(after, lowest), highest)
