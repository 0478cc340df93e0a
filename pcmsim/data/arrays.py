"""Read the user's own arrays from an .npz or HDF5 file.

The file holds four arrays by name: train_images, train_labels, test_images, test_labels.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.data.check import fault
from pcmsim.data.dataset import Source
from pcmsim.data.mnist import FILE_NAMES
from pcmsim.errors import UserError
from pcmsim.files import HDF5_ENDINGS, has_hdf5_name

ARRAY_FILE_ENDINGS = (".npz", *HDF5_ENDINGS)
ARRAY_NAMES = tuple(FILE_NAMES)


def read_array_file(path: Path) -> Source:
    """Read an .npz or HDF5 file, told apart by the ending of its name.

    Raises UserError when the file cannot be read, or an array is missing, damaged or made of
    Python objects.  What the arrays contain is left to ``check_source``.
    """
    open_file = open_hdf5 if has_hdf5_name(path) else open_npz
    try:
        with open_file(path) as file:
            check_names(path, [str(name) for name in file])
            arrays = {array: read_array(path, file, array) for array in ARRAY_NAMES}
    except UserError:
        raise
    # A damaged file can fail anywhere inside these readers, in ways that they do not document:
    # whatever goes wrong here is a fault of the file.
    except Exception as error:
        raise UserError(f"{path}: not a readable {path.suffix} file ({error})") from None
    return Source(path.stem, str(path), **arrays)


def open_hdf5(path: Path) -> Any:
    """Return the open HDF5 file: a context manager and a mapping from name to array."""
    import h5py

    return h5py.File(path, "r")


@contextmanager
def open_npz(path: Path) -> Iterator[Any]:
    """Open an .npz file as a mapping from name to array, and close it in the end.

    Python objects are never loaded: to unpickle a file is to run what its author wrote.
    """
    with open(path, "rb") as stream:
        # Not np.load, which takes other kinds of files, too, whatever their name.
        yield np.lib.npyio.NpzFile(stream, allow_pickle=False)


def check_names(path: Path, names: list[str]) -> None:
    """Raise UserError unless all four arrays are among the ``names`` in the file."""
    for array in ARRAY_NAMES:
        if array not in names:
            found = ", ".join(names) or "no arrays at all"
            raise UserError(
                f"{path}: array {array} is missing; found: {found}; "
                f"needed: {', '.join(ARRAY_NAMES)}"
            )


def read_array(path: Path, file: Mapping[str, Any], array: str) -> NDArray[Any]:
    """Return one array of an open file; raises UserError when it is damaged."""
    try:
        return np.asarray(file[array][()])
    except Exception as error:  # Wide for the same reason as in ``read_array_file``.
        allowed = "an undamaged array of numbers (no group, no Python objects)"
        raise fault(str(path), array, f"cannot be read ({error})", allowed) from None
