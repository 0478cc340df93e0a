"""How fast training is beside aihwkit: examples per second, on the same images, in one session.

    python benchmarks/peers.py --aihwkit PYTHON [--json FILE]

PYTHON is an interpreter that has aihwkit.  It trains in a process of its own, which is asked for
one piece of training at a time; before each, pcmsim is timed on as large a batch.  Both use one
thread.  Only speed is compared: the devices, rules and accuracies of the two differ.

How many pulses aihwkit fires, and so its speed, depends on the learning rate.  With 0.05 in place
of 0.01 it is slower: the PCM pairs 1.7 times, the constant-step devices 2.5 times.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

CONFIG = Path(__file__).resolve().parents[1] / "configs" / "burr2014.yaml"
BATCHES = (1, 10)
ROUNDS = 3
SECONDS = 1.0
# Before it is timed, a network is shown every image once, as far as this time allows.
WARM_UP_SECONDS = 5.0

LEARNING_RATE = 0.01
WEIGHT_SCALING_OMEGA = 0.6
# Examples from one refresh to the next; None: one mini-batch, 0: never.
PCM_PAIRS: dict[str, int | None] = {
    "PCM pairs, refresh every mini-batch": None,
    "PCM pairs, refresh every 100 examples": 100,
    "PCM pairs, never refresh": 0,
}
CONSTANT_STEP = "constant-step devices"
FLOAT = "plain float (torch.nn.Linear)"
SYSTEMS = (*PCM_PAIRS, CONSTANT_STEP, FLOAT)

HOW_TO_GET_AIHWKIT = """\
skipped: {reason}

To make an interpreter that has aihwkit, on Debian (about ten minutes):

    sudo apt-get install build-essential python3-dev python3-venv libopenblas-dev
    python3 -m venv peers
    export PATH="$PWD/peers/bin:$PATH"
    pip install torch --index-url https://download.pytorch.org/whl/cpu
    pip install 'setuptools<80' wheel scikit-build 'cmake<4' ninja 'pybind11<3' mypy \\
        numpy scipy requests protobuf
    pip install --no-build-isolation --no-deps --no-binary aihwkit aihwkit==1.2.0

mypy is there for its stubgen, which the build looks for on the PATH.  Then:

    python benchmarks/peers.py --aihwkit peers/bin/python"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time training against aihwkit.")
    parser.add_argument("--aihwkit", metavar="PYTHON", help="an interpreter that has aihwkit")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures here")
    parser.add_argument("--worker", metavar="NPZ", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
        return
    obstacle = why_not(arguments.aihwkit)
    if obstacle:
        print(HOW_TO_GET_AIHWKIT.format(reason=obstacle))
        return
    report = compare(arguments.aihwkit)
    print(as_text(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def why_not(python: str | None) -> str | None:
    """Return why this interpreter cannot be compared with, or None if it can."""
    if python is None:
        return "no --aihwkit PYTHON was given, an interpreter that has aihwkit."
    try:
        attempt = subprocess.run(
            [python, "-c", "import torch, aihwkit.nn, aihwkit.optim, aihwkit.simulator.presets"],
            capture_output=True,
            text=True,
        )
    except OSError as error:
        return f"{python} cannot be started: {error.strerror}."
    if attempt.returncode == 0:
        return None
    last_line = (attempt.stderr.strip().splitlines() or [f"status {attempt.returncode}"])[-1]
    return f"{python} cannot import aihwkit: {last_line}"


def compare(python: str) -> dict[str, Any]:
    """Time all cases, ``ROUNDS`` times in turn."""
    from pcmsim.config.load import load_config
    from pcmsim.experiment.run import load_fitting_data
    from pcmsim.training.trainer import Trainer

    # The data do not depend on the size of a batch.
    settings = {batch: load_config(CONFIG, [f"training.batch_size={batch}"]) for batch in BATCHES}
    data = load_fitting_data(settings[BATCHES[0]])
    sizes = settings[BATCHES[0]].network.layers
    images = len(data.train_labels)
    trainers = {batch: Trainer(settings[batch], data, threads=1) for batch in BATCHES}
    for trainer in trainers.values():
        trainer.advance(images)

    cases = list(product(BATCHES, SYSTEMS))
    ours: dict[tuple[int, str], list[float]] = {case: [] for case in cases}
    theirs: dict[tuple[int, str], list[float]] = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as folder:
        npz = Path(folder) / "images.npz"
        np.savez(npz, images=data.train_images, labels=data.train_labels, sizes=sizes)
        with started_worker(python, npz) as ask:
            versions = ask({"versions": True})
            for case in cases:
                ask({"case": case, "seconds": WARM_UP_SECONDS, "at_most": images})
            for _, case in product(range(ROUNDS), cases):
                ours[case].append(rate(trainers[case[0]], images))
                theirs[case].append(ask({"case": case, "seconds": SECONDS})["rate"])

    rows = []
    for batch in BATCHES:
        all_of_ours = [speed for case in cases if case[0] == batch for speed in ours[case]]
        rows.append(row("pcmsim", batch, median(all_of_ours), 1.0))
        for system in SYSTEMS:
            case = (batch, system)
            ratio = median(a / b for a, b in zip(ours[case], theirs[case], strict=True))
            rows.append(row(f"aihwkit: {system}", batch, median(theirs[case]), ratio))
    return {
        "network": sizes,
        "images": images,
        "rounds": ROUNDS,
        "aihwkit_learning_rate": LEARNING_RATE,
        "cases": rows,
        "versions": {
            "pcmsim": {name: version(name) for name in ("pcmsim", "numpy", "numba")}
            | {"python": platform.python_version()},
            "aihwkit": versions,
        },
        "platform": {"system": platform.platform(), "processor": processor()},
    }


def row(system: str, batch: int, speed: float, ratio: float) -> dict[str, Any]:
    return {
        "system": system,
        "batch": batch,
        "examples_per_second": speed,
        "pcmsim_times_as_fast": ratio,
    }


def rate(trainer: Any, images: int) -> float:
    """Return examples per second of pcmsim, over as many epochs as take ``SECONDS``."""
    start = time.perf_counter()
    shown = 0
    while time.perf_counter() - start < SECONDS:
        trainer.advance(images)
        shown += images
    return shown / (time.perf_counter() - start)


@contextmanager
def started_worker(python: str, npz: Path) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Start the process that trains with aihwkit; yield what sends it a request for an answer."""
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with subprocess.Popen(
        [python, __file__, "--worker", str(npz)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | one_thread,
    ) as process:
        assert process.stdin and process.stdout
        requests, answers = process.stdin, process.stdout

        def ask(request: dict[str, Any]) -> dict[str, Any]:
            try:
                print(json.dumps(request), file=requests, flush=True)
                return json.loads(answers.readline())
            except (BrokenPipeError, json.JSONDecodeError):
                raise SystemExit("error: training with aihwkit has failed") from None

        yield ask


def processor() -> str:
    """Return the name of the processor as Linux gives it, or what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def as_text(report: dict[str, Any]) -> str:
    sizes = "-".join(map(str, report["network"]))
    ours, theirs = report["versions"]["pcmsim"], report["versions"]["aihwkit"]
    width = max(len(case["system"]) for case in report["cases"])
    lines = [
        f"Training of {sizes} on {report['images']} images, one thread each, in turn; medians of",
        f"{report['rounds']} rounds.  Only speed is compared, not accuracy.  aihwkit's learning "
        f"rate is {report['aihwkit_learning_rate']}.",
        f"pcmsim {ours['pcmsim']}, Numba {ours['numba']}; "
        f"aihwkit {theirs['aihwkit']}, torch {theirs['torch']}; {report['platform']['processor']}",
        "",
        f"{'system':{width}}  batch  examples/s  pcmsim is",
    ]
    for case in report["cases"]:
        ratio = case["pcmsim_times_as_fast"]
        verdict = "" if case["system"] == "pcmsim" else f"{ratio:.3g} times as fast"
        speed = case["examples_per_second"]
        lines.append(f"{case['system']:{width}}  {case['batch']:5}  {speed:10,.0f}  {verdict}")
    return "\n".join(line.rstrip() for line in lines)


def work(npz: Path) -> None:
    """Answer requests, line by line, in the interpreter that has aihwkit and no pcmsim."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    with np.load(npz) as arrays:
        order = torch.randperm(len(arrays["labels"]))
        images = torch.from_numpy(arrays["images"])[order]
        labels = torch.from_numpy(arrays["labels"])[order]
        sizes = arrays["sizes"].tolist()
    networks: dict[tuple[int, str], Callable[[Any, Any], None]] = {}
    positions: dict[tuple[int, str], int] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "versions" in request:
            answer = {name: version(name) for name in ("aihwkit", "torch", "numpy")}
            answer["python"] = platform.python_version()
        else:
            batch, system = case = tuple(request["case"])
            if case not in networks:
                networks[case] = make_learner(sizes, system, batch)
                positions[case] = 0
            learn, position = networks[case], positions[case]
            at_most = request.get("at_most", float("inf"))
            shown = 0
            start = now = time.perf_counter()
            while shown < at_most and now - start < request["seconds"]:
                learn(images[position : position + batch], labels[position : position + batch])
                shown += batch
                position = (position + batch) % len(labels)
                now = time.perf_counter()
            positions[case] = position
            answer = {"rate": shown / (now - start)}
        print(json.dumps(answer), flush=True)


def make_learner(sizes: list[int], system: str, batch: int) -> Callable[[Any, Any], None]:
    """Make a network for this process's interpreter; return what shows it one mini-batch."""
    from aihwkit.nn import AnalogLinear, AnalogSequential
    from aihwkit.optim import AnalogSGD
    from aihwkit.simulator.presets import GokmenVlasovPreset, PCMPreset
    from torch import nn, optim

    if system == FLOAT:
        layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
        network = nn.Sequential(*with_tanh(layers, nn.Tanh))
        optimizer = optim.SGD(network.parameters(), lr=LEARNING_RATE)
    else:
        if system == CONSTANT_STEP:
            config = GokmenVlasovPreset()
        else:
            config = PCMPreset()
            examples = PCM_PAIRS[system]
            config.device.units_in_mbatch = True
            config.device.refresh_every = 1 if examples is None else examples // batch
        config.mapping.weight_scaling_omega = WEIGHT_SCALING_OMEGA
        layers = [AnalogLinear(*pair, rpu_config=config) for pair in pairwise(sizes)]
        network = AnalogSequential(*with_tanh(layers, nn.Tanh))
        optimizer = AnalogSGD(network.parameters(), lr=LEARNING_RATE)
        optimizer.regroup_param_groups(network)
    loss = nn.CrossEntropyLoss()

    def learn(images: Any, labels: Any) -> None:
        optimizer.zero_grad()
        loss(network(images), labels).backward()
        optimizer.step()

    return learn


def with_tanh(layers: list[Any], tanh: Callable[[], Any]) -> list[Any]:
    """Return the layers with a tanh between each and the next."""
    return [module for layer in layers for module in (layer, tanh())][:-1]


if __name__ == "__main__":
    main()
