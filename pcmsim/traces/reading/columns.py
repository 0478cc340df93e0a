"""Columns of a file: what they are called, what their first entries are, and all they hold."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import Floats

Report = Callable[[int, int], None]
"""Takes how many bytes of how many have been read."""


@dataclass(frozen=True)
class Head:
    """The beginning of a column.

    Attributes:
        name: as the file has it; None if it names no columns.
        sample: its first entries, as text.
        places: where they stand, such as ``line 17``; empty for rows counted from 1.
    """

    name: str | None
    sample: tuple[str, ...]
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """A column of words.

    Attributes:
        code: (rows,) which of the words, as an index.
        words: the words in the order in which they come first.
    """

    code: NDArray[np.int32]
    words: list[str]


@dataclass
class Columns:
    """What was read of a file.

    Attributes:
        numbers: (columns of numbers, rows); NaN where an entry is missing.
        words: the columns of words.
        where: says of a row, counted from 0, where it stands in the file: ``line 17``.
        sha256: of the file.
        notes: what was left out.
    """

    numbers: Floats
    words: list[Words]
    where: Callable[[int], str]
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass
class WordsBuilder:
    """Turns words into indices as they come."""

    known: dict[str, int] = field(default_factory=dict)
    codes: list[NDArray[np.int32]] = field(default_factory=list)
    count: int = 0
    longest: int = 0

    def add(self, texts: list[str]) -> None:
        """Take more words; space around them does not count."""
        known = self.known
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        self.longest = max([self.longest, *map(len, fresh)])
        for text in fresh:
            if text.strip() not in known:
                known[text.strip()] = self.count
                self.count += 1
            known[text] = known[text.strip()]
        self.codes.append(
            np.fromiter(map(known.__getitem__, texts), dtype=np.int32, count=len(texts))
        )

    def built(self) -> Words:
        """Return the whole column."""
        words = [""] * self.count
        for text, code in self.known.items():
            words[code] = text.strip()
        return Words(np.concatenate([np.zeros(0, np.int32), *self.codes]), words)
