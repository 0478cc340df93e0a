"""A study whose runs take milliseconds, with settings files named like the shipped ones."""

from pathlib import Path

import pytest

from pcmsim.study import attribute
from pcmsim.study.reproduction import reproduce
from pcmsim.study.tolerance import tolerance
from tests.campaign.conftest import SMALL, write_images
from tests.pool import PoolOfNone

SWEEPS = {
    "asymmetry": ("ideal-linear", "device.asymmetry: [0, 0.1, 0.3]"),
    "concavity": ("burr2014", "device.concavity: [0, 0.5, 1, 2]"),
    "dead": ("burr2014", "faults.dead: [0, 0.1, 0.3, 0.5]\nlabel: share that is dead"),
    "interval": ("burr2014", "reset.interval: [10, 40, 160]"),
    "layers": (
        "burr2014",
        "network.layers: [{label: six, value: [16, 6, 4]}, {label: nine, value: [16, 9, 4]}]",
    ),
    "ratio": (
        "burr2014",
        "on/off ratio: [{label: 5, set: {device.g_min: 5e-6}},"
        " {label: 50, set: {device.g_min: 0.5e-6}}]",
    ),
    "rates": ("burr2014", "training.learning_rate: {times: [0.5, 1, 2]}"),
}
MITIGATION = """
title: Dead conductors
base: ../burr2014.yaml
axes:
  faults.dead: [0.1, 0.3]
  measure:
    - {label: none, set: {}}
    - {label: wider, set: {network.layers: [16, 12, 4]}}
"""


def write_study(folder: Path) -> None:
    """Write settings, sweeps, two members of an ensemble and a mitigation."""
    folder.mkdir()
    small = SMALL.replace("tiny.npz", str(Path("tiny.npz").absolute()))
    for name, kind in (("burr2014", "pcm"), ("ideal-linear", "linear"), ("float", "float")):
        (folder / f"{name}.yaml").write_text(small.replace("kind: pcm", f"kind: {kind}"))
    for name in ("tolerance", "ensemble"):
        (folder / name).mkdir()
    for name, (base, axis) in SWEEPS.items():
        text = f"title: The {name}\nbase: ../{base}.yaml\nreplicates: 3\naxes:\n  {axis}\n"
        (folder / "tolerance" / f"{name}.yaml").write_text(text)
    (folder / "tolerance" / "mitigation-dead.yaml").write_text(MITIGATION)
    (folder / "ensemble" / "alike.yaml").write_text(small)
    other = small.replace("0.05", "[0.1, 0.2]")
    (folder / "ensemble" / "other.yaml").write_text(other)
    (folder / "ensemble" / "note.txt").write_text("Alike is alike.\n")


@pytest.fixture
def configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder ``configs`` of a small study, beside which the test is run."""
    monkeypatch.chdir(tmp_path)
    write_images(Path("tiny.npz"))
    folder = Path("configs")
    write_study(folder)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test in a folder of its own, with images and settings for a small network."""
    monkeypatch.chdir(tmp_path)
    write_images(Path("tiny.npz"))
    Path("small.yaml").write_text(SMALL)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PoolOfNone:
    """Let all runs be done in this process; return the pool, which counts."""
    pool = PoolOfNone()
    for module in (attribute, reproduce, tolerance):
        monkeypatch.setattr(module, "pool_of", lambda workers, dask: pool)
    return pool
