"""Pictures are written whole, in the format of their name, or not at all."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result
from pcmsim.report.result.figures import save_device_figure, save_figures

Make = Callable[..., Settings]

BEGINNINGS = {"png": b"\x89PNG\r\n", "pdf": b"%PDF-", "svg": b"<?xml"}


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file break off when it is to reach the disk."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)


def test_figures_of_a_result_get_its_name(
    result_of: Callable[[str], Result], tmp_path: Path
) -> None:
    stem = tmp_path / "new folder" / "run-1.5"
    paths = save_figures(result_of("pcm"), stem)
    names = ["training", "diamond", "device", "confusion"]
    assert paths == [stem.with_name(f"run-1.5-{name}.png") for name in names]
    assert sorted(stem.parent.iterdir()) == sorted(paths)
    assert all(path.read_bytes().startswith(BEGINNINGS["png"]) for path in paths)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "PDF"])
def test_the_ending_decides_the_format(make_settings: Make, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"device.{ending}"
    assert save_device_figure(make_settings(), path) == path
    assert path.read_bytes().startswith(BEGINNINGS[ending.lower()])


@pytest.mark.parametrize("name", ["device", "device.jpeg", "device.h5"])
def test_another_ending_is_refused(make_settings: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"must end in \.png, \.pdf, \.svg"):
        save_device_figure(make_settings(), tmp_path / name)


def test_float_has_no_device_to_draw(make_settings: Make, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"device\.kind: float has no device"):
        save_device_figure(make_settings("device={kind: float}"), tmp_path / "device.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_picture_and_nothing_else(
    make_settings: Make, tmp_path: Path
) -> None:
    path = tmp_path / "device.png"
    path.write_bytes(b"the old picture")
    with pytest.raises(UserError, match=r"device\.png cannot be written: No space left"):
        save_device_figure(make_settings(), path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"the old picture"


def test_a_file_in_the_place_of_the_folder_is_told(make_settings: Make, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        save_device_figure(make_settings(), tmp_path / "folder" / "device.png")
