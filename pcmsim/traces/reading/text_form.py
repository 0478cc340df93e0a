"""How a text file is laid out: encoding, separator, decimal mark, title lines, names of columns.

All is found out from the first lines.  The rules:

* The separator is the one with which the lines have equally many entries that look like numbers
  or single words: tab, semicolon, comma, bar, or white space.
* Numbers have a decimal comma if more entries look like ``1,5`` than like ``1.5``, and the
  separator is not an unquoted comma.
* The data begin at the first line in which every column that holds numbers further down does so.
  The line before it has the names; one with units only, in between, is added to them.
* Lines that begin with # or % are comments, but for errors of a spreadsheet such as #N/A.
* There are as many columns as names.  Lines may end with more separators, not with more entries.
"""

import csv
import re
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.names import DEVICE, PULSE, READING, is_foreign_unit, meaning_of
from pcmsim.traces.reading.units import ascii_only, find_unit

SAMPLE_BYTES = 1 << 18
SAMPLE_LINES = 400
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
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.I)
_CLEAN_WORD = re.compile(r"[^\s;,|]+")

# What a file that is no text begins with, and what to say of it.
_NO_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or another packed file: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save it as CSV"),
    (b"\x1f\x8b", "compressed: unpack it first"),
    (b"\xfd7zXZ", "compressed: unpack it first"),
    (b"MATLAB 5.0", "a MATLAB file: save it as CSV, or with -v7.3, which is HDF5"),
    (b"\x93NUMPY", "a NumPy file: save it as CSV or HDF5"),
    (b"%PDF", "a PDF file: save the numbers as CSV"),
)


@dataclass(frozen=True)
class TextForm:
    """How a text file is laid out.

    Attributes:
        encoding: name of its encoding.
        separator: between entries; None for white space.
        comma: True if numbers have a decimal comma.
        quoted: True if entries stand between quotation marks.
        first: number of the first line of data, from 1.
        heads: the columns.
        remarks: title and comment lines above the data.
    """

    encoding: str
    separator: str | None
    comma: bool
    quoted: bool
    first: int
    heads: tuple[Head, ...]
    remarks: tuple[str, ...]


def form_of_text(path: Path, beginning: bytes) -> TextForm:
    """Find out how a text file is laid out from its first bytes.

    Raises:
        UserError: it is empty, no text, or holds no numbers.
    """
    encoding = _encoding(path, beginning)
    whole = len(beginning) < SAMPLE_BYTES
    text = beginning.decode(encoding, errors="ignore").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = (lines if whole else lines[:-1])[:SAMPLE_LINES]
    if not any(line.strip() for line in lines):
        raise UserError(f"{path} is empty")
    body = [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not is_comment(line)
    ]
    if not body:
        raise UserError(f"{path} holds comments only, no readings")
    separator, comma = _separator(path, [line for _, line in body], sum(map(is_comment, lines)))
    rows = [(number, split_line(line, separator)) for number, line in body]
    rows = [(number, cells) for number, cells in rows if any(cells)]
    return _laid_out(path, encoding, lines, rows, separator, comma)


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


def _encoding(path: Path, beginning: bytes) -> str:
    for start, what in _NO_TEXT:
        if beginning.startswith(start):
            raise UserError(f"{path} is {what}")
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in beginning:
        raise UserError(f"{path} is not a text file; save the readings as CSV or HDF5")
    try:
        beginning[: len(beginning) - 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character that is cut in two at the end of the sample is no fault.
        if error.end < len(beginning) - 8:
            return "cp1252"
    return "utf-8-sig"


def _separator(path: Path, lines: list[str], comments: int) -> tuple[str | None, bool]:
    """Return the separator and whether there are decimal commas."""
    judged = lines[len(lines) // 2 :]
    best: tuple[float, str | None, bool] = (0.0, ",", False)
    for separator in ("\t", ";", ",", "|", None):
        rows = [split_line(line, separator) for line in judged]
        if separator is None and any("\t" in line or ";" in line for line in judged):
            continue
        cells = [cell for row in rows for cell in row]
        counts = [len(row) for row in rows]
        usual = _usual(counts)
        everywhere = [split_line(line, separator) for line in lines]
        regular = [cell for row in everywhere if len(row) == usual for cell in row]
        comma = _has_decimal_commas(regular) and (separator != "," or '"' in judged[0])
        numbers = sum(is_number(cell, comma) or is_missing(cell) for cell in cells)
        words = sum(_CLEAN_WORD.fullmatch(cell) is not None for cell in cells)
        score = (numbers + 0.5 * words) / max(len(cells), 1) * counts.count(usual) / len(rows)
        if usual > 1:
            score += 0.5
        if numbers and score > best[0] + 1e-9:
            best = (score, separator, comma)
    if best[0] == 0.0:
        hint = (
            f"; {comments} lines begin with # or %, which makes them comments: put their first "
            "entries in quotation marks if they are readings"
        )
        raise UserError(
            f"{path}: no lines of numbers were found near its beginning{hint if comments else ''}"
        )
    return best[1], best[2]


def _width(rows: list[list[str]]) -> int:
    """Return how many entries lines usually have, without those at their ends that never do."""
    filled = max(len(without_empty_end(cells)) for cells in rows)
    return min(_usual([len(cells) for cells in rows]), filled)


def _usual(counts: list[int]) -> int:
    """Return the most frequent count; of several, the largest."""
    return max(counts, key=lambda count: (counts.count(count), count))


def _has_decimal_commas(cells: list[str]) -> bool:
    commas = sum(_COMMA_NUMBER.fullmatch(cell) is not None for cell in cells)
    points = sum("." in cell and is_number(cell, False) for cell in cells)
    return commas > points


def _laid_out(
    path: Path,
    encoding: str,
    lines: list[str],
    rows: list[tuple[int, list[str]]],
    separator: str | None,
    comma: bool,
) -> TextForm:
    judged = [cells for _, cells in rows[len(rows) // 2 :]]
    width = _width(judged)
    numeric = [column for column in range(width) if _is_numeric(judged, column, comma)]
    if not numeric:
        raise UserError(f"{path}: no column of numbers was found near its beginning")

    def is_data(cells: list[str]) -> bool:
        return len(cells) >= max(numeric) + 1 and all(
            is_number(cells[column], comma) or is_missing(cells[column]) for column in numeric
        )

    start = next((n for n, (_, cells) in enumerate(rows) if is_data(cells)), None)
    if start is None:
        raise UserError(f"{path}: no line of numbers was found near its beginning")
    start = _after_names([cells for _, cells in rows[:start]], numeric, comma) or start
    first = rows[start][0]
    names = _names(rows, start, lines, separator, width)
    if names is None:
        _refuse_too_few_names(path, lines, rows[start:], separator, width)
    else:
        width = len(names)
    sample = rows[start:]
    heads = tuple(
        Head(
            names[column] if names else None,
            tuple(
                cells[column].replace(",", ".") if comma else cells[column]
                for _, cells in sample
                if column < len(cells)
            ),
            tuple(f"line {number}" for number, cells in sample if column < len(cells)),
        )
        for column in range(width)
    )
    remarks = tuple(line.strip(" \t#%;,") for line in lines[: first - 1] if line.strip())
    quoted = any('"' in line for line in lines[first - 1 :])
    return TextForm(encoding, separator, comma, quoted, first, heads, remarks)


def _after_names(rows: list[list[str]], numeric: list[int], comma: bool) -> int | None:
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


def _is_numeric(rows: list[list[str]], column: int, comma: bool) -> bool:
    cells = [row[column] for row in rows if column < len(row) and not is_missing(row[column])]
    numbers = sum(is_number(cell, comma) for cell in cells)
    return bool(cells) and numbers > 0.5 * len(cells)


def _names(
    rows: list[tuple[int, list[str]]],
    start: int,
    lines: list[str],
    separator: str | None,
    width: int,
) -> list[str] | None:
    """Return the names above the data, or None."""
    most = _usual([len(cells) for _, cells in rows[start:]])
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


def _refuse_too_few_names(
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
