"""Devices given as data: what a file says is what is drawn, and bad files are refused."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pcmsim.array.response import simulate_response
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.devices.model import DeviceModel
from pcmsim.devices.table import read_tables
from pcmsim.errors import UserError
from tests.devices.probe import device_settings, fire

FALSE_ALARM = 1e-3
DEVICES = 20_000

# Both axes on the points of the jump table's own grids, so that no interpolation is added.
CONDUCTANCE = np.array([1e-6, 13e-6, 25e-6])
PROBABILITY = np.array([0.0, 0.25, 0.875, 1.0])
STEPS = {
    "set": np.array([[0.0, 1.0, 2.0, 6.0], [0.2, 0.3, 1.0, 1.5], [-0.5, 0.0, 0.1, 0.2]]) * 1e-6,
    "reset": np.array([[-0.5, 0.0, 0.1, 0.4], [-8.0, -3.0, -2.0, 0.0], [-9, -8, -7, -5]]) * 1e-6,
}


def write_csv(path: Path, steps: dict[str, NDArray[np.float64]] = STEPS) -> Path:
    lines = ["pulse,conductance_S,probability,step_S"]
    for pulse, step in steps.items():
        for (row, column), value in np.ndenumerate(step):
            lines.append(f"{pulse},{CONDUCTANCE[row]},{PROBABILITY[column]},{value}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_hdf5(path: Path, steps: dict[str, NDArray[np.float64]] = STEPS) -> Path:
    with h5py.File(path, "w") as file:
        for pulse, step in steps.items():
            file[f"{pulse}/conductance"] = CONDUCTANCE
            file[f"{pulse}/probability"] = PROBABILITY
            file[f"{pulse}/step"] = step
    return path


def table_settings(path: Path, **other: object) -> dict[str, object]:
    return {"kind": "table", "file": str(path), "bidirectional": True, **other}


def table_model(path: Path, **other: object) -> DeviceModel:
    return build_model(device_settings(table_settings(path, **other)))


WRITERS = {"table.csv": write_csv, "table.h5": write_hdf5, "table.hdf5": write_hdf5}


@pytest.mark.parametrize("name", WRITERS)
def test_the_model_returns_what_the_file_says(name: str, tmp_path: Path) -> None:
    model = table_model(WRITERS[name](tmp_path / name))
    g, p = CONDUCTANCE[:, None], PROBABILITY[None, :]
    assert model.set_step(g, p, 0) == pytest.approx(STEPS["set"], rel=1e-12, abs=1e-18)
    assert model.reset_step(g, p) == pytest.approx(STEPS["reset"], rel=1e-12, abs=1e-18)
    # Halfway in both directions: the mean of four neighbours.
    four = STEPS["set"][1:3, 0:2].mean()
    assert model.set_step(19e-6, 0.125, 0) == pytest.approx(four, rel=1e-12)
    assert (model.g_min, model.g_max, model.memory) == (1e-6, 25e-6, 1)
    assert model.bidirectional


WITH_MEMORY = np.stack([STEPS["set"] * factor for factor in (3, 2, 1)])


def with_memory(path: Path, step: NDArray[np.float64], pulse: str = "set") -> Path:
    """Write a table with steps (memory, n, m) for one kind of pulse."""
    return write_hdf5(path, {**STEPS, pulse: step})


def test_a_table_may_depend_on_the_pulses_since_reset(tmp_path: Path) -> None:
    """After 0, 1 and 2 pulses; the last for good, also in the tables that the engine draws from."""
    path = with_memory(tmp_path / "table.h5", WITH_MEMORY)
    model = table_model(path, bidirectional=False)
    assert model.memory == 3
    g, p = CONDUCTANCE[:, None], PROBABILITY[None, :]
    for past, step in enumerate(WITH_MEMORY):
        assert model.set_step(g, p, past) == pytest.approx(step, rel=1e-12, abs=1e-18)
    assert model.reset_step(g, p) == pytest.approx(STEPS["reset"], rel=1e-12, abs=1e-18)
    tables = tabulate(model)
    assert tables.set_jumps.shape[0] == 3
    one = tabulate(table_model(write_hdf5(tmp_path / "one.h5"), bidirectional=False))
    assert tables.set_jumps[2] == pytest.approx(one.set_jumps[0])
    assert tables.set_jumps[0] == pytest.approx(3 * one.set_jumps[0], rel=1e-6, abs=1e-12)


def test_one_table_of_memory_is_none(tmp_path: Path) -> None:
    model = table_model(with_memory(tmp_path / "table.h5", STEPS["set"][None]))
    assert model.memory == 1
    assert model.set_step(13e-6, 0.25, 0) == pytest.approx(STEPS["set"][1, 1])


def test_a_device_with_memory_can_be_made_better(tmp_path: Path) -> None:
    """Without noise every step is its mean; mirrored it forgets."""
    path = with_memory(tmp_path / "table.h5", WITH_MEMORY)
    quiet = table_model(path, bidirectional=False, idealised={"step_noise": 0.0})
    assert quiet.memory == 3
    means = [float(np.mean(quiet.set_step(13e-6, np.array([0.1, 0.9]), n))) for n in range(3)]
    assert means[0] == pytest.approx(3 * means[2])
    assert means[1] == pytest.approx(2 * means[2])
    mirrored = table_model(path, bidirectional=False, idealised={"mirrored": True})
    assert mirrored.memory == 1
    assert mirrored.bidirectional
    assert mirrored.set_step(13e-6, 0.25, 0) == pytest.approx(STEPS["set"][1, 1])


def test_devices_draw_from_the_table_of_their_count(tmp_path: Path) -> None:
    """From 1 uS three pulses without randomness: 3, 2 and 1 times the step there."""
    flat = np.stack([np.full_like(STEPS["set"], step) for step in (3e-6, 2e-6, 1e-6)])
    settings = table_settings(with_memory(tmp_path / "table.h5", flat), bidirectional=False)
    response = simulate_response(device_settings(settings), 4, 2, 1)
    steps = np.diff(response.conductance.astype(np.float64), axis=1)
    assert steps == pytest.approx(np.tile([3e-6, 2e-6, 1e-6, 1e-6], (2, 1)), rel=1e-5)


@pytest.mark.parametrize(
    ("step", "pulse", "told"),
    [
        (np.ones((2, 3, 3)), "set", r"set: step.shape = \(2, 3, 3\) does not fit"),
        (np.ones((2, 2, 3, 4)), "set", r"set: step.shape = \(2, 2, 3, 4\) does not fit"),
        (np.ones((2, 3, 4)), "reset", "reset: step.shape = .*only partial SETs"),
        (np.ones((256, 3, 4)), "set", "there must be 1 to 255 tables"),
        (np.ones((0, 3, 4)), "set", "there must be 1 to 255 tables"),
        (-np.arange(24.0).reshape(2, 3, 4), "set", "must not fall as the probability rises"),
    ],
)
def test_wrong_tables_with_memory_are_refused(
    step: NDArray[np.float64], pulse: str, told: str, tmp_path: Path
) -> None:
    path = with_memory(tmp_path / "table.h5", step, pulse)
    with pytest.raises(UserError, match=told):
        table_model(path, bidirectional=False)


def test_memory_of_a_device_that_steps_both_ways_is_refused(tmp_path: Path) -> None:
    path = with_memory(tmp_path / "table.h5", WITH_MEMORY)
    with pytest.raises(UserError, match=r"set has 3 tables.*must have one"):
        table_model(path)


def test_settings_narrow_and_widen_the_range(tmp_path: Path) -> None:
    """Beyond the ends of the table, its end values hold."""
    model = table_model(write_csv(tmp_path / "table.csv"), g_min=0.0, g_max=20e-6)
    assert (model.g_min, model.g_max) == (0.0, 20e-6)
    assert model.set_step(0.0, 0.875, 0) == pytest.approx(STEPS["set"][0, 2])


@pytest.mark.parametrize("name", ["table.csv", "table.h5"])
@pytest.mark.parametrize("upwards", [True, False])
@pytest.mark.parametrize("start", [7e-6, 19e-6])
def test_draws_follow_the_file(name: str, upwards: bool, start: float, tmp_path: Path) -> None:
    """Kolmogorov-Smirnov against the piecewise uniform law halfway between two conductances.

    One in 8,000 false alarms each, one in a thousand together.
    """
    path = WRITERS[name](tmp_path / name)
    ends = fire(table_settings(path), table_model(path), start, 1, DEVICES, upwards=upwards)
    row = 0 if start < 13e-6 else 1
    quantiles = STEPS["set" if upwards else "reset"][row : row + 2].mean(axis=0)

    def share_below(step: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(step, quantiles, PROBABILITY)

    drawn = ends[:, 0] - np.float64(np.float32(start))
    assert stats.kstest(drawn, share_below).pvalue > FALSE_ALARM / 8


Damage = Callable[[Path], Path]


def edited(old: str, new: str) -> Damage:
    """Write a good CSV file, but for one piece of text."""

    def write(folder: Path) -> Path:
        path = write_csv(folder / "table.csv")
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def contents(name: str, data: bytes) -> Damage:
    """Write some bytes under some name."""

    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def without(dataset: str) -> Damage:
    """Write a good HDF5 file, but for one dataset."""

    def write(folder: Path) -> Path:
        path = write_hdf5(folder / "table.h5")
        with h5py.File(path, "a") as file:
            del file[dataset]
        return path

    return write


def replaced(dataset: str, values: object) -> Damage:
    """Write a good HDF5 file, but for the contents of one dataset."""

    def write(folder: Path) -> Path:
        path = without(dataset)(folder)
        with h5py.File(path, "a") as file:
            file[dataset] = values
        return path

    return write


def truncated(folder: Path) -> Path:
    path = write_hdf5(folder / "table.h5")
    path.write_bytes(path.read_bytes()[:1000])
    return path


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_does_not_say_needs_settings_that_do(name: str, tmp_path: Path) -> None:
    path = WRITERS[name](tmp_path / name)
    with pytest.raises(UserError, match=r"device\.bidirectional: missing") as refusal:
        table_model(path, bidirectional=None)
    assert str(path) in str(refusal.value)


def test_what_a_plain_file_says_must_make_sense(tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "table.h5")
    with h5py.File(path, "a") as file:
        file.attrs["bidirectional"] = False
    assert not table_model(path, bidirectional=None).bidirectional
    for name, value in {"range_spread": 2.0, "bidirectional": "yes"}.items():
        with h5py.File(path, "a") as file:
            file.attrs[name] = value
        with pytest.raises(UserError, match=name):
            table_model(path, bidirectional=None)


HEADER = "pulse,conductance_S,probability,step_S"
FIRST = "set,1e-06,0.0,0.0"
SECOND = "set,1e-06,0.25,1e-06"

BAD_FILES: dict[str, tuple[Damage, str]] = {
    "missing": (lambda folder: folder / "nowhere.csv", "no file"),
    "folder": (lambda folder: folder, "no file"),
    "empty": (contents("table.csv", b""), "first line"),
    "wrong header": (edited(HEADER, "pulse,g,p,step"), "first line"),
    "other pulse": (edited(FIRST, "SET,1e-06,0.0,0.0"), "line 2"),
    "column missing": (edited(FIRST, "set,1e-06,0.0"), "line 2"),
    "text for a number": (edited(FIRST, "set,1e-06,low,0.0"), "line 2"),
    "not a number": (edited(FIRST, "set,1e-06,0.0,nan"), "finite"),
    "infinite": (edited(FIRST, "set,1e-06,0.0,-inf"), "finite"),
    "falling quantiles": (edited(SECOND, "set,1e-06,0.25,-1e-06"), "fall"),
    "missing combination": (edited(SECOND + "\n", ""), "0.25"),
    "duplicate": (edited(SECOND, SECOND + "\n" + SECOND), "line 4"),
    "probability above 1": (edited(SECOND, "set,1e-06,1.25,7e-06"), ""),
    "negative conductance": (edited(FIRST, "set,-1e-06,0.0,0.0"), ""),
    "binary": (contents("table.csv", bytes(range(256))), "cannot be read"),
    "only one kind of pulse": (lambda f: write_csv(f / "t.csv", {"set": STEPS["set"]}), "reset"),
    "no HDF5": (contents("table.h5", b"pulse,conductance_S"), "cannot be read"),
    "truncated HDF5": (truncated, "cannot be read"),
    "HDF5 group missing": (without("reset"), "groups set and reset"),
    "HDF5 dataset missing": (without("set/step"), "groups set and reset"),
    "HDF5 dataset for a group": (replaced("set", np.zeros(3)), "groups set and reset"),
    "HDF5 text": (replaced("set/step", "text"), "numbers"),
    "HDF5 wrong shape": (replaced("set/step", STEPS["set"][:2]), "shape"),
    "HDF5 one conductance": (replaced("set/conductance", 1e-6), "shape"),
    "HDF5 falling conductances": (replaced("set/conductance", CONDUCTANCE[::-1]), "rise"),
    "HDF5 falling probabilities": (replaced("set/probability", PROBABILITY[::-1]), "rise"),
    "HDF5 probability above 1": (replaced("set/probability", 2 * PROBABILITY), "between 0 and 1"),
    "HDF5 negative": (replaced("set/conductance", CONDUCTANCE - 2e-6), "negative"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_by_name(name: str, tmp_path: Path) -> None:
    damage, reason = BAD_FILES[name]
    path = damage(tmp_path)
    with pytest.raises(UserError) as refusal:
        read_tables(str(path))
    assert str(path) in str(refusal.value)
    assert reason in str(refusal.value)


def test_an_empty_range_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "table.csv")
    with pytest.raises(UserError, match="no range") as refusal:
        table_model(path, g_min=30e-6)
    assert str(path) in str(refusal.value)
