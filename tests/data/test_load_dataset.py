"""``load_dataset`` on MNIST and on folders: which images, cropped how, from where."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pcmsim.data import Dataset, load_dataset
from pcmsim.errors import UserError

# The project carries an excerpt; all 60,000 images are where the user has put them, if at all.
FULL_MNIST = os.environ.get("PCMSIM_MNIST")
needs_full_mnist = pytest.mark.skipif(
    not FULL_MNIST, reason="PCMSIM_MNIST does not name a folder with all of MNIST"
)


@pytest.fixture(scope="module")
def excerpt() -> Dataset:
    """Return the whole bundled excerpt, not cropped."""
    return load_dataset(None, 5_000)


def test_the_excerpt_is_mnist(excerpt: Dataset) -> None:
    assert excerpt.name == "MNIST"
    assert excerpt.image_shape == (28, 28)
    assert excerpt.train_images.shape == (5_000, 784)
    assert excerpt.test_images.shape == (10_000, 784)
    assert excerpt.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert excerpt.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(excerpt.test_labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


def test_arrays_have_the_promised_form(excerpt: Dataset) -> None:
    for images in (excerpt.train_images, excerpt.test_images):
        assert images.dtype == np.float32
        assert images.flags.c_contiguous
        assert images.min() == 0
        assert images.max() == 1
    assert excerpt.train_labels.dtype == excerpt.test_labels.dtype == np.int64
    assert excerpt.train_images[0].reshape(28, 28)[5, 12] == np.float32(3 / 255)


def test_the_checksum_is_known_and_as_documented(excerpt: Dataset) -> None:
    assert excerpt.checksum == "88aa90ea98023e8cad82b36cd95f1401fb490d93ffeba9d74dd587a49f08b569"
    digest = hashlib.sha256()
    digest.update(b"<f4 (5000, 784)" + excerpt.train_images.tobytes())
    digest.update(b"<i8 (5000,)" + excerpt.train_labels.tobytes())
    digest.update(b"<f4 (10000, 784)" + excerpt.test_images.tobytes())
    digest.update(b"<i8 (10000,)" + excerpt.test_labels.tobytes())
    assert excerpt.checksum == digest.hexdigest()


def test_the_checksum_sees_one_label(excerpt: Dataset) -> None:
    labels = excerpt.test_labels.copy()
    labels[-1] += 1
    assert replace(excerpt, test_labels=labels).checksum != excerpt.checksum


def test_the_first_images_are_taken(excerpt: Dataset) -> None:
    few = load_dataset(None, 7)
    np.testing.assert_array_equal(few.train_images, excerpt.train_images[:7])
    np.testing.assert_array_equal(few.train_labels, excerpt.train_labels[:7])
    assert len(few.test_images) == 10_000


def test_crop_is_half_open_and_acts_on_both_sets(excerpt: Dataset) -> None:
    cropped = load_dataset(None, 5_000, crop=(3, 25, 2, 26))
    assert cropped.image_shape == (22, 24)
    for part, whole in [
        (cropped.train_images, excerpt.train_images),
        (cropped.test_images, excerpt.test_images),
    ]:
        expected = whole.reshape(-1, 28, 28)[:, 3:25, 2:26].reshape(len(whole), 528)
        np.testing.assert_array_equal(part, expected)
        assert part.flags.c_contiguous


def test_a_crop_of_everything_changes_nothing() -> None:
    assert load_dataset(None, 3, crop=(0, 28, 0, 28)).checksum == load_dataset(None, 3).checksum


@pytest.mark.parametrize(
    "crop", [(0, 29, 0, 28), (0, 28, 0, 29), (-1, 28, 0, 28), (5, 5, 0, 28), (0, 28, 9, 3)]
)
def test_a_crop_that_leaves_the_image_is_refused(crop: tuple[int, int, int, int]) -> None:
    with pytest.raises(UserError, match=r"data\.crop: found top .* 28 rows and 28 columns"):
        load_dataset(None, 3, crop)


def test_more_than_the_excerpt_needs_the_full_set(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="5,001 needs the full MNIST set") as caught:
        load_dataset(None, 5_001)
    for hint in ("pcmsim data --download", "data.path", "PCMSIM_MNIST", str(tmp_path / "cache")):
        assert hint in str(caught.value)


def test_no_images_at_all_are_refused() -> None:
    with pytest.raises(UserError, match=r"data\.train_images: found 0; allowed: 1 to 5,000"):
        load_dataset(None, 0)


def test_more_images_than_there_are_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"data\.train_images: found 13; allowed: 1 to 12, .*small"):
        load_dataset(str(folder), 13)


def test_a_folder_is_read(folder: Path, arrays: dict[str, NDArray[np.uint8]]) -> None:
    dataset = load_dataset(str(folder), 12)
    assert dataset.name == "MNIST"
    np.testing.assert_array_equal(
        dataset.train_images, arrays["train_images"].reshape(12, 20) / np.float32(255)
    )
    np.testing.assert_array_equal(dataset.test_labels, arrays["test_labels"])


def test_full_set_is_found_by_variable_then_in_the_download_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The small set passes for MNIST here, hence the question for more than it has.
    monkeypatch.setenv("PCMSIM_MNIST", str(folder))
    with pytest.raises(UserError, match=f"1 to 12, .* in {re.escape(str(folder))}$"):
        load_dataset(None, 6_000)
    monkeypatch.setenv("PCMSIM_MNIST", "")
    downloaded = tmp_path / "cache" / "pcmsim" / "mnist"
    downloaded.parent.mkdir(parents=True)
    folder.rename(downloaded)
    with pytest.raises(UserError, match=f"1 to 12, .* in {re.escape(str(downloaded))}$"):
        load_dataset(None, 6_000)


def test_a_variable_that_names_no_data_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCMSIM_MNIST", str(tmp_path))
    with pytest.raises(UserError, match="there is no file train-images-idx3-ubyte"):
        load_dataset(None, 6_000)


def test_another_set_in_the_same_format_needs_verify_off(
    tmp_path: Path,
    encode_idx: Callable[[NDArray[np.uint8]], bytes],
    arrays: dict[str, NDArray[np.uint8]],
) -> None:
    fashion = tmp_path / "fashion"
    fashion.mkdir()
    for name, array in [
        ("train-images-idx3-ubyte", "train_images"),
        ("train-labels-idx1-ubyte", "train_labels"),
        ("t10k-images-idx3-ubyte", "test_images"),
        ("t10k-labels-idx1-ubyte", "test_labels"),
    ]:
        (fashion / name).write_bytes(encode_idx(arrays[array]))
    with pytest.raises(UserError, match="not those of the MNIST file"):
        load_dataset(str(fashion), 5)
    assert load_dataset(str(fashion), 5, verify=False).name == "fashion"


def test_lengths_that_differ_are_refused_in_a_folder(
    folder: Path, encode_idx: Callable[[NDArray[np.uint8]], bytes]
) -> None:
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    (folder / "t10k-labels-idx1-ubyte").write_bytes(encode_idx(np.zeros(7, np.uint8)))
    with pytest.raises(UserError, match=r"test_labels: has the shape \(7,\); allowed: \(8,\)"):
        load_dataset(str(folder), 5, verify=False)


@pytest.mark.parametrize(
    ("name", "found"), [("nowhere", "nothing is there"), ("notes.txt", "this kind of file")]
)
def test_a_path_that_is_no_data_is_refused(tmp_path: Path, name: str, found: str) -> None:
    (tmp_path / "notes.txt").write_text("not data")
    with pytest.raises(UserError, match=f"data.path: .*{name}: {found}.*allowed: a folder"):
        load_dataset(str(tmp_path / name), 5)


@needs_full_mnist
def test_the_excerpt_is_the_beginning_of_the_full_set(
    excerpt: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FULL_MNIST is not None
    monkeypatch.setenv("PCMSIM_MNIST", FULL_MNIST)
    full = load_dataset(None, 60_000)
    assert full.train_images.shape == (60_000, 784)
    np.testing.assert_array_equal(full.train_images[:5_000], excerpt.train_images)
    np.testing.assert_array_equal(full.train_labels[:5_000], excerpt.train_labels)
    assert load_dataset(FULL_MNIST, 5_000).checksum == excerpt.checksum
