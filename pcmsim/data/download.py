"""Fetch MNIST from its public mirrors."""

import hashlib
import os
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path

from pcmsim.data.idx import read_idx_array
from pcmsim.data.mnist import (
    ARCHIVE_CHECKSUMS,
    FILE_NAMES,
    MIRRORS,
    MNIST_CHECKSUMS,
    download_folder,
)
from pcmsim.errors import UserError

TIMEOUT = 30  # seconds without an answer
CHUNK = 65_536  # bytes
PROGRESS_DELAY = 2  # seconds: a progress bar for less would only flicker


def download_mnist(
    folder: Path | None = None, progress: bool = True, mirrors: Sequence[str] = MIRRORS
) -> Path:
    """Download the four MNIST files (.gz, 12 MB in all) and return the folder.

    folder: where to put them; None for the default folder, where they are found by themselves
    progress: whether to show a bar on stderr for a file that takes more than two seconds
    mirrors: addresses ending in ``/``; the next one is tried when one fails

    Files that already verify are left alone, so an interrupted download goes on with the file
    it had come to.  Raises UserError when a file cannot be had, or the folder not be written.
    """
    folder = folder or download_folder()
    for array in FILE_NAMES:
        if not verifies(folder, array):
            store(folder / archive_name(array), fetch(array, folder, progress, mirrors))
    return folder


def archive_name(array: str) -> str:
    """Return the name of the file on the mirrors that holds ``array``."""
    return FILE_NAMES[array] + ".gz"


def verifies(folder: Path, array: str) -> bool:
    """Say whether ``folder`` holds the MNIST file of ``array``, undamaged."""
    try:
        read_idx_array(folder, array, MNIST_CHECKSUMS)
    except UserError:
        return False
    return True


def fetch(array: str, folder: Path, progress: bool, mirrors: Sequence[str]) -> bytes:
    """Return the archive of ``array`` from the first mirror that has it, verified.

    Raises UserError, with the reason of each mirror and the way by hand, when none has it.
    """
    reasons = []
    for mirror in mirrors:
        url = mirror + archive_name(array)
        try:
            archive = fetch_url(url, progress)
        except (OSError, HTTPException) as error:
            reasons.append(f"{url}: {error}")
            continue
        found = hashlib.sha256(archive).hexdigest()
        if found == ARCHIVE_CHECKSUMS[array]:
            return archive
        reasons.append(
            f"{url}: damaged or cut short, {len(archive):,} bytes arrived, "
            f"SHA-256 expected {ARCHIVE_CHECKSUMS[array]}, found {found}"
        )
    names = ", ".join(archive_name(each) for each in FILE_NAMES)
    raise UserError(
        f"{archive_name(array)} could not be downloaded:\n"
        + "".join(f"  {reason}\n" for reason in reasons)
        + f"By hand: fetch {names} from one of these addresses on any computer, put them into "
        f"{folder}, and run `pcmsim data` to verify them."
    )


def fetch_url(url: str, progress: bool) -> bytes:
    """Return what ``url`` answers, in memory; raises OSError or HTTPException when it fails."""
    from urllib.request import urlopen

    from tqdm import tqdm

    with urlopen(url, timeout=TIMEOUT) as answer:
        bar = tqdm(
            desc=url.rpartition("/")[2],
            total=answer.length,
            unit="B",
            unit_scale=True,
            delay=PROGRESS_DELAY,
            disable=not progress,
        )
        with bar:
            chunks = []
            while chunk := answer.read(CHUNK):
                chunks.append(chunk)
                bar.update(len(chunk))
    return b"".join(chunks)


def store(path: Path, contents: bytes) -> None:
    """Write a file so that it appears whole or not at all; raises UserError when it cannot."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(contents)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error})") from None
