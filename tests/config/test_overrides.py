"""What ``--set`` does, and where relative paths start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.config.read import read_settings, read_settings_text

Read = Callable[..., Any]
Complaint = Callable[..., str]


def test_options_win_over_the_file_and_later_ones_over_earlier(read: Read) -> None:
    text = "device: {kind: pcm}\ntraining: {epochs: 5, decay: 0.5}"
    training = read(
        text, "training.epochs=6", "training.decay=null", "training.epochs = 7"
    ).training
    assert (training.epochs, training.decay) == (7, None)


def test_options_make_missing_blocks(read: Read) -> None:
    settings = read("data:", "data.crop=[1, 2]", "device.kind=linear", "device.asymmetry=-1e-1")
    assert settings.data.crop == [1, 2]
    assert settings.device.asymmetry == -0.1


def test_an_option_can_replace_a_whole_block(read: Read) -> None:
    settings = read("device: {kind: pcm, step_spread: 0}", "device={kind: linear}")
    assert settings.device.kind == "linear"


def test_an_option_changes_only_one_of_two_blocks_that_share_an_anchor(read: Read) -> None:
    text = "device: &same {kind: pcm, g_max: 1}\nreference: *same"
    settings = read(text, "reference.g_max=2")
    assert (settings.device.g_max, settings.reference.g_max) == (1, 2)


@pytest.mark.parametrize("option", ["training.epochs", "=3", "training..epochs=3", ".seed=3"])
def test_options_of_another_form(complaint: Complaint, option: str) -> None:
    message = complaint("seed: 1", option)
    assert message == f"--set {option}: must have the form training.epochs=3"


def test_options_inside_what_is_no_block(complaint: Complaint) -> None:
    assert complaint("seed: 1", "seed.more=3") == (
        "--set seed.more: seed is 1, which has no settings inside"
    )


def test_options_that_are_no_yaml(complaint: Complaint) -> None:
    message = complaint("seed: 1", "data.crop=[1,")
    assert message.startswith("--set data.crop, line 1, column 4: this is not valid YAML")


def test_faults_inside_an_option_are_placed_there(complaint: Complaint) -> None:
    message = complaint("seed: 1\ndevice:\n  kind: pcm\n  g_max: 1", "device={g_max: 1}")
    assert message == (
        "my.yaml has 1 fault:\n  --set device, device.kind: missing; must be linear or pcm"
    )


def test_paths_start_at_the_file_or_at_the_current_folder(
    example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "my.yaml").write_text("device: {kind: pcm}\ndata: {path: ../a, more: [b, /c]}")
    monkeypatch.chdir(tmp_path / "here")
    data = read_settings(example, "../my.yaml").data
    assert (data.path, data.more) == (str(tmp_path.parent / "a"), [str(tmp_path / "b"), "/c"])
    for option in ("data.path=d", "data={path: d}"):
        data = read_settings(example, "../my.yaml", [option]).data
        assert data.path == str(tmp_path / "here" / "d")


def test_a_tilde_is_the_home_folder(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/curie")
    settings = read("device: {kind: pcm}\ndata: {path: ~/a, title: ~/a}")
    assert (settings.data.path, settings.data.title) == ("/home/curie/a", "~/a")


def test_null_is_no_path(read: Read) -> None:
    assert read("device: {kind: pcm}\ndata: {path: null}").data.path is None


def test_paths_in_stored_settings_stay_as_they_are(example: Any) -> None:
    settings = read_settings_text(example, "device: {kind: pcm}\ndata: {path: a}", "a result")
    assert settings.data.path == "a"
