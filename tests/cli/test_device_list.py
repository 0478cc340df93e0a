"""``pcmsim device list``: the shipped library, a folder of one's own, and what can be wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

LIBRARY = Path(__file__).parents[2] / "configs" / "devices"
MINE = """\
# Mine.
# Source (measured): our own array, wafer 7,
#   second die
device:
  kind: linear
  g_min: 0
  steps: 100
"""


@pytest.fixture
def folder() -> Path:
    """Return a folder with two devices, one without a source, and one file without a device."""
    folder = Path("mine")
    folder.mkdir()
    (folder / "mine.yaml").write_text(MINE)
    (folder / "other.yaml").write_text("device: {kind: pcm}\n")
    (folder / "exact.yaml").write_text("device: {kind: float}\n")
    return folder


def test_the_library_is_listed(pcmsim: Command) -> None:
    ended = pcmsim("device", "list", "--configs", LIBRARY)
    assert (ended.status, ended.err) == (0, "")
    for file in LIBRARY.glob("*.yaml"):
        assert f"\n{file.stem}  " in ended.out
    assert "pcm-suri2011             exponential_step" in ended.out
    assert "0.500 to 25.0" in ended.out
    assert "range (uS)" in ended.out
    assert all(len(line) <= 120 for line in ended.out.splitlines())


def test_the_facts_are_those_of_the_devices(pcmsim: Command) -> None:
    """Some of each sort, from the numbers of the sources by hand."""
    ended = pcmsim("device", "list", "--configs", LIBRARY, "--json")
    facts = {one["name"]: one for one in json.loads(ended.out)["devices"]}
    assert len(facts) == len(list(LIBRARY.glob("*.yaml")))
    burr = facts["pcm-burr2014"]
    assert (burr["pulses_to_90_percent"], burr["asymmetry"], burr["mark"]) == (
        35,
        None,
        "calibrated",
    )
    assert burr["on_off"] == pytest.approx(50, rel=1e-6)
    rpu = facts["gokmen-vlasov"]
    assert rpu["step"] == pytest.approx(49.5e-6 / 1200, rel=1e-5)
    assert rpu["step_spread"] == pytest.approx(0.3 * rpu["step"], rel=2e-3)
    assert (rpu["range_spread"], rpu["asymmetry"]) == (0.3, pytest.approx(0, abs=1e-6))
    assert facts["reram-soft-bounds"]["asymmetry"] == pytest.approx(-0.25, abs=1e-4)
    assert facts["gst-pcm-neurosim"]["on_off"] == pytest.approx(19.8, rel=1e-3)
    assert facts["pcm-nandakumar2018"]["pulses_to_90_percent"] is None
    assert facts["pcm-nandakumar2018"]["source"].startswith("Nandakumar et al., J. Appl. Phys.")


def test_a_folder_of_ones_own(pcmsim: Command, folder: Path) -> None:
    ended = pcmsim("device", "list", "--configs", folder)
    assert ended.status == 0
    lines = ended.out.splitlines()
    (mine,) = [line for line in lines if line.startswith("mine ") and "linear" in line]
    assert "infinite" in mine
    assert "measured: our own array, wafer 7, second die" in ended.out
    assert "the file does not say" in ended.out
    assert "exact" not in ended.out


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_of_all(pcmsim: Command, folder: Path, ending: str) -> None:
    ended = pcmsim("device", "list", "--configs", folder, "--plot", f"all.{ending}")
    assert f"picture  all.{ending}" in ended.out
    assert Path(f"all.{ending}").stat().st_size > 0


def test_json_stays_json_with_a_picture(pcmsim: Command, folder: Path) -> None:
    ended = pcmsim("device", "list", "--configs", folder, "--json", "--plot", "all.png")
    assert len(json.loads(ended.out)["devices"]) == 2
    assert Path("all.png").exists()


def test_what_can_be_wrong(pcmsim: Command, folder: Path) -> None:
    ended = pcmsim("device", "list")
    assert ended.status == 2
    assert "configs/devices: there are no settings files" in ended.err
    assert "--configs" in ended.err
    ended = pcmsim("device", "list", "--configs", folder, "--plot", "all.txt")
    assert (ended.status, ended.out) == (2, "")
    assert ".png, .pdf, .svg" in ended.err
    (folder / "broken.yaml").write_text("device: {kind: pmc}\n")
    ended = pcmsim("device", "list", "--configs", folder)
    assert (ended.status, ended.out) == (2, "")
    assert "broken.yaml has 1 fault" in ended.err
    (folder / "broken.yaml").write_bytes(b"\xff")
    assert "not UTF-8" in pcmsim("device", "list", "--configs", folder).err
