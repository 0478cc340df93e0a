"""Refuse arrays that are not images and labels.

Every message says where, which array, what was found and what is allowed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.data.dataset import Source
from pcmsim.errors import UserError


def fault(place: str, array: str, found: str, allowed: str) -> UserError:
    """Return the error for one array of a file or folder."""
    return UserError(f"{place}: array {array}: {found}; allowed: {allowed}")


def check_source(source: Source) -> None:
    """Raise UserError unless the four arrays of ``source`` are a data set."""
    check_images(source.place, "train_images", source.train_images)
    check_images(source.place, "test_images", source.test_images)
    check_labels(source.place, "train_labels", source.train_labels, len(source.train_images))
    check_labels(source.place, "test_labels", source.test_labels, len(source.test_images))
    train_shape, test_shape = source.train_images.shape[1:], source.test_images.shape[1:]
    if test_shape != train_shape:
        raise fault(
            source.place,
            "test_images",
            f"one image has the shape {test_shape}",
            f"{train_shape}, as in train_images",
        )


def check_images(place: str, array: str, images: NDArray[Any]) -> None:
    """Raise UserError unless ``images`` is (n, pixels) or (n, height, width) of allowed numbers."""
    if images.dtype.kind not in "biuf":
        raise fault(place, array, f"has the type {images.dtype}", "real numbers")
    if images.ndim not in (2, 3) or images.size == 0:
        raise fault(
            place,
            array,
            f"has the shape {images.shape}",
            "(n, pixels) or (n, height, width), none of them 0",
        )
    if images.dtype != np.uint8:
        check_pixel_values(place, array, images)


def check_pixel_values(place: str, array: str, images: NDArray[Any]) -> None:
    """Raise UserError unless all pixels are finite and from -1 to 1."""
    allowed = "-1 to 1, or 0 to 255 as uint8"
    bad = np.count_nonzero(~np.isfinite(images))
    if bad:
        raise fault(place, array, f"{bad:,} values are NaN or infinite", allowed)
    low, high = images.min(), images.max()
    if low < -1 or high > 1:
        raise fault(place, array, f"{images.dtype} values from {low} to {high}", allowed)


def check_labels(place: str, array: str, labels: NDArray[Any], images: int) -> None:
    """Raise UserError unless ``labels`` is (images,) of integers from 0."""
    if labels.dtype.kind not in "iu":
        raise fault(place, array, f"has the type {labels.dtype}", "integers")
    if labels.shape != (images,):
        raise fault(
            place, array, f"has the shape {labels.shape}", f"({images},), one label for each image"
        )
    # As int64, because there an unsigned label too large to be kept shows up as negative.
    if labels.astype(np.int64).min() < 0:
        raise fault(
            place, array, f"values from {labels.min()} to {labels.max()}", "integers 0, 1, 2, ..."
        )
