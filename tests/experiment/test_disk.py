"""Disks that are full: one message, no half-written file, and nothing of a finished run lost."""

import errno
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from pcmsim import Result, UserError, files, run
from pcmsim.config.read import to_yaml
from pcmsim.config.settings import Settings
from pcmsim.experiment import run as run_module
from pcmsim.experiment.rerun import compare
from pcmsim.files import written_at_once

# No file may grow beyond the size given first; the kernels are loaded before, as ever.
FULL_DISK = """
import resource, signal, sys
import pcmsim.experiment.run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = ["pcmsim", *sys.argv[2:]]
from pcmsim.cli.main import entry_point
entry_point()
"""


def test_a_file_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with written_at_once(path) as file:
        file["x"] = 1
        assert not path.exists()
    with h5py.File(path) as file:
        assert file["x"][()] == 1


def test_a_failure_keeps_the_older_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "file.h5"
    path.write_text("older")
    with pytest.raises(UserError, match="No space left on device"), written_at_once(path) as file:
        file["x"] = 1
    assert path.read_text() == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["file.h5"]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(20_000, id="in the first checkpoint"),
        pytest.param(100_000, id="near the end of the first checkpoint"),
        pytest.param(135_000, id="in the result"),
        pytest.param(200_000, id="near the end of the result"),
    ],
)
def test_a_disk_that_runs_full(
    small: Settings, finished: Result, size: int, tmp_path: Path
) -> None:
    """``finished`` is asked for so that the kernels are compiled, which takes files as well."""
    (tmp_path / "small.yaml").write_text(to_yaml(small))
    out = tmp_path / "out"
    arguments = ["run", str(tmp_path / "small.yaml"), "--out", str(out / "x.h5"), "--no-plots"]
    command = [sys.executable, "-c", FULL_DISK, str(size), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "cannot be written: File too large" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {path.name for path in out.iterdir()} <= {"x.h5.checkpoint"}


def test_a_finished_run_is_not_lost_where_its_result_cannot_be_written(
    small: Settings, finished: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the training is in the checkpoint, and ``resume`` has only the result to write."""

    def no_space(*_: object, **__: object) -> None:
        raise UserError("x.h5 cannot be written: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "write_result", no_space)
        with pytest.raises(UserError):
            run(small, tmp_path / "x.h5")
    shown: list[int] = []
    result = run(
        small, tmp_path / "x.h5", resume=True, report=lambda count, *_: shown.append(count)
    )
    assert shown == []
    assert compare(finished, result).identical


def test_a_file_is_put_together_while_a_profiler_holds_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As that of a Dask worker does: what frames refer to then lives on."""
    held = []

    def sha256(data: bytes) -> Any:
        held.append(sys._getframe(1))
        return hashlib.sha256(data)

    monkeypatch.setattr(files, "hashlib", SimpleNamespace(sha256=sha256))
    image = io.BytesIO()
    with files.put_together(image) as file:
        file["numbers"] = np.arange(3)
    assert len(held) == 1 and "content" in held[0].f_locals
    image.seek(0)
    assert image.read(len(files.SEAL)) == files.SEAL
