"""A sweep of runs that take milliseconds."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pcmsim.campaign import sweep as sweep_module
from tests.pool import PoolOfNone

SMALL = """
network:
  layers: [16, 6, 4]
  initial_weight: 1.5
data: {path: tiny.npz, train_images: 60, crop: null}
training: {epochs: 6, learning_rate: 0.05}
device: {kind: pcm}
reset: {interval: 20, larger_above: 0.4, smaller_above: 0.2}
"""

DEAD = """
title: Dead conductors
base: small.yaml
replicates: 3
axes:
  faults.dead: [0, 0.2, 0.5]
"""


def write_images(path: Path, seed: int = 0) -> None:
    """Write 60 and 40 images of 4 x 4 pixels in four classes, each with a bright row."""
    random = np.random.default_rng(seed)
    arrays = {}
    for name, count in (("train", 60), ("test", 40)):
        labels = random.integers(0, 4, count)
        images = random.integers(0, 160, (count, 4, 4), np.uint8)
        images[np.arange(count), labels] += 90
        arrays |= {f"{name}_images": images.reshape(count, 16), f"{name}_labels": labels}
    np.savez(path, **arrays)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relative names start in a folder that holds small.yaml, its images, and dead.yaml."""
    monkeypatch.chdir(tmp_path)
    write_images(Path("tiny.npz"))
    Path("small.yaml").write_text(SMALL)
    Path("dead.yaml").write_text(DEAD)


@pytest.fixture
def write_sweep() -> Callable[..., str]:
    """Return a function that writes a sweep file with these axes and more, and names it."""

    def write(axes: str, more: str = "") -> str:
        block = textwrap.indent(textwrap.dedent(axes), "  ")
        text = f"title: A title\nbase: small.yaml\n{textwrap.dedent(more)}\naxes:\n{block}\n"
        Path("sweep.yaml").write_text(text)
        return "sweep.yaml"

    return write


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PoolOfNone:
    """Let ``sweep`` work in this process; return the pool, which counts."""
    pool = PoolOfNone()
    monkeypatch.setattr(sweep_module, "pool_of", lambda workers, dask: pool)
    return pool
