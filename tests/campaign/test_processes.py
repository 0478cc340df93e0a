"""Sweeps in processes: workers that die, parents that are killed, folders in use."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from pcmsim import UserError, collect, sweep
from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign.folder import locked
from pcmsim.campaign.local_pool import LocalPool
from tests.campaign.saboteur import die_once, die_while_giving, give_much
from tests.pool import PoolOfNone
from tests.program import PROGRAM

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", PROGRAM]
# Runs that take some tenths of a second each.
LONG = ["--set", "training.epochs=1000", "--workers", "2"]


def start(*arguments: str) -> subprocess.Popen[str]:
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished_runs() -> int:
    return len(list(Path("out/runs").glob("*.h5")))


def wait_for(runs: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and finished_runs() < runs:
        time.sleep(0.005)


def children_of(process: subprocess.Popen[str]) -> set[int]:
    """Return the processes that a process has started."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    return {int(number) for children in threads for number in children.read_text().split()}


def is_gone(process: int) -> bool:
    """Tell whether a process has ended within ten seconds."""
    status = Path(f"/proc/{process}/stat")
    for _ in range(1000):
        try:
            if status.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_the_table_does_not_depend_on_the_number_of_workers(pool: PoolOfNone) -> None:
    expected = sweep("dead.yaml", "alone").to_csv()
    for workers in (1, 2):
        with LocalPool(workers) as processes:
            pool.submit, pool.capacity = processes.submit, workers  # type: ignore[method-assign]
            assert sweep("dead.yaml", f"out-{workers}").to_csv() == expected


def test_the_death_of_a_worker_costs_its_point_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sweep("dead.yaml", "undisturbed").to_csv()
    monkeypatch.setattr(run_points_module, "measure_point", die_once)
    runs = sweep("dead.yaml", "out", workers=2)
    assert Path("killed").exists()
    assert runs.to_csv() == expected
    # Nine points, each measured once: nothing but the one that died began twice.
    assert len(list(Path().glob("*.measured"))) == 9


def kill_at_random_moments(kills: int) -> tuple[str, str]:
    """Kill a sweep by SIGKILL so many times, then let it end.

    Returns its table and that of an undisturbed one.
    """
    # More runs than can end between the kills.
    replicates = max(3, kills)
    whole = sweep("dead.yaml", "undisturbed", [LONG[1]], replicates=replicates, workers=2)
    command = ["sweep", "dead.yaml", "--out", "out", "--replicates", str(replicates), *LONG]
    moments = random.Random(1)
    for kill in range(kills):
        process = start(*command)
        # Every second time a run more is finished before.
        wait_for(finished_runs() + kill % 2, process)
        time.sleep(moments.uniform(0, 0.3))
        workers = children_of(process)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert all(is_gone(worker) for worker in workers)
    process = start(*command)
    process.communicate()
    assert process.returncode == 0
    assert not list(Path("out").rglob("*.tmp"))
    return collect("out").to_csv(), whole.to_csv()


def test_killed_at_three_random_moments() -> None:
    killed, undisturbed = kill_at_random_moments(3)
    assert killed == undisturbed


@pytest.mark.validation
def test_killed_at_twenty_random_moments() -> None:
    killed, undisturbed = kill_at_random_moments(20)
    assert killed == undisturbed


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sweep_says_how_to_go_on_and_leaves_no_process(how: int) -> None:
    process = start("sweep", "dead.yaml", "--out", "out", *LONG)
    wait_for(1, process)
    workers = children_of(process)
    assert len(workers) >= 2
    process.send_signal(how)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert "Traceback" not in err
    assert "interrupted; go on with: pcmsim sweep dead.yaml --set training.epochs=1000" in err
    assert all(is_gone(worker) for worker in workers)


def test_a_folder_in_use_is_refused_until_its_user_ends(pool: PoolOfNone) -> None:
    process = start("sweep", "dead.yaml", "--out", "out", *LONG)
    wait_for(1, process)
    with pytest.raises(UserError, match=rf"written by another process, number {process.pid} on"):
        sweep("dead.yaml", "out")
    process.kill()
    process.communicate()
    with locked(Path("out")) as folder:
        assert folder.path == Path("out")


def test_work_that_fails_leaves_its_process_fit_for_more() -> None:
    with LocalPool(1) as pool:
        with pytest.raises(TypeError, match="give_much"):
            pool.submit(give_much).result()
        first = pool.submit(os.getpid).result()
        assert pool.submit(give_much, 10**7).result() == bytes(10**7)
        assert pool.submit(os.getpid).result() == first


def test_a_worker_that_dies_while_it_hands_over_its_result() -> None:
    """Ended in the middle of a message, it must neither stop us nor those that come after it."""
    with LocalPool(1) as pool:
        with pytest.raises(BrokenExecutor):
            pool.submit(die_while_giving, 2 * 10**8).result(timeout=30)
        assert pool.submit(give_much, 10).result() == bytes(10)


def test_a_pool_ends_at_once_whatever_its_workers_do() -> None:
    with LocalPool(2) as pool:
        numbers = [pool.submit(os.getpid).result() for _ in range(2)]
        futures = [pool.submit(time.sleep, 1000) for _ in range(2)]
    assert all(isinstance(future.exception(), BrokenExecutor) for future in futures)
    assert all(is_gone(number) for number in numbers)


def test_no_workers_are_refused() -> None:
    with pytest.raises(UserError, match="workers: must be at least 1, not 0"):
        sweep("dead.yaml", "out", workers=0)


def test_a_script_needs_no_guard() -> None:
    """Workers do not repeat the program that starts them."""
    script = "import pcmsim; print(pcmsim.sweep('dead.yaml', 'out', workers=2).finished)"
    Path("script.py").write_text(script)
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "script.py"], env=surroundings, capture_output=True, text=True
    )
    assert (ended.stdout, ended.stderr) == ("9\n", "")
