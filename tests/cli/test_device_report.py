"""`pcmsim device report` writes a page and a picture, or says in words why not."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from pcmsim.files import written_at_once
from pcmsim.traces.device_file import write_device
from tests.report.device_report_made import device_of

Pcmsim = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the content of a device file."""
    path = tmp_path_factory.mktemp("devices") / "cells.h5"
    device = device_of(bidirectional=False, reset_measured=False)
    write_device(path, device.estimate, device.traces, device.origin)
    return path.read_bytes()


@pytest.fixture
def cells(content: bytes) -> Path:
    """Write the device file into the folder of the test."""
    path = Path("cells.h5")
    path.write_bytes(content)
    return path


def files() -> list[str]:
    return sorted(path.name for path in Path().rglob("*") if path.name != "small.yaml")


def test_the_page_lies_beside_the_device(pcmsim: Pcmsim, cells: Path) -> None:
    status, out, err = pcmsim("device", "report", cells)
    assert (status, err) == (0, "")
    assert out.split() == ["report", "cells.html"]
    assert files() == ["cells.h5", "cells.html"]
    page = Path("cells.html").read_text(encoding="utf-8")
    assert "<h2>The test of truth</h2>" in page


def test_page_and_picture_go_where_they_are_wanted(pcmsim: Pcmsim, cells: Path) -> None:
    status, out, _ = pcmsim("device", "report", cells, "--out", "new/a.html", "--png", "b.PNG")
    assert status == 0
    assert re.findall(r"^(\w+) +(\S+)$", out, re.M) == [
        ("report", str(Path("new", "a.html"))),
        ("picture", "b.PNG"),
    ]
    assert Path("b.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("option", "file"), [("--out", "cells.html"), ("--png", "a.png")])
def test_files_of_others_are_kept(pcmsim: Pcmsim, cells: Path, option: str, file: str) -> None:
    Path(file).write_text("<html><title>Measured device</title></html>")
    line = ["device", "report", cells, option, file]
    status, out, err = pcmsim(*line)
    assert (status, out) == (2, "")
    assert f"{file} exists and is not" in err
    assert f"choose another {option}, or add --overwrite" in err
    assert files() == sorted(["cells.h5", file])
    assert pcmsim(*line, "--overwrite")[0] == 0
    assert pcmsim(*line)[0] == 0


def test_wrong_endings_are_refused(pcmsim: Pcmsim, cells: Path) -> None:
    for options, words in (
        (("--out", "cells.h5"), "cells.h5: the name of a report must end in .html or .htm"),
        (("--png", "a.pdf"), "a.pdf: the name of a picture must end in .png"),
    ):
        status, out, err = pcmsim("device", "report", cells, *options)
        assert (status, out) == (2, "")
        assert err == f"pcmsim: {words}\n"
    assert files() == ["cells.h5"]


def test_what_is_no_device_file_is_refused(pcmsim: Pcmsim) -> None:
    Path("words.h5").write_text("conductance\n")
    with h5py.File("foreign.h5", "w") as file:
        file["x"] = 1
    with written_at_once(Path("other.h5")) as file:
        file["x"] = 1
    before = files()
    for name in ("words.h5", "foreign.h5", "other.h5", "none.h5", "."):
        status, out, err = pcmsim("device", "report", name, "--out", "a.html", "--png", "a.png")
        assert (status, out) == (2, ""), name
        assert err.startswith("pcmsim: ") and err.count("\n") == 1, err
        assert "Traceback" not in err
    assert files() == before


@pytest.mark.parametrize("name", [".", "", "/"])
def test_a_folder_is_no_device_file(pcmsim: Pcmsim, name: str) -> None:
    status, out, err = pcmsim("device", "report", name)
    assert (status, out) == (2, "")
    assert err == f"pcmsim: {name or '.'} is a folder, not a file\n"


def test_a_damaged_device_file_is_refused(pcmsim: Pcmsim, cells: Path) -> None:
    content = bytearray(cells.read_bytes())
    content[len(content) // 2] ^= 1
    cells.write_bytes(content)
    status, _, err = pcmsim("device", "report", cells)
    assert status == 2
    assert "cells.h5 is damaged" in err
    cells.write_bytes(content[: len(content) // 3])
    assert pcmsim("device", "report", cells)[0] == 2
    assert files() == ["cells.h5"]


def test_a_page_that_cannot_be_written_leaves_nothing_behind(pcmsim: Pcmsim, cells: Path) -> None:
    Path("taken").write_text("a file, not a folder")
    status, _, err = pcmsim("device", "report", cells, "--out", os.path.join("taken", "a.html"))
    assert status == 2
    assert "cannot be written" in err
    assert files() == ["cells.h5", "taken"]
