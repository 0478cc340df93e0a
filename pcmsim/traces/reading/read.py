"""Reading measured pulse traces as people have them: the one entry, ``read_traces``.

From the file to traces: find out how it is laid out (``text_form``, ``read_hdf5``) and what its
columns mean (``layout``), read them, turn readings into conductances (``convert``), put rows in
order (``order``, ``grid``), drop what cannot be right (``clean``), and say which pulse stands
before each reading (``kinds``).  Each step tells in plain sentences what it found and did.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pcmsim.errors import UserError
from pcmsim.files import SEAL
from pcmsim.traces.origin import Origin
from pcmsim.traces.reading import clean, told
from pcmsim.traces.reading.absent import fill_in, find_late
from pcmsim.traces.reading.columns import Columns, Report
from pcmsim.traces.reading.convert import Conversion, to_conductances
from pcmsim.traces.reading.grid import (
    Grid,
    Table,
    column_of,
    grid_of,
    numbers_wanted,
    put_in_order,
    readings_of,
    table_of,
    unit_words_of,
    words_wanted,
)
from pcmsim.traces.reading.kinds import kinds_by_level, kinds_by_shape
from pcmsim.traces.reading.layout import Layout, layout_of
from pcmsim.traces.reading.order import turns
from pcmsim.traces.reading.read_hdf5 import is_hdf5, read_hdf5, sheet_of_hdf5
from pcmsim.traces.reading.read_text import read_text
from pcmsim.traces.reading.text_form import SAMPLE_BYTES, form_of_text
from pcmsim.traces.reading.units import RESISTANCE, Unit, shown, unit_of_option
from pcmsim.traces.traces import Floats, Traces

Facts = dict[str, int | float | str]


@dataclass(frozen=True)
class Understood:
    """What was read.

    Attributes:
        traces: the readings.
        origin: where they come from; its notes tell what was understood and what was repaired.
        facts: numbers of devices, readings, pulses of each kind, and of what was left out;
            ``lowest`` and ``highest`` in S.
    """

    traces: Traces
    origin: Origin
    facts: Facts


def read_traces(
    file: str | Path,
    unit: str | None = None,
    read_voltage: float | None = None,
    report: Report | None = None,
) -> Understood:
    """Read measured pulse traces from a text or an HDF5 file.

    Args:
        file: text (commas, tabs, semicolons, white space) or HDF5; one reading a row, or one device
            a column.
        unit: of the readings, such as ``uS``, ``kohm`` or ``nA``; None if the file tells it.
        read_voltage: at which currents were read, V; None if the file tells it.
        report: is told how many bytes of how many have been read.

    Raises:
        UserError: the file cannot be understood; says what, where, and what is allowed.
    """
    path = Path(file)
    asked = unit_of_option(unit) if unit is not None else None
    if read_voltage is not None and not (np.isfinite(read_voltage) and read_voltage != 0):
        raise UserError(
            f"--read-voltage: must be a number of volts other than 0, not {read_voltage:g}"
        )
    options = {} if asked is None else {"unit": asked.name}
    if read_voltage is not None:
        options["read_voltage"] = f"{read_voltage:g}"
    layout, columns, remarks, found = _read(path, asked, report)
    notes = [*found, *told.of_layout(layout), *columns.notes]
    conversion = _converted(path, layout, columns, asked, read_voltage, remarks)
    notes += conversion.notes
    facts: Facts = {}
    table = table_of(path, layout, columns, notes)
    lowest = _lowest(layout, columns, table, conversion)
    grid = _in_order(path, layout, columns, table, notes, facts)
    sha256 = columns.sha256
    del columns, table
    grid = _cleaned(path, grid, lowest, notes, facts)
    traces = Traces(grid.devices, _kinds(grid, notes), grid.conductance)
    facts |= told.facts_of(traces, conversion.unit)
    return Understood(
        traces,
        Origin(path.name, sha256, options, conversion.unit, tuple(notes)),
        facts,
    )


def _read(
    path: Path, unit: Unit | None, report: Report | None
) -> tuple[Layout, Columns, Sequence[str], Sequence[str]]:
    """Return what columns mean and hold, and remarks and notes about the file."""
    beginning = _beginning(path)
    if is_hdf5(beginning):
        sheet = sheet_of_hdf5(path)
        layout = layout_of(path, sheet.heads, unit)
        numbers, words = numbers_wanted(layout), words_wanted(layout)
        return layout, read_hdf5(path, sheet, numbers, words, report), sheet.remarks, sheet.notes
    form = form_of_text(path, beginning)
    layout = layout_of(path, form.heads, unit)
    numbers, words = numbers_wanted(layout), words_wanted(layout)
    return layout, read_text(path, form, numbers, words, report), form.remarks, ()


def _beginning(path: Path) -> bytes:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            # It would be read twice, and what a pipe has given once it does not give again.
            raise UserError(
                f"{path} is a pipe or the like; write what comes out of it to a file first"
            )
        with path.open("rb") as stream:
            beginning = stream.read(SAMPLE_BYTES)
    except FileNotFoundError:
        names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, names, n=1)
        hint = f"; did you mean {path.with_name(near[0])}?" if near else ""
        raise UserError(f"there is no file {path}{hint}") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder, not a file") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    if not beginning:
        raise UserError(f"{path} is empty")
    if beginning.startswith(SEAL):
        raise UserError(f"{path} is a file that pcmsim has written, not measured traces")
    return beginning


def _converted(
    path: Path,
    layout: Layout,
    columns: Columns,
    unit: Unit | None,
    read_voltage: float | None,
    remarks: Sequence[str],
) -> Conversion:
    if columns.numbers.shape[1] == 0:
        raise UserError(f"{path} holds no readings")
    return to_conductances(
        path,
        layout,
        readings_of(layout, columns),
        unit=unit,
        unit_words=unit_words_of(layout, columns),
        read_voltage=_read_voltage(layout, columns) if read_voltage is None else read_voltage,
        remarks=remarks,
        where=columns.where,
    )


def _read_voltage(layout: Layout, columns: Columns) -> float | Floats | None:
    """Return the read voltage that a column tells, V: one, or one for each row."""
    column = column_of(layout, columns, layout.read_voltage)
    if column is None:
        return None
    voltages = column * (layout.read_voltage_unit.size if layout.read_voltage_unit else 1.0)
    different = np.unique(voltages[np.isfinite(voltages)])
    return float(different[0]) if different.size == 1 else voltages


@dataclass(frozen=True)
class _Lowest:
    """The lowest of all readings.

    Attributes:
        conductance: S.
        where: it stands in the file.
        what: it is, in the unit of the file.
        when: it was read: ``after pulse 7``; empty if pulses have no numbers.
    """

    conductance: float
    where: str
    what: str
    when: str


def _lowest(
    layout: Layout, columns: Columns, table: Table, conversion: Conversion
) -> _Lowest | None:
    """Return the lowest of all readings if it is below zero."""
    conductance = float(np.fmin.reduce(table.values, axis=None))
    if not conductance < 0:
        return None
    column, row = np.argwhere(table.values == conductance)[0].tolist()
    unit = conversion.units[column]
    what = f"a conductance of {shown(conductance, 'S')}"
    if unit.quantity == RESISTANCE:
        what = f"a resistance of {1 / (conductance * unit.size):.6g} {unit.name}"
    return _Lowest(
        conductance,
        columns.where(row if table.rows is None else int(table.rows[row])),
        what,
        "" if layout.pulse is None else f" after pulse {table.number[row]:g}",
    )


def _in_order(
    path: Path, layout: Layout, columns: Columns, table: Table, notes: list[str], facts: Facts
) -> Grid:
    if layout.pulse is None:
        table.number = turns(table.device.code)
    order = put_in_order(path, table, columns)
    if layout.pulse is not None:
        find_late(table, order)
    notes += told.of_order(order, table.cycle is not None)
    fill_in(table, order)
    missing = int(np.isnan(table.values).sum())
    if missing:
        notes.append(f"{told.counted(missing, 'missing reading')}: no step is taken across.")
    facts["missing"] = missing
    facts["repeated_rows"] = order.dropped
    return grid_of(path, layout, table, order)


def _cleaned(
    path: Path, grid: Grid, lowest: _Lowest | None, notes: list[str], facts: Facts
) -> Grid:
    """Drop outliers and broken devices, and settle readings below zero."""
    pulse = grid.pulse if grid.told is None else grid.told
    if grid.conductance.shape[1] < 2:
        raise UserError(
            f"{path}: no device has more than one reading; there must be one after every pulse of "
            "a train"
        )
    outliers = clean.drop_outliers(grid.conductance, pulse)
    notes += told.of_outliers(outliers)
    below, refused = clean.settle_below_zero(grid.conductance)
    if refused is not None:
        raise UserError(_refusal(path, grid, refused, lowest))
    notes += told.of_below_zero(below)
    broken = clean.find_broken(grid.conductance, pulse)
    why = told.why_broken(broken, grid.devices)
    if broken.all.size == len(grid.devices):
        raise UserError(f"{path}: no device responds to pulses: {why}")
    if broken.all.size > clean.MOST_BROKEN * len(grid.devices):
        raise UserError(
            f"{path}: {broken.all.size} of {len(grid.devices)} devices seem broken: {why}; at most "
            f"{100 * clean.MOST_BROKEN:g} % may be: are all readings in one unit? If they are, "
            "leave broken devices out of the file"
        )
    notes += told.of_broken(broken, grid.devices)
    facts |= {"outliers": outliers, "below_zero": below, "broken_devices": int(broken.all.size)}
    return _without(grid, broken.all) if broken.all.size else grid


def _refusal(path: Path, grid: Grid, place: tuple[int, int], lowest: _Lowest | None) -> str:
    """Say which reading is too far below zero; in what line, if it is the lowest of the file."""
    conductance, device = float(grid.conductance[place]), grid.devices[place[0]]
    if lowest is not None and conductance == lowest.conductance:
        what = f"{path}, {lowest.where}: {lowest.what} was read from {device}{lowest.when}"
    else:
        what = (
            f"{path}: reading {place[1] + 1} of {device} is a conductance of "
            f"{shown(conductance, 'S')}"
        )
    return (
        f"{what}; at most {100 * clean.NOISE_AROUND_ZERO:g} % of the highest conductance may be "
        "below zero, as noise: was an offset subtracted, or is a sign wrong?"
    )


def _without(grid: Grid, devices: NDArray[np.int64]) -> Grid:
    kept = np.setdiff1d(np.arange(len(grid.devices)), devices)
    return Grid(
        tuple(grid.devices[n] for n in kept),
        grid.conductance[kept],
        grid.pulse[kept],
        None if grid.told is None else grid.told[kept],
        None if grid.amplitude is None else grid.amplitude[kept],
    )


def _kinds(grid: Grid, notes: list[str]) -> NDArray[np.int8]:
    """Return which pulse stands before each reading, and say how that is known."""
    if grid.told is not None:
        notes.append("Kinds of pulses are those that the file tells.")
        return np.ascontiguousarray(grid.told)
    if grid.amplitude is not None:
        kinds = kinds_by_level(grid.amplitude, grid.pulse, grid.conductance)
        if kinds is not None:
            notes.append("Kinds of pulses are told by the amplitude.")
            return kinds
    kinds = kinds_by_shape(grid.pulse, grid.conductance)
    notes.append(told.of_shape(kinds, grid.pulse))
    return kinds
