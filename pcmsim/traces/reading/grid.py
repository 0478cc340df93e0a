"""From rows in any order to a rectangle of devices and readings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Columns, Words
from pcmsim.traces.reading.entries import is_missing
from pcmsim.traces.reading.layout import Layout
from pcmsim.traces.reading.names import kind_of, kind_words
from pcmsim.traces.reading.order import Contradiction, Order, in_order
from pcmsim.traces.reading.units import ascii_only, shown
from pcmsim.traces.traces import DOWN, START, UP, Floats, Rows

Kinds = NDArray[np.int8]

MOST_CELLS = 200_000_000
"""Devices times the longest train: more would not fit into the memory of most machines."""


@dataclass
class Grid:
    """Readings as rectangles, (devices, readings) each.

    Attributes:
        devices: their names.
        conductance: S; NaN where there is none.
        pulse: UP, and START where a train begins and beyond its end.
        told: kinds of pulses where the file tells them; None where it does not.
        amplitude: of the pulses; None where it is not told.
    """

    devices: tuple[str, ...]
    conductance: Floats
    pulse: Kinds
    told: Kinds | None
    amplitude: Floats | None


@dataclass
class Table:
    """The rows of a file by what they mean.

    Attributes:
        device: which device; the same for all rows in wide form.
        cycle: number of the train, or None.
        number: of the pulse; empty when the rows are in order.
        kind: kinds of pulses, or None.
        amplitude: of the pulses, or None.
        values: (1 or devices, rows) conductances, S.
        rows: where each row stands in the file, from 0; None for all in turn.
    """

    device: Words
    cycle: Floats | None
    number: Floats
    kind: Kinds | None
    amplitude: Floats | None
    values: Floats
    rows: Rows | None = None

    def take(self, rows: Rows) -> None:
        """Keep some rows, in this order."""
        self.device = Words(self.device.code[rows], self.device.words)
        self.number = self.number[rows] if self.number.size else self.number
        self.values = self.values[:, rows]
        self.cycle = None if self.cycle is None else self.cycle[rows]
        self.kind = None if self.kind is None else self.kind[rows]
        self.amplitude = None if self.amplitude is None else self.amplitude[rows]
        self.rows = rows if self.rows is None else self.rows[rows]


def numbers_wanted(layout: Layout) -> list[int]:
    """Return the columns of numbers in the order in which they are read; readings come last."""
    first = [layout.cycle, layout.pulse, layout.amplitude, layout.read_voltage]
    return [n for n in first if n is not None] + [one.column for one in layout.readings]


def words_wanted(layout: Layout) -> list[int]:
    """Return the columns of words: those that name the device, then the unit, then the kind."""
    return [*layout.device, *(n for n in (layout.unit, layout.kind) if n is not None)]


def column_of(layout: Layout, columns: Columns, column: int | None) -> Floats | None:
    """Return a column of numbers."""
    return None if column is None else columns.numbers[numbers_wanted(layout).index(column)]


def unit_words_of(layout: Layout, columns: Columns) -> Words | None:
    """Return the column that names the unit of each row."""
    return None if layout.unit is None else columns.words[len(layout.device)]


def readings_of(layout: Layout, columns: Columns) -> Floats:
    """Return the columns of readings, (columns, rows)."""
    return columns.numbers[len(columns.numbers) - len(layout.readings) :]


def table_of(path: Path, layout: Layout, columns: Columns, notes: list[str]) -> Table:
    """Return the rows of a file by what they mean; rows that name no pulse or device are left out.

    Raises:
        UserError: a kind of pulse is unknown.
    """
    number = column_of(layout, columns, layout.pulse)
    rows = columns.numbers.shape[1]
    if number is None:
        notes.append("No column numbers the pulses: rows were taken in the order of the file.")
        number = np.arange(rows, dtype=np.float64)
    device = _devices(layout, columns)
    table = Table(
        device=device,
        cycle=column_of(layout, columns, layout.cycle),
        number=number,
        kind=_kinds(path, layout, columns),
        amplitude=column_of(layout, columns, layout.amplitude),
        values=readings_of(layout, columns),
    )
    nameless = [n for n, word in enumerate(device.words) if is_missing(word) and layout.device]
    keep = np.isfinite(number)
    if nameless:
        keep &= ~np.isin(device.code, nameless)
    if table.cycle is not None:
        keep &= np.isfinite(table.cycle)
    if not keep.all():
        table.take(np.flatnonzero(keep))
        notes.append(
            f"{int((~keep).sum())} of {keep.size} rows name no device or no pulse: left out."
        )
    if not keep.any():
        raise UserError(f"{path}: no row names a device and a pulse")
    return table


def put_in_order(path: Path, table: Table, columns: Columns) -> Order:
    """Put the rows of a table in order, and leave out those that are repeated.

    Raises:
        UserError: rows contradict each other.
    """
    group: NDArray[Any] = table.device.code
    if table.cycle is not None:
        _, ranks = np.unique(table.cycle, return_inverse=True)
        group = group.astype(np.int64) * (int(ranks.max()) + 1) + ranks

    def same(first: Rows, second: Rows) -> NDArray[np.bool_]:
        equal = np.ones(first.size, dtype=bool)
        for values in table.values:
            a, b = values[first], values[second]
            equal &= (a == b) | (np.isnan(a) & np.isnan(b))
        for other in (table.kind, table.amplitude):
            if other is not None:
                equal &= other[first] == other[second]
        return equal

    try:
        order = in_order(group, table.number, same)
    except Contradiction as rows:
        raise UserError(_contradiction(path, table, columns, *rows.args)) from None
    # What is done with is let go of before more is taken: of large files there are gigabytes.
    table.number = np.zeros(0)
    columns.numbers = np.zeros((0, 0))
    if order.rows is not None:
        table.take(order.rows)
        order.rows = None
    return order


def grid_of(path: Path, layout: Layout, table: Table, order: Order) -> Grid:
    """Return the rows of a table, which are in order, as rectangles.

    Raises:
        UserError: one device has so many more readings than the others that memory would not do.
    """
    pulse = np.where(order.is_start, START, UP).astype(np.int8)
    kind = None if table.kind is None else _kinds_in_order(table, order)
    if layout.is_wide:
        return _wide(layout, table, pulse, kind)
    code = table.device.code
    is_first = np.ones(code.size, dtype=bool)
    is_first[1:] = code[1:] != code[:-1]
    begins = np.flatnonzero(is_first)
    lengths = np.diff([*begins, code.size])
    shape = (begins.size, int(lengths.max()))
    if shape[0] * shape[1] > MOST_CELLS and shape[0] > 1:
        longest = table.device.words[code[begins[np.argmax(lengths)]]]
        raise UserError(
            f"{path}: {shape[0]} devices, of which {ascii_only(longest)} has {shape[1]} readings, "
            "are too many to compare; give devices with that many readings a file of their own"
        )
    if shape[0] * shape[1] == code.size:
        places: Any = slice(None)
    else:
        places = np.arange(code.size) + np.repeat(
            np.arange(begins.size) * shape[1] - begins, lengths
        )

    def spread(values: NDArray[Any], empty: float) -> NDArray[Any]:
        rectangle = np.full(shape[0] * shape[1], empty, dtype=values.dtype)
        rectangle[places] = values
        return rectangle.reshape(shape)

    return Grid(
        tuple(ascii_only(table.device.words[n]) for n in code[begins]),
        spread(table.values[0], np.nan),
        spread(pulse, START),
        None if kind is None else spread(kind, START),
        None if table.amplitude is None else spread(table.amplitude, np.nan),
    )


def _kinds_in_order(table: Table, order: Order) -> Kinds:
    """Return the kinds that a file tells; START where a train begins.

    A pulse down after one up stays what it is: a RESET or the first depression that the file
    names, although the numbers start anew with it.
    """
    assert table.kind is not None
    kind, code = table.kind, table.device.code
    goes_on = np.zeros(kind.size, dtype=bool)
    goes_on[1:] = (kind[1:] == DOWN) & (kind[:-1] == UP) & (code[1:] == code[:-1])
    unknown = order.is_start & ~(goes_on & ~order.is_gap)
    return np.where(unknown, START, kind).astype(np.int8)


def _wide(layout: Layout, table: Table, pulse: Kinds, kind: Kinds | None) -> Grid:
    def for_all(values: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(values, table.values.shape)

    names = tuple(reading.name for reading in layout.readings)
    return Grid(
        names if len(names) > 1 else ("device 1",),
        table.values,
        for_all(pulse).copy(),
        None if kind is None else for_all(kind),
        None if table.amplitude is None else for_all(table.amplitude),
    )


def _devices(layout: Layout, columns: Columns) -> Words:
    """Return which device each row is about; several columns name it together, as ``3/17``."""
    named = columns.words[: len(layout.device)]
    if not named:
        return Words(np.zeros(columns.numbers.shape[1], dtype=np.int32), ["all"])
    device = named[0]
    for other in named[1:]:
        pairs = device.code.astype(np.int64) * len(other.words) + other.code
        found, code = np.unique(pairs, return_inverse=True)
        words = [
            f"{device.words[pair // len(other.words)]}/{other.words[pair % len(other.words)]}"
            for pair in found.tolist()
        ]
        device = Words(code.astype(np.int32), words)
    return device


def _kinds(path: Path, layout: Layout, columns: Columns) -> Kinds | None:
    if layout.kind is None:
        return None
    told = columns.words[-1]
    kinds = [kind_of(word) for word in told.words]
    unknown = [n for n, kind in enumerate(kinds) if kind is None]
    if unknown:
        row = int(np.flatnonzero(told.code == unknown[0])[0])
        raise UserError(
            f"{path}, {columns.where(row)}, column {layout.kind + 1}: "
            f'"{ascii_only(told.words[unknown[0]])}" is not a kind of pulse; write {kind_words()}'
        )
    return np.array(kinds, dtype=np.int8)[told.code]


def _contradiction(path: Path, table: Table, columns: Columns, first: int, second: int) -> str:
    places = [row if table.rows is None else int(table.rows[row]) for row in (first, second)]
    values = table.values[:, [first, second]]
    differ = np.flatnonzero(values[:, 0] != values[:, 1])
    told = " and ".join(shown(float(g), "S") for g in values[differ[0] if differ.size else 0])
    device = table.device.words[table.device.code[first]]
    whose = "" if len(values) > 1 or len(table.device.words) == 1 else f" of {ascii_only(device)}"
    return (
        f"{path}: {columns.where(places[0])} and {columns.where(places[1])} contradict each other: "
        f"pulse {table.number[first]:g}{whose} has the readings {told}; if pulses are counted anew "
        "in each train, add a column cycle"
    )
