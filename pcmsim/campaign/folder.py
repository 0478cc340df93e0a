"""The folder of a sweep.

``sweep.json``            which points there are: their digests, and what is varied
``runs/<digest>.h5``      the slim result of a finished point
``failures/<digest>.txt`` why a point failed, in words and in detail; such a point is tried again
                          when the sweep is started again
``.lock``                 held by the one process that writes here
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from pcmsim.campaign.point import Point
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result
from pcmsim.files import opened, write_whole

FORMAT = "pcmsim sweep 1"
INDEX = "sweep.json"


@dataclass(frozen=True)
class RunsFolder:
    """Finished runs, failures and an index."""

    path: Path

    def has(self, point: Point) -> bool:
        """Tell whether a point is finished, with the same settings and files as now."""
        try:
            with opened(self.run_path(point.digest)) as file:
                return all(file.attrs.get(name) == sha for name, sha in point.origin.items())
        except UserError:
            return False

    def result(self, point: Point) -> Result:
        """Return the result of a finished point.

        Raises:
            UserError: it is not finished, or its file is damaged.
        """
        return Result.open(self.run_path(point.digest))

    def keep(self, point: Point, content: bytes) -> None:
        """Write the result of a point.

        Raises:
            UserError: the folder cannot be written.
        """
        write_whole(self.run_path(point.digest), content)
        self.failure_path(point.digest).unlink(missing_ok=True)

    def take_over(self, point: Point) -> None:
        """Keep a copy of the result of a point that another folder beside this one has, if any.

        Raises:
            UserError: the folder cannot be written.
        """
        if self.has(point):
            return
        for path in sorted(self.path.resolve().parent.glob(f"*/runs/{point.digest}.h5")):
            if RunsFolder(path.parents[1]).has(point):
                return self.keep(point, path.read_bytes())

    def note_failure(self, point: Point, failure: str, details: str) -> None:
        """Write down why a point failed.

        Raises:
            UserError: the folder cannot be written.
        """
        text = f"{failure}\n\n{point.name}\n\n{details}\n"
        write_whole(self.failure_path(point.digest), text.encode())

    def write_index(self, title: str, axes: Sequence[str], points: Sequence[Point]) -> None:
        """Write down which points there are, so that ``collect`` finds them.

        Raises:
            UserError: the folder cannot be written.
        """
        index = {
            "format": FORMAT,
            "title": title,
            "axes": list(axes),
            "points": [
                {
                    "digest": point.digest,
                    "name": point.name,
                    "cells": list(point.cells.values()),
                    "replicate": point.settings.replicate,
                }
                for point in points
            ],
        }
        write_whole(self.path / INDEX, json.dumps(index, indent=1).encode())

    def read_index(self) -> dict[str, Any]:
        """Read back what ``write_index`` has written.

        Raises:
            UserError: this is not the folder of a sweep.
        """
        path = self.path / INDEX
        try:
            index: Any = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise UserError(f"{self.path} is not the folder of a sweep: no {INDEX} in it") from None
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from None
        except ValueError:
            index = None
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            raise UserError(f"{path} was not written by this version of pcmsim, or is damaged")
        return index

    def run_path(self, digest: str) -> Path:
        """Return where the result of a point is, or will be."""
        return self.path / "runs" / f"{digest}.h5"

    def failure_path(self, digest: str) -> Path:
        """Return where it is written why a point failed, if it did."""
        return self.path / "failures" / f"{digest}.txt"


@contextmanager
def locked(path: Path) -> Iterator[RunsFolder]:
    """Open the folder of a sweep for writing, making it if there is none.

    Files that killed writers left unfinished are removed.  The lock ends with the process that
    holds it, however that ends.

    Raises:
        UserError: another process is writing there, or the folder cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / ".lock").open("a+")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    with lock:
        _take(lock, path)
        for leftover in path.rglob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        yield RunsFolder(path)


def _take(lock: TextIO, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise UserError(
            f"{path} is being written by another process, {lock.read() or 'just started'}; wait "
            "for it, stop it, or choose another --out"
        ) from None
    lock.truncate(0)
    lock.write(f"number {os.getpid()} on {os.uname().nodename}")
    lock.flush()
