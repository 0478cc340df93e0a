"""Reading HDF5 files as if they were tables: every array is a column, or several.

Understood are

* arrays of equal length, named like the columns of a text file;
* one array of records with such names;
* a matrix of readings beside arrays for its rows or its columns (pulse numbers, kinds of pulses,
  names of devices); its longer side is that of the readings where nothing else tells;
* a group for each device, with arrays of equal length in it.

The unit is in the name, or an attribute ``unit`` or ``units`` of the array; attributes of groups
and of the file, such as ``unit`` or ``read_voltage``, are taken as comments.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Columns, Floats, Head, Report, WordsBuilder
from pcmsim.traces.reading.names import DEVICE, OTHER, READING, meaning_of
from pcmsim.traces.reading.text_form import is_missing
from pcmsim.traces.reading.units import ascii_only, find_unit

SAMPLE = 200
READ_AT_ONCE = 1 << 22
SIGNATURE = b"\x89HDF\r\n\x1a\n"
# A block for the user, such as that of MATLAB, may stand before the signature.
SIGNATURE_PLACES = (0, 512, 1024, 2048)

Array = NDArray[Any]


@dataclass(frozen=True)
class Sheet:
    """The arrays of a file as columns of equal length.

    Attributes:
        heads: names and first entries.
        arrays: the entries, numbers or texts.
        remarks: attributes as comments.
    """

    heads: tuple[Head, ...]
    arrays: tuple[Array, ...]
    remarks: tuple[str, ...]


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
            columns = (
                _of_groups(path, group, groups)
                if groups and len(groups) == len(group)
                else _of_arrays(path, group, "")
            )
    except UserError:
        raise
    # A damaged file can fail anywhere in this library, in ways that it does not document.
    except Exception as error:
        raise UserError(f"{path} is not a readable HDF5 file ({error})") from None
    heads = tuple(Head(name, _sample(array)) for name, array in columns)
    return Sheet(heads, tuple(array for _, array in columns), tuple(remarks))


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
    tables = [dict(_of_arrays(path, group[name], name)) for name in names]
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    if not shared:
        raise UserError(f"{path}: the groups {', '.join(names[:5])} have no array in common")
    columns = [(name, np.concatenate([table[name] for table in tables])) for name in shared]
    lengths = [len(table[shared[0]]) for table in tables]
    return [("device", np.repeat(np.array(names, dtype=object), lengths)), *columns]


def _of_arrays(path: Path, group: Any, place: str) -> list[tuple[str, Array]]:
    """Return the arrays of a group, each a column; a matrix gives one for each device."""
    import h5py

    found = {
        name: _read(item)
        for name, item in group.items()
        if isinstance(item, h5py.Dataset) and item.ndim > 0
    }
    units = {name: _unit_of(group[name]) for name in found}
    records = [array for array in found.values() if array.dtype.names]
    if records:
        names: Sequence[str] = records[0].dtype.names or ()
        return [(name, records[0][name]) for name in names]
    matrices = [name for name in found if found[name].ndim == 2]
    vectors = {name: array for name, array in found.items() if array.ndim == 1}
    where = f"{path}, group {place}" if place else str(path)
    if matrices:
        best = _matrix_of_readings(where, matrices)
        return _of_matrix(found[best], f"{best}{units[best]}", vectors)
    if not vectors:
        raise UserError(f"{where}: there are no arrays of numbers")
    lengths = {name: len(array) for name, array in vectors.items()}
    if len({*lengths.values()}) > 1:
        told = ", ".join(f"{ascii_only(name)} {length}" for name, length in lengths.items())
        raise UserError(f"{where}: arrays must have the same length, but these have: {told}")
    return [(f"{name}{units[name]}", array) for name, array in vectors.items()]


def _matrix_of_readings(where: str, names: list[str]) -> str:
    fitting = [name for name in names if meaning_of(name).role == READING]
    fitting = fitting or [name for name in names if meaning_of(name).role == OTHER]
    if not fitting:
        told = ", ".join(ascii_only(name) for name in names)
        raise UserError(f"{where}: none of the arrays {told} holds readings; name one conductance")
    return fitting[0]


def _of_matrix(matrix: Array, name: str, vectors: dict[str, Array]) -> list[tuple[str, Array]]:
    """Return the columns of a matrix, turned so that each is a device."""
    rows, columns = matrix.shape
    devices = next((v for n, v in vectors.items() if meaning_of(n).role == DEVICE), None)
    others = {n: v for n, v in vectors.items() if meaning_of(n).role != DEVICE}
    lengths = {len(v) for v in others.values()}
    if devices is not None and len(devices) in (rows, columns) and rows != columns:
        turned = len(devices) == rows
    elif lengths & {rows, columns} and rows != columns:
        turned = rows not in lengths
    else:
        turned = columns > rows
    if turned:
        matrix = matrix.T
    readings, count = matrix.shape
    fits = devices is not None and len(devices) == count
    names = _texts(devices) if fits and devices is not None else [str(n + 1) for n in range(count)]
    bare, unit = _split(name)
    beside = [(n, v) for n, v in others.items() if len(v) == readings]
    return beside + [(f"{bare} {names[n]}{unit}", matrix[:, n]) for n in range(count)]


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
