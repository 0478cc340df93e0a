"""Threads at work together: all of them begin, or none."""

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
