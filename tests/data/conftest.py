"""Small data sets on disk for the tests of ``pcmsim.data``."""

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pcmsim.data import mnist

Arrays = dict[str, NDArray[np.uint8]]


@pytest.fixture(autouse=True)
def clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the data of whoever runs the tests; keep proxies away from the local mirror."""
    monkeypatch.delenv("PCMSIM_MNIST", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def encode_idx() -> Callable[[NDArray[np.uint8]], bytes]:
    """Return the function that writes an array as the bytes of an IDX file."""

    def encode(array: NDArray[np.uint8]) -> bytes:
        header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
        return header + array.tobytes()

    return encode


@pytest.fixture
def arrays() -> Arrays:
    """Return a data set of 12 and 8 images of 5 x 4 pixels, in 3 classes."""
    random = np.random.default_rng(1)
    return {
        "train_images": random.integers(0, 256, (12, 5, 4), np.uint8),
        "train_labels": random.integers(0, 3, 12, np.uint8),
        "test_images": random.integers(0, 256, (8, 5, 4), np.uint8),
        "test_labels": random.integers(0, 3, 8, np.uint8),
    }


@pytest.fixture
def archives(
    arrays: Arrays,
    encode_idx: Callable[[NDArray[np.uint8]], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, bytes]:
    """Return the small data set as .gz files, by name, and let it pass for MNIST."""
    files = {}
    for array, values in arrays.items():
        contents = encode_idx(values)
        archive = gzip.compress(contents)
        files[mnist.FILE_NAMES[array] + ".gz"] = archive
        monkeypatch.setitem(mnist.MNIST_CHECKSUMS, array, hashlib.sha256(contents).hexdigest())
        monkeypatch.setitem(mnist.ARCHIVE_CHECKSUMS, array, hashlib.sha256(archive).hexdigest())
    return files


@pytest.fixture
def folder(tmp_path: Path, archives: dict[str, bytes]) -> Path:
    """Return a folder that holds the small data set, complete and undamaged."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name, archive in archives.items():
        (folder / name).write_bytes(archive)
    return folder
