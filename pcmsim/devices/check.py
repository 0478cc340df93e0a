"""A test kit for device models: is it a device, and do its jump tables hold what it says?

A model is asked for 16,384 equally spaced quantiles of its steps at 65 conductances: those of the
jump tables' grid, and those in the middle between them, where interpolation errs most.  The same
quantiles of the compiled tables are set against them.  Both are taken as the engine takes them,
with conductances kept within the range.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.devices.jump_table import SAMPLES, SPACED, tabulate
from pcmsim.devices.model import DeviceModel, Floats
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, QUANTILE_CELLS

PLACES = 2 * CONDUCTANCE_CELLS + 1
# Steps that differ by less than this part of their root mean square count as the same.
SAME = 0.01
# What a table may be off by: a share of probability, and parts of the root mean square step.
WORST_DISTANCE = 0.1
WORST_MEAN = 0.05
WORST_SPREAD = 0.1
# Steps and spreads up to this part of the range are rounding, and count as 0.
ROUNDING = 1e-9
# No more than this share of the steps from inside the range may lead out of it.
MOST_CLIPPED = 0.5
INSIDE = slice(PLACES // 4, 3 * PLACES // 4 + 1)
# What a RESET leaves, at most, as part of the range.
MOST_RESIDUE = 0.5


@dataclass(frozen=True)
class PulseCheck:
    """How one kind of pulse behaves; all arrays have shape (PLACES,), from empty to full.

    Attributes:
        name: what the pulse is.
        conductance: before the pulse, S.
        mean: mean step before anything is kept within the range, S.
        spread: its standard deviation, S.
        clipped: share of the steps that would leave the range.
        distance: Kolmogorov-Smirnov distance of the table's law from the model's, steps within
            1 % of their root mean square being the same.
        mean_error: of the table, over the root mean square step (none counting for more than the
            whole range).
        spread_error: of the table's standard deviation, over the root mean square step.
    """

    name: str
    conductance: Floats
    mean: Floats
    spread: Floats
    clipped: Floats
    distance: Floats
    mean_error: Floats
    spread_error: Floats


@dataclass(frozen=True)
class DeviceCheck:
    """What was found of a model: its pulses, and everything that is wrong, in words."""

    g_min: float
    g_max: float
    pulses: list[PulseCheck]
    faults: list[str]


def check_device(model: DeviceModel) -> DeviceCheck:
    """Examine a device model.

    Raises:
        UserError: the model is a user's function, and fails.
    """
    tables = tabulate(model)
    down = "step down" if model.bidirectional else "RESET"
    pulses = [
        _check_pulse(name, model, partial(_set_step, model, past), tables.set_jumps[past])
        for name, past in _ups(model)
    ]
    pulses.append(_check_pulse(down, model, model.reset_step, tables.reset_jumps))
    faults = [fault for pulse in pulses for fault in _faults(pulse, model)]
    return DeviceCheck(model.g_min, model.g_max, pulses, faults)


def table_quantiles(jumps: NDArray[np.float32], cells: Floats, probability: Floats) -> Floats:
    """Return quantiles of a jump table, S, as ``kernels.jump.draw_jump`` draws them.

    Args:
        jumps: shape (CONDUCTANCE_CELLS + 1, QUANTILE_CELLS + 1), S.
        cells: (n,) conductances in cells of the grid, from 0 to CONDUCTANCE_CELLS.
        probability: (m,) from 0 to 1.

    Returns:
        shape (n, m).
    """
    row = np.clip(cells.astype(np.int64), 0, CONDUCTANCE_CELLS - 1)
    place = probability * QUANTILE_CELLS
    column = np.clip(place.astype(np.int64), 0, QUANTILE_CELLS - 1)
    rest = place - column
    nodes = jumps.astype(np.float64)
    along = nodes[:, column] * (1 - rest) + nodes[:, column + 1] * rest
    upper = (cells - row)[:, None]
    return np.asarray(along[row] * (1 - upper) + along[row + 1] * upper)


def distance(first: Floats, second: Floats, same: float) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples, values within ``same`` being equal."""
    return max(_excess(first, second, same), _excess(second, first, same))


def _excess(first: Floats, second: Floats, same: float) -> float:
    """Return by how much a share of one sample exceeds that of the other at most."""
    first, second = np.sort(first), np.sort(second)
    below = np.searchsorted(first, first, side="right") / first.size
    others = np.searchsorted(second, first + same, side="right") / second.size
    return max(float((below - others).max()), 0.0)


def _ups(model: DeviceModel) -> list[tuple[str, int]]:
    """Return the kinds of pulses that raise a conductance, and the pulses before them."""
    last = model.memory - 1
    name = "step up" if model.bidirectional else "partial SET"
    if last == 0:
        return [(name, 0)]
    return [(f"{name} after a RESET", 0), (f"{name} long after", last)]


def _set_step(model: DeviceModel, past: int, conductance: Any, probability: Any) -> Any:
    return model.set_step(conductance, probability, past)


def _check_pulse(
    name: str,
    model: DeviceModel,
    quantile: Callable[[Any, Any], Any],
    jumps: NDArray[np.float32],
) -> PulseCheck:
    span = model.g_max - model.g_min
    conductance = np.linspace(model.g_min, model.g_max, PLACES)
    cells = np.linspace(0, CONDUCTANCE_CELLS, PLACES)
    before = conductance[:, None]
    steps = np.broadcast_to(quantile(before, SPACED[None, :]), (PLACES, SAMPLES))
    tabled = table_quantiles(jumps, cells, SPACED)
    after = before + steps
    rounding = ROUNDING * span
    kept = np.clip(after, model.g_min, model.g_max)
    tabled = np.clip(before + tabled, model.g_min, model.g_max)
    size = np.sqrt((np.clip(steps, -span, span) ** 2).mean(axis=1)) + rounding
    return PulseCheck(
        name=name,
        conductance=conductance,
        mean=_rounded(steps.mean(axis=1), rounding),
        spread=_rounded(steps.std(axis=1), rounding),
        clipped=(np.abs(kept - after) > rounding).mean(axis=1),
        distance=np.array(
            [
                distance(law, its_table, SAME * one)
                for law, its_table, one in zip(kept, tabled, size, strict=True)
            ]
        ),
        mean_error=np.abs(tabled.mean(axis=1) - kept.mean(axis=1)) / size,
        spread_error=np.abs(tabled.std(axis=1) - kept.std(axis=1)) / size,
    )


def _rounded(values: Floats, rounding: float) -> Floats:
    return np.where(np.abs(values) > rounding, values, 0.0)


def _faults(pulse: PulseCheck, model: DeviceModel) -> list[str]:
    """Return what is wrong with one kind of pulse, in words."""
    span = model.g_max - model.g_min
    faults = []
    if pulse.name == "RESET":
        left = (pulse.conductance + pulse.mean - model.g_min) / span
        if left.max() > MOST_RESIDUE:
            where = int(np.argmax(left))
            faults.append(
                f"from {_micro(pulse.conductance[where])} it leaves {100 * left[where]:.0f} % of "
                "the range; it should empty the device"
            )
    else:
        if not pulse.mean.any():
            faults.append("it changes nothing: the mean step is 0 uS from every conductance")
        faults += _turning_back(pulse)
        inside = pulse.clipped[INSIDE]
        if inside.max() > MOST_CLIPPED:
            where = int(np.argmax(inside)) + PLACES // 4
            faults.append(
                f"{100 * inside.max():.0f} % of the steps from "
                f"{_micro(pulse.conductance[where])} leave the range"
            )
    faults += _table_faults(pulse)
    return [f"{pulse.name}: {fault}" for fault in faults]


def _turning_back(pulse: PulseCheck) -> list[str]:
    """Return where the mean step goes the wrong way, in words.

    In the second half of its way a device may have come to its end: from somewhere on, all mean
    steps may then lead back, as those of a noisy device do that cannot leave its range.
    """
    is_down = pulse.name == "step down"
    forward = -pulse.mean[::-1] if is_down else pulse.mean
    wrong = forward < 0
    end = PLACES - int(np.argmin(wrong[::-1])) if not wrong.all() else 0
    wrong[max(end, PLACES // 2) :] = False
    if not wrong.any():
        return []
    where = int(np.argmin(np.where(wrong, forward, 0.0)))
    where = PLACES - 1 - where if is_down else where
    return [
        f"the response is not monotone: at {_micro(pulse.conductance[where])} the mean step goes "
        f"{'up' if is_down else 'down'}, {_micro(pulse.mean[where])}"
    ]


def _table_faults(pulse: PulseCheck) -> list[str]:
    """Return where the compiled table is too far from the model, in words."""
    limits = (
        ("distance", pulse.distance, WORST_DISTANCE, "its law by {:.3f} (Kolmogorov-Smirnov)"),
        ("mean", pulse.mean_error, WORST_MEAN, "the mean step by {:.3f} of its root mean square"),
        ("spread", pulse.spread_error, WORST_SPREAD, "the spread by {:.3f} of that"),
    )
    found = [
        f"at {_micro(pulse.conductance[int(np.argmax(error))])} the table of "
        f"{CONDUCTANCE_CELLS} conductances and {QUANTILE_CELLS} quantiles misses "
        f"{text.format(error.max())}; more than {limit:g} is too much"
        for _, error, limit, text in limits
        if error.max() > limit
    ]
    return found


def _micro(conductance: float) -> str:
    return f"{1e6 * conductance:.3g} uS"
