"""``pcmsim retention``: what it puts out, and what it refuses."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim import Result

Command = Callable[..., Any]

QUICK = ["--seeds", "2", "--set", "retention.times=2", "--until", "1min"]

HELP = """
import contextlib, io, sys
from pcmsim.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["retention", "--help"])
print(*[name for name in ("numba", "matplotlib", "h5py") if name in sys.modules])
"""


def test_it_prints_a_table_and_writes_table_and_picture(pcmsim: Command, finished: Result) -> None:
    ended = pcmsim("retention", finished.path, *QUICK, "--out", "aged")
    assert ended.status == 0
    assert "mean of 2 draws" in ended.out
    assert ended.out.endswith("table    aged/retention.csv\npicture  aged/retention.png\n")
    assert Path("aged/retention.csv").read_text().startswith("time_s,test_accuracy,")
    assert Path("aged/retention.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in Path("aged").iterdir()) == [
        "retention.csv",
        "retention.png",
    ]


def test_without_out_the_folder_is_named_after_the_result(
    pcmsim: Command, finished: Result
) -> None:
    assert pcmsim("retention", finished.path, *QUICK).status == 0
    assert {path.name for path in Path("results/small-retention").iterdir()} == {
        "retention.csv",
        "retention.png",
    }


def test_json_is_one_object(pcmsim: Command, finished: Result) -> None:
    ended = pcmsim("retention", finished.path, *QUICK, "--out", "aged", "--json")
    found = json.loads(ended.out)
    assert found["result"] == str(finished.path)
    assert found["seeds"] == 2
    assert found["effects"]["until"] == 60
    assert [point["time"] for point in found["curve"]] == [20, 60]
    first = found["curve"][0]
    assert set(first["test_accuracy"]) == {"mean", "half_width"}
    assert first["test_accuracy"] == first["test_accuracy_compensated"]
    assert first["compensation"] == [1, 1, 1]
    assert found["test_accuracy_when_trained"] == finished.arrays["epochs/test_accuracy"][-1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1.5min", 90), ("1h", 3600), ("2d", 172800), ("1mo", 2592000)],
)
def test_times_are_written_with_their_unit(
    pcmsim: Command, finished: Result, monkeypatch: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    asked: list[list[str]] = []

    def stop(path: str, overrides: list[str], **_: Any) -> None:
        asked.append(overrides)
        raise KeyboardInterrupt

    monkeypatch.setattr("pcmsim.experiment.retention.retention", stop)
    pcmsim("retention", finished.path, "--until", text)
    name, _, value = asked[0][0].partition("=")
    assert (name, float(value)) == ("retention.until", seconds)


@pytest.mark.parametrize("text", ["20s", "5", "1000y", "1 fortnight", "year", "", "nan", "inf"])
def test_other_times_are_refused(pcmsim: Command, finished: Result, text: str) -> None:
    ended = pcmsim("retention", finished.path, f"--until={text}")
    assert ended.status == 2
    assert "argument --until: must be" in ended.err


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("small.yaml", "is not a file that pcmsim has written"),
        ("nowhere.h5", "there is no file nowhere.h5"),
        (".", "is a folder"),
    ],
)
def test_files_that_are_no_results_end_with_2(pcmsim: Command, file: str, message: str) -> None:
    ended = pcmsim("retention", file, "--out", "aged")
    assert ended.status == 2
    assert message in ended.err
    assert not Path("aged").exists()


def test_slim_results_end_with_2(pcmsim: Command) -> None:
    pcmsim("run", "small.yaml", "--set", "training.epochs=1", "--out", "slim.h5", "--slim",
           "--no-plots")  # fmt: skip
    ended = pcmsim("retention", "slim.h5")
    assert ended.status == 2
    assert "slim.h5 keeps figures only" in ended.err


def test_a_folder_that_cannot_be_written_ends_with_2(pcmsim: Command, finished: Result) -> None:
    Path("file").write_text("not a folder")
    ended = pcmsim("retention", finished.path, *QUICK, "--out", "file/aged")
    assert ended.status == 2
    assert "cannot be written" in ended.err


def test_an_interrupt_says_how_to_go_on(
    pcmsim: Command, finished: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pcmsim.experiment.retention.retention", stop)
    ended = pcmsim("retention", finished.path, *QUICK)
    assert ended.status == 2
    assert f"go on with: pcmsim retention {finished.path} --set retention.times=2" in ended.err


def test_a_run_that_measures_it_shows_it(pcmsim: Command) -> None:
    changes = ["--set", "retention.model=joshi2020", "--set", "retention.times=2"]
    ran = pcmsim("run", "small.yaml", *changes, "--out", "a.h5", "--json")
    assert "test_accuracy_after" in json.loads(ran.out)
    assert Path("a-retention.png").stat().st_size > 0
    assert "time after writing" in pcmsim("show", "a.h5").out
    assert pcmsim("show", "a.h5", "--json").out == ran.out


def test_help_does_not_wait_for_heavy_packages() -> None:
    ended = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("\n", "")
