"""How training time grows with the network, the batch, the threads and the worker processes.

    python benchmarks/scaling.py [--quick] [--json FILE] [--png FILE]

What it prints are ratios from one and the same run on one machine, not promises: machines are
noisy and differ from each other.  Every time is the shortest of several repeats; all repeats of
all cases begin after the same number of warm-up examples, so that the cases of one network stand
at the same point of its training.  Networks other than the published one are not tuned: they
fire pulses at the rate that the table gives, which is part of what they cost.

The networks are that of ``configs/burr2014.yaml`` and three on uncropped images:
784-1000-260-10, 784-2500-650-10 and 784-5000-1300-10.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numba
import numpy as np
from numpy.typing import NDArray

from pcmsim.campaign.local_pool import LocalPool
from pcmsim.campaign.point import Point
from pcmsim.campaign.worker import measure_point
from pcmsim.config.load import load_config
from pcmsim.config.read import to_yaml
from pcmsim.config.settings import Settings
from pcmsim.experiment.provenance import checksums
from pcmsim.experiment.run import load_fitting_data
from pcmsim.kernels.layer import PAIR, Layer
from pcmsim.kernels.program import SET_PULSES
from pcmsim.training.trainer import Trainer

CONFIG = Path(__file__).parent.parent / "configs" / "burr2014.yaml"
PUBLISHED = "528-250-125-10"
LARGE = ["784-1000-260-10", "784-2500-650-10", "784-5000-1300-10"]
NETWORKS = [PUBLISHED, *LARGE]
LARGEST = LARGE[-1]
BATCHES = [1, 2, 5, 10, 20, 50]
# Each is a multiple of all batch sizes.
STEP_OF_EXAMPLES = 100


@dataclass(frozen=True)
class Effort:
    """How much is done for one number."""

    repeats: int
    synapses_per_repeat: float  # examples times synapses of a repeat
    floats_to_read: int
    epochs_of_run: int
    runs_per_worker: int


QUICK = Effort(3, 1e9, 1 << 26, 2, 2)
FULL = Effort(5, 2.5e9, 1 << 27, 2, 6)

Row = dict[str, Any]


def main() -> None:
    """Measure, print the tables, and keep numbers and figure where asked to."""
    parser = argparse.ArgumentParser(description="Scaling of training; see the file's docstring.")
    parser.add_argument("--quick", action="store_true", help="shorter and fewer repeats")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all numbers")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw a figure of four panels")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL

    bandwidth = measured_bandwidth(effort)
    sizes = measure_sizes(effort)
    batches = measure_batches(effort)
    threads = measure_threads(effort)
    workers = measure_workers(effort)
    found = {
        "cores": len(cores()),
        "bandwidth_gb_per_s": bandwidth,
        "sizes": sizes,
        "batches": batches,
        "threads": threads,
        "workers": workers,
        "memory": memory_use(sizes, bandwidth),
    }
    print_tables(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    if arguments.png:
        draw(found, arguments.png)


def measure_sizes(effort: Effort) -> list[Row]:
    """Return the time per synapse and example of all networks, one thread."""
    rows = [
        measure_training(network, batch, 1, effort) for batch in (1, 10) for network in NETWORKS
    ]
    for row in rows:
        smallest = next(other for other in rows if other["batch"] == row["batch"])
        row["ratio"] = row["ns_per_synapse"] / smallest["ns_per_synapse"]
    return rows


def measure_batches(effort: Effort) -> list[Row]:
    """Return the examples per second of the published network, one thread."""
    rows = [measure_training(PUBLISHED, batch, 1, effort) for batch in BATCHES]
    for row in rows:
        row["ratio"] = row["examples_per_s"] / rows[0]["examples_per_s"]
    return rows


def measure_threads(effort: Effort) -> list[Row]:
    """Return the speed-up by threads of the largest network."""
    rows = []
    for batch in (1, 10):
        of_batch = [measure_training(LARGEST, batch, count, effort) for count in counts()]
        for row in of_batch:
            row["ratio"] = row["examples_per_s"] / of_batch[0]["examples_per_s"]
        rows += of_batch
    return rows


def measure_workers(effort: Effort) -> list[Row]:
    """Return how many short runs a pool of processes finishes in an hour."""
    settings = load_config(CONFIG, [f"training.epochs={effort.epochs_of_run}"])
    first = Point(settings, {}, checksums(settings, load_fitting_data(settings)))
    rows: list[Row] = []
    for workers in counts():
        runs = effort.runs_per_worker * workers
        with LocalPool(workers) as pool:
            run_all(pool, first, workers)  # processes start, images and kernels are loaded
            seconds = shortest(effort.repeats, lambda: run_all(pool, first, runs))  # noqa: B023
        rows.append({"workers": workers, "runs_per_hour": 3600 * runs / seconds})
        rows[-1]["ratio"] = rows[-1]["runs_per_hour"] / rows[0]["runs_per_hour"]
        note(f"{workers} workers: {rows[-1]['runs_per_hour']:.0f} runs an hour")
    return rows


def run_all(pool: LocalPool, first: Point, runs: int) -> None:
    """Run replicates of one point, as many at a time as the pool has workers."""
    points = [first.replicate(number) for number in range(runs)]
    futures = [
        pool.submit(measure_point, to_yaml(point.settings), point.origin) for point in points
    ]
    for future in futures:
        future.result()


def measure_training(network: str, batch: int, threads: int, effort: Effort) -> Row:
    """Train a fresh network and return what an example costs."""
    settings = settings_of(network, batch)
    trainer = Trainer(settings, load_fitting_data(settings), threads)
    synapses = sum(layer.weight.size for layer in trainer.synapses.layers)
    steps = max(1, round(effort.synapses_per_repeat / synapses / STEP_OF_EXAMPLES))
    examples = steps * STEP_OF_EXAMPLES
    show(trainer, examples)
    pulses = int(trainer.synapses.counters[SET_PULSES])
    seconds = shortest(effort.repeats, lambda: show(trainer, examples)) / examples
    pulses = int(trainer.synapses.counters[SET_PULSES]) - pulses
    note(f"{network}, batch {batch}, {threads} threads: {1e6 * seconds:.1f} us per example")
    return {
        "network": network,
        "batch": batch,
        "threads": threads,
        "synapses": synapses,
        "us_per_example": 1e6 * seconds,
        "examples_per_s": 1 / seconds,
        "ns_per_synapse": 1e9 * seconds / synapses,
        "pulses_per_example": pulses / examples / effort.repeats,
        "bytes_per_synapse": bytes_of(trainer.synapses.layers) / synapses,
        "bytes_streamed": bytes_streamed(trainer, settings.reset.interval),
    }


def settings_of(network: str, batch: int) -> Settings:
    """Return the published settings, with another network and batch size."""
    changes = [f"training.batch_size={batch}"]
    if network != PUBLISHED:
        layers = ",".join(network.split("-"))
        changes += ["data.crop=null", f"network.layers=[{layers}]"]
    return load_config(CONFIG, changes)


def show(trainer: Trainer, examples: int) -> None:
    """Show so many examples, over the end of an epoch if need be."""
    last = trainer.shown + examples
    while trainer.shown < last:
        trainer.advance(last - trainer.shown)


def shortest(repeats: int, work: Callable[[], None]) -> float:
    """Return the seconds that some work takes when it is disturbed least."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def bytes_of(layers: tuple[Layer, ...]) -> int:
    """Return the size of all arrays of a network; ``levels`` is the same memory as ``pairs``."""
    return sum(
        array.nbytes
        for layer in layers
        for name, array in layer._asdict().items()
        if isinstance(array, np.ndarray) and name != "levels"
    )


def bytes_streamed(trainer: Trainer, interval: int) -> float:
    """Return the bytes that an example of a batch of one makes run past, pulses left out.

    Forward, the weights of all rows that are driven (of the first layer the pixels that are not
    zero, and the bias); backward, those of all layers but the first; and now and then all pairs
    for the occasional RESET.
    """
    driven = 1 + np.count_nonzero(trainer.data.train_images) / len(trainer.data.train_images)
    total = 0.0
    for layer in trainer.synapses.layers:
        if layer.number == 0:
            total += 4 * driven * layer.columns
        else:
            total += 2 * 4 * layer.rows * layer.columns
        total += PAIR.itemsize * layer.rows * layer.columns / interval if interval else 0
    return total


def memory_use(sizes: list[Row], bandwidth: float) -> Row:
    """Return how much of the memory's bandwidth the largest network uses at batch 1."""
    row = next(row for row in sizes if row["network"] == LARGEST and row["batch"] == 1)
    reached = row["bytes_streamed"] / row["us_per_example"] / 1e3
    return {"reached_gb_per_s": reached, "part_of_measured": reached / bandwidth}


def measured_bandwidth(effort: Effort) -> float:
    """Return how fast one thread reads a large array, in GB/s."""
    array = np.ones(effort.floats_to_read, np.float32)
    sum_of(array)
    seconds = shortest(max(5, effort.repeats), lambda: sum_of(array))
    return array.nbytes / seconds / 1e9


@numba.njit(fastmath=True)
def sum_of(array: NDArray[np.float32]) -> float:
    """Read all of an array, in any order that is fast."""
    total = np.float32(0)
    for k in range(array.shape[0]):
        total += array[k]
    return total


def cores() -> list[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def counts() -> list[int]:
    """Return 1, 2, 4 ... and the number of cores."""
    most = len(cores())
    return sorted({2**k for k in range(int(math.log2(most)) + 1)} | {most})


def note(text: str) -> None:
    print(f"  {text}", flush=True)


def print_tables(found: Row) -> None:
    print("\n(a) network size, one thread; ratio: ns per synapse, to the smallest network")
    print(f"{'network':18}{'synapses':>12}{'batch':>7}{'us/ex.':>10}{'ns/syn.':>9}", end="")
    print(f"{'ratio':>7}{'pulses/ex.':>12}{'B/syn.':>8}")
    for row in found["sizes"]:
        print(
            f"{row['network']:18}{row['synapses']:>12,}{row['batch']:>7}"
            f"{row['us_per_example']:>10.1f}{row['ns_per_synapse']:>9.3f}{row['ratio']:>7.2f}"
            f"{row['pulses_per_example']:>12,.0f}{row['bytes_per_synapse']:>8.1f}"
        )
    print(f"\n(b) batch size, {PUBLISHED}, one thread; ratio: to batch 1")
    print(f"{'batch':>7}{'examples/s':>12}{'ratio':>7}{'pulses/ex.':>12}")
    for row in found["batches"]:
        print(
            f"{row['batch']:>7}{row['examples_per_s']:>12,.0f}{row['ratio']:>7.2f}"
            f"{row['pulses_per_example']:>12,.0f}"
        )
    print(f"\n(c) threads, {LARGEST}; ratio: to one thread")
    print(f"{'batch':>7}{'threads':>9}{'examples/s':>12}{'ratio':>7}")
    for row in found["threads"]:
        print(
            f"{row['batch']:>7}{row['threads']:>9}{row['examples_per_s']:>12,.0f}"
            f"{row['ratio']:>7.2f}"
        )
    print("\n(d) worker processes; ratio: to one worker")
    print(f"{'workers':>9}{'runs/hour':>11}{'ratio':>7}")
    for row in found["workers"]:
        print(f"{row['workers']:>9}{row['runs_per_hour']:>11,.0f}{row['ratio']:>7.2f}")
    memory = found["memory"]
    print(
        f"\nmemory: {LARGEST} at batch 1 streams {memory['reached_gb_per_s']:.1f} GB/s, pulses left"
        f" out;\none thread reads a large array at {found['bandwidth_gb_per_s']:.1f} GB/s: "
        f"{memory['part_of_measured']:.0%}\n(over 100 %: the processor's cache keeps a part)"
    )


def draw(found: Row, path: Path) -> None:
    """Draw the four tables."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, ((a, b), (c, d)) = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
    for batch, marker in ((1, "o"), (10, "s")):
        rows = [row for row in found["sizes"] if row["batch"] == batch]
        plot(a, rows, "synapses", "ns_per_synapse", f"{marker}-", f"batch {batch}")
        rows = [row for row in found["threads"] if row["batch"] == batch]
        plot(c, rows, "threads", "ratio", f"{marker}-", f"batch {batch}")
    a.set(xscale="log", xlabel="synapses", ylabel="ns per synapse and example")
    a.set(title="(a) network size, one thread")
    plot(b, found["batches"], "batch", "ratio", "o-", None)
    b.set(xscale="log", xlabel="batch size", ylabel="examples/s, ratio to batch 1")
    b.set(title=f"(b) batch size, {PUBLISHED}")
    b.set_xticks(BATCHES, [str(batch) for batch in BATCHES], minor=False)
    b.minorticks_off()
    plot(d, found["workers"], "workers", "ratio", "o-", "measured")
    c.set(xlabel="threads", ylabel="speed-up", title=f"(c) threads, {LARGEST}")
    d.set(xlabel="worker processes", ylabel="runs per hour, ratio to one", title="(d) workers")
    for axes in (c, d):
        axes.plot(counts(), counts(), ":", color="grey", label="proportional")
        axes.set_xticks(counts())
    for axes in (a, b, c, d):
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        if axes is not b:
            axes.legend()
    figure.savefig(path, dpi=120)


def plot(axes: Any, rows: list[Row], x: str, y: str, style: str, label: str | None) -> None:
    axes.plot([row[x] for row in rows], [row[y] for row in rows], style, label=label)


if __name__ == "__main__":
    main()
