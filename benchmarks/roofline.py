"""What an example of the main job must at least move and draw, and how near training comes to it.

    python benchmarks/roofline.py [--json FILE]

The bounds are measured in the same run, on one thread: how fast an array as large as the weights
is summed up, how long it takes to change devices at random places together with their two stored
weights and to look into a jump table for each, and how long their random words take to draw.
Programming and RESETs are timed by leaving them out: three networks begin from the same trained
state, and one goes on in full, one without RESETs, one without pulses.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from pcmsim.config.load import load_config
from pcmsim.experiment.run import load_fitting_data
from pcmsim.kernels.compile import FLAGS
from pcmsim.kernels.hits import GROUP, draw_words
from pcmsim.kernels.layer import PAIR
from pcmsim.kernels.program import RESETS, SET_PULSES
from pcmsim.training.trainer import Trainer
from pcmsim.training.workspace import make_workspace

CONFIG = Path(__file__).resolve().parents[1] / "configs" / "burr2014.yaml"
# As they are left out, from the last to the first.
VARIANTS = {
    "full": [],
    "no RESETs": ["reset.interval=0"],
    "no pulses": ["reset.interval=0", "update.pulse_threshold=1000"],
}
ROUNDS = 9
PLACES = 100_000
REPEATS = 200

Row = dict[str, Any]


def main() -> None:
    """Measure, print the table, and keep the numbers where asked to."""
    parser = argparse.ArgumentParser(description="Training against its bounds; see the docstring.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all numbers")
    arguments = parser.parse_args()
    found = measure()
    print(as_text(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


def measure() -> Row:
    """Time the parts of training and what bounds them."""
    trainers = make_variants()
    seconds, pulses, resets = time_variants(trainers)
    trainer = trainers["full"]
    read = bytes_read(trainer)
    bounds = measure_bounds(trainer)
    full, no_resets, no_pulses = (seconds[name] for name in VARIANTS)
    parts = {
        "reads, neurons": (no_pulses, read / bounds["bytes_per_s"]),
        "programming": (
            no_resets - no_pulses,
            pulses["no RESETs"] * (bounds["s_per_place"] + bounds["s_per_block"]),
        ),
        "occasional RESET": (full - no_resets, None),
    }
    return {
        "us_per_example": 1e6 * full,
        "parts": {
            name: {
                "us": 1e6 * took,
                "bound_us": None if bound is None else 1e6 * bound,
                "part_of_bound": None if bound is None else bound / took,
            }
            for name, (took, bound) in parts.items()
        },
        "bytes_read_per_example": read,
        "operations_per_example": read / 2,  # of 4 bytes: a multiplication and an addition
        "pulses_per_example": pulses["full"],
        "resets_per_example": resets["full"],
        "gb_per_s": bounds["bytes_per_s"] / 1e9,
        "ns_per_place": 1e9 * bounds["s_per_place"],
        "ns_per_block_of_words": 1e9 * bounds["s_per_block"],
    }


def make_variants() -> dict[str, Trainer]:
    """Return trainers that stand where one epoch of full training leads."""
    settings = {name: load_config(CONFIG, changes) for name, changes in VARIANTS.items()}
    data = load_fitting_data(settings["full"])
    trainers = {name: Trainer(chosen, data) for name, chosen in settings.items()}
    trained = trainers["full"]
    trained.advance(len(data.train_labels))
    for other in trainers.values():
        for mine, its in zip(other.synapses.layers, trained.synapses.layers, strict=True):
            for name in ("weight_by_row", "weight_by_column", "pairs"):
                getattr(mine, name)[...] = getattr(its, name)
    return trainers


def time_variants(
    trainers: dict[str, Trainer],
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return seconds, SET pulses and RESETs of an example; the variants take turns."""
    examples = len(trainers["full"].data.train_labels)
    times: dict[str, list[float]] = {name: [] for name in trainers}
    before = {name: trainer.synapses.counters.copy() for name, trainer in trainers.items()}
    for _ in range(ROUNDS):
        for name, trainer in trainers.items():
            times[name].append(timed(lambda: trainer.advance(examples)))  # noqa: B023
    fired = {
        name: (trainer.synapses.counters - before[name]) / examples / ROUNDS
        for name, trainer in trainers.items()
    }
    return (
        {name: min(some) / examples for name, some in times.items()},
        {name: float(count[SET_PULSES]) for name, count in fired.items()},
        {name: float(count[RESETS]) for name, count in fired.items()},
    )


def bytes_read(trainer: Trainer) -> float:
    """Return the bytes of the weights that an example drives, forward and backward."""
    images = trainer.data.train_images
    driven = 1 + np.count_nonzero(images) / len(images)
    cross_points = 0.0
    for layer in trainer.synapses.layers:
        forward = driven if layer.number == 0 else layer.rows
        backward = 0 if layer.number == 0 else layer.rows - 1
        cross_points += (forward + backward) * layer.columns
    return 4 * cross_points


def measure_bounds(trainer: Trainer) -> dict[str, float]:
    """Return what this machine does at best of what training must do."""
    layer = trainer.synapses.layers[0]
    table = trainer.synapses.device.set_jumps[0]
    generator = np.random.default_rng(1)
    weights = np.ones(sum(one.rows * one.columns for one in trainer.synapses.layers), np.float32)
    places = tuple(
        generator.integers(0, most, PLACES).astype(np.uint32)
        for most in (layer.rows, layer.columns, len(table) - 1, table.shape[1] - 1)
    )
    pairs = np.zeros((layer.rows, layer.columns), PAIR)
    by_row = np.zeros((layer.rows, layer.columns), np.float32)
    by_column = np.zeros((layer.columns, layer.rows), np.float32)
    hits = make_workspace([layer.rows - 1, layer.columns], 1).hits
    count = len(hits.entry) // GROUP * GROUP
    return {
        "bytes_per_s": weights.nbytes * REPEATS / shortest(lambda: sum_up(weights, REPEATS)),
        "s_per_place": shortest(lambda: change(pairs, by_row, by_column, table, *places)) / PLACES,
        "s_per_block": shortest(lambda: draw(hits, count, trainer.key)) / (count * REPEATS),
    }


@numba.njit(fastmath=True)
def sum_up(array, repeats):
    """Read an array again and again, in any order that is fast."""
    total = np.float32(0)
    for _ in range(repeats):
        for k in range(array.shape[0]):
            total += array[k]
    return total


@numba.njit(**FLAGS)
def change(pairs, by_row, by_column, table, rows, columns, cells, quantiles):
    """Do what a partial SET must do in memory, and nothing else."""
    for k in range(rows.shape[0]):
        row, column = rows[k], columns[k]
        jump = table[cells[k], quantiles[k]] + table[cells[k] + 1, quantiles[k]]
        pairs[row, column].conductance[0] += jump
        by_row[row, column] = jump
        by_column[column, row] = jump


@numba.njit(**FLAGS)
def draw(hits, count, key):
    """Draw random words for a list of devices, again and again."""
    for n in range(REPEATS):
        draw_words(hits, count, n, 1, key)


def shortest(work: Callable[[], Any]) -> float:
    """Return the seconds of some work when it is disturbed least."""
    work()
    return min(timed(work) for _ in range(ROUNDS))


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def as_text(found: Row) -> str:
    lines = [
        f"An example: {found['us_per_example']:.1f} us, {found['pulses_per_example']:,.0f} partial "
        f"SETs, {found['resets_per_example']:.0f} RESETs,",
        f"{found['bytes_read_per_example'] / 1e3:,.0f} kB of weights read, "
        f"{found['operations_per_example'] / 1e3:,.0f} thousand additions and multiplications.",
        "",
        f"{'part':18}{'us':>7}{'bound':>8}{'of bound':>10}",
    ]
    for name, part in found["parts"].items():
        bound = ""
        if part["bound_us"] is not None:
            bound = f"{part['bound_us']:8.1f}{part['part_of_bound']:10.0%}"
        lines.append(f"{name:18}{part['us']:7.1f}{bound}")
    lines += [
        "",
        f"Bounds: weights are summed up at {found['gb_per_s']:.0f} GB/s; changing a device at a "
        f"random place takes {found['ns_per_place']:.1f} ns,",
        f"drawing its random words {found['ns_per_block_of_words']:.1f} ns.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
