"""``pcmsim tolerance`` and ``pcmsim attribute``: what they print, write, and refuse."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.campaign import run_points as run_points_module
from pcmsim.study import attribute as attribute_module
from pcmsim.study.tolerance import tolerance as tolerance_module
from tests.pool import PoolOfNone

Command = Callable[..., Any]

TOLERANCE = ["tolerance", "small.yaml", "--parameter", "faults.dead", "--loss", "0.1"]
SHORT = ["--set", "training.epochs=1", "--set", "data.train_images=200", "--replicates", "3"]


@pytest.fixture(autouse=True)
def run_here(in_a_folder_of_its_own: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (tolerance_module, attribute_module):
        monkeypatch.setattr(module, "pool_of", lambda workers, dask: PoolOfNone())


def test_a_tolerance_is_a_table_and_a_sentence(pcmsim: Command) -> None:
    ended = pcmsim(*TOLERANCE, *SHORT)
    assert ended.status == 0 and ended.out.isascii()
    heading, _, columns, reference, *_ = ended.out.splitlines()
    assert heading == "Tolerance of faults.dead: 10 points of test accuracy may be lost"
    assert columns.split() == ["faults.dead", "runs", "test", "accuracy", "loss"]
    assert reference.split()[:2] == ["0", "3"] and reference.endswith("reference")
    assert "faults.dead, upwards from 0: " in ended.out
    assert ended.err.startswith("run 1: faults.dead = 0, replicate 0\n")
    folder = Path("results/small-faults.dead")
    assert ended.out.endswith(f"picture  {folder}/tolerance.png\n")
    assert (folder / "tolerance.png").read_bytes().startswith(b"\x89PNG")
    again = pcmsim(*TOLERANCE, *SHORT)
    assert (again.out, again.err) == (ended.out, "")
    found = json.loads(pcmsim(*TOLERANCE, *SHORT, "--json").out)
    assert (found["parameter"], found["loss"], found["reference"]) == ("faults.dead", 0.1, 0)
    ((limit,)) = found["limits"]
    assert (limit["from"], limit["to"]) == (0, 1)
    assert limit["tested"][0]["value"] == 0


# Mean loss at a value -> the answer.
ANSWERS = {
    "some": (
        lambda value: value,
        "tolerated as far as 0.1 (95 % confidence: 0.09375 to 0.1016).",
    ),
    "all": (lambda value: 0.0, "all is tolerated as far as 1, where the search ended."),
    "none": (
        lambda value: 0.5 * (value > 0),
        "(95 % confidence: 0 to 0.001953).",
    ),
}


@pytest.mark.parametrize(("loss", "words"), ANSWERS.values(), ids=ANSWERS)
def test_answers(
    pcmsim: Command,
    monkeypatch: pytest.MonkeyPatch,
    loss: Callable[[float], float],
    words: str,
) -> None:
    real = tolerance_module._Runs.losses

    def losses(runs: Any, value: float, count: int) -> list[float]:
        real(runs, value, 1)
        return [loss(value)] * count

    monkeypatch.setattr(tolerance_module._Runs, "losses", losses)
    ended = pcmsim(*TOLERANCE, *SHORT)
    assert ended.status == 0
    assert words in ended.out


def test_an_attribution_is_a_table_with_bars(pcmsim: Command) -> None:
    line = ["attribute", "small.yaml", *SHORT, "--replicates", "1"]
    ended = pcmsim(*line)
    assert ended.status == 0
    assert "stochastic steps (device.step_spread = 0.5)" in ended.out
    assert "run 18 of 18, 00:00 left" in ended.err
    folder = Path("results/small-attribute")
    assert (folder / "attribution.png").read_bytes().startswith(b"\x89PNG")
    table = (folder / "attribution.csv").read_text().splitlines()
    assert len(table) == 1 + 8
    found = json.loads(pcmsim(*line, "--json").out)
    assert [cost["imperfection"] for cost in found["costs"]] == [
        row.partition(",")[0] for row in table[1:]
    ]
    assert found["costs"][0]["in_the_file"]["half_width"] is None


def test_an_attribution_with_failures_ends_with_1(
    pcmsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str, origin: dict[str, str]) -> bytes:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(run_points_module, "measure_point", fail)
    ended = pcmsim("attribute", "small.yaml", *SHORT, "--replicates", "1")
    assert ended.status == 1
    assert "ZeroDivisionError: on purpose" in ended.out
    assert "Traceback" not in ended.out + ended.err


# A command -> what its message must say.
REFUSED = {
    "unknown setting": (
        ["tolerance", "small.yaml", "--parameter", "faults.daed", "--loss", "0.1"],
        "--parameter, faults.daed: unknown setting; did you mean dead?",
    ),
    "no number": (
        ["tolerance", "small.yaml", "--parameter", "network.activation", "--loss", "0.1"],
        "--parameter network.activation: only a setting that is a quantity has a tolerance",
    ),
    "no loss": (TOLERANCE[:4], "--loss"),
    "loss in points": ([*TOLERANCE[:5], "2"], "--loss: must be a fraction above 0 and below 1"),
    "loss in words": ([*TOLERANCE[:5], "much"], "--loss: must be a number, not much"),
    "value out of range": ([*TOLERANCE, "--to", "2"], "--to, faults.dead: must be a number from 0"),
    "infinite": ([*TOLERANCE, "--to", "inf"], "--to: must be a number, not inf"),
    "from above to": ([*TOLERANCE, "--from", "0.3", "--to", "0.2"], "--from must be below --to"),
    "unknown scale": ([*TOLERANCE, "--scale", "cubic"], "choose from"),
    "one replicate": ([*TOLERANCE, "--replicates", "1"], "--replicates: must be at least 2"),
    "folder that is a file": ([*TOLERANCE, "--out", "small.yaml"], "small.yaml cannot be written"),
    "no file": (["attribute", "gone.yaml"], "gone.yaml: there is no such file"),
    "exact weights": (["attribute", "small.yaml", "--set", "device={kind: float}"], "exact"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(pcmsim: Command, arguments: list[str], words: str) -> None:
    ended = pcmsim(*arguments)
    assert ended.status == 2
    assert words in ended.err
    assert ended.out == ""
    assert not Path("results").exists()


@pytest.mark.parametrize(
    "command", [TOLERANCE, ["attribute", "small.yaml"]], ids=lambda line: line[0]
)
def test_an_interruption_says_how_to_go_on(
    pcmsim: Command, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def interrupt(text: str, origin: dict[str, str]) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_points_module, "measure_point", interrupt)
    ended = pcmsim(*command, "--workers", "2", "--out", "here", *SHORT)
    assert ended.status == 2
    line = ended.err.partition("go on with: pcmsim ")[2].split()
    assert line[:2] == command[:2]
    options = {"--set", "training.epochs=1", "--replicates", "3", "--workers", "--out", "here"}
    assert options | set(command[2:]) <= set(line)
