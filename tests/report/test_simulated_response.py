"""The simulated response follows the device model, pulse for pulse and on average.

Means are compared at 5 standard errors: were seeds drawn anew, one comparison in 1.7 million
would fail by chance; there are about 240.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from pcmsim.array.response import noise_free_response, simulate_response
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.devices.pcm import rate_to_fill
from tests.twin.device import Device, F
from tests.twin.philox import Address, Purpose

STANDARD_ERRORS = 5
DEVICES = 4000
SEED = 7

Make = Callable[..., Settings]


def test_saturating_device_follows_its_exponential_on_average(make_settings: Make) -> None:
    """With concavity 1 the mean step is linear in G, so the mean course is known exactly.

    The spread is so small that no step leaves the range, where it would be clipped.
    """
    settings = make_settings(
        "device={kind: pcm, step_spread: 0.25, range_spread: 0, "
        "g_min: 1.0e-6, reset_residue: 1.0e-6, reset_spread: 1.0e-7}"
    )
    device = settings.device
    response = simulate_response(device, 60, DEVICES, SEED)
    rate = rate_to_fill(device.pulses_to_90_percent, 1.0)
    span = device.g_max - device.g_min
    unfilled = (1 - device.reset_residue / span) * (1 - rate) ** response.pulses
    assert_means(response.conductance, device.g_max - span * unfilled)


def test_linear_device_goes_up_and_down_by_its_steps(make_settings: Make) -> None:
    device = make_settings("device={kind: linear, steps: 200, step_spread: 0.1}").device
    response = simulate_response(device, 100, DEVICES, SEED)
    step = (device.g_max - device.g_min) / device.steps
    up = device.g_min + step * np.arange(1, 101)
    # Not quite to the bottom, where steps are clipped.
    down = up[-1] - step * np.arange(1, 91)
    assert response.pulses_up == 100
    assert (response.conductance[:, 0] == np.float32(device.g_min)).all()
    assert_means(response.conductance[:, 1:191], np.concatenate([up, down]))


def assert_means(conductance: np.ndarray, expected: np.ndarray) -> None:
    """Check the mean (S) after every pulse against the expected one."""
    error = conductance.std(axis=0) / np.sqrt(len(conductance))
    deviation = conductance.mean(axis=0, dtype=np.float64) - expected
    assert (np.abs(deviation) < STANDARD_ERRORS * error).all()


def test_ranges_differ_from_device_to_device(make_settings: Make) -> None:
    """Full devices show their ranges; the standard deviation has a relative error of 1 / 90."""
    device = make_settings("device={kind: pcm, range_spread: 0.1}").device
    response = simulate_response(device, 500, DEVICES, SEED)
    full = response.conductance[:, -1] / device.g_max
    assert full.std() == pytest.approx(0.1, rel=STANDARD_ERRORS / np.sqrt(2 * DEVICES))
    assert full.mean() == pytest.approx(1, abs=STANDARD_ERRORS * 0.1 / np.sqrt(DEVICES))


@pytest.mark.parametrize("kind", ["pcm", "nandakumar2018"])
def test_every_conductance_is_that_of_the_plain_python_twin(make_settings: Make, kind: str) -> None:
    device = make_settings(f"device={{kind: {kind}, range_spread: 0}}").device
    response = simulate_response(device, 30, 5, SEED)
    tables = tabulate(build_model(device))
    for row, readings in enumerate(response.conductance):
        words = Address(key=(SEED, 0), layer=0, row=row, column=0)
        twin = Device(tables, Counter(), tables.g_min, F(1))
        twin.reset(words.word(Purpose.RESET, 0), fails=False)
        expected = [twin.conductance]
        for pulse in range(30):
            twin.partial_set(words.word(Purpose.SET, pulse))
            expected.append(twin.conductance)
        assert readings.tolist() == [float(conductance) for conductance in expected]


def test_a_long_train_is_read_now_and_then_only(make_settings: Make) -> None:
    device = make_settings("device={kind: linear, steps: 10000, step_spread: 0}").device
    response = simulate_response(device, 1234, 2, SEED)
    steps = np.diff(response.pulses)
    assert response.conductance.shape == (2, len(response.pulses))
    assert len(response.pulses) < 1000
    assert response.pulses_up >= 1234
    assert (steps == 3).all()
    risen = response.conductance[0, 100] - device.g_min
    assert risen == pytest.approx(300 * (device.g_max - device.g_min) / 10000, rel=1e-3)


def test_the_noise_free_response_fills_nine_tenths_in_the_pulses_asked_for(
    make_settings: Make,
) -> None:
    device = make_settings("device={kind: pcm, pulses_to_90_percent: 17}").device
    course = noise_free_response(tabulate(build_model(device)))
    filled = (course - device.g_min) / (device.g_max - device.g_min)
    assert filled[0] == pytest.approx(0, abs=1e-6)
    assert filled[17] == pytest.approx(0.9, abs=1e-5)
    assert filled[-1] == pytest.approx(1, abs=1e-5)
