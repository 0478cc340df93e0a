"""Read the four IDX files of MNIST, and of other data sets in the same format.

An IDX file is a header of big-endian 32-bit numbers and then one byte for each element, the
last index running fastest.  The header is the magic number, which names the element type
(8: unsigned byte) and the number of dimensions, followed by the size of each dimension.
"""

import gzip
import hashlib
import lzma
import math
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pcmsim.data.dataset import Source
from pcmsim.data.mnist import FILE_NAMES
from pcmsim.errors import UserError

UNSIGNED_BYTES = 0x0800

# How to unpack a file, by the ending of its name.  The first file found is read: .gz comes
# first because downloads are .gz, so that a download repairs a folder with a damaged file.
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    "": bytes,
    ".xz": lzma.decompress,
}


def read_idx_folder(folder: Path, name: str, checksums: Mapping[str, str] | None) -> Source:
    """Read the four IDX files in ``folder``; ``name`` is what the data set is called.

    ``checksums`` are the SHA-256 that the files must have after decompression, by array name;
    None accepts any.  Raises UserError as ``read_idx_array``.
    """
    arrays = {array: read_idx_array(folder, array, checksums) for array in FILE_NAMES}
    return Source(name, str(folder), **arrays)


def read_idx_array(
    folder: Path, array: str, checksums: Mapping[str, str] | None
) -> NDArray[np.uint8]:
    """Return one of the four arrays: images (n, height, width) or labels (n,).

    Raises UserError when its file is missing, cannot be unpacked, is not an IDX file of the
    right dimensions, is too short or too long, or differs from its checksum.
    """
    path = find_idx_file(folder, array)
    if path is None:
        raise UserError(
            f"{folder}: there is no file {FILE_NAMES[array]}; "
            f"allowed are this name alone and with the ending .gz or .xz"
        )
    contents = unpack(path)
    decoded = decode(path, contents, dimensions=3 if array.endswith("images") else 1)
    if checksums is not None:
        check_contents(path, contents, checksums[array])
    return decoded


def find_idx_file(folder: Path, array: str) -> Path | None:
    """Return the file in ``folder`` that holds ``array``, or None."""
    candidates = [folder / (FILE_NAMES[array] + ending) for ending in UNPACK]
    return next((path for path in candidates if os.path.isfile(path)), None)


def unpack(path: Path) -> bytes:
    """Return the bytes of a file after decompression; raises UserError when that fails."""
    try:
        return UNPACK[path.suffix](path.read_bytes())
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"{path}: cannot be read, perhaps damaged or cut short ({error})") from None


def decode(path: Path, contents: bytes, dimensions: int) -> NDArray[np.uint8]:
    """Return the array in the bytes of an IDX file; raises UserError when they are not one."""
    header_size = 4 * (1 + dimensions)
    if len(contents) < header_size:
        raise UserError(
            f"{path}: cut short, the header of an IDX file has {header_size} bytes, "
            f"found {len(contents)} bytes in all"
        )
    magic, *shape = (int(number) for number in np.frombuffer(contents[:header_size], ">u4"))
    if magic != UNSIGNED_BYTES + dimensions:
        raise UserError(
            f"{path}: wrong magic number, expected {UNSIGNED_BYTES + dimensions} "
            f"(unsigned bytes in {dimensions} dimensions), found {magic}"
        )
    announced = " x ".join(map(str, shape))
    if 0 in shape:
        raise UserError(f"{path}: empty, the header announces {announced} elements")
    expected_size = header_size + math.prod(shape)
    if len(contents) != expected_size:
        raise UserError(
            f"{path}: wrong size, the header announces {announced} elements, "
            f"hence {expected_size:,} bytes, found {len(contents):,}"
        )
    return np.frombuffer(contents, np.uint8, offset=header_size).reshape(shape)


def check_contents(path: Path, contents: bytes, expected: str) -> None:
    """Raise UserError when the SHA-256 of the unpacked ``contents`` is not ``expected``."""
    found = hashlib.sha256(contents).hexdigest()
    if found != expected:
        raise UserError(
            f"{path}: the contents are not those of the MNIST file\n"
            f"  SHA-256 expected {expected}\n"
            f"  SHA-256 found    {found}\n"
            "For another data set in the same format, name its folder in data.path and set "
            "data.verify_checksum to false."
        )
