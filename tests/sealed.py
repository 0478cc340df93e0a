"""Changing a file of pcmsim behind its back, with a seal that fits the change."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from pcmsim.files import BLOCK, seal_of


@contextmanager
def changed(path: Path) -> Iterator[h5py.File]:
    """Open a file for changes and seal it anew at the end."""
    with h5py.File(path, "r+") as file:
        yield file
    content = path.read_bytes()
    path.write_bytes(seal_of(content) + content[BLOCK:])
