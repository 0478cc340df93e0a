"""What all commands that take long do: show how far they are, and say how to go on."""

import shlex
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

Progress = TypeVar("Progress")


@contextmanager
def shown(progress: AbstractContextManager[Progress], how_to_go_on: str) -> Iterator[Progress]:
    """Show the progress of the work inside; if it is interrupted, say how to go on."""
    say_if_compiling()
    try:
        with progress as report:
            yield report
    except (KeyboardInterrupt, Exception) as error:
        if interrupt_behind(error) is None:
            raise
        raise KeyboardInterrupt(f"interrupted; go on with: {how_to_go_on}") from error


def interrupt_behind(error: BaseException) -> KeyboardInterrupt | None:
    """Return the interrupt that an error is, or that a library has made the error of.

    Python raises an interrupt in whatever it is just doing, a function that a library has called,
    say; pydantic then tells of a fault in that function.
    """
    while not isinstance(error, KeyboardInterrupt):
        if error.__cause__ is None:
            return None
        error = error.__cause__
    return error


def say_if_compiling() -> None:
    """Prepare users for the one time that takes longer."""
    from pcmsim.cli.progress import tell
    from pcmsim.kernels.compile import CACHE_FOLDER

    if not any(CACHE_FOLDER.glob("**/*.nbi")):
        tell("compiling the kernels, once after installation ...")


def command_line(command: Sequence[str], overrides: Sequence[str], given: Mapping[str, Any]) -> str:
    """Return a command of this program as a shell would take it.

    ``given`` holds its options: True stands for a flag, None and False for what is left out.
    """
    words = ["pcmsim", *command]
    for override in overrides:
        words += ["--set", override]
    for name, value in given.items():
        if value is True:
            words.append(name)
        elif value is not None and value is not False:
            words += [name, str(value)]
    return shlex.join(words)


def of_many_runs(options: Namespace) -> dict[str, Any]:
    """Return the options that all commands of many runs have."""
    return {
        "--workers": None if options.dask else options.workers,
        "--dask": options.dask,
        "--out": options.out,
        "--json": options.json,
    }
