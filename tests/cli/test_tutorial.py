"""The tutorial, command by command, on a network small enough."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim import Result

EXAMPLES = Path(__file__).parents[2] / "configs" / "examples"
SMALL = ["training.epochs=1", "data.train_images=300", "network.layers=[528, 20, 10, 10]"]
SHORT = [word for change in SMALL for word in ("--set", change)]
# What makes commands of the tutorial short enough for a test.
SHORTER = {
    ("device", "judge"): ["--budget", "10", "--replicates", "2", "--workers", "1", *SHORT],
    ("run",): ["--no-plots"],
}


def commands() -> list[list[str]]:
    """Return the commands of the tutorial, as a shell would take them apart."""
    lines = (EXAMPLES / "README.md").read_text().splitlines()
    return [line.split()[1:] for line in lines if line.startswith("    pcmsim ")]


@pytest.fixture
def examples(in_a_folder_of_its_own: None) -> None:
    for file in EXAMPLES.iterdir():
        shutil.copy(file, file.name)


def test_the_tutorial_leads_from_traces_to_the_verdict(
    examples: None, pcmsim: Callable[..., Any]
) -> None:
    lines = commands()
    assert [line[:2] for line in lines[:3]] == [
        ["device", "import"],
        ["device", "report"],
        ["device", "judge"],
    ]
    for line in lines:
        shorter = [more for start, more in SHORTER.items() if tuple(line[: len(start)]) == start]
        ended = pcmsim(*line, *(word for more in shorter for word in more))
        assert ended.status == 0, (line, ended.err)
    assert "accuracy" in Path("verdict/verdict.html").read_text()
    assert Result.open("dead.h5").settings.faults.dead == 0.1
    assert Path("aged", "retention.csv").exists()


def test_the_tutorial_shows_the_lines_of_its_file() -> None:
    shown = [line.strip() for line in (EXAMPLES / "README.md").read_text().splitlines()]
    for line in (EXAMPLES / "traces.csv").read_text().splitlines()[:3]:
        assert line in shown
