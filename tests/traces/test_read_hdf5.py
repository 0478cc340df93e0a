"""Traces are read from HDF5 files in several arrangements (exact)."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from pcmsim.errors import UserError
from pcmsim.files import written_at_once
from pcmsim.traces.reading.read import read_traces
from pcmsim.traces.traces import DOWN, START, UP

G = np.array([[1.0, 2.0, 0.5, 3.0], [2.0, 4.0, 1.0, 5.0], [1.0, 3.0, 0.1, 3.5]])
KIND = [b"SET", b"SET", b"RESET", b"SET"]


def long_form(file: h5py.File) -> None:
    file["device"] = np.repeat([b"a", b"b", b"c"], 4)
    file["pulse"] = np.tile(np.arange(4), 3)
    file["kind"] = np.tile(KIND, 3)
    file["conductance"] = G.ravel()
    file["conductance"].attrs["unit"] = "uS"


def unit_of_the_file(file: h5py.File) -> None:
    long_form(file)
    del file["conductance"].attrs["unit"]
    file.attrs["unit"] = "uS"


def records(file: h5py.File) -> None:
    table = np.zeros(12, dtype=[("dev", "S1"), ("n", "i4"), ("type", "i1"), ("G_nS", "f4")])
    table["dev"] = np.repeat([b"a", b"b", b"c"], 4)
    table["n"] = np.tile(np.arange(4), 3)
    table["type"] = np.tile([1, 1, -1, 1], 3)
    table["G_nS"] = 1000 * G.ravel()
    file["measured"] = table


def matrix_by_devices(file: h5py.File) -> None:
    file["conductance_uS"] = G
    file["pulse"] = np.arange(4)
    file["kind"] = KIND
    file["device"] = [b"a", b"b", b"c"]


def matrix_by_pulses(file: h5py.File) -> None:
    group = file.create_group("run 1")
    group["G"] = 1e-6 * G.T
    group["kind"] = np.array([[1, 1, -1, 1]])
    group["device"] = ["a", "b", "c"]


def group_for_each_device(file: h5py.File) -> None:
    for name, row in zip("abc", G, strict=True):
        file[f"{name}/G (uS)"] = row
        file[f"{name}/kind"] = KIND


def with_a_block_in_front(file: h5py.File) -> None:
    matrix_by_devices(file)


ARRANGEMENTS = [
    long_form,
    unit_of_the_file,
    records,
    matrix_by_devices,
    matrix_by_pulses,
    group_for_each_device,
    with_a_block_in_front,
]


@pytest.mark.parametrize("arrange", ARRANGEMENTS)
def test_the_same_traces(arrange: Callable[[h5py.File], None], tmp_path: Path) -> None:
    path = tmp_path / "traces.mat"
    with h5py.File(path, "w", userblock_size=512 * ("block" in arrange.__name__)) as file:
        arrange(file)
    traces = read_traces(path).traces
    assert [name.removeprefix("G ") for name in traces.devices] == ["a", "b", "c"]
    assert np.allclose(traces.conductance, 1e-6 * G, rtol=1e-6, atol=0)
    assert traces.pulse.tolist() == [[START, UP, DOWN, UP]] * 3


def trains(devices: int, readings: int) -> np.ndarray:
    """Return trains (devices, readings) of pulses up, uS, with a RESET after each twelve."""
    rng = np.random.default_rng(1)
    mean = 1 + 20 * (1 - np.exp(-(np.arange(readings) % 12) / 5))
    own = 1 + 0.1 * rng.normal(size=(devices, 1))
    return own * mean + 0.3 * rng.normal(size=(devices, readings))


@pytest.mark.parametrize(("devices", "readings"), [(60, 31), (31, 60), (41, 41), (3, 60)])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("resistances", [False, True])
def test_readings_tell_which_side_is_that_of_the_pulses(
    devices: int, readings: int, turned: bool, resistances: bool, tmp_path: Path
) -> None:
    path, whole = tmp_path / "traces.h5", trains(devices, readings)
    matrix = 1e3 / whole if resistances else whole
    with h5py.File(path, "w") as file:
        file["R_kohm" if resistances else "G_uS"] = matrix.T if turned else matrix
        file["time"] = np.arange(7)
    found = read_traces(path)
    assert np.allclose(found.traces.conductance, 1e-6 * whole)
    side, name = "column" if turned else "row", "R_kohm" if resistances else "G_uS"
    note = f"Matrix {name}: each {side} is a device, {devices} with {readings} readings."
    assert note in found.origin.notes
    assert "Arrays that are not used: time." in found.origin.notes


def test_the_array_named_by_the_quantity_alone_holds_the_readings(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "traces.h5", "w") as file:
        file["G_target_uS"], file["G_uS"] = np.zeros((20, 30)), trains(20, 30)
        file["cube_uS"] = np.zeros((2, 3, 4))
    found = read_traces(tmp_path / "traces.h5")
    assert np.allclose(found.traces.conductance, 1e-6 * trains(20, 30))
    assert "Arrays that are not used: G_target_uS, cube_uS." in found.origin.notes


def unclear_sides(file: h5py.File) -> None:
    file["G_uS"] = np.random.default_rng(1).uniform(1, 10, (30, 40))


def unclear_square(file: h5py.File) -> None:
    file["G_uS"], file["pulse"] = np.random.default_rng(1).uniform(1, 10, (9, 9)), np.arange(9)


def two_matrices(file: h5py.File) -> None:
    file["G_first_uS"], file["G_second_uS"] = trains(20, 30), trains(20, 30)


def cube(file: h5py.File) -> None:
    file["G_uS"] = np.ones((2, 3, 4))


def different_lengths(file: h5py.File) -> None:
    file["pulse"], file["conductance"] = np.arange(3), np.arange(4.0)


def nothing(file: h5py.File) -> None:
    file.attrs["a"] = 1


def texts(file: h5py.File) -> None:
    file["pulse"], file["G_uS"] = np.arange(4), [b"1", b"x", b"3", b"4"]


def other_names(file: h5py.File) -> None:
    file["device"], file["pulse"], file["conductanse"] = np.arange(4), np.arange(4), np.ones(4)


WRONG = [
    (different_lengths, "arrays must have the same length, but these have: conductance 4, pulse 3"),
    (nothing, "there are no arrays of numbers"),
    (unclear_sides, "side of G_uS (30 x 40) is that of the pulses is unclear; add an array pulse"),
    (unclear_square, "is unclear; write arrays device, pulse and conductance instead"),
    (two_matrices, "each of the arrays G_first_uS, G_second_uS may hold the readings"),
    (cube, "arrays must have one or two sides, devices and readings, but there are: G_uS (2 x 3 x"),
    (texts, 'array G_uS, row 2: "x" is not a number'),
    (other_names, "did you mean conductance for conductanse?"),
]


@pytest.mark.parametrize(("arrange", "message"), WRONG)
def test_wrong_files(arrange: Callable[[h5py.File], None], message: str, tmp_path: Path) -> None:
    path = tmp_path / "traces.h5"
    with h5py.File(path, "w") as file:
        arrange(file)
    with pytest.raises(UserError) as raised:
        read_traces(path)
    assert message in str(raised.value)


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "traces.h5"
    with h5py.File(path, "w") as file:
        long_form(file)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(UserError, match="not a readable HDF5 file"):
        read_traces(path)


def test_a_file_of_our_own(tmp_path: Path) -> None:
    with written_at_once(tmp_path / "result.h5") as file:
        long_form(file)
    with pytest.raises(UserError, match="a file that pcmsim has written, not measured traces"):
        read_traces(tmp_path / "result.h5")
