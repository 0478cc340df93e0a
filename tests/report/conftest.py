"""Results to look at: short runs of the published network and of others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim.config.read import read_settings
from pcmsim.config.settings import Settings
from pcmsim.experiment.result import Result
from pcmsim.experiment.run import run

BASE = """
network:
  layers: [528, 250, 125, 10]
  initial_weight: 1.5
  weight_range: [0.22, 0.62, 0.35]
training: {epochs: 2}
data: {train_images: 500}
device: {kind: pcm}
reset: {larger_above: 0.48, smaller_above: 0.43}
"""

# What is changed of it for each kind of result.
CHANGES = {
    "pcm": ["faults={dead: 0.02, stuck_random: 0.01}"],
    "linear": ["device={kind: linear, steps: 100}"],
    "nandakumar2018": ["device={kind: nandakumar2018}"],
    "float": ["device={kind: float}", "training.epochs=14"],
    "published": ["data.train_images=5000", "training.epochs=1"],
}


@pytest.fixture(scope="session")
def make_settings(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """Return a function that gives the settings of these tests with some changes."""
    file = tmp_path_factory.mktemp("settings") / "base.yaml"
    file.write_text(BASE)

    def make(*changes: str) -> Settings:
        settings = read_settings(Settings, file, list(changes))
        assert isinstance(settings, Settings)
        return settings

    return make


@pytest.fixture(scope="session")
def result_of(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Result]:
    """Return a function that gives the result of one of ``CHANGES``, run when first wanted."""
    results: dict[str, Result] = {}

    def result(name: str) -> Result:
        if name not in results:
            path: Path = tmp_path_factory.mktemp("results") / f"{name}.h5"
            results[name] = run(make_settings(*CHANGES[name]), path)
        return results[name]

    return result
