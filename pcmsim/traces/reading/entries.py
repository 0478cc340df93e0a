"""Lines of a text file, and their entries: what counts as a number, as none, as a comment."""

import csv
import re

from pcmsim.traces.reading.units import ascii_only

SPREADSHEET_ERRORS = (
    *("#n/a", "#na", "#div/0!", "#num!", "#value!", "#ref!", "#name?", "#null!"),
    *("#nv", "#zahl!", "#wert!", "#bezug!"),
)
MISSING = (
    "",
    *("nan", "na", "n/a", "null", "none", "missing", "n.a.", *SPREADSHEET_ERRORS),
    *("-", "--", "---", "?", "."),
)
COMMENT = rf"[ \t]*(?!(?:{'|'.join(map(re.escape, SPREADSHEET_ERRORS))})[ \t]*(?:[,;|\t ]|$))[#%].*"
"""Matches a line that is a comment, with the flags MULTILINE and IGNORECASE."""
_COMMENT = re.compile(COMMENT, re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.I)


def split_line(line: str, separator: str | None) -> list[str]:
    """Split a line into its entries, without the space around them."""
    if separator is None:
        return line.split()
    if '"' in line:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    return [cell.strip() for cell in line.split(separator)]


def is_comment(line: str) -> bool:
    """Return whether a line is a comment."""
    return _COMMENT.match(line) is not None


def without_empty_end(cells: list[str]) -> list[str]:
    """Return the entries of a line up to the last that is not empty."""
    count = next((n for n in range(len(cells), 0, -1) if cells[n - 1]), 0)
    return cells[:count]


def too_many_entries(line: int, cells: list[str], columns: int, separator: str | None) -> str:
    """Say that a line has more entries than there are columns."""
    hint = "name every column, or leave out what belongs to none"
    if separator == ",":
        hint = (
            "are there decimal commas?  Write points, and put text with commas in quotation marks"
        )
    count = len(without_empty_end(cells))
    there = "there is only 1 column" if columns == 1 else f"there are only {columns} columns"
    return f"line {line} has {count} entries, but {there}; {hint}"


def not_a_number(place: str, name: str | None, cell: str) -> str:
    """Say that an entry is not a number, and what to write."""
    called = f" ({ascii_only(name)})" if name else ""
    return (
        f'{place}{called}: "{ascii_only(cell)[:40]}" is not a number; write numbers such as '
        "1234.5, without units; leave the entry empty, or write nan, where a reading is missing"
    )


def is_number(cell: str, comma: bool) -> bool:
    """Return whether an entry is a number."""
    return _NUMBER.fullmatch(cell.replace(",", ".") if comma else cell) is not None


def is_missing(cell: str) -> bool:
    """Return whether an entry stands for a missing number."""
    return cell.casefold() in MISSING


def most_frequent(counts: list[int]) -> int:
    """Return the most frequent count; of several, the largest."""
    return max(counts, key=lambda count: (counts.count(count), count))
