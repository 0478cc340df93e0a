"""``pcmsim`` as a process: signals, pipes, and streams that are no terminal."""

import os
import shlex
import signal
import subprocess
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pydantic import BaseModel, model_serializer

from pcmsim import Result
from pcmsim.cli import commands
from pcmsim.cli.going_on import shown
from pcmsim.cli.main import main

# Enough epochs to be interrupted in; names and values that a shell must have in quotes.
LONG = ["--set", "training.epochs=12", "--set", "device={kind: pcm, step_spread: 0.4}"]
OUT = Path("my results", "long run.h5")


@pytest.fixture
def interrupted(command: str, request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """Interrupt a run by the signal asked for; return its status and message."""
    process = subprocess.Popen(
        [command, "run", "small.yaml", *LONG, "--out", OUT, "--no-plots"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch   1"):
            break
    process.send_signal(request.param)
    try:
        _, message = process.communicate(timeout=60)
    finally:
        process.kill()
    yield process.returncode, message


both = pytest.mark.parametrize(
    "interrupted", [signal.SIGINT, signal.SIGTERM], indirect=True, ids=["SIGINT", "SIGTERM"]
)


@both
def test_an_interrupted_run_ends_with_2_and_leaves_its_checkpoint(
    interrupted: tuple[int, str],
) -> None:
    status, message = interrupted
    assert status == 2
    assert "Traceback" not in message
    assert "pcmsim: interrupted; go on with: pcmsim run small.yaml" in message
    assert [path.name for path in OUT.parent.iterdir()] == ["long run.h5.checkpoint"]


@both
def test_the_printed_command_goes_on(interrupted: tuple[int, str], command: str) -> None:
    line = interrupted[1].partition("go on with: ")[2].splitlines()[0]
    path = f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["sh", "-c", line], env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert ended.returncode == 0
    settings = Result.open(OUT).settings
    assert (settings.training.epochs, settings.device.step_spread) == (12, 0.4)


def test_the_printed_command_names_overwrite_where_it_was_given(
    command: str, finished: Result
) -> None:
    """Else the command would refuse to replace what the interrupted run was to replace."""
    Path("old.h5").write_bytes(finished.path.read_bytes())
    run = [command, "run", "small.yaml", "--set", "seed=2", "--set", "training.epochs=100"]
    process = subprocess.Popen(
        [*run, "--out", "old.h5", "--overwrite", "--no-plots"],
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not Path("old.h5.checkpoint").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=30)
    assert "--overwrite" in shlex.split(message.partition("go on with: ")[2].splitlines()[0])


def test_a_reader_that_has_seen_enough_is_no_error(command: str) -> None:
    line = f"{shlex.quote(command)} explain | head -n 1"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert ended.stdout.count("\n") == 1
    assert ended.stderr == ""


def test_a_run_whose_progress_nobody_reads_is_finished(command: str) -> None:
    """As in ``pcmsim run ... 2>&1 | head -n 1``."""
    run = f"{shlex.quote(command)} run small.yaml --set training.epochs=5 --out a.h5 --no-plots"
    subprocess.run(["sh", "-c", f"{run} 2>&1 | head -n 1"], stdout=subprocess.DEVNULL, check=True)
    assert len(Result.open("a.h5").arrays["epochs/test_accuracy"]) == 5


@pytest.mark.parametrize("stream", [">&-", "2>&-"])
def test_closed_streams_are_no_error(command: str, stream: str) -> None:
    line = f"{shlex.quote(command)} run small.yaml --out a.h5 --no-plots {stream}"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    assert Path("a.h5").exists()


def test_a_full_disk_under_standard_output(command: str) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run([command, "explain"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "No space left on device" in ended.stderr


def test_names_of_files_that_are_no_text_are_shown(command: str) -> None:
    folder = Path("devices")
    folder.mkdir()
    (folder / "bad\udcff.yaml").write_text("device: {kind: pcm}\n")
    listed = [command, "device", "list", "--configs", folder]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(listed, env=environment, capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\nbad\\udcff " in ended.stdout


@pytest.mark.parametrize(
    ("told", "message"), [((), "interrupted"), (("terminated",), "terminated")]
)
def test_an_interrupted_command_says_so(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    told: tuple[str, ...],
    message: str,
) -> None:
    def interrupt(options: Namespace) -> None:
        raise KeyboardInterrupt(*told)

    monkeypatch.setattr(commands, "explain", interrupt)
    assert main(["explain"]) == 2
    assert capsys.readouterr().err == f"\npcmsim: {message}\n"


class Interrupted(BaseModel):
    """Settings that are written just when Ctrl-C is pressed."""

    @model_serializer
    def _write(self) -> dict[str, int]:
        raise KeyboardInterrupt


def test_an_interrupt_that_pydantic_takes_for_a_fault_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(options: Namespace) -> None:
        Interrupted().model_dump()

    monkeypatch.setattr(commands, "explain", interrupt)
    assert main(["explain"]) == 2
    assert capsys.readouterr().err == "\npcmsim: interrupted\n"
    with (
        pytest.raises(KeyboardInterrupt, match="go on with: pcmsim sweep"),
        shown(nullcontext(), "pcmsim sweep"),
    ):
        Interrupted().model_dump()


def test_other_faults_are_no_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(options: Namespace) -> None:
        raise ZeroDivisionError from ValueError()

    monkeypatch.setattr(commands, "explain", fail)
    with pytest.raises(ZeroDivisionError):
        main(["explain"])
    with pytest.raises(ZeroDivisionError), shown(nullcontext(), "pcmsim sweep"):
        fail(Namespace())


def test_without_a_terminal_progress_is_plain_lines(command: str) -> None:
    ended = subprocess.run(
        [command, "run", "small.yaml", "--out", "a.h5", "--no-plots"], capture_output=True
    )
    progress = ended.stderr.decode("ascii").splitlines()
    assert progress[-2].startswith("epoch   1: training")
    assert progress[-1].startswith("epoch   2: training")
    assert all(line.isprintable() for line in progress)
