"""The test kit for devices: what it measures is right, and what is wrong is found."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pcmsim.devices.catalogue import build_model
from pcmsim.devices.check import PLACES, SAMPLES, check_device, distance, table_quantiles
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, draw_jump
from tests.devices.probe import device_settings
from tests.kernels.calling import called

HEAD = "import numpy as np\n\n\ndef set_step(G, u, params):\n    x = (G - 0.5e-6) / 24.5e-6\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults(body: str, **settings: Any) -> list[str]:
    """Return the faults of a device with steps in parts of the range 0.5 to 25 uS."""
    Path("device.py").write_text(f"{HEAD}    return 24.5e-6 * ({body})\n")
    device = device_settings({"kind": "python", "file": "device.py", **settings})
    return check_device(build_model(device)).faults


def test_quantiles_of_a_table_are_those_that_the_engine_draws() -> None:
    """To a few roundings of float32."""
    tables = tabulate(build_model(device_settings({"kind": "pcm"})))
    random = np.random.default_rng(1)
    cells = random.uniform(0, CONDUCTANCE_CELLS, 20)
    words = random.integers(0, 2**32, 20, dtype=np.uint64)
    expected = table_quantiles(tables.set_jumps[0], cells, words / 2**32)
    draw = called(draw_jump)
    for n, cell in enumerate(cells):
        for m, word in enumerate(words):
            drawn = draw(tables.set_jumps[0], np.float32(cell), word)
            assert drawn == pytest.approx(expected[n, m], abs=1e-6 * 5e-6, rel=3e-6)


def test_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    random = np.random.default_rng(2)
    first, second = random.normal(size=500), random.normal(0.3, 1.2, 500)
    assert distance(first, second, 0.0) == pytest.approx(stats.ks_2samp(first, second).statistic)
    assert distance(first, first + 1e-3, 2e-3) == 0.0
    assert distance(np.zeros(9), np.ones(9), 0.5) == 1.0


def test_means_spreads_and_shares_of_a_known_law() -> None:
    """`pcm` at its defaults: mean rate * what is left, spread half of that.

    Spread of 16,384 equally spaced quantiles of the normal: 1 but for 4e-4 that its tails lack.  At
    the top nothing is left; near it, half a spread below the mean, no step leaves the range.
    """
    model = build_model(device_settings({"kind": "pcm"}))
    pulse, reset = check_device(model).pulses
    left = model.g_max - pulse.conductance
    rate = 1 - 0.1 ** (1 / 30)
    assert pulse.mean == pytest.approx(rate * left, abs=1e-15)
    assert pulse.spread == pytest.approx(0.5 * rate * left, rel=1e-3)
    assert pulse.clipped[: PLACES // 2].max() < 0.03
    assert reset.mean[-1] == pytest.approx(-24e-6, rel=1e-3)
    assert pulse.distance.max() < 2e-3
    # One more quantile than the law has in its last sample: what sorting can tell.
    assert pulse.distance.max() >= 1 / SAMPLES or pulse.distance.max() == 0


def test_a_good_device_has_no_faults() -> None:
    assert faults("0.1 * (1 - x) * 2 * u") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("0.02 * u * np.where(x > 0.4, -1, 1)", "not monotone: at"),
        ("0.02 * u * np.where((x > 0.2) & (x < 0.3), -1, 1)", "the mean step goes down, -0.24"),
        ("-0.01 * u - 0.001 * x", "partial SET: the response is not monotone"),
        ("0.9 * u + 0.1 - 0 * x", "of the steps from"),
        ("0 * u + 0 * x", "partial SET: it changes nothing: the mean step is 0 uS"),
        ("0.1 * (u - 0.5) + 0 * x", "partial SET: it changes nothing"),
        ("0.01 * u * (1 + np.sin(2 * np.pi * 16 * x))", "the mean step by"),
        ("0.1 * np.where(u > 0.9999, 900 * (1 - x), 0)", "misses"),
    ],
)
def test_what_is_wrong_is_found(body: str, words: str) -> None:
    found = faults(body)
    assert found
    assert any(words in fault for fault in found), found


def test_a_device_that_saturates_before_its_top_is_none_the_worse() -> None:
    assert faults("0.05 * (0.8 - x) + 0.01 * (u - 0.5)") == []


def test_rounding_is_no_spread() -> None:
    """A third of the range at once, at every quantile."""
    Path("device.py").write_text(f"{HEAD}    return 24.5e-6 / 3 + 0 * u * x\n")
    device = device_settings({"kind": "python", "file": "device.py"})
    assert not check_device(build_model(device)).pulses[0].spread.any()


def test_a_reset_that_does_not_empty_is_found() -> None:
    device = {"kind": "pcm", "reset_residue": 20e-6}
    (fault,) = check_device(build_model(device_settings(device))).faults
    assert fault.startswith("RESET: from ")
    assert "it should empty the device" in fault


def test_steps_down_that_go_up_are_found() -> None:
    Path("both.py").write_text(
        "def set_step(G, u, params):\n    return 1e-6 * u\n\n\n"
        "def down(G, u, params):\n    return 1e-7 * u + 0 * G\n"
    )
    settings = {"kind": "python", "file": "both.py", "reset_step": "down", "bidirectional": True}
    found = check_device(build_model(device_settings(settings))).faults
    assert len(found) == 1
    assert found[0].startswith("step down: the response is not monotone")
    assert "goes up" in found[0]
