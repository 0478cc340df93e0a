"""Repeating a run from its result alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim import Result, UserError, run
from pcmsim.config.settings import Settings
from pcmsim.experiment.rerun import rerun
from tests.sealed import changed

Make = Callable[..., Settings]


@pytest.fixture
def copy(finished: Result, tmp_path: Path) -> Path:
    """Return a copy of the result, to tamper with."""
    path = tmp_path / "copy.h5"
    path.write_bytes(finished.path.read_bytes())
    return path


def test_a_repeated_run_is_identical(finished: Result) -> None:
    comparison = rerun(finished.path, threads=2)
    assert comparison.identical
    assert comparison.datasets == len(finished.arrays)
    assert comparison.changed_versions == []


@pytest.mark.parametrize("name", ["layers/1/weight", "epochs/resets", "confusion/test"])
def test_one_changed_number_is_found(copy: Path, name: str) -> None:
    with changed(copy) as file:
        numbers = file[name][...]
        numbers.flat[-1] += 1
        file[name][...] = numbers
    assert rerun(copy).differing == [name]


def test_a_missing_and_an_additional_dataset_are_found(copy: Path) -> None:
    with changed(copy) as file:
        del file["epochs/resets"]
        file["epochs/more"] = 1
    assert rerun(copy).differing == ["epochs/more", "epochs/resets"]


def test_a_dataset_of_another_type_is_found(copy: Path) -> None:
    with changed(copy) as file:
        numbers = file["epochs/resets"][...]
        del file["epochs/resets"]
        file["epochs/resets"] = numbers.astype("int32")
    assert rerun(copy).differing == ["epochs/resets"]


def test_versions_that_have_changed_are_named(copy: Path) -> None:
    with changed(copy) as file:
        now = file.attrs["numpy_version"]
        file.attrs["numpy_version"] = "1.0"
    assert rerun(copy).changed_versions == [f"numpy_version: 1.0, now {now}"]


def test_images_that_have_changed_are_told_apart_from_a_difference(
    make_settings: Make, own_images: Callable[..., Path], tmp_path: Path
) -> None:
    data = f"data={{path: {own_images()}, train_images: 300, crop: null}}"
    result = run(make_settings(data, "training.epochs=1"), tmp_path / "own.h5")
    assert rerun(result.path).identical
    own_images(seed=1)
    with pytest.raises(UserError, match="made with other images"):
        rerun(result.path)
