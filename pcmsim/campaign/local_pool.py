"""A pool of processes on this machine.

A thread of ours looks after each process and hands it one point at a time.  So it is known which
point a process died of, and its death costs no other point anything.  (Python's own
ProcessPoolExecutor ends all its processes when one dies, and waits for ever if that one was just
handing over a result.)
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any
from unittest.mock import patch

from pcmsim.errors import UserError

# Runs share the processors among them; a run that started threads would only be in the way.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class LocalPool:
    """Processes that end with the block that they are made for, at the latest with us."""

    def __init__(self, workers: int) -> None:
        """Prepare so many workers; their processes start with their first work.

        Raises:
            UserError: there are to be none.
        """
        if workers < 1:
            raise UserError(f"workers: must be at least 1, not {workers}")
        self.capacity = workers
        self._threads = ThreadPoolExecutor(workers)
        self._of_this_thread = threading.local()
        # Held while a process is started: none may be missed when they are ended.
        self._lock = threading.Lock()
        self._processes: list[_Process] = []
        self._has_ended = False

    def __enter__(self) -> "LocalPool":
        """Use as a context."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes at once, whatever they are doing."""
        with self._lock:
            self._has_ended = True
            for process in self._processes:
                process.kill()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, work: Any, *arguments: Any) -> "Future[Any]":
        """Hand work to a process; BrokenExecutor in the future tells that it died."""
        return self._threads.submit(self._hand_over, work, arguments)

    def _hand_over(self, work: Any, arguments: tuple[Any, ...]) -> Any:
        """In a thread: let its process do the work, or a new one if that has died."""
        process: _Process | None = getattr(self._of_this_thread, "process", None)
        if process is None or not process.is_alive:
            process = self._of_this_thread.process = self._new_process()
        return process.do(work, arguments)

    def _new_process(self) -> "_Process":
        with self._lock:
            if self._has_ended:
                raise BrokenExecutor("the pool has ended")
            process = _Process()
            self._processes.append(process)
        return process


class _Process:
    """A process that does one piece of work after the other."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, other_end = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(other_end,), daemon=True)
        with _surroundings_of_workers():
            self._process.start()
        # Now the process alone holds it: when it dies, nobody waits for an answer any more.
        other_end.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def do(self, work: Any, arguments: tuple[Any, ...]) -> Any:
        try:
            self._connection.send((work, arguments))
            answer, error = self._connection.recv()
        except (EOFError, OSError):
            self._process.join()
            raise BrokenExecutor("the worker died") from None
        if error is not None:
            raise error
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _serve(connection: Connection) -> None:
    """In the process: do what is asked until nobody can ask any more."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        work, arguments = connection.recv()
        try:
            answer: tuple[Any, Exception | None] = work(*arguments), None
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = None, error
        connection.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def _surroundings_of_workers() -> Iterator[None]:
    """Make processes that are started in this block fit to be workers.

    They leave Ctrl-C, which reaches every process of a terminal, to us.  They do not repeat the
    program that starts them, so that it needs no ``if __name__ == "__main__"``.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        with (
            patch.dict(os.environ, ONE_THREAD),
            patch.dict(sys.modules, __main__=ModuleType("__main__")),
        ):
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
