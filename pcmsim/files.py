"""Files that are either whole or not there.

A file is put together in memory, written under a temporary name, and gets its final name when it
is complete and on the disk.  It is an HDF5 file with a seal in front, in the block that HDF5
leaves to its users: the SHA-256 of all that follows.  So a damaged file is told in words, before
the HDF5 library meets it; other programs read it like any HDF5 file.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from pcmsim.errors import UserError

HDF5_ENDINGS = (".h5", ".hdf5")
SEAL = b"pcmsim file; SHA-256 of what follows this block: "
BLOCK = 512
# How the formats of our files begin, and who takes such files.
USES = {
    "pcmsim device ": "a device file for pcmsim device report and device judge, and for settings "
    "that name it, device: {kind: table, file: NAME}",
    "pcmsim result ": "a finished run for pcmsim show, plot, rerun and retention",
    "pcmsim checkpoint ": "an unfinished run for pcmsim run --resume",
}


def has_hdf5_name(path: Path) -> bool:
    """Return whether a file is taken for HDF5: the ending of its name says so, in any case."""
    return path.suffix.lower() in HDF5_ENDINGS


@contextmanager
def written_at_once(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file in memory and, at the end of the block, write it to ``path`` as a whole.

    Raises:
        UserError: the folder cannot be written, or the disk is full; nothing is left behind.
    """
    image = io.BytesIO()
    with put_together(image) as file:
        yield file
    write_whole(path, image.getbuffer())


@contextmanager
def put_together(image: io.BytesIO) -> Iterator[h5py.File]:
    """Open an HDF5 file in memory; at the end of the block ``image`` holds it, sealed."""
    with h5py.File(image, "w", userblock_size=BLOCK) as file:
        yield file
    with image.getbuffer() as content:
        seal = seal_of(content)
    image.seek(0)
    image.write(seal)


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file that ``written_at_once`` has written, for reading.

    Raises:
        UserError: there is no such file, it is none of ours, or it is damaged.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(BLOCK)
            # What others have written may be larger than memory.
            if content.startswith(SEAL):
                content += stream.read()
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder, not a file") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    if not content.startswith(SEAL):
        raise UserError(f"{path} is not a file that pcmsim has written")
    if content[:BLOCK] != seal_of(content):
        raise UserError(f"{path} is damaged, or was changed since pcmsim wrote it")
    with h5py.File(io.BytesIO(content), "r") as file:
        yield file


def format_of(path: Path) -> str:
    """Return the format that a file of ours gives itself; nothing if it is damaged or none."""
    try:
        with opened(path) as file:
            return str(file.attrs.get("format", ""))
    except UserError:
        return ""


def what_it_is(path: Path) -> str:
    """Say what a file of ours is and who takes it; nothing if it is damaged or none."""
    found = format_of(path)
    uses = [use for format_, use in USES.items() if found.startswith(format_)]
    return ", ".join([f"it is {found}", *uses]) if found else ""


def refuse_to_replace(
    path: Path, what: str, is_own: Callable[[Path], bool], overwrite: bool, option: str = "--out"
) -> None:
    """Keep what others have written, or what cost long work, from being lost.

    Args:
        path: the file that is to be written.
        what: may be replaced, such as "a device file".
        is_own: tells whether a file is such.
        overwrite: replace any other file, too.
        option: the one that names the file.

    Raises:
        UserError: there is a folder of that name, or a file that must not be replaced.
    """
    if os.path.isdir(path):
        raise UserError(f"{path} is a folder; {option} wants the name of a file")
    if not overwrite and os.path.exists(path) and not is_own(path):
        raise UserError(
            f"{path} exists and is not {what}; choose another {option}, or add --overwrite to "
            "replace it"
        )


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name and give it its own when it is on the disk.

    Raises:
        UserError: there is a folder of that name, the folder around it cannot be written, or the
            disk is full; nothing is left behind.
    """
    if os.path.isdir(path):
        raise UserError(f"{path} is a folder, not a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def seal_of(content: bytes | memoryview) -> bytes:
    """Return the first block that fits what follows it in an HDF5 file."""
    # Views are released here and not when nobody refers to them: where a profiler holds the frame
    # of this call, as that of Dask's workers does now and then, what they look at could not grow.
    with memoryview(content) as whole, whole[BLOCK:] as rest:
        digest = hashlib.sha256(rest).hexdigest()
    return (SEAL + digest.encode() + b"\n").ljust(BLOCK, b"\0")
