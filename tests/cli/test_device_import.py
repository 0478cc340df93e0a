"""`pcmsim device import` makes the file of a device, or says in one line why not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from pcmsim.cli import reading_progress
from pcmsim.traces.device_file import read_device

Command = Callable[..., Any]


@pytest.fixture
def measured() -> Path:
    """Write traces of ten devices, one of them stuck, with an outlier."""
    rng = np.random.default_rng(11)
    lines = ["device,pulse,kind,G (uS)"]
    for device in range(10):
        for cycle in range(6):
            steps = np.maximum(rng.normal(1.0, 0.3, 20), 0) * np.linspace(1.4, 0.1, 20)
            readings = np.concatenate([[0.5], 0.5 + np.cumsum(steps)])
            if device == 7:
                readings[:] = 2.5
            if (device, cycle) == (3, 2):
                readings[9] = 80
            for pulse, reading in enumerate(readings):
                kind = "SET" if pulse else "RESET"
                lines.append(f"d{device},{cycle * 21 + pulse},{kind},{reading:.5f}")
    path = Path("measured.csv")
    path.write_text("\n".join(lines))
    return path


def test_import_tells_what_was_understood(pcmsim: Command, measured: Path) -> None:
    ended = pcmsim("device", "import", measured, "--out", "mine.h5")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.isascii()
    for told in (
        "9, 1 broken ones dropped",
        "1 broken device dropped (stuck: all readings are the same): d7.",
        "1 outlier dropped",
        "Long form: one reading a row, in column G (uS).",
        "Kinds of pulses are those that the file tells.",
        "device   mine.h5",
    ):
        assert told in ended.out
    kept = read_device(Path("mine.h5"))
    assert kept.traces.devices == tuple(f"d{n}" for n in range(10) if n != 7)
    assert kept.origin.file == "measured.csv"
    assert len(kept.origin.sha256) == 64


def test_import_for_scripts(pcmsim: Command, measured: Path) -> None:
    text = measured.read_text().replace("G (uS)", "G")
    measured.write_text(text)
    ended = pcmsim("device", "import", measured, "--out", "mine.h5", "--unit", "uS", "--json")
    assert ended.status == 0
    found = json.loads(ended.out)
    assert (found["devices"], found["outliers"], found["broken_devices"]) == (9, 1, 1)
    assert found["readings"] == 9 * 126 - 1
    assert found["pulses_down"] == 9 * 5
    assert 0 < found["g_min_S"] < found["g_max_S"] < 30e-6


WRONG = {
    "no file": (["device", "import", "x.csv", "--out", "mine.h5"], "there is no file x.csv"),
    "unit": (
        ["device", "import", "measured.csv", "--out", "mine.h5", "--unit", "siemen"],
        "--unit: siemen is not one of",
    ),
    "ending": (["device", "import", "measured.csv", "--out", "mine.txt"], "must end in .h5"),
    "fault": (["device", "import", "faulty.csv", "--out", "mine.h5"], "line 3, column 2 (G_uS)"),
}


def test_endings_may_be_in_capitals(pcmsim: Command, measured: Path) -> None:
    assert pcmsim("device", "import", measured, "--out", "MINE.H5").status == 0
    assert pcmsim("device", "report", "MINE.H5").status == 0


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_end_in_one_line(pcmsim: Command, measured: Path, name: str) -> None:
    Path("faulty.csv").write_text("n,G_uS\n0,1\n1,two\n2,3\n3,4\n4,5\n5,6\n")
    arguments, message = WRONG[name]
    ended = pcmsim(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not Path("mine.h5").exists() and not Path("mine.txt").exists()


def test_the_measured_file_is_never_overwritten(pcmsim: Command, measured: Path) -> None:
    measured.rename("same.h5")
    ended = pcmsim("device", "import", "same.h5", "--out", "same.h5")
    assert ended.status == 2
    assert "is the measured file itself" in ended.err


def test_files_of_others_are_kept(pcmsim: Command, measured: Path) -> None:
    with h5py.File("mine.h5", "w") as file:
        file["months of work"] = 1
    before = Path("mine.h5").read_bytes()
    line = ["device", "import", measured, "--out", "mine.h5"]
    ended = pcmsim(*line)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "pcmsim: mine.h5 exists and is not a device file; choose another --out, or add "
        "--overwrite to replace it\n"
    )
    assert Path("mine.h5").read_bytes() == before
    assert pcmsim(*line, "--overwrite").status == 0
    assert pcmsim(*line).status == 0


def test_progress_is_told_of_long_readings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 1.0, 6.0, 7.0, 12.0])
    monkeypatch.setattr(reading_progress.time, "monotonic", lambda: next(seconds))
    with reading_progress.ReadingProgress() as progress:
        for done in (10, 20, 30, 40):
            progress(done * 1_000_000, 200_000_000)
    assert capsys.readouterr().err.splitlines() == ["read 20 of 200 MB", "read 40 of 200 MB"]
