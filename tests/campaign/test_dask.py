"""Sweeps through a real Dask scheduler with two worker processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pcmsim import UserError, sweep
from tests.pool import PoolOfNone
from tests.program import PROGRAM

ROOT = Path(__file__).parents[2]

# In a process of its own: Dask's threads and warnings are no part of what is tested here.
CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
"""


@pytest.fixture
def address() -> Iterator[str]:
    """Yield the address of a scheduler."""
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    Path("cluster.py").write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, "cluster.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate("\n", timeout=30)


def test_two_dask_workers_give_the_same_bits(address: str, pool: PoolOfNone) -> None:
    expected = sweep("dead.yaml", "here").to_csv()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, "sweep", "dead.yaml", "--out", "out", "--dask", address],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    pool.submitted.clear()
    # All is there: nothing is left to do.
    assert sweep("dead.yaml", "out").to_csv() == expected
    assert pool.submitted == []


def test_without_dask_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"pip install 'pcmsim\[dask\]'"):
        sweep("dead.yaml", "out", dask="tcp://127.0.0.1:1")
