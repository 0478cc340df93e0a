"""Taking up an interrupted run: not one bit is changed by the interruption."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim import Result, UserError, run
from pcmsim.config.read import to_yaml
from pcmsim.config.settings import Settings
from pcmsim.experiment import run as run_module
from pcmsim.experiment import train as train_module
from pcmsim.experiment.rerun import compare
from tests.program import PROGRAM

Make = Callable[..., Settings]

VARIANTS = {
    "plain": [],
    "batches": ["training.batch_size=7"],
    "noise and faults": ["read.noise_relative=0.05", "faults.stuck_present=0.1"],
    "wear-out": ["faults.endurance_set=40", "faults.endurance_reset=3", "faults.dead_rows=0.1"],
    "memory": ["device={kind: nandakumar2018}"],
    "transfer": [
        "synapse.volatile={interval: 100, lifetime: 2000}",
        "training.learning_rate=0.2",
    ],
    "float": ["device={kind: float}"],
}

# A run that saves itself after every 70 examples.
OFTEN_SAVED = f"""
from pcmsim.experiment import run, train
train.EXAMPLES_PER_CALL = 70
run.SECONDS_BETWEEN_CHECKPOINTS = 0.0
run.WORK_PER_CHECKPOINT = 0.0
{PROGRAM}
"""


class Stop:
    """Interrupts a run when so many examples have been shown."""

    def __init__(self, examples: int) -> None:
        self.examples = examples
        self.shown: list[int] = []

    def __call__(self, shown: int, total: int, record: object) -> None:
        self.shown.append(shown)
        if shown >= self.examples:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def many_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save after every 64 examples."""
    monkeypatch.setattr(train_module, "EXAMPLES_PER_CALL", 64)
    monkeypatch.setattr(run_module, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(run_module, "WORK_PER_CHECKPOINT", 0.0)


@pytest.fixture
def interrupted(small: Settings, tmp_path: Path) -> Path:
    """Return where the result of a run would be that was interrupted after 400 examples."""
    with pytest.raises(KeyboardInterrupt):
        run(small, tmp_path / "run.h5", report=Stop(400))
    return tmp_path / "run.h5"


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_interrupted_three_times(make_settings: Make, changes: list[str], tmp_path: Path) -> None:
    """In the middle of an epoch, at its very end, and just before the end of the run."""
    settings = make_settings("training.epochs=2", *changes)
    whole = run(settings, tmp_path / "whole.h5")
    for examples in (130, 300, 590):
        with pytest.raises(KeyboardInterrupt):
            run(settings, tmp_path / "cut.h5", resume=True, report=Stop(examples))
    cut = run(settings, tmp_path / "cut.h5", resume=True)
    assert compare(whole, cut).differing == []


def test_work_that_was_done_is_not_done_again(small: Settings, interrupted: Path) -> None:
    going_on = Stop(10_000)
    run(small, interrupted, resume=True, report=going_on)
    assert going_on.shown[0] > 400


def test_an_interrupted_run_leaves_its_checkpoint_and_nothing_else(interrupted: Path) -> None:
    assert [path.name for path in interrupted.parent.iterdir()] == ["run.h5.checkpoint"]


def test_a_finished_run_leaves_its_result_and_nothing_else(
    small: Settings, interrupted: Path
) -> None:
    run(small, interrupted, resume=True)
    assert [path.name for path in interrupted.parent.iterdir()] == ["run.h5"]


def test_without_resume_a_run_starts_anew(small: Settings, interrupted: Path) -> None:
    anew = Stop(10_000)
    run(small, interrupted, report=anew)
    assert anew.shown[0] == 64


def test_a_finished_run_is_returned_at_once(finished: Result, small: Settings) -> None:
    reports = Stop(0)
    result = run(small, finished.path, resume=True, report=reports)
    assert reports.shown == []
    assert result.attributes["created"] == finished.attributes["created"]


def test_with_nothing_to_resume_a_run_begins(
    finished: Result, small: Settings, tmp_path: Path
) -> None:
    result = run(small, tmp_path / "new.h5", resume=True)
    assert compare(finished, result).identical


def test_a_checkpoint_of_other_settings_is_refused(make_settings: Make, interrupted: Path) -> None:
    checkpoint = interrupted.with_name("run.h5.checkpoint")
    before = checkpoint.read_bytes()
    with pytest.raises(UserError, match=r"checkpoint belongs to a run with other settings"):
        run(make_settings("seed=2"), interrupted, resume=True)
    assert checkpoint.read_bytes() == before


def test_a_checkpoint_of_other_images_is_refused(
    make_settings: Make, own_images: Callable[..., Path], tmp_path: Path
) -> None:
    settings = make_settings(f"data={{path: {own_images()}, train_images: 300, crop: null}}")
    with pytest.raises(KeyboardInterrupt):
        run(settings, tmp_path / "own.h5", report=Stop(100))
    own_images(seed=1)
    with pytest.raises(UserError, match=r"checkpoint belongs to a run with other images"):
        run(settings, tmp_path / "own.h5", resume=True)


@pytest.mark.parametrize("size", [0, 100, 5000, 100_000])
def test_a_truncated_checkpoint_is_refused(small: Settings, interrupted: Path, size: int) -> None:
    checkpoint = interrupted.with_name("run.h5.checkpoint")
    checkpoint.write_bytes(checkpoint.read_bytes()[:size])
    with pytest.raises(UserError, match=r"run\.h5\.checkpoint"):
        run(small, interrupted, resume=True)
    assert not interrupted.exists()


def test_a_checkpoint_with_one_changed_byte_is_refused(small: Settings, interrupted: Path) -> None:
    checkpoint = interrupted.with_name("run.h5.checkpoint")
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    with pytest.raises(UserError, match=r"run\.h5\.checkpoint is damaged"):
        run(small, interrupted, resume=True)


def test_a_result_is_no_checkpoint(small: Settings, finished: Result, tmp_path: Path) -> None:
    (tmp_path / "run.h5.checkpoint").write_bytes(finished.path.read_bytes())
    with pytest.raises(UserError, match="is not a checkpoint"):
        run(small, tmp_path / "run.h5", resume=True)


def test_killed_at_random_moments(make_settings: Make, tmp_path: Path) -> None:
    """By SIGKILL, which no program can do anything about, twice."""
    # Long enough not to end between two kills, however idle the machine is.
    settings = make_settings("training.epochs=80")
    (tmp_path / "killed.yaml").write_text(to_yaml(settings))
    result = tmp_path / "killed.h5"
    checkpoint = tmp_path / "killed.h5.checkpoint"
    options = ["run", str(tmp_path / "killed.yaml"), "--no-plots", "--resume", "--out", str(result)]
    moments = random.Random(1)
    for _ in range(2):
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = subprocess.Popen(
            [sys.executable, "-c", OFTEN_SAVED, *options], stderr=subprocess.DEVNULL
        )
        # The moment is counted from the first save: until then nothing can be lost.
        while process.poll() is None:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
                break
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert not result.exists()
    whole = tmp_path / "whole.h5"
    for out in (result, whole):
        command = [sys.executable, "-c", PROGRAM, *options[:-1], str(out)]
        subprocess.run(command, capture_output=True, check=True)
    assert compare(Result.open(whole), Result.open(result)).differing == []
