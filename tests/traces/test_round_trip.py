"""From a known device to traces, from these to a device file, and back to steps and to accuracy.

A laboratory measures 100 devices under 50 pulses, with noise, loses a fifth of the readings, and
has two broken devices among them: one stuck, one that jumps about.  It writes a CSV file, which is
imported.  The device made of this is measured once more, 2,000 of it, with the noise that was
estimated; and so is the original, with the noise it had.  Their steps are compared in eight cells
of conductance by the Kolmogorov-Smirnov distance, wherever more than 200 of the first steps began.

Devices with an abrupt RESET are measured from there on.  Those with hundreds of steps both ways
cannot be measured over their range by 50 pulses from its end: each of the 100 devices is brought
to a level of its own, at equal distances, and stepped 50 times up and 50 times down.

The distance demanded is 0.05.  What n steps can tell of their law is less in some cells: the
distance of the steps themselves from the law they were drawn from exceeds K / sqrt(n) in one of a
hundred cells, with K = 1.628 (Kolmogorov), and a table made of them cannot be expected to be better
than they are; the two samples of m and m' steps that are compared add to its square by
1 / m + 1 / m'.  And what a device has of its own, the steps of that device have in common: n steps
are then as good as n / (1 + (n / d - 1) r) independent ones, for d devices in the cell and the
share r of variance between devices (design effect; Kish, 1965).  So the bound in a cell is the
larger of 0.05 and K sqrt(1 / n + 1 / m + 1 / m').  Seeds are fixed; seven devices have about 70
cells, and a table, which smooths, does better than its steps: 0.05 is met in most cells.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import yaml
from scipy import stats

from pcmsim import load_config, run
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import nominal_step, tabulate
from pcmsim.kernels.layer import DeviceTables
from pcmsim.traces.device_file import write_device
from pcmsim.traces.estimating.estimate import Estimate, estimate_device
from pcmsim.traces.estimating.variance import random_effects
from pcmsim.traces.reading.read import read_traces
from pcmsim.traces.traces import DOWN, UP, Floats, Steps, Traces, steps_of
from tests.traces.measured import measure, measure_from, with_broken, write_csv

CONFIGS = Path(__file__).parents[2] / "configs"
BURR = {"kind": "pcm", "pulses_to_90_percent": 35, "step_spread": 0.6, "range_spread": 0.2}

# Settings in which a network learns well on each device of the library.
SUITED = yaml.safe_load((Path(__file__).parent / "suited.yaml").read_text())
# Of the noise of readings in the round trip of accuracy: the smaller of these parts of the mean
# step in mid-range and of the range.
PART_OF_STEP, PART_OF_RANGE = 0.1, 0.002

PULSES = 50
# After 50 pulses it has seen 73 % of its range, and a network in the settings of the original loses
# 3.0 +- 0.7 points on what was seen.
LONGER_TRAINS = {"pcm-suri2011": 120}
# By how much test accuracy may differ, and where 100 devices tell too little for that (measured,
# see configs/devices/README.md).
ALIKE = 0.01
FOR_LACK_OF_DEVICES = {"reram-exponential-step": 0.02}

CELLS = 8
MANY = 200
SIMULATED = 2000
CLOSE = 0.05
KOLMOGOROV = 1.628


@dataclass(frozen=True)
class Case:
    """A device and how it is measured.

    Attributes:
        device: its settings.
        noise: standard deviation of readings, S.
        from_levels: whether each device is brought to a level of its own before.
    """

    device: dict[str, Any]
    noise: float
    from_levels: bool = False

    def measured(self, device: dict[str, Any], devices: int, seed: int, **how: float) -> Traces:
        """Measure a device as this one is."""
        if not self.from_levels:
            return measure(device, devices=devices, seed=seed, **how)
        settings: Any = Settings(device=self.device).device
        levels = np.linspace(settings.g_min, settings.g_max, devices)
        return measure_from(device, levels, seed=seed, **how)


CASES = {
    "pcm": Case(BURR, 0.05e-6),
    "nandakumar2018": Case({"kind": "nandakumar2018"}, 0.1e-6),
    "exponential_step": Case({"kind": "exponential_step"}, 0.05e-6),
    "linear": Case({"kind": "linear"}, 5e-9, True),
    "linear_step": Case({"kind": "linear_step"}, 20e-9, True),
    "soft_bounds": Case({"kind": "soft_bounds"}, 10e-9, True),
    "pulse_curve": Case({"kind": "pulse_curve"}, 0.2e-6, True),
}


def imported(
    case: Case, devices: int, folder: Path, seed: int = 7, pulses: int = PULSES
) -> tuple[Traces, Estimate, Path]:
    """Measure a device, spoil the file, and import it."""
    how: dict[str, Any] = {"noise": case.noise, "missing": 0.2, "pulses": pulses}
    traces = case.measured(case.device, devices, seed, **how)
    file = write_csv(folder / "bench.csv", with_broken(traces, case.noise))
    understood = read_traces(file)
    estimate = estimate_device(understood.traces)
    path = folder / "device.h5"
    write_device(path, estimate, understood.traces, understood.origin)
    return understood.traces, estimate, path


def read_with(noise: Floats, traces: Traces, seed: int) -> Traces:
    """Return readings with noise of a variance (S^2) that differs from reading to reading."""
    draw = np.random.default_rng(seed).normal(size=traces.conductance.shape)
    return replace(traces, conductance=traces.conductance + np.sqrt(noise) * draw)


def independent(steps: Steps, like: Steps) -> float:
    """Return how many independent steps some are worth, whose devices differ as others do."""
    within, between = random_effects(like.change, like.device)
    share = between / (within + between) if within + between > 0 else 0.0
    each = steps.change.size / np.unique(steps.device).size
    return float(steps.change.size / (1 + (each - 1) * share))


def distances(
    measured: Traces, original: Traces, estimated: Traces, estimate: Estimate
) -> dict[tuple[int, int], tuple[float, float]]:
    """Return the distance of steps in each cell, and the bound: (pulse, cell)."""
    found = {}
    edges = np.linspace(estimate.g_min, estimate.g_max, CELLS + 1)[1:-1]
    for pulse in (UP, DOWN):
        steps = [steps_of(traces, pulse) for traces in (measured, original, estimated)]
        cells = [np.searchsorted(edges, one.before) for one in steps]
        for cell in range(CELLS):
            here = [one.take(at == cell) for one, at in zip(steps, cells, strict=True)]
            if here[0].change.size > MANY:
                distance = stats.ks_2samp(here[1].change, here[2].change).statistic
                told = sum(1 / independent(one, here[1]) for one in here)
                found[pulse, cell] = float(distance), max(CLOSE, KOLMOGOROV * np.sqrt(told))
    return found


def round_trip(
    case: Case, devices: int, folder: Path, seed: int = 7
) -> dict[tuple[int, int], tuple[float, float]]:
    """Return distances and bounds of a device that was measured and imported."""
    traces, estimate, path = imported(case, devices, folder, seed)
    assert len(traces.devices) == devices
    table = table_in(path)
    original = case.measured(case.device, SIMULATED, 99, noise=case.noise)
    drawn = case.measured(table, SIMULATED, 98)
    estimated = read_with(estimate.noise.variance_at(drawn.conductance), drawn, 97)
    return distances(traces, original, estimated, estimate)


@pytest.mark.parametrize("name", CASES)
def test_steps_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    found = round_trip(CASES[name], 100, tmp_path)
    assert len(found) >= 4
    assert all(distance < bound for distance, bound in found.values()), found


@pytest.mark.parametrize("name", ["pcm", "linear"])
def test_of_many_devices_most_cells_come_back_within_five_percent(
    name: str, tmp_path: Path
) -> None:
    found = round_trip(CASES[name], 400, tmp_path)
    assert all(distance < bound for distance, bound in found.values()), found
    assert np.mean([distance < CLOSE for distance, _ in found.values()]) > 0.8, found


def test_every_device_of_the_library_goes_round() -> None:
    assert sorted(SUITED) == sorted(file.stem for file in (CONFIGS / "devices").glob("*.yaml"))


@pytest.mark.validation
@pytest.mark.parametrize("name", SUITED)
def test_a_network_reaches_as_much_on_an_imported_device(name: str, tmp_path: Path) -> None:
    """Every device of the library, in settings that suit it: 1 point of test accuracy, and chance.

    As many pulses are asked for as on the original: learning rates are in units of the mean step in
    mid-range, which each measurement finds a little different.  A conductance is worth the same to
    the neurons.  Each of three pairs has a measurement of its own; chance is two standard errors,
    found from them.
    """
    config = CONFIGS / "devices" / f"{name}.yaml"
    suited = [f"{setting}={json.dumps(value)}" for setting, value in SUITED[name].items()]
    settings: Any = load_config(config, suited)
    original = tabulate(build_model(settings.device))
    noise = min(PART_OF_STEP * nominal_step(original), PART_OF_RANGE * float(original.g_max))
    case = Case(settings.device.model_dump(), noise, bool(original.bidirectional))
    losses = []
    for replicate in range(3):
        pulses = LONGER_TRAINS.get(name, PULSES)
        _, _, path = imported(case, 100, tmp_path, replicate, pulses)
        changes = with_as_many_pulses(settings, original, table_in(path))
        losses.append(lost(config, changes, replicate, tmp_path, suited))
    _, on_test_images = np.transpose(losses)
    error = np.std(on_test_images, ddof=1) / np.sqrt(len(losses))
    alike = FOR_LACK_OF_DEVICES.get(name, ALIKE)
    assert abs(np.mean(on_test_images)) < alike + 2 * error, losses


def with_as_many_pulses(
    settings: Settings, original: DeviceTables, device: dict[str, Any]
) -> list[str]:
    """Return the changes that put a device in the place of the original, and nothing else."""
    tables = tabulate(build_model(cast(Any, Settings(device=device).device)))
    longer = nominal_step(tables) / nominal_step(original)
    layers = len(settings.network.layers) - 1
    rates = [longer * rate for rate in per_layer(settings.training.learning_rate, layers)]
    full_scale = settings.network.full_scale or float(original.g_max)
    return [
        f"device={device}",
        f"training.learning_rate={rates}",
        f"network.full_scale={full_scale}",
    ]


@pytest.mark.validation
@pytest.mark.parametrize(
    ("config", "noise", "from_levels"),
    [("burr2014.yaml", 0.05e-6, False), ("ideal-linear.yaml", 10e-9, True)],
)
def test_the_network_cannot_tell_an_imported_device_from_the_original(
    config: str, noise: float, from_levels: bool, tmp_path: Path
) -> None:
    """Three replicates in pairs that share all random numbers but those of the table: 1 point."""
    settings: Any = load_config(CONFIGS / config, [])
    case = Case(settings.device.model_dump(), noise, from_levels)
    _, _, path = imported(case, 100, tmp_path)
    table = [f"device={table_in(path)}"]
    losses = [lost(CONFIGS / config, table, replicate, tmp_path) for replicate in range(3)]
    assert np.abs(np.mean(losses, axis=0)).max() < 0.01, losses


@pytest.mark.validation
def test_a_network_on_an_imported_device_with_memory(tmp_path: Path) -> None:
    """Eight replicates of ``nandakumar2018.yaml`` on 400 devices: 1 point, and chance.

    Chance is two standard errors, found from the pairs: a pair differs by 2.5 points (measured),
    so that the mean of three is not known within 1.4 points.  What 100 devices tell is not enough
    for 1 point.  Of the mean step in the middle of the range, in which learning rates are counted,
    0.376 uS with a spread of 0.81 uS, they leave 7 % unknown even where the memory is known, 8 %
    where it is not (measured over 18 measurements), and 18 % more cost 3 points (measured).  With
    100 devices 2.8 +- 0.7 and 5.5 +- 0.9 points were lost in two sets of eight pairs.
    """
    config = CONFIGS / "nandakumar2018.yaml"
    settings: Any = load_config(config, [])
    case = Case(settings.device.model_dump(), 0.1e-6)
    _, estimate, path = imported(case, 400, tmp_path)
    assert estimate.memory > 1
    table = [f"device={table_in(path)}"]
    losses = [lost(config, table, replicate, tmp_path) for replicate in range(8)]
    error = np.std(losses, axis=0, ddof=1) / np.sqrt(len(losses))
    assert (np.mean(losses, axis=0) < 0.01 + 2 * error).all(), losses


def table_in(path: Path) -> dict[str, Any]:
    return {"kind": "table", "file": str(path)}


def lost(
    config: Path, changes: list[str], replicate: int, folder: Path, common: Sequence[str] = ()
) -> Floats:
    """Return training and test accuracy lost by changes to settings, over what is ``common``."""
    accuracy = []
    for name, some in (("original", []), ("changed", changes)):
        settings = load_config(config, [f"replicate={replicate}", *common, *some])
        result = run(settings, folder / f"{name}-{replicate}.h5", threads=2)
        accuracy.append([result.last("train_accuracy"), result.last("test_accuracy")])
    return np.asarray(np.subtract(*accuracy))
