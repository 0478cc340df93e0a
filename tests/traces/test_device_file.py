"""A device file holds what was written, is read as a device, and is refused if it is none."""

import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pytest

from pcmsim.config.device_settings import TableDevice
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.errors import UserError
from pcmsim.files import opened, written_at_once
from pcmsim.traces.device_file import read_device, write_device
from pcmsim.traces.estimating.estimate import Estimate, estimate_device
from pcmsim.traces.traces import Traces
from tests.traces.measured import ORIGIN, measure

DEVICES = {
    "pcm": {"kind": "pcm", "range_spread": 0.2},
    "linear": {"kind": "linear", "steps": 40},
    "nandakumar2018": {"kind": "nandakumar2018"},
}


@pytest.fixture(params=DEVICES)
def measured(request: pytest.FixtureRequest) -> tuple[Traces, Estimate]:
    traces = measure(DEVICES[request.param], noise=0.1e-6, missing=0.1)
    return traces, estimate_device(traces)


def assert_same(one: object, other: object) -> None:
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple) and isinstance(other, tuple):
        assert len(one) == len(other)
        for parts in zip(one, other, strict=True):
            assert_same(*parts)
    elif isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert type(one) is type(other)
        assert one == other


def test_what_was_written_is_read(measured: tuple[Traces, Estimate], tmp_path: Path) -> None:
    traces, estimate = measured
    path = tmp_path / "device.h5"
    write_device(path, estimate, traces, ORIGIN)
    found = read_device(path)
    assert_same(found.estimate, estimate)
    assert_same(found.traces, traces)
    assert found.origin == ORIGIN


def test_a_device_file_is_a_device(measured: tuple[Traces, Estimate], tmp_path: Path) -> None:
    traces, estimate = measured
    path = tmp_path / "device.h5"
    write_device(path, estimate, traces, ORIGIN)
    settings = TableDevice(kind="table", file=str(path))
    model = build_model(settings)
    assert model.bidirectional == estimate.bidirectional
    assert spread_of(settings).range == estimate.range_spread
    assert (model.g_min, model.g_max) == (estimate.g_min, estimate.g_max)
    assert model.memory == estimate.memory
    for past, table in enumerate(estimate.set_tables):
        steps = model.set_step(table.conductance[:, None], table.probability[None, :], past)
        assert steps == pytest.approx(table.step, rel=1e-9, abs=1e-18)
    told = TableDevice(
        kind="table", file=str(path), bidirectional=estimate.memory == 1, range_spread=0.5
    )
    assert build_model(told).bidirectional == (estimate.memory == 1)
    assert spread_of(told).range == 0.5


def test_only_a_device_with_memory_has_more_than_one_table(
    measured: tuple[Traces, Estimate], tmp_path: Path
) -> None:
    """A file of a device without memory is as it always was."""
    traces, estimate = measured
    path = tmp_path / "device.h5"
    write_device(path, estimate, traces, ORIGIN)
    with opened(path) as file:
        shapes = {name: file[f"set/{name}"].shape for name in file["set"]}
    many = (estimate.memory,) if estimate.memory > 1 else ()
    assert shapes["step"] == (*many, 33, 129)
    assert shapes["samples"] == shapes["filled"] == (*many, 33)
    assert shapes["conductance"] == (33,)


def test_damage_and_other_files_are_refused(tmp_path: Path) -> None:
    traces = measure(DEVICES["pcm"], devices=5)
    estimate, path = estimate_device(traces), tmp_path / "device.h5"
    write_device(path, estimate, traces, ORIGIN)
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        read_device(path)
    with pytest.raises(UserError, match="damaged"):
        build_model(TableDevice(kind="table", file=str(path)))
    with written_at_once(path) as file:
        file.attrs["format"] = "pcmsim result 1"
    with pytest.raises(UserError, match="no device file"):
        read_device(path)
    with h5py.File(path, "w") as file:
        file["set"] = 1
    with pytest.raises(UserError, match="not a file that pcmsim has written"):
        read_device(path)
    with pytest.raises(UserError, match="there is no file"):
        read_device(tmp_path / "nowhere.h5")


def test_a_name_under_which_it_would_not_be_read_is_refused(tmp_path: Path) -> None:
    traces = measure(DEVICES["pcm"], devices=5)
    with pytest.raises(UserError, match=r"must end in \.h5"):
        write_device(tmp_path / "device.csv", estimate_device(traces), traces, ORIGIN)
    assert list(tmp_path.iterdir()) == []
