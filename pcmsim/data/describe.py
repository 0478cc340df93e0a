"""Say which data are there and whether they verify, for ``pcmsim data``."""

from collections.abc import Mapping
from pathlib import Path

from pcmsim.data.idx import find_idx_file, read_idx_array
from pcmsim.data.mnist import (
    BUNDLED_CHECKSUMS,
    BUNDLED_FOLDER,
    BUNDLED_TRAIN_IMAGES,
    FILE_NAMES,
    FOLDER_VARIABLE,
    MNIST_CHECKSUMS,
    download_folder,
    named_folder,
)
from pcmsim.errors import UserError


def describe_data() -> list[str]:
    """Return the lines of the report: the bundled excerpt, PCMSIM_MNIST, the download folder.

    Every file found is read and compared with its checksum.
    """
    return [
        f"Bundled excerpt of MNIST: {BUNDLED_TRAIN_IMAGES:,} training and 10,000 test images",
        *describe_files(BUNDLED_FOLDER, BUNDLED_CHECKSUMS),
        "",
        *describe_named_folder(),
        "",
        f"Download folder: {download_folder()}",
        *describe_files(download_folder(), MNIST_CHECKSUMS),
        "",
        f"More than {BUNDLED_TRAIN_IMAGES:,} training images come from data.path, "
        f"else from {FOLDER_VARIABLE}, else from the download folder.",
    ]


def describe_named_folder() -> list[str]:
    """Return the lines about the folder that PCMSIM_MNIST names."""
    folder = named_folder()
    if folder is None:
        return [f"Environment variable {FOLDER_VARIABLE}: not set"]
    return [
        f"Environment variable {FOLDER_VARIABLE}: {folder}",
        *describe_files(folder, MNIST_CHECKSUMS),
    ]


def describe_files(folder: Path, checksums: Mapping[str, str]) -> list[str]:
    """Return a line or more for each of the four files: not found, verified, or the fault."""
    return [f"  {describe_file(folder, array, checksums)}" for array in FILE_NAMES]


def describe_file(folder: Path, array: str, checksums: Mapping[str, str]) -> str:
    """Return what is to be said about the file of one array."""
    path = find_idx_file(folder, array)
    if path is None:
        return f"{FILE_NAMES[array]}: not found"
    try:
        images_or_labels = read_idx_array(folder, array, checksums)
    except UserError as error:
        return f"{error}".replace("\n", "\n  ")
    return f"{path.name}: {len(images_or_labels):,} {array.partition('_')[2]}, checksum verified"
