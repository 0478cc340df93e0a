"""Slow checks of the shipped settings against the published figures, and against each other.

Run with ``python -m pytest -n 0 -m validation``; several minutes.
"""

from pathlib import Path

import numpy as np
import pytest

from pcmsim import Result, load_config, run

pytestmark = pytest.mark.validation

CONFIGS = Path(__file__).parents[2] / "configs"
PUBLISHED_TRAIN = 0.822
PUBLISHED_TEST = 0.829


def trained(name: str, folder: Path, *changes: str) -> Result:
    settings = load_config(CONFIGS / f"{name}.yaml", changes)
    return run(settings, folder / f"{name}.h5", overwrite=True, threads=2)


@pytest.fixture(scope="module")
def replicates(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """Return ten replicates of the main job."""
    folder = tmp_path_factory.mktemp("replicates")
    return [trained("burr2014", folder, f"replicate={n}") for n in range(10)]


def test_training_images_meet_the_published_training_accuracy(replicates: list[Result]) -> None:
    accuracy = np.array([result.last("train_accuracy") for result in replicates])
    assert abs(accuracy.mean() - PUBLISHED_TRAIN) < 0.010
    assert accuracy.std(ddof=1) < 0.020


def test_test_images_meet_the_published_test_accuracy(replicates: list[Result]) -> None:
    accuracy = np.array([result.last("test_accuracy") for result in replicates])
    assert abs(accuracy.mean() - PUBLISHED_TEST) < 0.015
    assert accuracy.std(ddof=1) < 0.020


def test_the_ideal_device_reaches_the_float_network(tmp_path: Path) -> None:
    """Published: such a device reaches the accuracy of software."""
    ideal = trained("ideal-linear", tmp_path).last("test_accuracy")
    software = trained("float", tmp_path).last("test_accuracy")
    assert ideal > software - 0.007
    assert min(ideal, software) > 0.93


def test_the_ideal_device_has_the_trainer_of_the_experiment() -> None:
    """The low accuracy must come from the device: nothing else differs but learning rates."""
    ideal, real = (load_config(CONFIGS / f"{name}.yaml") for name in ("ideal-linear", "burr2014"))
    alike = {"device": real.device}
    training = ideal.training.model_copy(update={"learning_rate": real.training.learning_rate})
    assert ideal.model_copy(update={**alike, "training": training}) == real
