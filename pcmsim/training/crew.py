"""The threads that train one array together, kept from one call to the next."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

from pcmsim.kernels.team import Team, form_team
from pcmsim.kernels.train import Workspace
from pcmsim.training.workspace import make_workspaces


class Crew:
    """Some threads, and room for each of them to work in.

    Threads are not begun and ended for every call: Python would lose an interrupt that comes
    while it forgets a thread that has ended.
    """

    def __init__(self, neurons: list[int], batch: int, threads: int, pairs: int = 1) -> None:
        """Make room for batches of a network with these neurons per layer, pairs per synapse."""
        self.threads = threads
        self.workspaces = make_workspaces(neurons, batch, threads, pairs)
        self._pool = ThreadPoolExecutor(threads)

    def work_together(self, work: Callable[[Team, Workspace], int]) -> list[int]:
        """Call ``work`` in all threads at once; return what each of them found."""
        team = form_team(self.threads)
        if self.threads == 1:
            return [work(team[0], self.workspaces[0])]
        # Who is at work waits for all others: nobody may begin unless every thread has been
        # told to, and an interrupt, or a system that has no more threads, can come before that.
        gate = Event()
        complete = False

        def begin(one: Team) -> int:
            gate.wait()
            return work(one, self.workspaces[one.rank]) if complete else 0

        begun = []
        try:
            for one in team:
                begun.append(self._pool.submit(begin, one))
            complete = True
        finally:
            gate.set()
            wait(begun)
        return [each.result() for each in begun]

    def share_out(self, work: Callable[[int], None], tasks: Iterable[int]) -> None:
        """Call ``work`` for every task, in whichever thread is free."""
        if self.threads == 1:
            for task in tasks:
                work(task)
        else:
            list(self._pool.map(work, tasks))
