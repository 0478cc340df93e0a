"""The user's own arrays: what is accepted, and one clear message for each fault."""

import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pcmsim.data import load_dataset
from pcmsim.errors import UserError

Arrays = dict[str, NDArray[Any]]


def write(path: Path, arrays: Arrays) -> None:
    """Write the arrays to an .npz or HDF5 file, told apart by the ending of its name."""
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
        return
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


@pytest.mark.parametrize("name", ["own.npz", "own.h5", "own.hdf5", "OWN.H5"])
def test_both_formats_give_the_same_data(tmp_path: Path, arrays: Arrays, name: str) -> None:
    path = tmp_path / name
    write(path, arrays)
    dataset = load_dataset(str(path), 12, crop=(1, 4, 0, 2))
    assert dataset.name == path.stem
    assert dataset.image_shape == (3, 2)
    expected = arrays["train_images"][:, 1:4, 0:2].reshape(12, 6) / np.float32(255)
    np.testing.assert_array_equal(dataset.train_images, expected)
    np.testing.assert_array_equal(dataset.train_labels, arrays["train_labels"])


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.float16, np.float32, ">f8"])
def test_numbers_that_are_not_8_bit_pixels_are_kept(
    tmp_path: Path, arrays: Arrays, dtype: Any
) -> None:
    for name in ("train_images", "test_images"):
        arrays[name] = (arrays[name].reshape(-1, 20) > 127).astype(dtype)
    write(tmp_path / "own.npz", arrays)
    dataset = load_dataset(str(tmp_path / "own.npz"), 12)
    assert dataset.image_shape == (20,)
    assert dataset.train_images.dtype == np.float32
    np.testing.assert_array_equal(dataset.train_images, arrays["train_images"])


def test_column_order_in_the_file_does_not_matter(tmp_path: Path, arrays: Arrays) -> None:
    flat = {
        name: np.asfortranarray(values.reshape(-1, 20)) if values.ndim == 3 else values
        for name, values in arrays.items()
    }
    write(tmp_path / "own.npz", flat)
    dataset = load_dataset(str(tmp_path / "own.npz"), 12)
    assert dataset.train_images.flags.c_contiguous
    np.testing.assert_array_equal(
        dataset.train_images, arrays["train_images"].reshape(12, 20) / np.float32(255)
    )


def test_negative_pixels_to_minus_one_are_kept(tmp_path: Path, arrays: Arrays) -> None:
    arrays["train_images"] = np.full((12, 5, 4), -1.0)
    write(tmp_path / "own.npz", arrays)
    assert np.all(load_dataset(str(tmp_path / "own.npz"), 12).train_images == -1)


FAULTS: list[tuple[str, NDArray[Any], str]] = [
    ("train_images", np.full((12, 5, 4), 1.5), r"float64 values from 1.5 to 1.5; allowed: -1 to 1"),
    ("train_images", np.full((12, 5, 4), 200), r"int64 values from 200 to 200; allowed: -1 to 1"),
    ("train_images", np.full((12, 5, 4), np.nan), r"240 values are NaN or infinite"),
    ("test_images", np.full((8, 5, 4), np.inf), r"160 values are NaN or infinite"),
    ("train_images", np.zeros((12, 5, 4), complex), r"has the type complex128; allowed: real"),
    ("train_images", np.zeros((12, 5, 4), "S1"), r"has the type \|S1; allowed: real"),
    ("train_images", np.zeros(12), r"has the shape \(12,\); allowed: \(n, pixels\)"),
    ("train_images", np.zeros((12, 5, 4, 3)), r"has the shape \(12, 5, 4, 3\); allowed"),
    ("train_images", np.zeros((0, 5, 4)), r"has the shape \(0, 5, 4\); allowed"),
    ("test_images", np.zeros((8, 20)), r"the shape \(20,\); allowed: \(5, 4\), as in train"),
    ("train_labels", np.zeros(11, int), r"has the shape \(11,\); allowed: \(12,\)"),
    ("train_labels", np.zeros((12, 1), int), r"has the shape \(12, 1\); allowed: \(12,\)"),
    ("test_labels", np.zeros(8), r"has the type float64; allowed: integers"),
    ("test_labels", np.zeros(8, bool), r"has the type bool; allowed: integers"),
    ("test_labels", np.full(8, -1), r"values from -1 to -1; allowed: integers 0, 1, 2"),
    ("test_labels", np.full(8, 2**64 - 1, np.uint64), r"values from 18446744073709551615"),
]


@pytest.mark.parametrize("ending", [".npz", ".h5"])
@pytest.mark.parametrize(("array", "values", "message"), FAULTS)
def test_a_bad_array_is_named(
    tmp_path: Path, arrays: Arrays, ending: str, array: str, values: NDArray[Any], message: str
) -> None:
    path = tmp_path / f"own{ending}"
    write(path, arrays | {array: values})
    with pytest.raises(UserError, match=f"own{ending}: array {array}: .*{message}"):
        load_dataset(str(path), 5)


@pytest.mark.parametrize("ending", [".npz", ".h5"])
def test_a_missing_array_is_named(tmp_path: Path, arrays: Arrays, ending: str) -> None:
    del arrays["test_labels"]
    path = tmp_path / f"own{ending}"
    write(path, arrays)
    with pytest.raises(UserError, match=f"own{ending}: array test_labels is missing; found: t"):
        load_dataset(str(path), 5)


def test_python_objects_are_not_loaded(tmp_path: Path, arrays: Arrays) -> None:
    write(tmp_path / "own.npz", arrays | {"train_labels": np.array([{}] * 12)})
    with pytest.raises(UserError, match=r"array train_labels: cannot be read .*no Python objects"):
        load_dataset(str(tmp_path / "own.npz"), 5)


def test_an_hdf5_group_is_not_an_array(tmp_path: Path, arrays: Arrays) -> None:
    del arrays["train_labels"]
    write(tmp_path / "own.h5", arrays)
    with h5py.File(tmp_path / "own.h5", "a") as file:
        file.create_group("train_labels")
    with pytest.raises(UserError, match=r"array train_labels: cannot be read .*no group"):
        load_dataset(str(tmp_path / "own.h5"), 5)


@pytest.mark.parametrize("ending", [".npz", ".h5"])
@pytest.mark.parametrize("contents", [b"", b"not an array", pickle.dumps({"train_images": 1})])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, ending: str, contents: bytes) -> None:
    path = tmp_path / f"own{ending}"
    path.write_bytes(contents)
    with pytest.raises(UserError, match=f"own{ending}: not a readable {ending} file"):
        load_dataset(str(path), 5)


@pytest.mark.parametrize("ending", [".npz", ".h5"])
def test_flat_images_cannot_be_cropped(tmp_path: Path, arrays: Arrays, ending: str) -> None:
    for name in ("train_images", "test_images"):
        arrays[name] = arrays[name].reshape(-1, 20)
    path = tmp_path / f"own{ending}"
    write(path, arrays)
    with pytest.raises(UserError, match=r"data.crop: .*\(n, pixels\) cannot be cropped"):
        load_dataset(str(path), 5, crop=(0, 2, 0, 2))


@pytest.fixture(scope="module", params=[".npz", ".h5"])
def sound_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small file of either format without a fault."""
    path = tmp_path_factory.mktemp("sound") / f"own{request.param}"
    write(
        path,
        {
            "train_images": np.zeros((3, 2, 2), np.uint8),
            "train_labels": np.arange(3),
            "test_images": np.zeros((2, 2, 2), np.uint8),
            "test_labels": np.arange(2),
        },
    )
    return path


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_gives_data_or_a_user_error(sound_file: Path, data: st.DataObject) -> None:
    contents = bytearray(sound_file.read_bytes())
    for _ in range(data.draw(st.integers(0, 4), "bytes changed")):
        contents[data.draw(st.integers(0, len(contents) - 1))] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(contents)), "bytes kept")
    damaged = sound_file.with_name(f"damaged{sound_file.suffix}")
    damaged.write_bytes(contents[: kept if data.draw(st.booleans(), "cut") else None])
    try:
        assert len(load_dataset(str(damaged), 1).train_images) == 1
    except UserError as error:
        assert str(damaged) in str(error)
