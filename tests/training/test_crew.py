"""Threads at work together: all of them begin, or none."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pcmsim.kernels.team import Team
from pcmsim.kernels.train import Workspace
from pcmsim.training.crew import Crew


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_thread_works_and_its_finding_is_returned(threads: int) -> None:
    crew = Crew([3, 2], 1, threads)
    rooms = []

    def work(one: Team, room: Workspace) -> int:
        rooms.append(id(room))
        return 10 * one.size + one.rank

    assert crew.work_together(work) == [10 * threads + rank for rank in range(threads)]
    assert len(set(rooms)) == threads


@pytest.mark.parametrize("threads", [1, 3])
def test_every_task_is_done_once(threads: int) -> None:
    done: list[int] = []
    Crew([3, 2], 1, threads).share_out(done.append, range(20))
    assert sorted(done) == list(range(20))


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("started", [0, 1, 2])
def test_an_interruption_before_all_have_been_told_to_begin_ends_all(
    monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException], started: int
) -> None:
    """Else those that were told would wait for the others for ever."""
    submit = ThreadPoolExecutor.submit
    begun: list[Team] = []

    def submit_some(pool: ThreadPoolExecutor, begin, one: Team):  # type: ignore[no-untyped-def]
        if one.rank == started:
            raise interruption("can't start new thread")
        return submit(pool, begin, one)

    def work(one: Team, room: Workspace) -> int:
        begun.append(one)
        return 0

    crew = Crew([3, 2], 1, threads=3)
    with monkeypatch.context() as patched, pytest.raises(interruption):
        patched.setattr(ThreadPoolExecutor, "submit", submit_some)
        crew.work_together(work)
    assert begun == []
    assert crew.work_together(work) == [0, 0, 0]


@pytest.mark.parametrize(
    "use",
    [
        lambda crew: crew.work_together(lambda one, room: 0),
        lambda crew: crew.share_out(lambda task: None, range(3)),
    ],
    ids=["work_together", "share_out"],
)
def test_a_thread_that_was_just_being_begun_ends_too(
    monkeypatch: pytest.MonkeyPatch, use: Callable[[Crew], None]
) -> None:
    """Ctrl-C just then left a thread that the program waited for when it ended, for ever."""
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def start_and_interrupt(thread: threading.Thread) -> None:
        start(thread)
        started.append(thread)
        raise KeyboardInterrupt

    crew = Crew([3, 2], 1, threads=2)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(threading.Thread, "start", start_and_interrupt)
        use(crew)
    (thread,) = started
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert crew.work_together(lambda one, room: one.rank) == [0, 1]
