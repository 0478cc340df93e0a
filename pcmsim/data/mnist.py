"""What is known about MNIST: file names, checksums, mirrors, and the folders where it may lie.

The keys of the tables are the names of the arrays in a data set.
"""

import os
from pathlib import Path

FILE_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}

# SHA-256 of the files after decompression, so that it does not matter who compressed them.
MNIST_CHECKSUMS = {
    "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

# The excerpt has the whole test set, hence the same two checksums.
BUNDLED_CHECKSUMS = MNIST_CHECKSUMS | {
    "train_images": "1e3ffdb2f57e22d9e5363dde25c2d057542c2e72baa312f0f3b03948bb3802b7",
    "train_labels": "685aeb7baef68233efa643639a5e9c15bb48be09a628f96fb7f606ca2a1ea7bc",
}
BUNDLED_FOLDER = Path(__file__).parent / "bundled"
BUNDLED_TRAIN_IMAGES = 5_000

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# SHA-256 of the .gz files on the mirrors.
ARCHIVE_CHECKSUMS = {
    "train_images": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train_labels": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "test_images": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "test_labels": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

FOLDER_VARIABLE = "PCMSIM_MNIST"


def named_folder() -> Path | None:
    """Return the folder that the environment variable PCMSIM_MNIST names, or None."""
    value = os.environ.get(FOLDER_VARIABLE)
    return Path(os.path.expanduser(value)) if value else None


def download_folder() -> Path:
    """Return the folder for downloads, ``~/.cache/pcmsim/mnist`` (XDG_CACHE_HOME is heeded)."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache) / "pcmsim" / "mnist"
