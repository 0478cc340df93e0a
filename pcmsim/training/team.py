"""Starting the threads that train one array together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pcmsim.kernels.team import Team, form_team


def train_together(threads: int, work: Callable[[Team], int]) -> list[int]:
    """Call ``work`` in so many threads at once; return what each of them found."""
    team = form_team(threads)
    if threads == 1:
        return [work(team[0])]
    # Who is at work waits for all others: nobody may begin before the last has been started.
    gate = Barrier(threads)

    def begin(one: Team) -> int:
        gate.wait()
        return work(one)

    with ThreadPoolExecutor(threads) as pool:
        try:
            return list(pool.map(begin, team))
        except RuntimeError:
            gate.abort()
            raise
