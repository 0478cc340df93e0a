"""The line of names above the data, and the line of units that may follow it."""

import re
from itertools import pairwise, zip_longest
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.entries import (
    is_comment,
    is_missing,
    is_number,
    most_frequent,
    split_line,
    too_many_entries,
    without_empty_end,
)
from pcmsim.traces.reading.names import DEVICE, PULSE, READING, is_foreign_unit, meaning_of
from pcmsim.traces.reading.units import find_unit


def after_names(rows: list[list[str]], numeric: list[int], comma: bool) -> int | None:
    """Return where data begin if names stand above lines that are faulty data.

    ``rows`` are those above the first faultless line.
    """
    for n, (cells, below) in enumerate(pairwise(rows), start=1):
        named = {meaning_of(cell).role for cell in cells} & {PULSE, DEVICE, READING}
        numbers = [
            sum(column < len(row) and is_number(row[column], comma) for column in numeric)
            for row in (cells, below)
        ]
        if named and numbers[0] == 0 and numbers[1] > 0:
            return n
    return None


def names_above(
    rows: list[tuple[int, list[str]]],
    start: int,
    lines: list[str],
    separator: str | None,
    width: int,
) -> list[str] | None:
    """Return the names above the data, or None."""
    most = most_frequent([len(cells) for _, cells in rows[start:]])
    if start == 0:
        return _names_in_comment(lines[: rows[0][0] - 1], separator, width, most)
    above = [_fitted(lines[number - 1], separator, width, most) for number, _ in rows[:start]]
    units = above[-1] or without_empty_end(rows[start - 1][1])
    if start > 1 and above[-2] is not None and _are_units(units):
        return [_with_unit(*pair) for pair in zip_longest(above[-2], units, fillvalue="")]
    return above[-1]


def _names_in_comment(
    lines: list[str], separator: str | None, width: int, most: int
) -> list[str] | None:
    """Return names from the last comment line, where there are as many as columns."""
    comments = [line.lstrip(" \t#%") for line in lines if line.strip(" \t#%")]
    names = _fitted(comments[-1], separator, width, most) if comments else None
    if names is None or (width == 1 and ":" in names[0]):
        return None
    return names


def refuse_too_few_names(
    path: Path,
    lines: list[str],
    rows: list[tuple[int, list[str]]],
    separator: str | None,
    width: int,
) -> None:
    """Refuse data that have more entries than names stand above them."""
    above = [line for line in lines[: rows[0][0] - 1] if line.strip(" \t#%")]
    for line in above[-2:] if separator is not None else ():
        names = without_empty_end(split_line(line.lstrip(" \t#%"), separator))
        # A comment of one piece tells a unit, not names.
        is_remark = is_comment(line) and len(names) == 1
        if len(names) < width and _are_names(names) and not is_remark:
            first, cells = next((n, c) for n, c in rows if len(without_empty_end(c)) > len(names))
            raise UserError(f"{path}, {too_many_entries(first, cells, len(names), separator)}")


def _are_names(cells: list[str]) -> bool:
    """Whether more than half of the entries of a line name columns; a title does not."""
    meanings = [meaning_of(cell) for cell in cells]
    known = [
        (meaning.role in (PULSE, DEVICE, READING) and not meaning.rest)
        or (meaning.unit is not None and meaning.quantity is not None)
        for meaning in meanings
    ]
    return 2 * sum(known) > len(cells)


def _fitted(line: str, separator: str | None, width: int, most: int) -> list[str] | None:
    """Split a line of names in the way that gives as many as there are columns.

    More than that are names of columns that hold nothing, if lines have ``most`` separators or if
    they are known as names.
    """
    line = line.strip("\r\n").removeprefix("\ufeff")
    tries = [split_line(line, separator)]
    if separator is None:
        tries.append(re.sub(r"\s+(?=[(\[{])", "_", line).split())
        tries.append(re.split(r"\s{2,}|\t|,|;", line.strip()))
        tries.append(line.lstrip(" #%").split())
    for cells in tries:
        while len(cells) > width and not cells[-1]:
            cells = cells[:-1]
        if len(cells) == width and any(cells):
            return cells
    named = without_empty_end(tries[0])
    may_be_more = separator is not None and (len(named) <= most or _are_names(named))
    return named if len(named) > width and may_be_more else None


def _are_units(cells: list[str]) -> bool:
    inside = [cell.strip("()[]{} ") for cell in cells]
    some = [text for text in inside if not is_missing(text)]
    return bool(some) and all(
        find_unit(text) or is_foreign_unit(text) or text in ("us", "1", "a.u.") for text in some
    )


def _with_unit(name: str, unit: str) -> str:
    inside = unit.strip("()[]{} ")
    return name if is_missing(inside) or inside == "1" else f"{name} ({inside})"
