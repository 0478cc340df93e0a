"""Devices that are known as a whole, made better in some respects."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcmsim.config.device_settings import Nandakumar2018Device, TableDevice
from pcmsim.config.idealised_settings import Idealised
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import mean_step, nominal_step, tabulate
from pcmsim.devices.model import DeviceModel, Floats
from pcmsim.devices.nandakumar2018 import Nandakumar2018
from pcmsim.errors import UserError

AT = np.linspace(1e-6, 11e-6, 9)[:, None]
PROBABILITY = np.array([[0.05, 0.5, 0.9]])
MIDDLE = 6e-6


def device_file(path: Path, *, down: float) -> str:
    """Write a device from 1 to 11 uS whose steps bend; those down are ``down`` times as long."""
    lines = ["pulse,conductance_S,probability,step_S"]
    for x in np.linspace(0, 1, 33).tolist():
        for probability, noise in ((0.0, 0.4), (1.0, 1.6)):
            up, fall = (1.5 - x) * noise, -down * (0.5 + x) * (2 - noise)
            for pulse, step in (("set", up), ("reset", fall)):
                lines.append(f"{pulse},{1e-6 + 1e-5 * x!r},{probability},{1e-6 * step!r}")
    path.write_text("\n".join(lines))
    return str(path)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return device_file(tmp_path / "device.csv", down=0.5)


def model(file: str, *, bidirectional: bool = True, **better: Any) -> DeviceModel:
    idealised = Idealised(**better)
    return build_model(
        TableDevice(kind="table", file=file, bidirectional=bidirectional, idealised=idealised)
    )


def up(device: DeviceModel, at: Floats = AT) -> Floats:
    return np.asarray(device.set_step(at, PROBABILITY, device.memory - 1))


def down(device: DeviceModel, at: Floats = AT) -> Floats:
    return np.asarray(device.reset_step(at, PROBABILITY))


def test_nothing_better_is_the_device_itself(file: str) -> None:
    assert type(model(file)).__name__ == "Table"
    assert isinstance(build_model(Nandakumar2018Device(kind="nandakumar2018")), Nandakumar2018)


def test_no_noise_leaves_the_mean(file: str) -> None:
    quiet = model(file, step_noise=0)
    mean = 1e-6 * (1.5 - (AT - 1e-6) / 1e-5)
    np.testing.assert_allclose(up(quiet), np.repeat(mean, 3, axis=1), rtol=1e-6)
    tables = tabulate(quiet)
    np.testing.assert_allclose(mean_step(tables.set_jumps[0]), mean_step_of(model(file)), rtol=1e-4)


def mean_step_of(device: DeviceModel) -> Floats:
    return mean_step(tabulate(device).set_jumps[0])


def test_no_concavity_leaves_the_noise_and_the_step_in_mid_range(file: str) -> None:
    before, after = model(file), model(file, concavity=0)
    np.testing.assert_allclose(mean_step_of(after), 1e-6, rtol=1e-4)
    np.testing.assert_allclose(np.diff(up(after)), np.diff(up(before)), rtol=1e-6)
    assert nominal_step(tabulate(after)) == pytest.approx(nominal_step(tabulate(before)), rel=1e-5)
    half = model(file, concavity=0.5)
    np.testing.assert_allclose(up(half), (up(before) + up(after)) / 2, rtol=1e-6)


def test_steps_as_long_down_as_up_in_mid_range(file: str) -> None:
    before, after = model(file), model(file, asymmetry=0)
    np.testing.assert_allclose(down(after), 2 * down(before), rtol=1e-5)
    np.testing.assert_allclose(up(after), up(before), rtol=1e-12)


def test_no_steps_down_cannot_be_made_equal(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"device.idealised.asymmetry: must be 1 here"):
        model(device_file(tmp_path / "device.csv", down=0.0), asymmetry=0)


def test_finer_steps(file: str) -> None:
    before, after = model(file), model(file, step_scale=0.125)
    np.testing.assert_allclose(up(after), up(before) / 8, rtol=1e-6)
    np.testing.assert_allclose(down(after), down(before) / 8, rtol=1e-6)


def test_a_lower_end_stretches_the_range(file: str) -> None:
    before, after = model(file), model(file, lowest=0)
    assert (after.g_min, after.g_max) == (0, before.g_max)
    stretched = (AT - 1e-6) * 1.1
    np.testing.assert_allclose(up(after, stretched), 1.1 * up(before), rtol=1e-6)


def test_a_complete_reset(file: str) -> None:
    before = model(file, bidirectional=False)
    after = model(file, bidirectional=False, reset_residue=0)
    np.testing.assert_allclose(AT + down(after), 1e-6, rtol=1e-6)
    half = model(file, bidirectional=False, reset_residue=0.5)
    np.testing.assert_allclose(down(half), (down(before) + down(after)) / 2, rtol=1e-6)


def test_a_mirrored_device_steps_down_as_it_steps_up(file: str) -> None:
    device = model(file, bidirectional=False, mirrored=True)
    assert device.bidirectional
    mirrored = device.set_step(12e-6 - AT, 1 - PROBABILITY, 0)
    np.testing.assert_allclose(down(device), -np.asarray(mirrored), rtol=1e-9)


def test_a_device_that_remembers() -> None:
    def published(**better: Any) -> DeviceModel:
        idealised = Idealised(**better)
        return build_model(Nandakumar2018Device(kind="nandakumar2018", idealised=idealised))

    quiet = published(step_noise=0, concavity=0)
    # In mid-range, at 6.005 uS: -0.084 * 6.005 + 0.88 uS, for every past.
    for past in (0, 23):
        steps = quiet.set_step(AT, PROBABILITY, past)
        np.testing.assert_allclose(steps, 0.3756e-6, rtol=2e-3)
    assert (published(mirrored=True).memory, published(step_noise=0).memory) == (1, 24)
