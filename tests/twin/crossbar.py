"""A crossbar of pairs of devices: reading it, programming it, making room in it."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from pcmsim.kernels.codes import HEALTHY, MINUS, PLUS, RESET_CYCLES, SET_CYCLES
from pcmsim.kernels.layer import DeviceTables, Layer, ReadNoise
from pcmsim.kernels.reset import OccasionalReset
from tests.twin.device import ZERO, Device, F, Life, draw
from tests.twin.philox import Address, Key, Purpose
from tests.twin.volatile import Element


@dataclass
class Pair:
    """Two devices, whose difference is the weight of a synapse or a part of it."""

    plus: Device
    minus: Device
    address: Address

    @property
    def difference(self) -> F:
        """G+ - G-, in S."""
        return self.plus.conductance - self.minus.conductance

    def variance(self, noise: ReadNoise) -> F:
        """Return the variance of the difference from read to read."""
        plus, minus = self.plus.deviation(noise), self.minus.deviation(noise)
        return plus * plus + minus * minus

    def program(self, upwards: bool, pulses: int, step: int, events: Counter[str]) -> None:
        """Move the weight up or down by some pulses."""
        raised, lowered = (self.plus, self.minus) if upwards else (self.minus, self.plus)
        raised.partial_set(*self._words(Purpose.SET, step, pulses))
        events["SET pulses"] += pulses
        if lowered.tables.bidirectional:
            lowered.depress(*self._words(Purpose.DEPRESSION, step, pulses))
            events["depressions"] += pulses

    def _words(self, purpose: Purpose, step: int, count: int) -> list[int]:
        return [self.address.word(purpose, step, number) for number in range(count)]

    def inspect(
        self, policy: OccasionalReset, step: int, events: Counter[str], charge: F = ZERO
    ) -> F | None:
        """RESET the pair if it has run full, and write its difference back, with a charge on top.

        Returns what was to be written, in S; None if there was no reason to write anything.
        """
        single = self.single if policy.fault_aware else None
        is_full = self._is_full(policy, single)
        if not is_full and abs(charge) <= policy.tolerance:
            return None
        events["transfers"] += abs(charge) > policy.tolerance
        wanted = self.difference + charge
        if is_full and single is not None:
            wanted = F(0.5) * wanted
            self._reset(single, policy, step, events)
            events["RESETs of single devices"] += 1
        elif is_full:
            self._reset(PLUS, policy, step, events)
            self._reset(MINUS, policy, step, events)
        side = PLUS if wanted - self.difference > 0 else MINUS
        self._write_back(side if single is None else single, wanted, policy, step, events)
        return wanted

    def _is_full(self, policy: OccasionalReset, single: int | None) -> bool:
        if single is not None:
            return bool(self._device(single).conductance > policy.larger_above)
        smaller, larger = sorted([self.plus.conductance, self.minus.conductance])
        return bool(larger > policy.larger_above and smaller > policy.smaller_above)

    @property
    def single(self) -> int | None:
        """The side of the device whose partner is faulty; None where both are healthy."""
        if self.plus.fault != HEALTHY:
            return MINUS
        return PLUS if self.minus.fault != HEALTHY else None

    def _device(self, side: int) -> Device:
        return self.plus if side == PLUS else self.minus

    def _reset(self, side: int, policy: OccasionalReset, step: int, events: Counter[str]) -> None:
        fails = self.address.word(Purpose.RESET, step, 2 + side) < policy.failures
        self._device(side).reset(self.address.word(Purpose.RESET, step, side), bool(fails))
        events["RESETs"] += 1

    def _write_back(
        self, side: int, wanted: F, policy: OccasionalReset, step: int, events: Counter[str]
    ) -> None:
        device, sign = self._device(side), F(1) if side == PLUS else F(-1)
        for n in range(policy.max_pulses):
            if sign * (wanted - self.difference) <= policy.tolerance:
                events["differences written back"] += n > 0
                return
            device.partial_set(self.address.word(Purpose.REPROGRAM, step, n))
            events["SET pulses"] += 1
        events["differences given up"] += 1


@dataclass
class Synapse:
    """One pair of devices, alone or with a volatile element; or several that take turns."""

    pairs: list[Pair]
    weight_per_siemens: F
    element: Element | None = None

    @property
    def weight(self) -> F:
        """What a read sees."""
        difference = self.pairs[0].difference
        for pair in self.pairs[1:]:
            difference = difference + pair.difference
        weight = self.weight_per_siemens * difference
        return weight if self.element is None else weight + self.element.weight

    def variance(self, noise: ReadNoise) -> F:
        """Return the variance of the weight from read to read."""
        total = self.pairs[0].variance(noise)
        for pair in self.pairs[1:]:
            total = total + pair.variance(noise)
        return self.weight_per_siemens * self.weight_per_siemens * total

    def program(self, upwards: bool, pulses: int, step: int, events: Counter[str]) -> None:
        """Move the weight up or down by some pulses, on the pair whose turn it is if on any."""
        if self.element is not None:
            self.element.program(upwards, pulses, step)
        else:
            self.pairs[step % len(self.pairs)].program(upwards, pulses, step, events)

    def inspect(self, policy: OccasionalReset, step: int, events: Counter[str]) -> None:
        """Make room in every pair that has run full; transfer a charge that is large."""
        if self.element is None:
            for pair in self.pairs:
                pair.inspect(policy, step, events)
            return
        (pair,) = self.pairs
        charge = self.element.weight / self.weight_per_siemens
        wanted = pair.inspect(policy, step, events, charge)
        if wanted is not None:
            self.element.keep(self.weight_per_siemens * (wanted - pair.difference))


class Crossbar:
    """One layer of the network: ``synapses[row][column]``, the last row being that of the bias."""

    def __init__(self, layer: Layer, tables: DeviceTables, key: Key, events: Counter[str]) -> None:
        """Copy what the arrays of a layer hold."""
        self.number = layer.number
        self.key = key
        self.events = events
        remembers = tables.memory > 1
        self.wears_out = layer.cycles.size > 0

        def life(place: tuple[int, int, int], kind: int) -> Life:
            if not self.wears_out:
                return Life()
            return Life(int(layer.cycles[place][kind]), int(layer.endurance[place][kind]))

        def device(row: int, column: int, side: int) -> Device:
            place = row, column, side
            return Device(
                tables=tables,
                events=events,
                conductance=layer.conductance[place],
                scale=layer.range_scale[place],
                step_scale=layer.step_scale[place] if layer.step_scale.size else F(1),
                fault=int(layer.fault[place]),
                pulses_since_reset=int(layer.pulses_since_reset[place]) if remembers else 0,
                sets=life(place, SET_CYCLES),
                resets=life(place, RESET_CYCLES),
                worn_code=int(layer.worn_code),
                worn_level=layer.worn_level,
            )

        def pair(row: int, column: int) -> Pair:
            return Pair(
                plus=device(row, column, PLUS),
                minus=device(row, column, MINUS),
                address=Address(key, layer.number, row, column),
            )

        def synapse(row: int, column: int) -> Synapse:
            first, together = column * int(layer.pairs_per_synapse), int(layer.pairs_per_synapse)
            pairs = [pair(row, first + k) for k in range(together)]
            return Synapse(pairs, layer.weight_per_siemens, element(row, column))

        def element(row: int, column: int) -> Element | None:
            if layer.volatile.size == 0:
                return None
            one = layer.volatile[row, column]
            address = Address(key, layer.number, row, column)
            return Element(
                layer.element, address, events, *(one[name] for name in layer.volatile.dtype.names)
            )

        rows, columns = layer.weight.shape
        self.synapses = [[synapse(row, column) for column in range(columns)] for row in range(rows)]

    def read_forward(self, x: list[F], noise: ReadNoise, purpose: Purpose, step: int) -> list[F]:
        """Return the current of every column, the rows being at the voltages ``x``."""
        columns = [list(synapses) for synapses in zip(*self.synapses, strict=True)]
        return self._read(columns, x, noise, purpose, step)

    def read_backward(self, delta: list[F], noise: ReadNoise, step: int) -> list[F]:
        """Return the current of every row but the bias, the columns being at ``delta``."""
        return self._read(self.synapses[:-1], delta, noise, Purpose.READ_BACKWARD, step)

    def _read(
        self,
        lines: list[list[Synapse]],
        voltages: list[F],
        noise: ReadNoise,
        purpose: Purpose,
        step: int,
    ) -> list[F]:
        """Add up the current of every line, synapse after synapse, and the noise of all of them."""
        currents = []
        for number, synapses in enumerate(lines):
            current = variance = F(0)
            for voltage, synapse in zip(voltages, synapses, strict=True):
                current += voltage * synapse.weight
                variance += voltage * voltage * synapse.variance(noise)
            # A sum of independent normal deviates is one normal deviate.
            word = Address(self.key, self.number, row=0, column=number).word(purpose, step)
            currents.append(current + F(math.sqrt(variance)) * draw(noise.normal, word))
        return currents

    def inspect(self, policy: OccasionalReset, step: int) -> None:
        """Make room in every pair that has run full, and transfer charges."""
        for synapse in self._all():
            synapse.inspect(policy, step, self.events)

    def leak(self) -> None:
        """Let the charges of volatile elements leak."""
        for synapse in self._all():
            if synapse.element is not None:
                synapse.element.leak()

    def charge(self) -> np.ndarray:
        """Return the charges of all volatile elements, shape (rows, columns); (0, 0) for none."""
        elements = [[synapse.element for synapse in row] for row in self.synapses]
        if elements[0][0] is None:
            return np.zeros((0, 0), np.float32)
        return np.array([[one.charge for one in row] for row in elements], np.float32)

    def conductance(self) -> np.ndarray:
        """Return all conductances, shape (rows, pairs of all columns, 2)."""
        return self._array(lambda device: device.conductance, np.float32)

    def pulses_since_reset(self) -> np.ndarray:
        """Return the pulses since the last RESET of all devices, shape (rows, columns, 2)."""
        return self._array(lambda device: device.pulses_since_reset, np.uint8)

    def fault(self) -> np.ndarray:
        """Return the fault codes of all devices, shape (rows, columns, 2)."""
        return self._array(lambda device: device.fault, np.uint8)

    def cycles(self) -> np.ndarray:
        """Return the SETs and RESETs that all devices have taken, shape (rows, columns, 2, 2).

        Nobody counts them, shape (0, 0, 0, 0), where devices do not wear out.
        """
        if not self.wears_out:
            return np.zeros((0, 0, 0, 0), np.uint32)
        return self._array(lambda device: (device.sets.cycles, device.resets.cycles), np.uint32)

    def weight(self) -> np.ndarray:
        """Return all weights, shape (rows, columns)."""
        return np.array([[synapse.weight for synapse in row] for row in self.synapses], np.float32)

    def _all(self) -> list[Synapse]:
        return [synapse for row in self.synapses for synapse in row]

    def _pairs(self) -> list[list[Pair]]:
        """Return the pairs of every row, those of a synapse beside each other."""
        return [[pair for synapse in row for pair in synapse.pairs] for row in self.synapses]

    def _array(self, value, dtype) -> np.ndarray:
        return np.array(
            [[[value(pair.plus), value(pair.minus)] for pair in pairs] for pairs in self._pairs()],
            dtype,
        )
