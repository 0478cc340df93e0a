"""Reading text files of any size: block by block, all numbers of a block at once.

Comments are taken out.  A block that NumPy cannot read is mended first: empty lines are taken out,
words for missing numbers become NaN.  If it still cannot be read, it is gone through entry by
entry, only to say where the fault is.
"""

import codecs
import hashlib
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.errors import UserError
from pcmsim.traces.reading.columns import Columns, Report, WordsBuilder
from pcmsim.traces.reading.entries import (
    COMMENT,
    MISSING,
    is_comment,
    is_missing,
    is_number,
    not_a_number,
    split_line,
    too_many_entries,
    without_empty_end,
)
from pcmsim.traces.reading.text_form import TextForm
from pcmsim.traces.traces import Floats

BLOCK_BYTES = 1 << 22
LONGEST_WORD = 64
_COMMENT_LINE = re.compile(rf"^{COMMENT}\n?", re.MULTILINE | re.IGNORECASE)


def read_text(
    path: Path,
    form: TextForm,
    numbers: Sequence[int],
    words: Sequence[int],
    report: Report | None = None,
) -> Columns:
    """Read some columns of numbers and some of words.

    Raises:
        UserError: an entry is not a number, or a line too short; says where.
    """
    reader = _Reader(path, form, numbers, words)
    digest = hashlib.sha256()
    blocks: list[Floats] = []
    for line, text in _blocks(path, form, digest.update, report):
        blocks += reader.numbers_of(line, text)
    return Columns(
        _joined(blocks, len(numbers)),
        [builder.built() for builder in reader.words],
        partial(_line_of, path, form),
        digest.hexdigest(),
        _told(reader.comments),
    )


class _Reader:
    """Turns blocks of text into numbers and words."""

    def __init__(
        self, path: Path, form: TextForm, numbers: Sequence[int], words: Sequence[int]
    ) -> None:
        self.path = path
        self.form = form
        self.number_columns = list(numbers)
        self.word_columns = list(words)
        self.words = [WordsBuilder() for _ in words]
        self.comments = 0
        self.mend_first = False
        self.too_long = _longer_than(len(form.heads), form.separator)

    def numbers_of(self, line: int, text: str) -> list[Floats]:
        """Read a block that begins with a certain line: one array (rows, columns), or none."""
        if self.form.comma:
            text = _with_points(text, self.form)
        data, comments = _COMMENT_LINE.subn("", text) if "#" in text or "%" in text else (text, 0)
        self.comments += comments
        found = None if self.mend_first else self._tried(data)
        if found is None:
            self.mend_first = True
            found = self._tried(_mended(data, self.form))
        # NumPy does not mind entries beyond the columns that it is to read.
        is_suspect = found is None or self._may_be_too_long(data)
        fault = self._fault(line, text) if is_suspect else None
        if found is None or fault is not None:
            fault = fault or f"after line {line}: some lines cannot be read as the first ones are"
            raise UserError(f"{self.path}, {fault}")
        numbers, words = found
        for builder, column in zip(self.words, words.T, strict=False):
            builder.add(column.tolist())
            if builder.longest >= LONGEST_WORD:
                raise UserError(
                    f"{self.path}: names of devices and kinds of pulses must be shorter than "
                    f"{LONGEST_WORD} characters"
                )
        return [numbers] if numbers.size else []

    def _may_be_too_long(self, text: str) -> bool:
        separator, columns = self.form.separator, len(self.form.heads)
        # Counting is much faster than looking at every line.
        if separator and text.count(separator) == (columns - 1) * text.count("\n"):
            return False
        return self.too_long.search(text) is not None

    def _tried(self, text: str) -> tuple[Floats, NDArray[np.str_]] | None:
        """Return numbers and words of a block; None if it cannot be read as it is."""
        if not text.strip():
            return np.zeros((0, len(self.number_columns))), np.zeros((0, 0), dtype=np.str_)
        try:
            numbers = self._loaded(text, np.float64, self.number_columns)
            if not self.word_columns:
                return numbers, np.zeros((0, 0), dtype=np.str_)
            words = self._loaded(text, np.dtype(f"U{LONGEST_WORD}"), self.word_columns)
        except ValueError:
            return None
        return (numbers, words) if len(words) == len(numbers) else None

    def _loaded(self, text: str, dtype: Any, columns: list[int]) -> NDArray[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded: NDArray[Any] = np.loadtxt(
                io.StringIO(text),
                dtype=dtype,
                delimiter=self.form.separator,
                usecols=columns,
                comments=None,
                quotechar='"' if self.form.quoted else None,
                ndmin=2,
            )
        return loaded

    def _fault(self, line: int, text: str) -> str | None:
        """Say which entry of a block is the fault; None if none is found."""
        columns = len(self.form.heads)
        width = max([*self.number_columns, *self.word_columns]) + 1
        for number, cells in _rows(line, text, self.form.separator):
            if len(cells) < width:
                return (
                    f"line {number} has {len(cells)} entries, not {len(self.form.heads)} as the "
                    "lines before: is it cut off?"
                )
            if len(without_empty_end(cells)) > columns:
                return too_many_entries(number, cells, columns, self.form.separator)
            for column in self.number_columns:
                cell = cells[column]
                if not (is_number(cell, False) or is_missing(cell)):
                    place = f"line {number}, column {column + 1}"
                    return not_a_number(place, self.form.heads[column].name, cell)
        return None


def _rows(line: int, text: str, separator: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the entries of each line that holds any."""
    for number, content in enumerate(text.split("\n"), start=line):
        cells = split_line(content, separator)
        if any(cells) and not is_comment(content):
            yield number, cells


def _blocks(
    path: Path, form: TextForm, digest: Callable[[bytes], object], report: Report | None
) -> Iterator[tuple[int, str]]:
    """Yield pieces of the data that end with a line, each with the number of its first line."""
    decoder = codecs.getincrementaldecoder(form.encoding)(errors="replace")
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    total, done, line, rest = path.stat().st_size, 0, 1, ""
    skip = form.first - 1
    with path.open("rb") as stream:
        while True:
            raw = stream.read(BLOCK_BYTES)
            digest(raw)
            done += len(raw)
            text = rest + newlines.decode(raw, final=not raw)
            cut = len(text) if not raw else text.rfind("\n") + 1
            text, rest = text[:cut], text[cut:]
            while skip and "\n" in text:
                text = text[text.index("\n") + 1 :]
                skip, line = skip - 1, line + 1
            if text:
                yield line, text
                line += text.count("\n")
            if report is not None:
                report(done, total)
            if not raw:
                return


def _told(comments: int) -> tuple[str, ...]:
    """Say how many lines were comments, lest readings are among them."""
    if not comments:
        return ()
    lines = "1 line of data begins" if comments == 1 else f"{comments} lines of data begin"
    return (f"{lines} with # or %: left out as comments; quotation marks prevent it.",)


def _with_points(text: str, form: TextForm) -> str:
    if form.separator == ",":
        return re.sub(r'"([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)"', r"\1.\2", text)
    return text.replace(",", ".")


def _mended(text: str, form: TextForm) -> str:
    """Take out empty lines; write nan for missing numbers."""
    edge = "\\s" if form.separator is None else re.escape(form.separator)
    if form.separator is not None:
        text = re.sub(rf'^[ "{edge}]*$\n?', "", text, flags=re.MULTILINE)
    words = "|".join(sorted((re.escape(word) for word in MISSING if word), reverse=True))
    pattern = rf'(?<![^{edge}\n]) *"? *(?:{words}) *"? *(?=[{edge}\n]|\Z)'
    text = re.sub(pattern, "nan", text, flags=re.IGNORECASE)
    if form.separator is not None:
        text = re.sub(rf'(?<![^{edge}\n])(?: *|"")(?=[{edge}\n])', "nan", text)
        text = re.sub(rf"(?<={edge})\Z", "nan", text)
    return text


def _longer_than(columns: int, separator: str | None) -> re.Pattern[str]:
    """Return what finds a line that may have more entries than there are columns."""
    if separator is None:
        return re.compile(rf"^[ \t]*(?:[^ \t\n]+[ \t]+){{{columns}}}[^ \t\n]", re.MULTILINE)
    edge = re.escape(separator)
    return re.compile(rf"^(?:[^{edge}\n]*{edge}){{{columns}}}[^\n]*[^\s{edge}]", re.MULTILINE)


def _joined(blocks: list[Floats], columns: int) -> Floats:
    """Put blocks (rows, columns) together as (columns, rows), and let go of each on the way."""
    numbers = np.empty((columns, sum(len(block) for block in blocks)))
    row = 0
    while blocks:
        block = blocks.pop(0)
        numbers[:, row : row + len(block)] = block.T
        row += len(block)
    return numbers


def _line_of(path: Path, form: TextForm, row: int) -> str:
    """Return where a row stands, by reading the file once more."""
    seen = 0
    for line, text in _blocks(path, form, lambda raw: None, None):
        for number, _ in _rows(line, text, form.separator):
            if seen == row:
                return f"line {number}"
            seen += 1
    return f"row {row + 1}"
