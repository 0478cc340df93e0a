"""Which columns hold the readings: one in long form, one for each device in wide form.

Where several may hold the readings of a device, that which is called by its quantity alone does;
means never do beside readings themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.looks import header_of, shown_headers
from pcmsim.traces.reading.names import (
    DEVICE,
    OTHER,
    PULSE,
    QUANTITIES,
    READING,
    Meaning,
    is_summary,
    kinds_in,
)
from pcmsim.traces.reading.units import Unit, ascii_only
from pcmsim.traces.traces import DOWN, UP

# What is best among readings of several quantities, first.
_ORDER = (*QUANTITIES, None)


@dataclass(frozen=True)
class Reading:
    """A column of readings.

    Attributes:
        column: which, from 0.
        header: what the column is called.
        rest: what its name says beside quantity and unit, such as the device; empty for nothing.
        quantity: what is read; None if no name says it.
        unit: the unit that its name has, be it of that quantity or not; None for none.
    """

    column: int
    header: str
    rest: str
    quantity: str | None
    unit: Unit | None

    @property
    def name(self) -> str:
        """The device it is about, or what the column is called."""
        return self.rest or self.header


def readings_among(
    path: Path, heads: Sequence[Head], meanings: Sequence[Meaning]
) -> tuple[Reading, ...]:
    """Return the columns of readings; empty if there are none."""
    columns = [
        Reading(n, header_of(head, n), ascii_only(meaning.rest), meaning.quantity, meaning.unit)
        for n, (head, meaning) in enumerate(zip(heads, meanings, strict=True))
    ]
    found = [one for one in columns if meanings[one.column].role == READING]
    others = [one for one in columns if meanings[one.column].role == OTHER]
    if any(meaning.role == DEVICE for meaning in meanings):
        return _of_long_form(path, heads, meanings, found, others)
    return _of_wide_form(path, found, others)


def _of_long_form(
    path: Path,
    heads: Sequence[Head],
    meanings: Sequence[Meaning],
    found: list[Reading],
    others: list[Reading],
) -> tuple[Reading, ...]:
    """Return the one column of readings; that with the plainest name, if there are several."""
    with_units = [one for one in others if one.unit]
    left = _without_summaries(_of_best_quantity(found) or with_units or others)
    plain = [one for one in left if not one.rest] or left
    if len(plain) > 1 and _is_row_for_each_device(heads, meanings):
        raise UserError(
            f"{path} has one row for each device; transpose the table, so that each device has a "
            "column and each pulse a row"
        )
    if len(plain) > 1 and (found or with_units):
        raise UserError(_several(path, plain))
    return (replace(plain[0], rest=""),) if len(plain) == 1 else ()


def _of_wide_form(path: Path, found: list[Reading], others: list[Reading]) -> tuple[Reading, ...]:
    """Return a column for each device: either all names say of which, or none does."""
    beside = [one for one in others if one.unit or not found]
    readings = _without_summaries([*found, *beside])
    plain = [one for one in readings if not one.rest]
    if not plain:
        if {UP, DOWN} <= set().union(*(kinds_in(one.header) for one in readings)):
            raise UserError(_several(path, readings))
        return _told_apart(readings)
    best = _of_best_quantity(plain)
    several = [*best, *(one for one in readings if one.rest)]
    if len({one.header for one in several}) > 1:
        raise UserError(_several(path, several))
    return _told_apart(best)


def _of_best_quantity(readings: list[Reading]) -> list[Reading]:
    """Return the readings that are conductances, else resistances, currents, anything."""
    best = min((_ORDER.index(one.quantity) for one in readings), default=0)
    return [one for one in readings if one.quantity == _ORDER[best]]


def _without_summaries(readings: list[Reading]) -> list[Reading]:
    """Leave out means where there are readings themselves."""
    return [one for one in readings if not is_summary(one.header)] or readings


def _is_row_for_each_device(heads: Sequence[Head], meanings: Sequence[Meaning]) -> bool:
    roles = [meaning.role for meaning in meanings]
    named = [head.sample for head, role in zip(heads, roles, strict=True) if role == DEVICE]
    devices = list(zip(*named, strict=False))
    return PULSE not in roles and len(devices) > 1 and len({*devices}) == len(devices)


def _several(path: Path, readings: list[Reading]) -> str:
    headers = list(dict.fromkeys(one.header for one in readings))
    advice = "call the one to be used G, R or I, with its unit, such as G (uS)"
    if len(set().union(*map(kinds_in, headers))) > 1:
        advice = "give one reading a row, with a column kind of SET and RESET"
    return f"{path}: each of the columns {shown_headers(headers)} may hold the readings; {advice}"


def _told_apart(readings: list[Reading]) -> tuple[Reading, ...]:
    """Return readings in the order of the file, with different names."""
    if len(readings) == 1:
        return (replace(readings[0], rest=""),)
    names = [one.name for one in readings]
    return tuple(
        replace(one, rest=f"{one.name} (column {one.column + 1})")
        if names.count(one.name) > 1
        else one
        for one in sorted(readings, key=lambda one: one.column)
    )
