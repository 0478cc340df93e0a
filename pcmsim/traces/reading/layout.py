"""Which column of a file means what: long form (a reading a row) or wide form (a device a column).

A file is in long form if a column says which device a row is about, in wide form if several
columns hold readings, and of a single device if one does.  Where several columns may hold the
readings of a device, that which is called by its quantity alone does; means never do beside
readings themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.names import (
    AMPLITUDE,
    CHANGED,
    CYCLE,
    DEVICE,
    IGNORED,
    KIND,
    OTHER,
    PULSE,
    QUANTITIES,
    READ_VOLTAGE,
    READING,
    UNIT,
    Meaning,
    is_summary,
    kind_of,
    kinds_in,
    meaning_of,
    nearest_name,
)
from pcmsim.traces.reading.text_form import is_missing, is_number, not_a_number
from pcmsim.traces.reading.units import Unit, ascii_only, find_unit
from pcmsim.traces.traces import DOWN, UP

FEW_WORDS = 6
MOST_NAMES = 12
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


@dataclass(frozen=True)
class Layout:
    """What the columns mean; None where there is no such column.

    Attributes:
        readings: the readings: one column in long form, one for each device in wide form.
        device: columns that together name the device; empty in wide form.
        cycle: the number of a train of pulses.
        pulse: the number of a pulse.
        kind: the kind of a pulse.
        amplitude: the amplitude of a pulse, V, whose sign may tell the kind.
        read_voltage: the voltage at which currents were read.
        read_voltage_unit: its unit; None for V.
        unit: the unit of the readings of each row.
        left_out: names of columns that are not used.
    """

    readings: tuple[Reading, ...]
    device: tuple[int, ...] = ()
    cycle: int | None = None
    pulse: int | None = None
    kind: int | None = None
    amplitude: int | None = None
    read_voltage: int | None = None
    read_voltage_unit: Unit | None = None
    unit: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether every device has a column of its own."""
        return not self.device


def layout_of(path: Path, heads: Sequence[Head], unit: Unit | None) -> Layout:
    """Find out what the columns of a file mean.

    Args:
        path: the file, for messages.
        heads: its columns.
        unit: the unit of readings that was asked for, if any.

    Raises:
        UserError: no column holds readings, or several may, or names seem to be misspelt.
    """
    if all(head.name is None for head in heads):
        meanings = _meanings_without_names(heads)
    else:
        _refuse_misspelt(path, heads)
        meanings = [_corrected(meaning_of(head.name or ""), head) for head in heads]
        meanings = _with_counters(path, heads, meanings)
    layout = _with_roles(meanings)
    device = tuple(n for n, meaning in enumerate(meanings) if meaning.role == DEVICE)
    readings = _readings(path, heads, meanings)
    if not readings:
        raise UserError(_no_readings(path, heads, meanings))
    used = {
        *(layout.cycle, layout.pulse, layout.kind, layout.amplitude, layout.read_voltage),
        *(layout.unit, *device, *(reading.column for reading in readings)),
    }
    left_out = tuple(_header(head, n) for n, head in enumerate(heads) if n not in used)
    return replace(layout, readings=readings, device=device, left_out=left_out)


def _refuse_misspelt(path: Path, heads: Sequence[Head]) -> None:
    names = [head.name for head in heads if head.name and meaning_of(head.name).unit is None]
    near = [f"{word} for {ascii_only(name)}" for name in names if (word := nearest_name(name))]
    if near:
        raise UserError(f"{path}: did you mean {', '.join(near)}?  If not, change the name")


def _with_roles(meanings: Sequence[Meaning]) -> Layout:
    def first(role: str) -> int | None:
        return next((n for n, meaning in enumerate(meanings) if meaning.role == role), None)

    pulse, cycle = first(PULSE), first(CYCLE)
    if pulse is None:
        pulse, cycle = cycle, None
    voltage = first(READ_VOLTAGE)
    return Layout(
        (),
        cycle=cycle,
        pulse=pulse,
        kind=first(KIND),
        amplitude=first(AMPLITUDE),
        read_voltage=voltage,
        unit=first(UNIT),
        read_voltage_unit=None if voltage is None else meanings[voltage].unit,
    )


def _corrected(meaning: Meaning, head: Head) -> Meaning:
    """Let the entries of a column decide where its name may mean two things."""
    numeric = _is_numeric(head)
    if meaning.role == PULSE and (not numeric or _are_signs(head)):
        return Meaning(KIND if _are_kinds(head) else DEVICE if not numeric else PULSE)
    if meaning.role == KIND and not _are_kinds(head) and numeric and len({*head.sample}) > 3:
        return Meaning(IGNORED)
    if meaning.role == UNIT and not any(map(find_unit, head.sample)):
        return Meaning(IGNORED)
    if meaning.role == OTHER and not numeric:
        return Meaning(KIND if _are_kinds(head) else IGNORED)
    if meaning.role in (READING, CYCLE, AMPLITUDE, READ_VOLTAGE) and not numeric:
        return Meaning(KIND if _are_kinds(head) else IGNORED)
    return meaning


def _with_counters(path: Path, heads: Sequence[Head], meanings: list[Meaning]) -> list[Meaning]:
    """Let columns that count evenly beside those of devices number the pulses.

    Plotting programs write tables of pairs, such as N1, G1, N2, G2.
    """
    roles = [meaning.role for meaning in meanings]
    has_units = any(meaning.unit is not None for meaning in meanings)
    counters = [
        n
        for n, meaning in enumerate(meanings)
        if meaning.role == OTHER
        and meaning.unit is None
        and _counts_evenly(heads[n])
        and (has_units or meaning_of(meaning.rest.rstrip("0123456789_ ")).role == PULSE)
    ]
    others = [n for n, role in enumerate(roles) if role in (READING, OTHER) and n not in counters]
    if {DEVICE, PULSE} & {*roles} or not counters or not others:
        return meanings
    if len({tuple(_whole(heads[n])) for n in counters}) > 1:
        headers = [_header(heads[n], n) for n in counters]
        raise UserError(
            f"{path}: columns {_listed(headers)} count pulses differently; give one reading a row, "
            "with columns device and pulse"
        )
    return [Meaning(PULSE) if n in counters else one for n, one in enumerate(meanings)]


def _meanings_without_names(heads: Sequence[Head]) -> list[Meaning]:
    """Judge columns by their entries: words, a counter, a constant that changes in blocks."""
    meanings = [Meaning(READING, rest=f"column {n + 1}") for n in range(len(heads))]
    numeric = [n for n, head in enumerate(heads) if _is_numeric(head)]
    for n, head in enumerate(heads):
        if n not in numeric:
            meanings[n] = Meaning(KIND if _are_kinds(head) else DEVICE)
        elif _are_signs(head) and len(numeric) > 1:
            meanings[n] = Meaning(KIND)
    counters = [n for n in numeric if _counts(heads[n]) and meanings[n].role == READING]
    blocks = [n for n in numeric if _is_in_blocks(heads[n]) and meanings[n].role == READING]
    if counters and len(numeric) > 1:
        meanings[counters[0]] = Meaning(PULSE)
        named = any(meaning.role == DEVICE for meaning in meanings)
        before = [n for n in blocks if n != counters[0]]
        if before and not named and len(numeric) > 2:
            meanings[before[0]] = Meaning(DEVICE)
    return meanings


def _readings(
    path: Path, heads: Sequence[Head], meanings: Sequence[Meaning]
) -> tuple[Reading, ...]:
    """Return the columns of readings; empty if there are none."""
    columns = [
        Reading(n, _header(head, n), ascii_only(meaning.rest), meaning.quantity, meaning.unit)
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
    return f"{path}: each of the columns {_listed(headers)} may hold the readings; {advice}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")


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


def _header(head: Head, column: int) -> str:
    return ascii_only(head.name or f"column {column + 1}")


def _no_readings(path: Path, heads: Sequence[Head], meanings: Sequence[Meaning]) -> str:
    headers = [_header(head, n) for n, head in enumerate(heads)]
    for header, meaning in zip(headers, meanings, strict=True):
        if meaning.role == CHANGED:
            return (
                f"{path}: column {header} holds {meaning.rest}; give the readings themselves in a "
                "column such as G (uS)"
            )
    for n, head in enumerate(heads):
        meaning = meaning_of(head.name or "")
        is_named = meaning.role == READING or (meaning.role == OTHER and meaning.unit is not None)
        if is_named and not _is_numeric(head):
            return f"{path}, {_first_that_is_no_number(head, n)}"
    advice = "name one conductance, resistance or current, with its unit, such as G (uS)"
    return f"{path}: none of the columns {_listed(headers)} holds readings; {advice}"


def _first_that_is_no_number(head: Head, column: int) -> str:
    row, entry = next(
        (row, entry)
        for row, entry in enumerate(head.sample)
        if not (is_number(entry, False) or is_missing(entry))
    )
    place = head.places[row] if head.places else f"row {row + 1}"
    return not_a_number(f"{place}, column {column + 1}", head.name, entry)


def _is_numeric(head: Head) -> bool:
    entries = [entry for entry in head.sample if not is_missing(entry)]
    numbers = sum(is_number(entry, False) for entry in entries)
    return not entries or numbers > 0.5 * len(entries)


def _are_kinds(head: Head) -> bool:
    known = {*head.sample} - {""}
    return bool(known) and len(known) <= FEW_WORDS and all(kind_of(w) is not None for w in known)


def _are_signs(head: Head) -> bool:
    """Whether all entries are +1, -1 or 0, some below 0."""
    found = {kind_of(entry) for entry in head.sample if is_number(entry, False)}
    return -1 in found and None not in found


def _whole(head: Head) -> list[int]:
    """Return the entries of a column of whole numbers; empty if it holds others."""
    if not all(is_number(entry, False) for entry in head.sample):
        return []
    values = [float(entry) for entry in head.sample]
    return [int(v) for v in values] if all(v.is_integer() for v in values) else []


def _counts(head: Head) -> bool:
    """Whether a column counts up, and now and then starts anew."""
    values = _whole(head)
    pairs = list(pairwise(values))
    up = sum(b > a for a, b in pairs)
    return (
        bool(pairs) and up > 0.5 * len(pairs) and all(b > a or b == min(values) for a, b in pairs)
    )


def _counts_evenly(head: Head) -> bool:
    """Whether a column of whole numbers goes up by the same from row to row."""
    values = _whole(head)
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > 2 and len(steps) == 1 and min(steps) > 0


def _is_in_blocks(head: Head) -> bool:
    """Whether a column keeps a whole number for many rows."""
    values = _whole(head)
    pairs = list(pairwise(values))
    return bool(pairs) and sum(a == b for a, b in pairs) > 0.5 * len(pairs)
