"""From the settings to a data set: choose the source, take the first images, crop, scale."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.data.arrays import ARRAY_FILE_ENDINGS, read_array_file
from pcmsim.data.check import check_source
from pcmsim.data.dataset import Dataset, Source
from pcmsim.data.idx import find_idx_file, read_idx_folder
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

Crop = tuple[int, int, int, int]


def load_dataset(
    path: str | None, train_images: int, crop: Crop | None = None, verify: bool = True
) -> Dataset:
    """Return the data set that the settings of the section ``data`` describe.

    path: None for MNIST (the bundled excerpt where it suffices, else the full set), a folder
        with four IDX files, or an .npz or HDF5 file with the user's own four arrays
    train_images: how many training images to take, the first in the order of the file
    crop: (top, bottom, left, right) in pixels, half-open: ``images[:, top:bottom, left:right]``
    verify: whether the files in a folder must be those of MNIST, by their SHA-256

    Test images are taken all.  Raises UserError for every fault in the files or settings.
    """
    source = read_source(path, train_images, verify)
    check_source(source)
    check_train_images(source, train_images)
    cropped_train = cropped(source.train_images[:train_images], crop)
    cropped_test = cropped(source.test_images, crop)
    return Dataset(
        name=source.name,
        train_images=scaled_rows(cropped_train),
        train_labels=source.train_labels[:train_images].astype(np.int64),
        test_images=scaled_rows(cropped_test),
        test_labels=source.test_labels.astype(np.int64),
        image_shape=cropped_train.shape[1:],
    )


def read_source(path: str | None, train_images: int, verify: bool) -> Source:
    """Read the four arrays from where the settings say; raises UserError when that fails."""
    if path is None:
        return read_mnist(train_images)
    place = Path(os.path.expanduser(path))
    if os.path.isdir(place):
        if verify:
            return read_idx_folder(place, "MNIST", MNIST_CHECKSUMS)
        return read_idx_folder(place, place.resolve().name, None)
    if place.suffix.lower() in ARRAY_FILE_ENDINGS and os.path.isfile(place):
        return read_array_file(place)
    found = "this kind of file is not known" if os.path.exists(place) else "nothing is there"
    raise UserError(
        f"data.path: {place}: {found}; allowed: a folder with the four IDX files, "
        f"or a file ending in {', '.join(ARRAY_FILE_ENDINGS)}"
    )


def read_mnist(train_images: int) -> Source:
    """Read the bundled excerpt where it suffices, else the full set; the first images agree.

    Raises UserError when the full set is needed and not there, or damaged.
    """
    if train_images <= BUNDLED_TRAIN_IMAGES:
        return read_idx_folder(BUNDLED_FOLDER, "MNIST", BUNDLED_CHECKSUMS)
    folder = named_folder() or downloaded_folder()
    if folder is None:
        raise UserError(
            f"data.train_images: {train_images:,} needs the full MNIST set of 60,000; "
            f"the bundled excerpt has {BUNDLED_TRAIN_IMAGES:,} training images.\n"
            f"Run `pcmsim data --download` once (12 MB, into {download_folder()}), or name a "
            f"folder with the four MNIST files in data.path or in the environment variable "
            f"{FOLDER_VARIABLE}."
        )
    return read_idx_folder(folder, "MNIST", MNIST_CHECKSUMS)


def downloaded_folder() -> Path | None:
    """Return the default download folder if all four files are there, else None."""
    folder = download_folder()
    complete = all(find_idx_file(folder, array) for array in FILE_NAMES)
    return folder if complete else None


def check_train_images(source: Source, train_images: int) -> None:
    """Raise UserError unless ``source`` has as many training images as are asked for."""
    existing = len(source.train_images)
    if not 1 <= train_images <= existing:
        raise UserError(
            f"data.train_images: found {train_images:,}; allowed: 1 to {existing:,}, "
            f"the number of training images in {source.place}"
        )


def cropped(images: NDArray[Any], crop: Crop | None) -> NDArray[Any]:
    """Return the part of all images (n, height, width) within ``crop``, or all of it for None.

    Raises UserError when the images are flat, (n, pixels), or the crop leaves them.
    """
    if crop is None:
        return images
    if images.ndim == 2:
        raise UserError(
            f"data.crop: images of the shape (n, pixels) cannot be cropped, found "
            f"{images.shape}; set data.crop to null, or store them as (n, height, width)"
        )
    top, bottom, left, right = crop
    height, width = images.shape[1:]
    if not (0 <= top < bottom <= height and 0 <= left < right <= width):
        raise UserError(
            f"data.crop: found top {top}, bottom {bottom}, left {left}, right {right}; allowed "
            f"for images of {height} rows and {width} columns: "
            f"0 <= top < bottom <= {height} and 0 <= left < right <= {width}"
        )
    return images[:, top:bottom, left:right]


def scaled_rows(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return (n, pixels) float32; 8-bit pixels are divided by 255, other numbers are kept."""
    rows = images.reshape(len(images), -1).astype(np.float32, order="C")
    if images.dtype == np.uint8:
        rows /= 255
    return rows
