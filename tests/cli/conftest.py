"""Ways to call ``pcmsim``: within this process, which is quick, and as users do."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pcmsim import Result, load_config, run
from pcmsim.cli.main import main

SMALL = """\
network:
  layers: [528, 16, 12, 10]
  initial_weight: 1.5
  weight_range: [0.22, 0.62, 0.35]
data: {train_images: 300}
training: {epochs: 2}
device: {kind: pcm}
reset: {interval: 20, larger_above: 0.4, smaller_above: 0.2}
"""


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relative names start in an empty folder that holds small.yaml."""
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL)


@pytest.fixture
def pcmsim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Return a function that runs one command within this process."""

    def call(*arguments: str | Path) -> Ended:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        return Ended(status, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def command() -> str:
    """Return the installed command."""
    return str(Path(sys.executable).with_name("pcmsim"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return the result of small.yaml; tests must leave its file alone."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "small.yaml").write_text(SMALL)
    return run(load_config(folder / "small.yaml"), folder / "small.h5")
