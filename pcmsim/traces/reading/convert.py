"""From readings in their units to conductances: which unit, which read voltage, which sign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pcmsim.errors import UserError
from pcmsim.traces.reading.choice import Reading
from pcmsim.traces.reading.columns import Words
from pcmsim.traces.reading.layout import Layout
from pcmsim.traces.reading.names import QUANTITIES
from pcmsim.traces.reading.remarks import read_voltage_in, unit_in
from pcmsim.traces.reading.units import (
    CURRENT,
    NAMES,
    RESISTANCE,
    Unit,
    ascii_only,
    find_unit,
    guess_unit,
    shown,
    to_siemens,
)
from pcmsim.traces.traces import Floats

# What instruments write when a reading is out of range, or no number (SCPI: 9.9E37, 9.91E37).
OVERFLOW = 9e37
MOSTLY = 0.95


@dataclass
class Conversion:
    """How readings became conductances.

    Attributes:
        units: the unit of each column of readings.
        read_voltage: V; None if readings are not currents, or each had its own.
        notes: what is to be told.
    """

    units: list[Unit]
    read_voltage: float | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def unit(self) -> str:
        """The units, each once."""
        return ", ".join(dict.fromkeys(unit.name for unit in self.units))


def to_conductances(
    path: Path,
    layout: Layout,
    readings: Floats,
    *,
    unit: Unit | None,
    unit_words: Words | None = None,
    read_voltage: float | Floats | None,
    remarks: Sequence[str],
    where: Callable[[int], str],
) -> Conversion:
    """Turn readings into conductances (S), in place; what is out of range becomes NaN.

    Args:
        path: the file, for messages.
        layout: its columns.
        readings: (columns of readings, rows).
        unit: what the user says.
        unit_words: what a column says, row by row.
        read_voltage: V, what the user or a column says; an array has one for each row.
        remarks: comments in the file.
        where: says where a row stands in the file.

    Raises:
        UserError: no unit is named, units do not fit together, or there is no read voltage.
    """
    for column in readings:
        column[~(np.abs(column) < OVERFLOW) & ~np.isposinf(column)] = np.nan
    conversion = Conversion([])
    if unit_words is not None:
        told = _unit_of_rows(path, unit_words, readings, where)
        layout = replace(layout, readings=_with_unit(path, layout.readings, told, unit))
        several = ", ".join(word for word in unit_words.words if find_unit(word))
        conversion.notes.append(f"The unit of each row is that of a column: {ascii_only(several)}.")
    named = next((one.unit.name for one in layout.readings if one.unit is not None), None)
    for reading in layout.readings:
        found = _unit_of(path, reading, readings, unit, named, remarks, conversion)
        conversion.units.append(found)
    conversion.notes = list(dict.fromkeys(conversion.notes))
    if any(one.quantity == CURRENT for one in conversion.units):
        if read_voltage is None:
            read_voltage = read_voltage_in(remarks)
        if read_voltage is None:
            raise UserError(
                f"{path}: the readings are currents, but no column or comment tells the read "
                "voltage; give --read-voltage, in V, such as --read-voltage 0.2"
            )
        _tell_voltage(conversion, read_voltage)
    for reading, column, found in zip(layout.readings, readings, conversion.units, strict=True):
        _convert(path, reading, column, found, read_voltage, conversion, where)
    conversion.notes = list(dict.fromkeys(conversion.notes))
    return conversion


def _unit_of_rows(path: Path, words: Words, readings: Floats, where: Callable[[int], str]) -> Unit:
    """Return the unit that a column tells; readings in others are turned into it, in place."""
    units = [find_unit(word) for word in words.words]
    units = [unit if unit is not None and unit.quantity in QUANTITIES else None for unit in units]
    first = next(unit for unit in units if unit is not None)
    sizes = np.array(
        [unit.size if unit and unit.quantity == first.quantity else np.nan for unit in units]
    )
    scale = sizes[words.code] / first.size
    unknown = np.flatnonzero(np.isnan(scale) & ~np.isnan(readings).all(axis=0))
    if unknown.size:
        word = ascii_only(words.words[words.code[unknown[0]]])
        raise UserError(
            f'{path}, {where(int(unknown[0]))}: the unit is "{word}"; it must be a unit of '
            f"{first.quantity}s, as {first.name} is"
        )
    readings *= scale
    return first


def _with_unit(
    path: Path, readings: Sequence[Reading], told: Unit, asked: Unit | None
) -> tuple[Reading, ...]:
    """Return columns of readings with the unit that a column of its own tells."""
    if asked not in (None, told):
        raise UserError(f"--unit: a column of {path} tells the unit; leave --unit out")
    for one in readings:
        if one.unit not in (None, told):
            raise UserError(
                f"{path}: column {one.header} contradicts the column of units, which says "
                f"{told.name}; correct one of them"
            )
    return tuple(
        replace(one, unit=told, quantity=one.quantity or told.quantity) for one in readings
    )


def _unit_of(
    path: Path,
    reading: Reading,
    readings: Floats,
    asked: Unit | None,
    named: str | None,
    remarks: Sequence[str],
    conversion: Conversion,
) -> Unit:
    if reading.unit is not None and reading.unit.quantity != reading.quantity:
        raise UserError(
            f"{path}: column {reading.header} should hold {reading.quantity}s, but "
            f"{reading.unit.name} is a unit of {reading.unit.quantity}s; correct its name"
        )
    if asked is not None:
        if reading.quantity not in (None, asked.quantity):
            raise UserError(
                f"--unit: {asked.name} is a unit of {asked.quantity}s, but column "
                f"{reading.header} of {path} holds {reading.quantity}s"
            )
        if reading.unit is not None and reading.unit.name != asked.name:
            conversion.notes.append(
                f"Readings are taken in {asked.name}, as asked for, although the file says "
                f"{reading.unit.name}."
            )
        return asked
    if reading.unit is not None:
        return reading.unit
    remarked = unit_in(remarks)
    if remarked is not None and reading.quantity in (None, remarked.quantity):
        conversion.notes.append(f"The unit {remarked.name} is that of a title or comment.")
        return remarked
    if named is not None:
        raise UserError(
            f"{path}: column {reading.header} names no unit, while another one is in {named}; if "
            f'it holds readings, name it in the file, such as "{reading.header} ({named})", or '
            "give --unit for all; else take it out"
        )
    guessed = guess_unit(reading.quantity, readings) if reading.quantity else None
    if guessed is None:
        raise UserError(_no_unit(path, reading, readings))
    conversion.notes.append(
        f"No unit is named; {reading.quantity}s of this size were taken to be in "
        f"{guessed.name} (--unit says otherwise)."
    )
    return guessed


def _no_unit(path: Path, reading: Reading, readings: Floats) -> str:
    finite = readings[np.isfinite(readings)]
    size = f" (readings from {finite.min():g} to {finite.max():g})" if finite.size else ""
    fault = "understood" if reading.header.endswith((")", "]", "}")) else "named"
    return (
        f"{path}: the unit of {reading.header} is not {fault}{size}; give --unit, one of "
        f"{', '.join(NAMES)}"
    )


def _tell_voltage(conversion: Conversion, read_voltage: float | Floats) -> None:
    if isinstance(read_voltage, float):
        conversion.read_voltage = read_voltage
        conversion.notes.append(f"Currents were read at {shown(read_voltage, 'V')}.")
    else:
        conversion.notes.append("Currents were read at the voltages in the file.")


def _convert(
    path: Path,
    reading: Reading,
    column: Floats,
    unit: Unit,
    read_voltage: float | Floats | None,
    conversion: Conversion,
    where: Callable[[int], str],
) -> None:
    if unit.quantity == RESISTANCE and (column == 0).any():
        row = int(np.flatnonzero(column == 0)[0])
        raise UserError(f"{path}, {where(row)}: a resistance of 0 {unit.name} ({reading.header})")
    if unit.quantity != RESISTANCE:
        column[np.isinf(column)] = np.nan
    to_siemens(column, unit, read_voltage)
    if unit.quantity == CURRENT:
        column[np.isinf(column)] = np.nan
        if (column < 0).sum() > MOSTLY * (column != 0).sum():
            column *= -1
            conversion.notes.append(
                "Currents and read voltage have opposite signs; the sign of the currents was "
                "turned."
            )
