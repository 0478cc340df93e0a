"""Speed, which only a quiet machine can tell."""

from pathlib import Path

import pytest

from pcmsim import load_config
from pcmsim.config.settings import Settings
from pcmsim.experiment.bench import bench

MAIN_JOB = Path(__file__).parents[2] / "configs" / "burr2014.yaml"


@pytest.mark.validation
def test_devices_train_as_fast_as_plain_numbers(small: Settings) -> None:
    """At least 0.9 of plain float training: slow, and on a busy machine the ratio is noisy."""
    settings = load_config(MAIN_JOB) if MAIN_JOB.exists() else small
    assert bench(settings)["ratio"] >= 0.9
