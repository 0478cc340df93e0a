"""How long training and evaluation take; only ratios within one run mean anything."""

from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from pcmsim.config.settings import Settings
from pcmsim.experiment.run import load_fitting_data
from pcmsim.training.trainer import Trainer

IMAGES = 1000

# The published network; pulses and RESETs fire about as often as in the main job.
NETWORK = {"initial_weight": 1.5, "weight_range": [0.22, 0.62, 0.35]}
RESET = {"larger_above": 0.48, "smaller_above": 0.43}


def make_trainer(device: dict[str, Any]) -> Trainer:
    """Return a network that has been trained for one epoch, so that it has learnt something."""
    settings = Settings(network=NETWORK, data={"train_images": IMAGES}, device=device, reset=RESET)
    trainer = Trainer(settings, load_fitting_data(settings))
    trainer.advance(IMAGES)
    return trainer


@pytest.mark.parametrize("kind", ["pcm", "float"])
def test_training(benchmark: BenchmarkFixture, kind: str) -> None:
    trainer = make_trainer({"kind": kind})
    benchmark.pedantic(trainer.advance, args=(IMAGES,), rounds=9, warmup_rounds=1)


def test_evaluation(benchmark: BenchmarkFixture) -> None:
    trainer = make_trainer({"kind": "pcm"})
    benchmark.pedantic(trainer.answers_to_training_images, rounds=9, warmup_rounds=1)
