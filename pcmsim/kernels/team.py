"""Threads that train one array together.

All of them run the same kernel.  Each reads its share of the columns or rows and programs its
share of the pairs, so that every sum and every device belongs to one thread, and the result to
none: it is the same for any number of them.  Between two steps they wait for each other, by
counters that each writes for itself; there is no lock.
"""

import sys
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from pcmsim.kernels.compile import part
from pcmsim.kernels.layer import Array

# A counter has a line of the cache to itself.
COUNTER_WORDS = 8
# Who has looked so often in vain lets other programs have the processor.
PATIENCE = 20_000

_give_way = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)


class Team(NamedTuple):
    """One thread and its fellows."""

    rank: int
    size: int
    arrived: Array  # (size, COUNTER_WORDS) int64, how often each of them has got to a step's end


def form_team(size: int) -> list[Team]:
    """Return so many threads that work together."""
    arrived = np.zeros((size, COUNTER_WORDS), np.int64)
    return [Team(rank, size, arrived) for rank in range(size)]


@part
def share(team, count):
    """Return the first and the last (exclusive) of ``count`` things that are this thread's."""
    return count * team.rank // team.size, count * (team.rank + 1) // team.size


@part
def wait_for_all(team):
    """Wait until every thread has got here, and see what it has written."""
    if team.size == 1:
        return
    turn = team.arrived[team.rank, 0] + 1
    _publish(team.arrived, team.rank * COUNTER_WORDS, turn)  # type: ignore[call-arg]
    for fellow in range(team.size):
        looks = 0
        while _seen(team.arrived, fellow * COUNTER_WORDS) < turn:
            looks += 1
            if looks > PATIENCE:
                _give_way()


@intrinsic
def _publish(context: Any, array: Any, place: Any, value: Any) -> Any:
    """Write one number of an array, and with it all that was written before."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64), code


@intrinsic
def _seen(context: Any, array: Any, place: Any) -> Any:
    """Read one number of an array as others have written it, and all they had written before."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_pointer(context, builder, signature, arguments), "acquire", 8)

    return types.int64(array, types.int64), code


def _pointer(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])
