"""``pcmsim sweep`` and ``pcmsim collect``: what they print, write, and refuse."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign import sweep as sweep_module
from pcmsim.campaign.worker import measure_point
from tests.pool import PoolOfNone

Command = Callable[..., Any]

SWEEP = """\
title: Dead conductors
base: small.yaml
replicates: 2
axes:
  faults.dead: [0, 0.2]
"""


@pytest.fixture(autouse=True)
def sweep_here(in_a_folder_of_its_own: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write dead.yaml, and let sweeps work in this process."""
    Path("dead.yaml").write_text(SWEEP)
    monkeypatch.setattr(sweep_module, "pool_of", lambda workers, dask: PoolOfNone())


def fail_with_faults(text: str, origin: dict[str, str]) -> bytes:
    if "dead: 0.2\n" in text:
        raise ZeroDivisionError("on purpose")
    return measure_point(text, origin)


def test_a_sweep_prints_a_table_and_lines_of_progress(pcmsim: Command) -> None:
    ended = pcmsim("sweep", "dead.yaml")
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0] == "Dead conductors"
    assert lines[2].split() == ["faults.dead", "runs", "test", "accuracy", "loss"]
    assert [line.split()[:2] for line in lines[3:5]] == [["0", "2"], ["0.2", "2"]]
    assert "4 of 4 runs are finished in results/dead" in ended.out
    progress = [line for line in ended.err.splitlines() if line.startswith("run ")]
    assert progress[-1] == "run 4 of 4, 00:00 left: faults.dead = 0.2, replicate 1"
    assert ended.out.isascii() and "\r" not in ended.err


def test_json_is_one_object(pcmsim: Command) -> None:
    table = json.loads(pcmsim("sweep", "dead.yaml", "--json", "--out", "here").out)
    rows = table.pop("rows")
    assert table == {
        "folder": "here",
        "title": "Dead conductors",
        "points": 4,
        "finished": 4,
        "failed": 0,
        "failures": {},
    }
    assert [row["axes"] for row in rows] == [{"faults.dead": 0}, {"faults.dead": 0.2}]
    assert rows[0]["loss"] == 0
    assert rows[1]["loss"] == pytest.approx(rows[0]["test_accuracy"] - rows[1]["test_accuracy"])
    assert all(row["half_width"] > 0 and row["replicates"] == 2 for row in rows)


def test_a_second_start_says_nothing_new(pcmsim: Command) -> None:
    first = pcmsim("sweep", "dead.yaml")
    second = pcmsim("sweep", "dead.yaml")
    assert second.out == first.out
    assert "run " not in second.err


def test_one_replicate_has_no_error_bar(pcmsim: Command) -> None:
    table = json.loads(pcmsim("sweep", "dead.yaml", "--replicates", "1", "--json").out)
    assert [row["half_width"] for row in table["rows"]] == [None, None]
    assert "+- " not in pcmsim("sweep", "dead.yaml", "--replicates", "1").out.partition("Test")[0]


def test_failures_are_listed_and_end_with_1(
    pcmsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_points_module, "measure_point", fail_with_faults)
    ended = pcmsim("sweep", "dead.yaml")
    assert ended.status == 1
    assert "2 of 4 runs are finished" in ended.out
    assert "2 failed, and are tried again next time:" in ended.out
    assert "  faults.dead = 0.2, replicate 1: ZeroDivisionError: on purpose" in ended.out
    assert "Traceback" not in ended.out + ended.err


def test_collect_writes_one_row_a_run(pcmsim: Command) -> None:
    pcmsim("sweep", "dead.yaml")
    assert pcmsim("collect", "results/dead", "--csv", "table.csv").status == 0
    rows = list(csv.DictReader(Path("table.csv").read_text().splitlines()))
    assert [(row["faults.dead"], row["replicate"]) for row in rows] == [
        ("0.0", "0"),
        ("0.2", "0"),
        ("0.0", "1"),
        ("0.2", "1"),
    ]
    assert {"online_accuracy", "train_accuracy", "test_accuracy", "digest"} <= rows[0].keys()
    assert {"set_pulses", "resets", "saturated_devices"} <= rows[0].keys()
    printed = pcmsim("collect", "results/dead", "--csv", "-").out
    assert printed == Path("table.csv").read_text()


def test_other_commands_take_the_runs_of_a_sweep(pcmsim: Command) -> None:
    pcmsim("sweep", "dead.yaml", "--set", "training.epochs=7", "--replicates", "1")
    path = sorted(Path("results/dead/runs").iterdir())[0]
    shown = pcmsim("show", path)
    assert shown.status == 0 and "nan" not in shown.out
    assert json.loads(pcmsim("show", path, "--json").out)["epochs"] == 7
    assert pcmsim("rerun", path).out.startswith("identical: all")
    plotted = pcmsim("plot", path, "--out", "pictures")
    assert len(list(Path("pictures").iterdir())) == 3
    assert "left out: the diamond" in plotted.out


# A command -> what its message must say.
REFUSED = {
    "no file": (["sweep", "gone.yaml"], "gone.yaml: there is no such file"),
    "settings instead of a sweep": (["sweep", "small.yaml"], "title: missing"),
    "fault in an option": (
        ["sweep", "dead.yaml", "--set", "training.epoch=3"],
        "--set training.epoch: unknown setting; did you mean epochs?",
    ),
    "option that an axis would undo": (
        ["sweep", "dead.yaml", "--set", "faults.dead=0.1"],
        "faults.dead: would undo faults.dead",
    ),
    "too many replicates": (
        ["sweep", "dead.yaml", "--replicates", "100000"],
        "--replicates, replicates: must be a whole number from 1 to 10000",
    ),
    "folder that is a file": (["sweep", "dead.yaml", "--out", "small.yaml"], "small.yaml cannot"),
    "no folder": (["collect", "gone", "--csv", "-"], "gone is not the folder of a sweep"),
    "workers and Dask": (
        ["sweep", "dead.yaml", "--workers", "1", "--dask", "tcp://x:1"],
        "not allowed with argument --workers",
    ),
    "nowhere to write": (["collect", "gone"], "--csv"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(pcmsim: Command, arguments: list[str], words: str) -> None:
    ended = pcmsim(*arguments)
    assert ended.status == 2
    assert words in ended.err
    assert ended.out == ""
    assert not Path("results").exists()
