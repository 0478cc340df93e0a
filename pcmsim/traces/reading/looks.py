"""What the first entries of a column look like: numbers, kinds of pulses, counters, blocks."""

from collections.abc import Sequence
from itertools import pairwise

from pcmsim.traces.reading.columns import Head
from pcmsim.traces.reading.entries import is_missing, is_number, not_a_number
from pcmsim.traces.reading.names import kind_of
from pcmsim.traces.reading.units import ascii_only

# Words for kinds of pulses are no more than this.
FEW_WORDS = 6
# Of more names than this, a message lists the first.
MOST_NAMES = 12


def is_numeric(head: Head) -> bool:
    """Whether most entries that are there are numbers."""
    entries = [entry for entry in head.sample if not is_missing(entry)]
    numbers = sum(is_number(entry, False) for entry in entries)
    return not entries or numbers > 0.5 * len(entries)


def are_kinds(head: Head) -> bool:
    """Whether all entries are words for kinds of pulses."""
    known = {*head.sample} - {""}
    return bool(known) and len(known) <= FEW_WORDS and all(kind_of(w) is not None for w in known)


def are_signs(head: Head) -> bool:
    """Whether all entries are +1, -1 or 0, some below 0."""
    found = {kind_of(entry) for entry in head.sample if is_number(entry, False)}
    return -1 in found and None not in found


def whole_numbers(head: Head) -> list[int]:
    """Return the entries of a column of whole numbers; empty if it holds others."""
    if not all(is_number(entry, False) for entry in head.sample):
        return []
    values = [float(entry) for entry in head.sample]
    return [int(v) for v in values] if all(v.is_integer() for v in values) else []


def counts_up(head: Head) -> bool:
    """Whether a column counts up, and now and then starts anew."""
    values = whole_numbers(head)
    pairs = list(pairwise(values))
    up = sum(b > a for a, b in pairs)
    return (
        bool(pairs) and up > 0.5 * len(pairs) and all(b > a or b == min(values) for a, b in pairs)
    )


def counts_evenly(head: Head) -> bool:
    """Whether a column of whole numbers goes up by the same from row to row."""
    values = whole_numbers(head)
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > 2 and len(steps) == 1 and min(steps) > 0


def is_in_blocks(head: Head) -> bool:
    """Whether a column keeps a whole number for many rows."""
    values = whole_numbers(head)
    pairs = list(pairwise(values))
    return bool(pairs) and sum(a == b for a, b in pairs) > 0.5 * len(pairs)


def header_of(head: Head, column: int) -> str:
    """Return what a column is called in messages."""
    return ascii_only(head.name or f"column {column + 1}")


def shown_headers(headers: Sequence[str]) -> str:
    """Return the first of some names of columns, as messages list them."""
    return ", ".join(headers[:MOST_NAMES]) + (", ..." if len(headers) > MOST_NAMES else "")


def first_that_is_no_number(head: Head, column: int) -> str:
    """Say which entry of a column is the first that is no number, and what to write."""
    row, entry = next(
        (row, entry)
        for row, entry in enumerate(head.sample)
        if not (is_number(entry, False) or is_missing(entry))
    )
    place = head.places[row] if head.places else f"row {row + 1}"
    return not_a_number(f"{place}, column {column + 1}", head.name, entry)
