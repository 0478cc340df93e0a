"""Reading HDF5 files as if they were tables: every array is a column, or several.

Understood are

* arrays of equal length, named like the columns of a text file;
* one array of records with such names;
* a matrix of readings beside arrays for its rows or its columns (pulse numbers, kinds of pulses,
  names of devices), whose lengths tell which side is which; where they do not, the side along which
  readings are much smoother is that of the pulses (``sides``);
* a group for each device, with arrays of equal length in it.

The unit is in the name, or an attribute ``unit`` or ``units`` of the array; attributes of groups
and of the file, such as ``unit`` or ``read_voltage``, are taken as comments.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Columns, Head, Report, WordsBuilder
from pcmsim.traces.reading.entries import is_missing
from pcmsim.traces.reading.names import (
    AMPLITUDE,
    CYCLE,
    DEVICE,
    KIND,
    OTHER,
    PULSE,
    READ_VOLTAGE,
    READING,
    meaning_of,
)
from pcmsim.traces.reading.sides import axis_of_pulses
from pcmsim.traces.reading.told import listed
from pcmsim.traces.reading.units import ascii_only, find_unit
from pcmsim.traces.traces import Floats

SAMPLE = 200
READ_AT_ONCE = 1 << 22
SIGNATURE = b"\x89HDF\r\n\x1a\n"
# A block for the user, such as that of MATLAB, may stand before the signature.
SIGNATURE_PLACES = (0, 512, 1024, 2048)

# What arrays beside a matrix tell of each pulse.
OF_PULSES = (PULSE, KIND, AMPLITUDE, CYCLE, READ_VOLTAGE)

Array = NDArray[Any]


@dataclass(frozen=True)
class Sheet:
    """The arrays of a file as columns of equal length.

    Attributes:
        heads: names and first entries.
        arrays: the entries, numbers or texts.
        remarks: attributes as comments.
        notes: how a matrix was understood, and which arrays are not used.
    """

    heads: tuple[Head, ...]
    arrays: tuple[Array, ...]
    remarks: tuple[str, ...]
    notes: tuple[str, ...]


def is_hdf5(beginning: bytes) -> bool:
    """Return whether a file that begins with these bytes is an HDF5 file."""
    return any(beginning[place:].startswith(SIGNATURE) for place in SIGNATURE_PLACES)


def sheet_of_hdf5(path: Path) -> Sheet:
    """Return the arrays of an HDF5 file as columns.

    Raises:
        UserError: it cannot be read, or its arrays do not fit together.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            group: Any = file
            remarks = _remarks(file)
            while len(group) == 1 and isinstance(next(iter(group.values())), h5py.Group):
                group = next(iter(group.values()))
                remarks += _remarks(group)
            groups = [name for name in group if isinstance(group[name], h5py.Group)]
            notes: list[str] = []
            columns = (
                _of_groups(path, group, groups)
                if groups and len(groups) == len(group)
                else _of_arrays(path, group, "", notes)
            )
    except UserError:
        raise
    # A damaged file can fail anywhere in this library, in ways that it does not document.
    except Exception as error:
        raise UserError(f"{path} is not a readable HDF5 file ({error})") from None
    heads = tuple(Head(name, _sample(array)) for name, array in columns)
    return Sheet(heads, tuple(array for _, array in columns), tuple(remarks), tuple(notes))


def read_hdf5(
    path: Path,
    sheet: Sheet,
    numbers: Sequence[int],
    words: Sequence[int],
    report: Report | None = None,
) -> Columns:
    """Return some columns of numbers and some of words; see ``read_text``.

    Raises:
        UserError: a column should hold numbers and does not.
    """
    table = np.empty((len(numbers), len(sheet.arrays[0])))
    for row, column in enumerate(numbers):
        array = sheet.arrays[column]
        if array.dtype.kind in "fiub":
            table[row] = array
        else:
            table[row] = _numbers(path, sheet.heads[column].name or "", _texts(array))
    builders = []
    for column in words:
        builder = WordsBuilder()
        builder.add(_texts(sheet.arrays[column]))
        builders.append(builder.built())
    return Columns(table, builders, lambda row: f"row {row + 1}", _digest(path, report))


def _digest(path: Path, report: Report | None) -> str:
    digest, total, done = hashlib.sha256(), path.stat().st_size, 0
    with path.open("rb") as stream:
        while block := stream.read(READ_AT_ONCE):
            digest.update(block)
            done += len(block)
            if report is not None:
                report(done, total)
    return digest.hexdigest()


def _remarks(group: Any) -> list[str]:
    return [f"{name}: {_text(value)}" for name, value in group.attrs.items() if np.ndim(value) == 0]


def _of_groups(path: Path, group: Any, names: list[str]) -> list[tuple[str, Array]]:
    """Return a group for each device as one long table."""
    tables = [dict(_of_arrays(path, group[name], name, [])) for name in names]
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    if not shared:
        raise UserError(f"{path}: the groups {', '.join(names[:5])} have no array in common")
    columns = [(name, np.concatenate([table[name] for table in tables])) for name in shared]
    lengths = [len(table[shared[0]]) for table in tables]
    return [("device", np.repeat(np.array(names, dtype=object), lengths)), *columns]


def _of_arrays(path: Path, group: Any, place: str, notes: list[str]) -> list[tuple[str, Array]]:
    """Return the arrays of a group, each a column; a matrix gives one for each device."""
    import h5py

    found = {
        name: _read(item)
        for name, item in group.items()
        if isinstance(item, h5py.Dataset) and item.ndim > 0
    }
    units = {name: _unit_of(group[name]) for name in found}
    where = f"{path}, group {place}" if place else str(path)
    records = [name for name, array in found.items() if array.dtype.names]
    if records:
        notes += _unused(found, records[:1])
        table = found[records[0]]
        return [(name, table[name]) for name in table.dtype.names or ()]
    matrices = [name for name in found if found[name].ndim == 2]
    vectors = {name: array for name, array in found.items() if array.ndim == 1}
    if matrices:
        best = _matrix_of_readings(where, matrices)
        matrix, beside = _turned(where, best, found[best], vectors, notes)
        notes += _unused(found, [best, *beside])
        return _of_matrix(matrix, f"{best}{units[best]}", beside)
    if not vectors:
        raise UserError(f"{where}: {_no_columns(found)}")
    notes += _unused(found, vectors)
    lengths = {name: len(array) for name, array in vectors.items()}
    if len({*lengths.values()}) > 1:
        told = ", ".join(f"{ascii_only(name)} {length}" for name, length in lengths.items())
        raise UserError(f"{where}: arrays must have the same length, but these have: {told}")
    return [(f"{name}{units[name]}", array) for name, array in vectors.items()]


def _unused(found: Iterable[str], used: Iterable[str]) -> list[str]:
    names = [ascii_only(name) for name in found if name not in set(used)]
    return [f"Arrays that are not used: {listed(names)}."] if names else []


def _no_columns(found: dict[str, Array]) -> str:
    if not found:
        return "there are no arrays of numbers"
    shapes = ", ".join(
        f"{ascii_only(name)} ({' x '.join(map(str, array.shape))})" for name, array in found.items()
    )
    return f"arrays must have one or two sides, devices and readings, but there are: {shapes}"


def _matrix_of_readings(where: str, names: list[str]) -> str:
    """Return the matrix that is named most plainly: conductance rather than conductance wanted."""
    meanings = {name: meaning_of(name) for name in names}
    fitting = [name for name in names if meanings[name].role == READING]
    fitting = [name for name in fitting if not meanings[name].rest] or fitting
    fitting = fitting or [name for name in names if meanings[name].role == OTHER]
    if not fitting:
        told = ", ".join(ascii_only(name) for name in names)
        raise UserError(f"{where}: none of the arrays {told} holds readings; name one conductance")
    if len(fitting) > 1:
        told = ", ".join(ascii_only(name) for name in fitting)
        raise UserError(
            f"{where}: each of the arrays {told} may hold the readings; name one conductance, with "
            "its unit, or leave only one"
        )
    return fitting[0]


def _turned(
    where: str, name: str, matrix: Array, vectors: dict[str, Array], notes: list[str]
) -> tuple[Array, dict[str, Array]]:
    """Return a matrix with pulses along its first axis, and the vectors that fit it."""
    of_devices = {n: v for n, v in vectors.items() if meaning_of(n).role == DEVICE}
    of_pulses = {n: v for n, v in vectors.items() if meaning_of(n).role in OF_PULSES}
    fits = {
        axis
        for axis in (0, 1)
        if any(len(v) == matrix.shape[axis] for v in of_pulses.values())
        or any(len(v) == matrix.shape[1 - axis] for v in of_devices.values())
    }
    axis = fits.pop() if len(fits) == 1 else axis_of_pulses(matrix)
    if axis is None:
        raise UserError(f"{where}: {_unclear(name, matrix)}")
    if axis == 1:
        matrix = matrix.T
    readings, devices = matrix.shape
    notes.append(
        f"Matrix {ascii_only(name)}: each {'row' if axis else 'column'} is a device, {devices} "
        f"with {readings} readings."
    )
    fitting = [n for n, v in of_pulses.items() if len(v) == readings]
    fitting += [n for n, v in of_devices.items() if len(v) == devices][:1]
    return matrix, {n: vectors[n] for n in fitting}


def _unclear(name: str, matrix: Array) -> str:
    rows, columns = matrix.shape
    remedy = (
        "write arrays device, pulse and conductance instead, with one reading each"
        if rows == columns
        else "add an array pulse with their numbers, or one with the names of the devices"
    )
    return (
        f"which side of {ascii_only(name)} ({rows} x {columns}) is that of the pulses is unclear; "
        f"{remedy}"
    )


def _of_matrix(matrix: Array, name: str, beside: dict[str, Array]) -> list[tuple[str, Array]]:
    """Return the columns of a matrix, of which each is a device, and of the vectors beside it."""
    count = matrix.shape[1]
    devices = next((v for n, v in beside.items() if meaning_of(n).role == DEVICE), None)
    names = [str(n + 1) for n in range(count)] if devices is None else _texts(devices)
    bare, unit = _split(name)
    others = [(n, v) for n, v in beside.items() if meaning_of(n).role != DEVICE]
    return others + [(f"{bare} {names[n]}{unit}", matrix[:, n]) for n in range(count)]


def _split(name: str) -> tuple[str, str]:
    """Split a name into itself and its unit in brackets."""
    unit = meaning_of(name).unit
    bare = name.split("(")[0].strip() if "(" in name else name
    if unit is not None and "(" not in name:
        bare = name.rstrip().rpartition("_")[0] or name
    return bare, f" ({unit.name})" if unit is not None else ""


def _unit_of(item: Any) -> str:
    """Return the unit among the attributes of an array, in brackets."""
    for name, value in item.attrs.items():
        if name.lower() in ("unit", "units") and find_unit(_text(value)):
            return f" ({_text(value)})"
    return ""


def _read(item: Any) -> Array:
    array = np.asarray(item[()])
    while array.ndim > 1 and 1 in array.shape:
        array = array.squeeze(axis=array.shape.index(1))
    return array


def _sample(array: Array) -> tuple[str, ...]:
    return tuple(_texts(array[:SAMPLE]))


def _texts(array: Array) -> list[str]:
    return [_text(value) for value in array.tolist()]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _numbers(path: Path, name: str, texts: list[str]) -> Floats:
    numbers = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            numbers[row] = np.nan if is_missing(text) else float(text)
        except ValueError:
            raise UserError(
                f'{path}, array {ascii_only(name)}, row {row + 1}: "{ascii_only(text)[:40]}" is '
                "not a number"
            ) from None
    return numbers
