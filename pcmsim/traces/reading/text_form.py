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

import re
from dataclasses import dataclass
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.entries import (
    is_comment,
    is_missing,
    is_number,
    most_frequent,
    split_line,
    without_empty_end,
)
from pcmsim.traces.reading.headings import after_names, names_above, refuse_too_few_names

SAMPLE_BYTES = 1 << 18
SAMPLE_LINES = 400
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
        usual = most_frequent(counts)
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
    return min(most_frequent([len(cells) for cells in rows]), filled)


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
    start = after_names([cells for _, cells in rows[:start]], numeric, comma) or start
    first = rows[start][0]
    names = names_above(rows, start, lines, separator, width)
    if names is None:
        refuse_too_few_names(path, lines, rows[start:], separator, width)
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


def _is_numeric(rows: list[list[str]], column: int, comma: bool) -> bool:
    cells = [row[column] for row in rows if column < len(row) and not is_missing(row[column])]
    numbers = sum(is_number(cell, comma) for cell in cells)
    return bool(cells) and numbers > 0.5 * len(cells)
