"""What a judge searches: settings as coordinates, places to start from, and ways to go.

The numbers follow from the device as far as they can.  Learning rates are searched as the pulses
that a neuron asks for per unit of x and delta; what a pulse is worth comes from the device.
Thresholds of the RESET are parts of what the device reaches: the conductance at which its mean step
has shrunk to a tenth of that in mid-range.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import conductance_grid, mean_step, nominal_step, tabulate
from pcmsim.errors import UserError
from pcmsim.study.imperfections import changed
from pcmsim.study.judge.reference import IDEAL_RATES, RESET, WEIGHT_RANGE, Values
from pcmsim.study.judge.search import Direction, Place

# A step this small, over that in mid-range, is where a device is as good as full.
AT_REACH = 0.1
# Of the network of burr2014.yaml; its cell reaches so much of its range.
PULSES = (36.0, 3.0, 4.8)
REACH = 0.95
# Another RESET, rarer per device and more exact: open code, aihwkit's one-sided cell.
OTHER_RESET: Values = {
    "larger_above": 0.75,
    "smaller_above": 0.25,
    "tolerance": 0.05,
    "interval": 100,
}
# Parts of the way from the pulses of the one file to the rates of the other.
BLENDS = (0.0, 0.5, 1.0)
WIDER = (1.0, 2.5)
FASTER = (1.0, 0.4, 2.5)
# No start asks for more pulses, over those of the one file: they take time, and wear devices out.
MOST = max(FASTER)
# Beside the places that follow from these, so many at random about them.
RANDOM_STARTS = 36
SEED = 2014
# Intervals divide an epoch, so that it ends with an inspection as in the calibrated files.
SHORTEST_INTERVAL, LONGEST_INTERVAL = 20, 1000
# Writing back may take this part of the pulses that fill the device.
WRITING_BACK = 0.6
LEAST_WRITING_BACK, MOST_WRITING_BACK = 20, 10_000
MOST_FILLING = 100_000
DIGITS = 4


@dataclass(frozen=True)
class Free:
    """A number that is searched: by factors if ``by_factors``, else by differences."""

    low: float
    high: float
    by_factors: bool = True

    def coordinate(self, value: float) -> float:
        """Return the number as the search sees it; a step of 1 is a large one."""
        value = min(max(value, self.low), self.high)
        return math.log(value) if self.by_factors else 2 * value

    def value(self, coordinate: float) -> float:
        """Return the number that a coordinate stands for, kept within its range."""
        if not self.by_factors:
            return min(max(coordinate / 2, self.low), self.high)
        low, high = math.log(self.low), math.log(self.high)
        return math.exp(min(max(coordinate, low), high))


@dataclass(frozen=True)
class Yardstick:
    """What the settings take from the device; steps as parts of its highest conductance.

    Attributes:
        highest: that conductance, S.
        step: the mean step in mid-range.
        reach: where steps have become small; 1 if they do not.
        filling: noise-free pulses from empty to there.
        bidirectional: True if there is no RESET to set.
    """

    highest: float
    step: float
    reach: float
    filling: int
    bidirectional: bool


def yardstick_of(settings: Settings) -> Yardstick:
    """Return what the device tells about its settings.

    Raises:
        UserError: weights are exact numbers, a file that the device needs cannot be used, or
            steps in mid-range do not go up.
    """
    if isinstance(settings.device, FloatDevice):
        raise UserError("device.kind: float is no device that could be judged")
    tables = tabulate(build_model(settings.device))
    low, high = float(tables.g_min), float(tables.g_max)
    nominal = nominal_step(tables)
    if not nominal > 0:
        raise UserError(
            f"device: the mean step up in the middle of the range, at {(low + high) / 2:.3g} S, is "
            f"{nominal:.3g} S; it must be above 0 for pulses to teach anything"
        )
    grid = conductance_grid(low, high)
    means = mean_step(tables.set_jumps[-1])
    small = np.flatnonzero((means < AT_REACH * nominal) & (grid > (low + high) / 2))
    reach = float(grid[small[0]]) if small.size else high
    filling, conductance = 0, low
    while conductance < reach - nominal / 2 and filling < MOST_FILLING:
        conductance += max(float(np.interp(conductance, grid, means)), AT_REACH * nominal)
        filling += 1
    return Yardstick(high, nominal / high, reach / high, filling, bool(tables.bidirectional))


class Searched:
    """The settings that are searched on one device, and all others as they are."""

    def __init__(self, settings: Settings, epochs_of: int) -> None:
        """Take the device's numbers.

        Args:
            settings: of the reference network on the device.
            epochs_of: a number of examples of which every interval is a divisor.

        Raises:
            UserError: the device cannot be used, see ``yardstick_of``.
        """
        self.settings = settings
        self.layers = len(settings.network.layers) - 1
        self.device = yardstick_of(settings)
        self.intervals = _divisors(epochs_of)
        self.free = self._free()

    def starts(self, own: Settings | None = None) -> list[Place]:
        """Return places to start from, the most promising first.

        ``own`` are settings that somebody has found for the device, if there are any.
        """
        starts = [] if own is None else [self._place_of(own)]
        for number, start in enumerate(product((True, False), FASTER, WIDER, BLENDS)):
            values = self._rates(*start) | self._common()
            if not self.device.bidirectional:
                values |= self._reset(is_other=number % 2 == 1)
            starts.append(self._place(values))
        random = np.random.default_rng(SEED)
        starts += [self._random_start(random) for _ in range(RANDOM_STARTS)]
        return list(dict.fromkeys(starts))

    def directions(self) -> list[Direction]:
        """Return the ways in which places are moved, the most rewarding first."""
        last = self.layers - 1
        all_pulses = {f"pulses {n}": 1.0 for n in range(self.layers)}
        all_ranges = {f"weight range {n}": 1.0 for n in range(self.layers)}
        ways: dict[str, Mapping[str, float]] = {
            "learning rates": all_pulses,
            "weight ranges": all_ranges,
            "learning rate of the first layer": {"pulses 0": 1.5},
            f"learning rate of layer {self.layers}": {f"pulses {last}": 1.5},
            "x threshold of the first layer": {"x threshold 0": 1.0},
        }
        for n in range(1, last):
            ways[f"learning rate of layer {n + 1}"] = {f"pulses {n}": 1.5}
        if not self.device.bidirectional:
            ways |= {
                "RESET above, smaller": {"smaller above": 0.5},
                "RESET tolerance": {"tolerance": 1.0},
                "RESET interval": {"interval": 1.5},
                "RESET above, larger": {"larger above": 0.3},
            }
        ways |= {
            "weight range of the first layer": {"weight range 0": 1.0},
            f"weight range of layer {self.layers}": {f"weight range {last}": 1.0},
            "x thresholds behind": {f"x threshold {n}": 1.0 for n in range(1, self.layers)},
            "initial weights": {"initial weight": 1.0},
            "smallest derivative of hidden layers": {"hidden floor": 1.0},
            "pulse threshold": {"pulse threshold": 1.0},
        }
        return [
            Direction(name, tuple(way.get(coordinate, 0.0) for coordinate in self.free))
            for name, way in ways.items()
            if way
        ]

    def settings_at(self, place: Place) -> Settings:
        """Return the settings that a place stands for."""
        pairs = zip(self.free.items(), place, strict=True)
        values = {name: free.value(coordinate) for (name, free), coordinate in pairs}
        before = self.settings
        floors = per_layer(before.network.derivative_floor, self.layers)
        hidden = _rounded(values["hidden floor"])
        ranges = [_rounded(values[f"weight range {n}"]) for n in range(self.layers)]
        initial = per_layer(before.network.initial_weight, self.layers)
        rates = [values[f"pulses {n}"] * self.device.step * ranges[n] for n in range(self.layers)]
        thresholds = [_rounded(values[f"x threshold {n}"]) for n in range(self.layers)]
        return changed(
            before,
            network={
                "weight_range": ranges,
                "initial_weight": [_rounded(values["initial weight"] * each) for each in initial],
                "derivative_floor": [hidden] * (self.layers - 1) + floors[-1:],
            },
            training={"learning_rate": [_rounded(rate) for rate in rates]},
            update={
                "x_threshold": thresholds,
                "pulse_threshold": _rounded(values["pulse threshold"]),
            },
            reset={} if self.device.bidirectional else self._reset_settings(values),
        )

    def _free(self) -> dict[str, Free]:
        layers = range(self.layers)
        free = {
            **{f"pulses {n}": Free(0.05, 5e4) for n in layers},
            **{f"weight range {n}": Free(0.005, 10) for n in layers},
            **{f"x threshold {n}": Free(0, 0.95, by_factors=False) for n in layers},
            "initial weight": Free(0.1, 4),
            "hidden floor": Free(0, 1, by_factors=False),
            "pulse threshold": Free(0.05, 5),
        }
        if not self.device.bidirectional:
            free |= {
                "interval": Free(self.intervals[0], self.intervals[-1]),
                "larger above": Free(0.2, 0.99, by_factors=False),
                "smaller above": Free(0.02, 0.95, by_factors=False),
                "tolerance": Free(0.005, 0.6),
            }
        return free

    def _rates(self, is_roomy: bool, faster: float, wider: float, blend: float) -> dict[str, float]:
        """Return pulses and weight ranges between the two shipped kinds of settings.

        Small steps reach the rates of the one file by many pulses or, where the range is roomy, by
        weights that are worth more: then the pulses of the other do.
        """
        values: dict[str, float] = {}
        for n in range(self.layers):
            of_file = _place_in(self.layers, n)
            rate, usual = IDEAL_RATES[of_file], PULSES[of_file]
            weight_range = wider * WEIGHT_RANGE[of_file]
            if is_roomy:
                weight_range = max(weight_range, wider * rate / (self.device.step * usual))
            worth = self.device.step * weight_range
            pulses = faster * usual ** (1 - blend) * (rate / worth) ** blend
            values |= {f"weight range {n}": weight_range, f"pulses {n}": min(pulses, MOST * usual)}
        return values

    def _random_start(self, random: np.random.Generator) -> Place:
        """Draw a place about those that follow from the shipped files."""
        is_roomy, wider = bool(random.integers(2)), math.exp(random.uniform(-0.3, 1.8))
        values = self._rates(is_roomy, 1.0, wider, random.uniform())
        faster = random.uniform(-1.2, 1.2)
        for n in range(self.layers):
            values[f"pulses {n}"] *= math.exp(faster + random.uniform(-1.0, 1.0))
            values[f"weight range {n}"] *= math.exp(random.uniform(-0.5, 0.5))
            values[f"x threshold {n}"] = random.uniform(0.0, 0.8 if n == 0 else 0.5)
        values |= {
            "initial weight": math.exp(random.uniform(-0.7, 0.4)),
            "hidden floor": random.uniform(0.0, 0.6),
            "pulse threshold": 0.5,
        }
        if not self.device.bidirectional:
            reach = self.device.reach / REACH
            values |= {
                "larger above": reach * random.uniform(0.6, 0.95),
                "smaller above": reach * random.uniform(0.1, 0.6),
                "tolerance": math.exp(random.uniform(math.log(0.02), math.log(0.3))),
                "interval": math.exp(random.uniform(math.log(50), math.log(1000))),
            }
        return self._place(values)

    def _place_of(self, own: Settings) -> Place:
        """Return the place where settings for this device stand, as near as it can be."""
        network, update, reset = own.network, own.update, own.reset
        wider = 1.0 if network.full_scale is None else self.device.highest / network.full_scale
        ranges = [wider * each for each in per_layer(network.weight_range, self.layers)]
        rates = per_layer(own.training.learning_rate, self.layers)
        usual = per_layer(self.settings.network.initial_weight, self.layers)
        initial = per_layer(network.initial_weight, self.layers)
        thresholds = per_layer(update.x_threshold, self.layers)
        values = {
            "initial weight": initial[0] / usual[0],
            "hidden floor": per_layer(network.derivative_floor, self.layers)[0],
            "pulse threshold": per_layer(update.pulse_threshold, self.layers)[0],
            "interval": reset.interval or self.intervals[-1],
            "larger above": reset.larger_above,
            "smaller above": reset.smaller_above,
            "tolerance": reset.tolerance,
        }
        for n in range(self.layers):
            values[f"weight range {n}"] = ranges[n]
            values[f"pulses {n}"] = rates[n] / (self.device.step * ranges[n])
            values[f"x threshold {n}"] = thresholds[n]
        return self._place(values)

    def _place(self, values: Mapping[str, float]) -> Place:
        return tuple(free.coordinate(values[name]) for name, free in self.free.items())

    def _common(self) -> dict[str, float]:
        update, network = self.settings.update, self.settings.network
        thresholds = per_layer(update.x_threshold, self.layers)
        return {
            **{f"x threshold {n}": each for n, each in enumerate(thresholds)},
            "initial weight": 1.0,
            "hidden floor": per_layer(network.derivative_floor, self.layers)[0],
            "pulse threshold": per_layer(update.pulse_threshold, self.layers)[0],
        }

    def _reset(self, *, is_other: bool) -> dict[str, float]:
        reach = self.device.reach / REACH
        reset = OTHER_RESET if is_other else RESET
        return {
            "larger above": reset["larger_above"] * reach,
            "smaller above": reset["smaller_above"] * reach,
            "tolerance": reset["tolerance"],
            "interval": reset["interval"],
        }

    def _reset_settings(self, values: Mapping[str, float]) -> dict[str, Any]:
        wanted = math.log(values["interval"])
        pulses = round(WRITING_BACK * self.device.filling)
        return {
            "interval": min(self.intervals, key=lambda each: abs(math.log(each) - wanted)),
            "larger_above": _rounded(values["larger above"]),
            "smaller_above": _rounded(values["smaller above"]),
            "tolerance": _rounded(values["tolerance"]),
            "max_pulses": min(max(pulses, LEAST_WRITING_BACK), MOST_WRITING_BACK),
        }


def _place_in(layers: int, n: int) -> int:
    """Return which of the three layers of the shipped files a layer is most like."""
    return 0 if n == 0 and layers > 1 else 2 if n == layers - 1 else 1


def _divisors(number: int) -> list[int]:
    within = range(1, min(number, LONGEST_INTERVAL) + 1)
    divisors = [each for each in within if number % each == 0]
    long_enough = [each for each in divisors if each >= SHORTEST_INTERVAL]
    return long_enough or divisors[-1:]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
