"""Devices whose steps are larger than those of others (statistical: derived bounds)."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from pcmsim.array.crossbar import step_scales
from pcmsim.array.random import make_key
from pcmsim.array.response import simulate_response
from pcmsim.config.device_settings import TableDevice
from pcmsim.devices.catalogue import spread_of

KEY = make_key(3, 0)
SHAPE = (200, 250)


@pytest.mark.parametrize("spread", [0.1, 0.4])
def test_scales_have_mean_1_and_the_spread_asked_for(spread: float) -> None:
    """100,000 of them: the mean within 5 standard errors, a false alarm in two million."""
    scales = step_scales(spread, 1, SHAPE, KEY).astype(np.float64)
    error = spread / np.sqrt(scales.size)
    assert scales.shape == (*SHAPE, 2)
    assert (scales > 0).all()
    assert abs(scales.mean() - 1) < 5 * error
    # The fourth moment of a log-normal number: kurtosis from its variance.
    w = 1 + spread**2
    kurtosis = w**4 + 2 * w**3 + 3 * w**2 - 3
    assert abs(scales.std() - spread) < 5 * spread * np.sqrt((kurtosis - 1) / 4 / scales.size)


def test_without_a_spread_there_are_none() -> None:
    assert step_scales(0.0, 1, SHAPE, KEY).size == 0


@pytest.fixture
def table(tmp_path: Path) -> TableDevice:
    """Return a device of constant steps of 0.1 uS up and down, which differ by 30 %."""
    with h5py.File(tmp_path / "device.h5", "w") as file:
        for name, step in (("set", 0.1e-6), ("reset", -0.1e-6)):
            file[f"{name}/conductance"] = [1e-6, 20e-6]
            file[f"{name}/probability"] = [0.0, 1.0]
            file[f"{name}/step"] = np.full((2, 2), step)
        file.attrs["bidirectional"] = True
        file.attrs["step_scale_spread"] = 0.3
    return TableDevice(kind="table", file=str(tmp_path / "device.h5"))


def test_a_device_file_says_how_steps_differ(table: TableDevice) -> None:
    """Of one device all steps are the same, up and down; from device to device they are not."""
    assert spread_of(table) == (0.0, 0.3)
    response = simulate_response(table, pulses=50, devices=400, seed=1)
    steps = np.diff(response.conductance.astype(np.float64), axis=1)
    up, down = steps[:, :50], -steps[:, 50:]
    assert np.allclose(up, up[:, :1], rtol=1e-3)
    assert np.allclose(down, up[:, :1], rtol=1e-3)
    # 400 devices: within 5 standard errors.
    assert abs(up[:, 0].mean() - 0.1e-6) < 5 * 0.03e-6 / np.sqrt(400)
    assert abs(up[:, 0].std() / 0.1e-6 - 0.3) < 5 * 0.3 * np.sqrt(1.5 / 400)


def test_settings_win_over_the_file(table: TableDevice) -> None:
    assert spread_of(table.model_copy(update={"step_scale_spread": 0.0})).step == 0
