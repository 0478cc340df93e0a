"""The images and labels of one experiment, and their checksum."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Source:
    """Four arrays as they lie in a file or folder, before anything is chosen, cropped or scaled.

    ``place`` is the file or folder, for error messages.  Images are (n, height, width) or
    (n, pixels) of any real type, labels (n,) of any integer type.
    """

    name: str
    place: str
    train_images: NDArray[Any]
    train_labels: NDArray[Any]
    test_images: NDArray[Any]
    test_labels: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """The images and labels that an experiment uses, chosen, cropped and scaled.

    Images are float32 (n, pixels), row by row, C-contiguous: 0 to 1 for MNIST and for every
    set of 8-bit pixels, -1 to 1 at most for the user's own numbers.  Labels are int64 (n,),
    counted from 0.  ``image_shape`` is (height, width), or (pixels,) for images that came flat.
    """

    name: str
    train_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.float32]
    test_labels: NDArray[np.int64]
    image_shape: tuple[int, ...]

    @cached_property
    def checksum(self) -> str:
        """SHA-256, in hex, of the four arrays: the same digits mean the same data.

        In the order train_images, train_labels, test_images, test_labels, each array
        contributes the text ``<dtype> <shape>``, for instance ``<f4 (5000, 528)``, and then its
        bytes, row by row, little-endian.
        """
        digest = hashlib.sha256()
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            little_endian = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            digest.update(f"{little_endian.dtype.str} {little_endian.shape}".encode())
            digest.update(little_endian.data)
        return digest.hexdigest()
