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
