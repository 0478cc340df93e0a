"""A small network whose run has all that a long one has: SETs, RESETs, several epochs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim import Result, load_config, run
from pcmsim.config.settings import Settings

# Training is a matter of other tests: here pulses must fire, and pairs be reset.
SMALL = """
network:
  layers: [528, 16, 12, 10]
  initial_weight: 1.5
  weight_range: [0.22, 0.62, 0.35]
data: {train_images: 300}
training: {epochs: 3}
device: {kind: pcm}
reset: {interval: 20, larger_above: 0.4, smaller_above: 0.2}
"""


@pytest.fixture(scope="session")
def make_settings(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """Return a function that gives the small settings with some changes."""
    file = tmp_path_factory.mktemp("settings") / "small.yaml"
    file.write_text(SMALL)

    def make(*changes: str) -> Settings:
        return load_config(file, changes)

    return make


@pytest.fixture(scope="session")
def small(make_settings: Callable[..., Settings]) -> Settings:
    """Return the small settings as they are."""
    return make_settings()


@pytest.fixture(scope="session")
def finished(small: Settings, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return the result of the small settings; tests must leave its file alone."""
    return run(small, tmp_path_factory.mktemp("finished") / "small.h5")


@pytest.fixture
def own_images(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes an .npz file of 300 and 40 random images of 528 pixels."""
    import numpy as np

    def write(name: str = "own.npz", seed: int = 0, test_images: int = 40) -> Path:
        random = np.random.default_rng(seed)
        np.savez(
            tmp_path / name,
            train_images=random.integers(0, 256, (300, 528), np.uint8),
            train_labels=random.integers(0, 10, 300),
            test_images=random.integers(0, 256, (test_images, 528), np.uint8),
            test_labels=random.integers(0, 10, test_images),
        )
        return tmp_path / name

    return write
