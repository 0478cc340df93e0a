"""Which column of a file means what: long form (a reading a row) or wide form (a device a column).

A file is in long form if a column says which device a row is about, in wide form if several
columns hold readings, and of a single device if one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.choice import Reading, readings_among
from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.looks import (
    are_kinds,
    are_signs,
    counts_evenly,
    counts_up,
    first_that_is_no_number,
    header_of,
    is_in_blocks,
    is_numeric,
    shown_headers,
    whole_numbers,
)
from pcmsim.traces.reading.names import (
    AMPLITUDE,
    CHANGED,
    CYCLE,
    DEVICE,
    IGNORED,
    KIND,
    OTHER,
    PULSE,
    READ_VOLTAGE,
    READING,
    UNIT,
    Meaning,
    meaning_of,
    nearest_name,
)
from pcmsim.traces.reading.units import Unit, ascii_only, find_unit


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
    readings = readings_among(path, heads, meanings)
    if not readings:
        raise UserError(_no_readings(path, heads, meanings))
    used = {
        *(layout.cycle, layout.pulse, layout.kind, layout.amplitude, layout.read_voltage),
        *(layout.unit, *device, *(reading.column for reading in readings)),
    }
    left_out = tuple(header_of(head, n) for n, head in enumerate(heads) if n not in used)
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
    numeric = is_numeric(head)
    if meaning.role == PULSE and (not numeric or are_signs(head)):
        return Meaning(KIND if are_kinds(head) else DEVICE if not numeric else PULSE)
    if meaning.role == KIND and not are_kinds(head) and numeric and len({*head.sample}) > 3:
        return Meaning(IGNORED)
    if meaning.role == UNIT and not any(map(find_unit, head.sample)):
        return Meaning(IGNORED)
    if meaning.role == OTHER and not numeric:
        return Meaning(KIND if are_kinds(head) else IGNORED)
    if meaning.role in (READING, CYCLE, AMPLITUDE, READ_VOLTAGE) and not numeric:
        return Meaning(KIND if are_kinds(head) else IGNORED)
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
        and counts_evenly(heads[n])
        and (has_units or meaning_of(meaning.rest.rstrip("0123456789_ ")).role == PULSE)
    ]
    others = [n for n, role in enumerate(roles) if role in (READING, OTHER) and n not in counters]
    if {DEVICE, PULSE} & {*roles} or not counters or not others:
        return meanings
    if len({tuple(whole_numbers(heads[n])) for n in counters}) > 1:
        headers = [header_of(heads[n], n) for n in counters]
        raise UserError(
            f"{path}: columns {shown_headers(headers)} count pulses differently; give one reading "
            "a row, with columns device and pulse"
        )
    return [Meaning(PULSE) if n in counters else one for n, one in enumerate(meanings)]


def _meanings_without_names(heads: Sequence[Head]) -> list[Meaning]:
    """Judge columns by their entries: words, a counter, a constant that changes in blocks."""
    meanings = [Meaning(READING, rest=f"column {n + 1}") for n in range(len(heads))]
    numeric = [n for n, head in enumerate(heads) if is_numeric(head)]
    for n, head in enumerate(heads):
        if n not in numeric:
            meanings[n] = Meaning(KIND if are_kinds(head) else DEVICE)
        elif are_signs(head) and len(numeric) > 1:
            meanings[n] = Meaning(KIND)
    counters = [n for n in numeric if counts_up(heads[n]) and meanings[n].role == READING]
    blocks = [n for n in numeric if is_in_blocks(heads[n]) and meanings[n].role == READING]
    if counters and len(numeric) > 1:
        meanings[counters[0]] = Meaning(PULSE)
        named = any(meaning.role == DEVICE for meaning in meanings)
        before = [n for n in blocks if n != counters[0]]
        if before and not named and len(numeric) > 2:
            meanings[before[0]] = Meaning(DEVICE)
    return meanings


def _no_readings(path: Path, heads: Sequence[Head], meanings: Sequence[Meaning]) -> str:
    headers = [header_of(head, n) for n, head in enumerate(heads)]
    for header, meaning in zip(headers, meanings, strict=True):
        if meaning.role == CHANGED:
            return (
                f"{path}: column {header} holds {meaning.rest}; give the readings themselves in a "
                "column such as G (uS)"
            )
    for n, head in enumerate(heads):
        meaning = meaning_of(head.name or "")
        is_named = meaning.role == READING or (meaning.role == OTHER and meaning.unit is not None)
        if is_named and not is_numeric(head):
            return f"{path}, {first_that_is_no_number(head, n)}"
    advice = "name one conductance, resistance or current, with its unit, such as G (uS)"
    return f"{path}: none of the columns {shown_headers(headers)} holds readings; {advice}"
