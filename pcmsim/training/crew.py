"""The threads that train one array together, kept from one call to the next."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
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
        with self._threads_that_end() as pool:
            try:
                for one in team:
                    begun.append(pool.submit(begin, one))
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
            with self._threads_that_end() as pool:
                list(pool.map(work, tasks))

    @contextmanager
    def _threads_that_end(self) -> Iterator[ThreadPoolExecutor]:
        """Yield the threads; where their work is interrupted, end them.

        A thread that was just being begun would else be none of those that Python ends with the
        program: it would wait for work, and the program for it, for ever.
        """
        try:
            yield self._pool
        except BaseException:
            self._pool.shutdown(wait=False)
            self._pool = ThreadPoolExecutor(self.threads)
            raise
