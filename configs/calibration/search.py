"""Find settings that meet the two published headline figures, and nothing else.

The experiment's device and trainer are published in outline only.  This script searches what is
unknown, within what is physically sensible, for a network that ends where the published one
did: 82.2 % of its training images and 82.9 % of unseen test images.  No tolerance sweep is ever
looked at.

    pip install "pcmsim[calibrate]"
    python configs/calibration/search.py --minutes 30 --out trials.jsonl

Stage 1 draws settings by a tree-structured Parzen estimator (Optuna) and trains each for a few
epochs; every trial is appended to the output file, and a file that exists is continued.
Stage 2 trains the best ones for all 20 epochs with several replicates and prints them, nearest
to the headline first.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import nominal_step, tabulate
from pcmsim.experiment.run import load_fitting_data
from pcmsim.training.trainer import Trainer

PUBLISHED_TRAIN = 0.822
PUBLISHED_TEST = 0.829

EPOCHS_IN_SEARCH = 10
EPOCHS = 20
LAST_EPOCHS = 5
REPLICATES = 5
FINALISTS = 8

Trial = dict[str, Any]


def main() -> None:
    """Run both stages."""
    options = _options()
    out = Path(options.out)
    study = _study(options.seed, out)
    data = load_fitting_data(_settings(_first_guess()))
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        trial = study.ask()
        choice = _choose(trial)
        train, test = _accuracy(_settings(choice), data, EPOCHS_IN_SEARCH)
        study.tell(trial, _distance(train, test))
        _append(out, {"choice": choice, "train": train, "test": test})
        print(f"training {train:.3f}  test {test:.3f}  best so far {study.best_value:.2f}")
    _show_finalists(out, data)


def _choose(trial: optuna.Trial) -> Trial:
    """Draw everything that is searched.  One number per layer where layers may differ."""

    def number(name: str, low: float, high: float, log: bool = False) -> float:
        return trial.suggest_float(name, low, high, log=log)

    return {
        "pulses_to_90_percent": trial.suggest_int("pulses_to_90_percent", 14, 40),
        "step_spread": number("step_spread", 0.5, 1.0),
        "range_spread": number("range_spread", 0.1, 0.3),
        "weight_range": [number(f"weight_range_{n}", 0.05, 0.6, log=True) for n in range(3)],
        "pulses_per_delta": [
            number("pulses_per_delta_0", 2, 20, log=True),
            number("pulses_per_delta_1", 0.8, 6, log=True),
            number("pulses_per_delta_2", 1.5, 10, log=True),
        ],
        "x_threshold": [number(f"x_threshold_{n}", 0.0, 0.8) for n in range(3)],
        "initial_weight": number("initial_weight", 0.5, 2.5, log=True),
        "hidden_floor": number("hidden_floor", 0.0, 0.3),
        "output_floor": number("output_floor", 0.2, 0.8),
        "target_low": number("target_low", -0.95, -0.4),
        "target_high": number("target_high", 0.4, 0.95),
        "reset_interval": trial.suggest_categorical("reset_interval", [100, 200, 400]),
        "larger_above": number("larger_above", 0.4, 0.95),
        "smaller_above": number("smaller_above", 0.1, 0.5),
        "tolerance": number("tolerance", 0.01, 0.15),
        "max_pulses": trial.suggest_categorical("max_pulses", [10, 20, 30]),
    }
