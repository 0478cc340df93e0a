"""Rows in the order in which pulses were fired: sorting, repeated rows, new trains.

The rules, for each device (or each train of it, where a column tells trains apart):

* Pulse numbers that begin with the device's lowest and fall only back to it start a new train at
  each fall.  A train that repeats the first one exactly is a copy and dropped.
* Other numbers that fall are out of order, and are sorted.
* Rows with the same number are dropped but for one if they are the same in everything, and refused
  if they contradict each other.
* Only changes over one distance of pulse numbers are steps: over one pulse, if at least 100 changes
  are, and a tenth as many as over the commonest distance (choices); else over the commonest, the
  shortest of equals.  Where numbers leap by several such distances, readings are missing.  Leaps by
  any other distance, or by more than 100 (a choice; no pulse is felt so long), count as one missing
  reading after nothing that is known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pcmsim.traces.traces import Flags, Floats, Rows

ENOUGH_DISTANCES = 100_000
ENOUGH_SINGLE = 100
SINGLE_SHARE = 0.1
LONGEST_LEAP = 100
# Numbers that differ by less are the same.
RESOLUTION = 1e-6


@dataclass
class Order:
    """Rows in order.

    Attributes:
        rows: which rows of the file, device by device; None for all, as they are.
        is_first: of a device.
        is_start: of a train, or after a leap of which nothing is known.
        is_gap: after such a leap.
        absent: how many readings are missing just before it.
        sorted_groups: how many devices had numbers out of order.
        dropped: how many rows were repeated and dropped.
        restarts: how many trains begin because numbers start anew.
        step: distance of pulse numbers over which changes count as steps.
        steps: how many readings are so far from the one before.
        leaps: how many are another distance from it.
        first: (trains,) with which number each train begins.
        last: (trains,) with which it ends.
        late: how many trains lack their beginning.
    """

    rows: Rows | None
    is_first: Flags
    is_start: Flags
    is_gap: Flags
    absent: Rows
    sorted_groups: int = 0
    dropped: int = 0
    restarts: int = 0
    step: float = 1.0
    steps: int = 0
    leaps: int = 0
    first: Floats = field(default_factory=lambda: np.zeros(0))
    last: Floats = field(default_factory=lambda: np.zeros(0))
    late: int = 0


def turns(group: NDArray[np.int32]) -> Floats:
    """Return how many rows of the same group stand before each: numbers where a file has none."""
    rows = np.argsort(group, kind="stable")
    begins = np.flatnonzero(_changes(group[rows]))
    turn = np.empty(group.size)
    turn[rows] = np.arange(group.size) - np.repeat(begins, np.diff([*begins, group.size]))
    return turn


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
    none = np.zeros(group.size, dtype=bool)
    order = Order(rows, _changes(group), none, none.copy(), none.astype(np.int64))
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
        order.is_gap, order.absent = order.is_gap[kept], order.absent[kept]
    order.restarts = int((order.is_start & ~order.is_first).sum())
    begins = np.flatnonzero(order.is_start)
    order.first, order.last = number[begins], number[np.append(begins[1:], number.size) - 1]
    _mark_leaps(order, number)
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


def _mark_leaps(order: Order, number: Floats) -> None:
    distance = np.diff(number)
    inside = ~order.is_start[1:]
    if not inside.any():
        return
    order.step = _distance_of_steps(distance, np.flatnonzero(inside))
    leap = np.flatnonzero(inside & (np.abs(distance - order.step) > RESOLUTION))
    order.leaps = leap.size
    order.steps = int(inside.sum()) - leap.size
    times, known = steps_in(distance[leap], order.step)
    order.absent[leap + 1] = np.where(known, times - 1, 1)
    order.is_gap[leap[~known] + 1] = True
    order.is_start |= order.is_gap


def steps_in(distance: Floats, step: float) -> tuple[Rows, Flags]:
    """Return how many steps make a distance, and whether they are whole and not too many."""
    times = distance / step
    whole = np.abs(times - np.rint(times)) <= RESOLUTION
    return np.rint(times).astype(np.int64), whole & (times <= LONGEST_LEAP)


def _distance_of_steps(distance: Floats, inside: Rows) -> float:
    """Return over which distance of pulse numbers changes are steps."""
    if inside.size > ENOUGH_DISTANCES:
        # At random, as a pattern that repeats would hide from every so-manieth.
        inside = np.random.default_rng(0).choice(inside, ENOUGH_DISTANCES)
    sizes, counts = np.unique(np.round(distance[inside] / RESOLUTION), return_counts=True)
    single = int(counts[sizes == round(1 / RESOLUTION)].sum())
    if single >= max(ENOUGH_SINGLE, SINGLE_SHARE * counts.max()):
        return 1.0
    return float(sizes[np.argmax(counts)] * RESOLUTION)
