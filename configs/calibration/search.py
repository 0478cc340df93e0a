r"""Find settings that meet the two published headline figures, and look at nothing else.

The experiment's device and trainer are published in outline only.  This script searches what is
unknown, within what is physically sensible, for a network that ends where the published one
did: 82.2 % training and 82.9 % test accuracy.  No tolerance sweep is ever looked at.

    python configs/calibration/search.py configs/burr2014.yaml --minutes 30 --out found.yaml

It goes through the settings one by one, in random order, again and again: each is made a step
larger and a step smaller, and the best of the three is kept; a setting that stays where it is
gets a smaller step.  All three are judged on the same replicates, so that what differs is the
setting and not the luck; every round takes replicates of its own, so that settings cannot win
by luck with one of them.  At the end the last few places that were kept, which differ by less than
the luck of a round, are trained on ten replicates that the search has never seen, and the best of
them is written out.

With ``--only`` it leaves all but a few settings as they are.  So are the members of the ensemble
found: something is changed by hand, and a few others bring the network back into the bands:

    python configs/calibration/search.py configs/burr2014.yaml --set device.step_spread=1.0 \
        --only pulses_per_delta_0,pulses_per_delta_2,tolerance --minutes 5 --out found.yaml
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pcmsim.config.load import load_config
from pcmsim.config.read import to_yaml
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import nominal_step, tabulate
from pcmsim.experiment.result import LAST_EPOCHS
from pcmsim.experiment.run import load_fitting_data
from pcmsim.training.trainer import Trainer

# The bands to be met.
PUBLISHED_TRAIN, TRAIN_BAND = 0.822, 0.010
PUBLISHED_TEST, TEST_BAND = 0.829, 0.015

# Accuracies are means over so many last epochs, in the search more than are quoted: that steadies.
EPOCHS_OF_SEARCH = 12
HOPELESS = 0.3
REPLICATES = 6
# Replicates 0 to 9 are kept for the final check, of so many places.
FINALISTS = 8
FIRST_REPLICATE_OF_SEARCH = 100
SMALLER = 0.6

Vector = NDArray[np.float64]

# Of this process, see _load_images.
_images: Dataset


@dataclass(frozen=True)
class Free:
    """One number that is searched: by factors if ``by_factors``, else by differences."""

    low: float
    high: float
    by_factors: bool = False

    def coordinate(self, value: float) -> float:
        """Return the number as the search sees it; a step of 1 is a large one."""
        return float(np.log(value)) if self.by_factors else 2 * value

    def value(self, coordinate: float) -> float:
        """Return the number that a coordinate stands for, kept within its range."""
        value = np.exp(coordinate) if self.by_factors else coordinate / 2
        return float(np.clip(value, self.low, self.high))


FREE = {
    "pulses_to_90_percent": Free(10, 40, True),
    "step_spread": Free(0.5, 2, True),
    "range_spread": Free(0.1, 0.5, True),
    **{f"weight_range_{n}": Free(0.02, 2, True) for n in range(3)},
    **{f"initial_weight_{n}": Free(0.2, 3, True) for n in range(3)},
    **{f"pulses_per_delta_{n}": Free(0.3, 200, True) for n in range(3)},
    **{f"x_threshold_{n}": Free(0, 0.95) for n in range(3)},
    "hidden_floor": Free(0, 1),
    "output_floor": Free(0, 1),
    "target_low": Free(-1, 0),
    "target_high": Free(0, 1),
    "larger_above": Free(0.3, 0.98),
    "smaller_above": Free(0.03, 0.7),
    "tolerance": Free(0.01, 0.6, True),
}


def main() -> None:
    """Search, check the outcome on replicates of their own, and write the best."""
    options = _options()
    start = load_config(options.start, options.overrides)
    random = np.random.default_rng(options.seed)
    place = vector_of(start)
    kept = [place]
    steps = np.full(len(FREE), options.first_step)
    end = time.monotonic() + 60 * options.minutes
    with ProcessPoolExecutor(options.workers, initializer=_load_images, initargs=(start,)) as pool:
        round_number = 0
        while time.monotonic() < end:
            first = FIRST_REPLICATE_OF_SEARCH + REPLICATES * round_number
            replicates = range(first, first + REPLICATES)
            here = _accuracies(pool, [settings_of(place, start)], replicates)[0]
            _tell(options, round_number, "start", place, here)
            for n in random.permutation([list(FREE).index(name) for name in options.only]):
                if time.monotonic() > end:
                    break
                moves = [place + sign * steps[n] * np.eye(len(FREE))[n] for sign in (1, -1)]
                there = _accuracies(pool, [settings_of(each, start) for each in moves], replicates)
                best = min((0, 1), key=lambda k: badness(*there[k]))
                if badness(*there[best]) < badness(*here):
                    place, here = moves[best], there[best]
                    kept.append(place)
                    _tell(options, round_number, list(FREE)[n], place, here)
                else:
                    steps[n] *= SMALLER
            round_number += 1
        finalists = [settings_of(place, start) for place in kept[-FINALISTS:]]
        final = _accuracies(pool, finalists, range(10), LAST_EPOCHS)
    best = min(range(len(final)), key=lambda n: badness(*final[n]))
    options.out.write_text(to_yaml(finalists[best]))
    for train, test in final:
        print(f"ten fresh replicates: training {train:.2%}, test {test:.2%}")
    print(f"{badness(*final[best]):.2f} bands from the published; written to {options.out}")


def _accuracies(
    pool: ProcessPoolExecutor,
    candidates: list[Settings],
    replicates: range,
    epochs: int = EPOCHS_OF_SEARCH,
) -> list[tuple[float, float]]:
    """Return the mean training and test accuracy of each candidate over some replicates."""
    jobs = [(settings, n, epochs) for settings in candidates for n in replicates]
    runs = np.array(list(pool.map(accuracies, *zip(*jobs, strict=True))))
    means = runs.reshape(len(candidates), len(replicates), 2).mean(axis=1)
    return [(float(train), float(test)) for train, test in means]


def badness(train: float, test: float) -> float:
    """Return how far the worse of two accuracies is from the published one, in bands.

    Networks that are trained and then tested do better on the images they were trained on; the
    published one did not.  So this is small only where both the level and that difference are
    right; below 1 the headline is met.
    """
    return max(abs(train - PUBLISHED_TRAIN) / TRAIN_BAND, abs(test - PUBLISHED_TEST) / TEST_BAND)


def vector_of(settings: Settings) -> Vector:
    """Return where in the space of the search some settings lie."""
    network, reset = settings.network, settings.reset
    values = {
        **{name: getattr(settings.device, name) for name in list(FREE)[:3]},
        **_numbered("weight_range", network.weight_range),
        **_numbered("initial_weight", network.initial_weight),
        **_numbered("pulses_per_delta", _pulses_per_delta(settings)),
        **_numbered("x_threshold", settings.update.x_threshold),
        "hidden_floor": per_layer(network.derivative_floor, 3)[0],
        "output_floor": per_layer(network.derivative_floor, 3)[2],
        "target_low": network.target_low,
        "target_high": network.target_high,
        "larger_above": reset.larger_above,
        "smaller_above": reset.smaller_above,
        "tolerance": reset.tolerance,
    }
    return np.array([free.coordinate(values[name]) for name, free in FREE.items()])


def settings_of(vector: Vector, start: Settings) -> Settings:
    """Return the settings at a place of the search; what is not searched is that of the start."""
    drawn = dict(zip(FREE, vector, strict=True))
    values = {name: round(free.value(drawn[name]), 4) for name, free in FREE.items()}
    changed = start.model_dump()
    changed["device"] |= {
        "pulses_to_90_percent": round(values["pulses_to_90_percent"]),
        "step_spread": values["step_spread"],
        "range_spread": values["range_spread"],
    }
    changed["network"] |= {
        "weight_range": _list(values, "weight_range"),
        "initial_weight": _list(values, "initial_weight"),
        "derivative_floor": [values["hidden_floor"]] * 2 + [values["output_floor"]],
        "target_low": values["target_low"],
        "target_high": values["target_high"],
    }
    changed["update"]["x_threshold"] = _list(values, "x_threshold")
    changed["reset"] |= {
        name: values[name] for name in ("larger_above", "smaller_above", "tolerance")
    }
    settings = Settings(**changed)
    changed["training"]["learning_rate"] = [
        float(f"{pulses * worth:.4g}")
        for pulses, worth in zip(
            _list(values, "pulses_per_delta"), _weight_per_pulse(settings), strict=True
        )
    ]
    return Settings(**changed)


def accuracies(settings: Settings, replicate: int, epochs: int) -> tuple[float, float]:
    """Train one replicate; return training and test accuracy, as means over its last epochs.

    A network that has learnt next to nothing in two epochs is given up.
    """
    trainer = Trainer(settings.model_copy(update={"replicate": replicate}), _images)
    rows = []
    for epoch in range(1, settings.training.epochs + 1):
        trainer.advance(len(_images.train_labels))
        while trainer.shown_in_epoch:
            trainer.advance(len(_images.train_labels))
        online = trainer.right / len(_images.train_labels)
        if epoch == 2 and online < HOPELESS:
            return online, online
        if epoch > settings.training.epochs - epochs:
            train = np.mean(trainer.answers_to_training_images() == _images.train_labels)
            test = np.mean(trainer.answers_to_test_images() == _images.test_labels)
            rows.append((train, test))
    train, test = np.mean(rows, axis=0)
    return float(train), float(test)


def _load_images(settings: Settings) -> None:
    """Load the images once in each process that trains."""
    global _images
    _images = load_fitting_data(settings)


def _pulses_per_delta(settings: Settings) -> list[float]:
    rates = per_layer(settings.training.learning_rate, 3)
    return [rate / worth for rate, worth in zip(rates, _weight_per_pulse(settings), strict=True)]


def _weight_per_pulse(settings: Settings) -> list[float]:
    """Return what one pulse is worth in each layer: the mean step in mid-range, as a weight."""
    device = tabulate(build_model(settings.device))
    ranges = per_layer(settings.network.weight_range, 3)
    return [nominal_step(device) / float(device.g_max) * each for each in ranges]


def _numbered(name: str, value: float | list[float]) -> dict[str, float]:
    return {f"{name}_{n}": each for n, each in enumerate(per_layer(value, 3))}


def _list(values: dict[str, float], name: str) -> list[float]:
    return [values[f"{name}_{n}"] for n in range(3)]


def _tell(
    options: argparse.Namespace,
    round_number: int,
    changed: str,
    place: Vector,
    reached: tuple[float, float],
) -> None:
    """Write down and print a step of the search."""
    entry = {"round": round_number, "changed": changed, "place": list(place), "reached": reached}
    with options.log.open("a") as file:
        file.write(json.dumps(entry) + "\n")
    train, test = reached
    print(f"round {round_number}: {changed}: training {train:.2%}, test {test:.2%}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("start", type=Path, help="settings file to start from")
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="as in run")
    parser.add_argument("--only", type=_names, default=list(FREE), help="what to search, by commas")
    parser.add_argument("--minutes", type=float, default=60, help="time for the search")
    parser.add_argument("--first-step", type=float, default=0.25, help="0.25 is about a quarter")
    parser.add_argument("--seed", type=int, default=1, help="seed of the search")
    parser.add_argument("--workers", type=int, default=2, help="processes that train")
    parser.add_argument("--log", type=Path, default=Path("search.jsonl"), help="each step")
    parser.add_argument("--out", type=Path, default=Path("found.yaml"), help="what was found")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in FREE:
            raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(FREE)}")
    return names


if __name__ == "__main__":
    main()
