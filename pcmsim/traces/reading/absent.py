"""Rows that a file lacks become missing readings, as if it held them with blank entries.

Nothing that comes later can then tell how gaps were written.  What was fired between two readings,
its kind and its amplitude, is what was fired before both of them; if these differ, it is unknown.

A train lacks its beginning if at least a tenth of all trains (a choice; of all with its number in
the column cycle, where there is one) begin with a lower number, and it begins before these end:
otherwise devices may have been measured in turn, with numbers that run on.
"""

import numpy as np

from pcmsim.traces.reading.grid import Table
from pcmsim.traces.reading.order import Order, steps_in
from pcmsim.traces.traces import START, Flags, Floats, Rows

MANY = 0.1


def find_late(table: Table, order: Order) -> None:
    """Find trains that lack their beginning, and mark what is absent there."""
    begins = np.flatnonzero(order.is_start & ~order.is_gap)
    cycle = np.zeros(begins.size) if table.cycle is None else table.cycle[begins]
    by_cycle = np.argsort(cycle, kind="stable")
    for trains in np.split(by_cycle, np.flatnonzero(np.diff(cycle[by_cycle])) + 1):
        distance = _lacks_before(order.first[trains], order.last[trains])
        times, known = steps_in(distance, order.step)
        late = known & (times > 0)
        order.absent[begins[trains[late]]] = times[late]
        order.late += int(late.sum())


def _lacks_before(first: Floats, last: Floats) -> Floats:
    """Return how far trains begin after the lowest number many begin with, else 0."""
    numbers, counts = np.unique(first, return_counts=True)
    usual = numbers[counts >= MANY * first.size]
    if usual.size == 0:
        return np.zeros(first.size)
    end = last[first == usual[0]].max()
    return np.where((first > usual[0]) & (first <= end), first - usual[0], 0.0)


def fill_in(table: Table, order: Order) -> None:
    """Put missing readings where rows are absent; both are changed in place."""
    absent = order.absent
    if not absent.any():
        return
    unlike = _differs_from_before(table) & ~order.is_start
    is_absent, begins = _places(absent)
    table.take(np.repeat(np.arange(absent.size), absent + 1))
    table.values[:, is_absent] = np.nan
    unknown = np.flatnonzero(is_absent & np.repeat(unlike, absent + 1))
    if table.kind is not None:
        table.kind[unknown] = START
    if table.amplitude is not None:
        table.amplitude[unknown] = np.nan
    order.is_first, order.is_start, order.is_gap = (
        _moved(flag, begins, is_absent.size)
        for flag in (order.is_first, order.is_start, order.is_gap)
    )
    order.absent = np.zeros(is_absent.size, dtype=np.int64)


def _places(absent: Rows) -> tuple[Flags, Rows]:
    """Return which of all rows are absent, and where the absent ones before each row begin."""
    place = np.arange(absent.size) + np.cumsum(absent)
    is_absent = np.ones(absent.size + int(absent.sum()), dtype=bool)
    is_absent[place] = False
    return is_absent, place - absent


def _moved(flag: Flags, begins: Rows, size: int) -> Flags:
    moved = np.zeros(size, dtype=bool)
    moved[begins[flag]] = True
    return moved


def _differs_from_before(table: Table) -> Flags:
    """Return rows that tell of another pulse than the row before."""
    differs = np.zeros(table.values.shape[1], dtype=bool)
    for told in (table.kind, table.amplitude):
        if told is not None:
            differs[1:] |= told[1:] != told[:-1]
    return differs
