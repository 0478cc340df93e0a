"""Writing files so that a final name only ever holds a finished file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from pcmsim.errors import UserError


@contextmanager
def written_at_once(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file that gets the name ``path`` only when it is complete and on the disk.

    Raises:
        UserError: the folder cannot be written, or the disk is full; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _removed_unless_renamed(temporary):
            with h5py.File(temporary, "w") as file:
                yield file
            _push_to_disk(temporary)
            os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        # h5py raises RuntimeError where a write fails while a file is being closed.
        raise UserError(f"{path} cannot be written: {reason(error)}") from error


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading.

    Raises:
        UserError: there is no such file, or it is not a readable HDF5 file.
    """
    if not path.exists():
        raise UserError(f"there is no file {path}")
    if path.is_dir():
        raise UserError(f"{path} is a folder, not a result file")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise UserError(f"{path} cannot be read as an HDF5 file: {reason(error)}") from error
    with file:
        yield file


def reason(error: BaseException) -> str:
    """Return what went wrong in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


@contextmanager
def _removed_unless_renamed(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _push_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
