"""Rows in the order in which pulses were fired: sorting, repeated rows, new trains.

The rules, for each device (or each train of it, where a column tells trains apart):

* Pulse numbers that begin with the device's lowest and fall only back to it start a new train at
  each fall.  A train that repeats the first one exactly is a copy and dropped.
* Other numbers that fall are out of order, and are sorted.
* Rows with the same number are dropped but for one if they are the same in everything, and refused
  if they contradict each other.
* Where numbers leap by more than the usual distance, readings are missing: what happened in between
  is not one pulse, and so a new train begins.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

ENOUGH_DISTANCES = 100_000


@dataclass
class Order:
    """Rows in order.

    Attributes:
        rows: which rows of the file, device by device; None for all, as they are.
        is_first: of a device.
        is_start: of a train, or after a gap.
        is_gap: after readings that are missing.
        sorted_groups: how many devices had numbers out of order.
        dropped: how many rows were repeated and dropped.
        restarts: how many trains begin because numbers start anew.
        gaps: how many begin because readings are missing.
        step: usual distance of pulse numbers.
    """

    rows: Rows | None
    is_first: Flags
    is_start: Flags
    is_gap: Flags
    sorted_groups: int = 0
    dropped: int = 0
    restarts: int = 0
    gaps: int = 0
    step: float = 1.0


class Contradiction(Exception):
    """Two rows say different things of the same pulse; its arguments are these rows."""


def in_order(
    group: NDArray[np.int32], number: Floats, same: Callable[[Rows, Rows], Flags]
) -> Order:
    """Put rows in order.

    Args:
        group: (rows,) which device or train of a device.
        number: (rows,) number of the pulse.
        same: tells of pairs of rows whether all they say is the same.

    Raises:
        Contradiction: rows of the same pulse differ.
    """
    rows: Rows | None = None
    if (group[1:] < group[:-1]).any():
        rows = np.argsort(group, kind="stable")
        group, number = group[rows], number[rows]
    order = Order(rows, _changes(group), *np.zeros((2, group.size), dtype=bool))
    fall = ~order.is_first & _follows(np.less, number)
    restart = fall & False
    if fall.any():
        restart = _restarts(order, number, fall)
        unsorted = _groups_of(order.is_first, fall & ~restart)
        if unsorted.any():
            group, number = _sort(order, group, number, unsorted)
            restart &= ~unsorted
            order.sorted_groups = int((order.is_first & unsorted).sum())
    order.is_start = order.is_first | restart
    keep = ~_copies(order, number, same)
    keep &= ~_repeats(order, number, same)
    if not keep.all():
        order.dropped = int((~keep).sum())
        kept = np.flatnonzero(keep)
        order.rows = kept if order.rows is None else order.rows[kept]
        number = number[kept]
        order.is_first, order.is_start = order.is_first[kept], order.is_start[kept]
        order.is_gap = order.is_gap[kept]
    order.restarts = int((order.is_start & ~order.is_first).sum())
    _mark_gaps(order, number)
    return order


def _changes(group: NDArray[np.int32]) -> Flags:
    first = np.ones(group.size, dtype=bool)
    np.not_equal(group[1:], group[:-1], out=first[1:])
    return first


def _follows(compare: Callable[[Floats, Floats], Flags], number: Floats) -> Flags:
    """Compare each number with the one before; False for the first."""
    result = np.zeros(number.size, dtype=bool)
    result[1:] = compare(number[1:], number[:-1])
    return result


def _restarts(order: Order, number: Floats, fall: Flags) -> Flags:
    """Return falls back to a device's lowest number, where it also begins with that."""
    begins = np.flatnonzero(order.is_first)
    lowest = np.minimum.reduceat(number, begins)
    place = np.flatnonzero(fall)
    device = np.searchsorted(begins, place, side="right") - 1
    to_lowest = (number[place] == lowest[device]) & (number[begins] == lowest)[device]
    back = np.zeros(number.size, dtype=bool)
    back[place[to_lowest]] = True
    kept: Flags = back & ~_groups_of(order.is_first, fall & ~back)
    return kept


def _groups_of(is_first: Flags, flag: Flags) -> Flags:
    """Return a flag for all rows of groups in which any row has it."""
    begins = np.flatnonzero(is_first)
    return np.asarray(
        np.repeat(np.logical_or.reduceat(flag, begins), np.diff([*begins, flag.size]))
    )


def _sort(
    order: Order, group: NDArray[np.int32], number: Floats, unsorted: Flags
) -> tuple[NDArray[np.int32], Floats]:
    places = np.flatnonzero(unsorted)
    new = places[np.lexsort((number[places], group[places]))]
    rows = np.arange(group.size) if order.rows is None else order.rows.copy()
    rows[places] = rows[new]
    number = number.copy()
    number[places] = number[new]
    order.rows = rows
    return group, number


def _pairs(order: Order, first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Return rows of the file for places in the order."""
    return (first, second) if order.rows is None else (order.rows[first], order.rows[second])


def _copies(order: Order, number: Floats, same: Callable[[Rows, Rows], Flags]) -> Flags:
    """Return rows of trains that repeat the first train of the device in everything."""
    copies = np.zeros(number.size, dtype=bool)
    starts = np.flatnonzero(order.is_start)
    if starts.size == order.is_first.sum():
        return copies
    lengths = np.diff([*starts, number.size])
    device = np.cumsum(order.is_first[starts]) - 1
    first = np.flatnonzero(order.is_first[starts])[device]
    later = (lengths == lengths[first]) & ~order.is_first[starts] & (lengths > 1)
    place = np.flatnonzero(np.repeat(later, lengths))
    if place.size:
        twin = place - np.repeat((starts - starts[first])[later], lengths[later])
        equal = (number[place] == number[twin]) & same(*_pairs(order, place, twin))
        begins = np.concatenate([[0], np.cumsum(lengths[later])[:-1]])
        whole = np.logical_and.reduceat(equal, begins)
        copies[place] = np.repeat(whole, lengths[later])
    return copies


def _repeats(order: Order, number: Floats, same: Callable[[Rows, Rows], Flags]) -> Flags:
    repeats = ~order.is_start & _follows(np.equal, number)
    place = np.flatnonzero(repeats)
    if place.size:
        first, second = _pairs(order, place - 1, place)
        differ = np.flatnonzero(~same(first, second))
        if differ.size:
            raise Contradiction(int(first[differ[0]]), int(second[differ[0]]))
    return repeats


def _mark_gaps(order: Order, number: Floats) -> None:
    inside = ~order.is_start[1:]
    distance = np.diff(number)
    if inside.any():
        some = np.flatnonzero(inside)
        some = some[:: max(1, some.size // ENOUGH_DISTANCES)]
        order.step = float(np.quantile(distance[some], 0.5, method="lower"))
        gap = inside & (distance > 1.5 * order.step)
        order.gaps = int(gap.sum())
        order.is_gap[1:] = gap
        order.is_start[1:] |= gap
