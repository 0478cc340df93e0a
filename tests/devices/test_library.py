"""The presets of the library against the numbers of their sources (exact)."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pcmsim import load_config
from pcmsim.config.device_settings import LATER_SETTINGS, ArrayDevice, FloatDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.check import check_device
from pcmsim.devices.jump_table import mean_step, tabulate
from pcmsim.devices.model import DeviceModel, Floats
from pcmsim.devices.pulse_curve import DEVIATION_PER_LABEL, curvature, label_of
from pcmsim.report.device.library import source_of
from tests.devices.probe import fire

CONFIGS = Path(__file__).parents[2] / "configs"
PRESETS = sorted((CONFIGS / "devices").glob("*.yaml"))
MARKS = ("published", "open code", "measured", "recalled", "calibrated", "choice")
FALSE_ALARM = 1e-3
DEVICES = 20_000
ONE_UP = 0.8413447460685429  # the normal's share below one standard deviation


def settings_of(name: str) -> Settings:
    return load_config(CONFIGS / "devices" / f"{name}.yaml")


def device_of(name: str) -> ArrayDevice:
    device = settings_of(name).device
    assert not isinstance(device, FloatDevice)
    return device


def model_of(name: str) -> DeviceModel:
    return build_model(device_of(name))


def place_to_siemens(model: DeviceModel, place: Any) -> Any:
    return model.g_min + place * (model.g_max - model.g_min)


def up(model: DeviceModel, place: Any, p: float = 0.5) -> Any:
    """Return a quantile of a step up, as part of the range."""
    span = model.g_max - model.g_min
    return model.set_step(place_to_siemens(model, place), p, 0) / span


def down(model: DeviceModel, place: Any, p: float = 0.5) -> Any:
    """Return a quantile of a step down, as a (negative) part of the range."""
    return model.reset_step(place_to_siemens(model, place), p) / (model.g_max - model.g_min)


def asymmetry(model: DeviceModel, place: float = 0.5) -> float:
    rise, fall = float(up(model, place)), -float(down(model, place))
    return (rise - fall) / (rise + fall)


def pulses_until(model: DeviceModel, start: float, end: float) -> int:
    """Return how many noise-free pulses lead from one place in the range to another."""
    place, pulses = start, 0
    while place < end - 1e-12:
        place = min(place + float(up(model, place)), 1.0)
        pulses += 1
    return pulses


def test_aihwkit_pcm_from_the_bottom() -> None:
    """Weights 0 to 2 are the range: measured steps from 0.01, pulses to half of it and to all."""
    model = model_of("pcm-exponential-step")
    place, steps = 0.005, []
    for _ in range(5):
        step = float(up(model, place))
        steps.append(2 * step)
        place += step
    assert steps == pytest.approx([0.276, 0.143, 0.103, 0.082, 0.069], abs=5e-4)
    assert pulses_until(model, 0.005, 0.5) == 13
    assert pulses_until(model, 0.005, 1.0) == 72


def test_aihwkit_pcm_spread_and_reset() -> None:
    """Spread 0.6 (|dw| + 0.042 + 0.108 w) in weights; RESET to 0.01 +- 0.01 of them."""
    model = model_of("pcm-exponential-step")
    for w in (0.0, 0.4, 1.3, 2.0):
        dw = 2 * float(up(model, w / 2))
        spread = 2 * float(up(model, w / 2, ONE_UP)) - dw
        assert spread == pytest.approx(0.6 * (dw + 0.042 + 0.108 * w))
    assert 2 * (0.7 + float(down(model, 0.7))) == pytest.approx(0.01)
    assert 2 * (0.7 + float(down(model, 0.7, ONE_UP))) == pytest.approx(0.02)


# aihwkit's presets in its own weights: lowest, highest weight; steps up and down.
AIHWKIT: dict[str, tuple[float, float, Any, Any]] = {
    "pcm-exponential-step": (0.0, 2.0, lambda w: 0.01 * (1 + 27.235 * np.exp(-2.5 * w)), None),
    "reram-exponential-step": (
        -1.0,
        1.0,
        lambda w: 0.00135 * (1 + 1.18445 * np.exp(5 * (-0.5 * w - 0.5))),
        lambda w: (1 - 0.259359) * 0.00135 * (1 + 0.081404 * np.exp(-5 * (-0.5 * w - 0.5))),
    ),
    "reram-soft-bounds": (
        -0.75,
        1.25,
        lambda w: 0.002 * (1 - w / 1.25),
        lambda w: 0.002 * (1 + w / 0.75),
    ),
    "reram-array-hfo2": (-1.0, 1.0, lambda w: 0.4622 * (1 - w), lambda w: 0.4622 * (1 + w)),
    "reram-array-optimised": (-1.0, 1.0, lambda w: 0.0949 * (1 - w), lambda w: 0.0949 * (1 + w)),
    "ecram-lithium": (
        -0.8276,
        1.1724,
        lambda w: 0.002 * (1 - 0.1153 * w / 1.1724),
        lambda w: 0.002 * (1 + 0.5085 * w / 0.8276),
    ),
    "ecram-metal-oxide": (
        -0.8286,
        1.1714,
        lambda w: 2.8214e-4 * (1 - 0.4152 * w / 1.1714),
        lambda w: 2.8214e-4 * (1 + 0.7342 * w / 0.8286),
    ),
    "capacitor": (
        -1.0,
        1.0,
        lambda w: 0.005 * (1 - 0.05 * w),
        lambda w: 0.005 * (1 + 0.05 * w),
    ),
    "constant-step": (-1.0, 1.0, lambda w: 0.0002 + 0 * w, lambda w: 0.0002 + 0 * w),
}


# aihwkit's spread of dw_min from device to device, dw_min_dtod; of the last two as it is of a
# log-normal number, over its mean.
SPREAD_OF_STEPS = {
    "pcm-exponential-step": 0.2,
    "reram-exponential-step": 0.2,
    "reram-soft-bounds": 0.3,
    "ecram-lithium": 0.1,
    "ecram-metal-oxide": 0.1,
    "capacitor": 0.1,
    "constant-step": 0.3,
    "gokmen-vlasov": 0.3,
    "reram-array-hfo2": stats.lognorm(0.7125).std() / stats.lognorm(0.7125).mean(),
    "reram-array-optimised": stats.lognorm(0.7829).std() / stats.lognorm(0.7829).mean(),
}


def test_aihwkit_spread_of_steps_from_device_to_device() -> None:
    found = {path.stem: spread_of(device_of(path.stem)).step for path in PRESETS}
    expected = {path.stem: SPREAD_OF_STEPS.get(path.stem, 0.0) for path in PRESETS}
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", AIHWKIT)
def test_aihwkit_mean_steps(name: str) -> None:
    """Everywhere in the range, to the digits that the settings files give."""
    low, high, law_up, law_down = AIHWKIT[name]
    model = model_of(name)
    w = np.linspace(low, high, 41)
    place = (w - low) / (high - low)
    digits = 1e-4 * float(law_up(low)) / (high - low)
    assert up(model, place) * (high - low) == pytest.approx(law_up(w), rel=1e-4, abs=digits)
    if law_down is None:
        assert not model.bidirectional
    else:
        assert down(model, place) * (high - low) == pytest.approx(
            -law_down(w), rel=1e-4, abs=digits
        )


# Spread of a step from pulse to pulse at a weight, in aihwkit's weights: multiples of the step
# (multiplicative) or of dw_min (additive noise).
SPREADS = {
    "reram-exponential-step": (2.0, lambda step: 5.0 * step),
    "reram-soft-bounds": (2.0, lambda step: 3.75 * 0.002),
    "reram-array-hfo2": (2.0, lambda step: 0.2174 * 0.4622),
    "reram-array-optimised": (2.0, lambda step: 0.4158 * 0.0949),
    "ecram-lithium": (2.0, lambda step: 0.3 * step),
    "ecram-metal-oxide": (2.0, lambda step: 2.0 * step),
    "capacitor": (2.0, lambda step: 0.3 * 0.005),
    "constant-step": (2.0, lambda step: 0.3 * step),
    "gokmen-vlasov": (2.0, lambda step: 0.3 * step),
}


@pytest.mark.parametrize("name", SPREADS)
def test_aihwkit_spreads(name: str) -> None:
    width, law = SPREADS[name]
    model = model_of(name)
    for place in (0.1, 0.5, 0.9):
        rise, fall = float(up(model, place)), -float(down(model, place))
        spread_up = float(up(model, place, ONE_UP)) - rise
        spread_down = float(down(model, place, ONE_UP)) + fall
        assert width * spread_up == pytest.approx(law(width * rise), rel=1e-3)
        assert width * spread_down == pytest.approx(law(width * fall), rel=1e-3)


def test_asymmetries() -> None:
    """In mid-range, from the numbers of the sources by hand; up against down at weight 0."""
    e = math.exp(-2.5)
    rise, fall = 1 + 1.18445 * e, (1 - 0.259359) * (1 + 0.081404 / e)
    assert asymmetry(model_of("reram-exponential-step")) == pytest.approx(
        (rise - fall) / (rise + fall), rel=1e-3
    )
    assert asymmetry(model_of("reram-soft-bounds")) == pytest.approx(-0.25, abs=1e-4)
    for name, zero in (
        ("reram-soft-bounds", 0.375),
        ("ecram-lithium", 0.4138),
        ("ecram-metal-oxide", 0.4143),
        ("capacitor", 0.5),
        ("constant-step", 0.5),
        ("gokmen-vlasov", 0.5),
        ("linear-ideal", 0.5),
        ("epiram-neurosim", 0.5),
    ):
        assert asymmetry(model_of(name), zero) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "states"), [("gokmen-vlasov", 1200), ("constant-step", 10_000), ("linear-ideal", 1000)]
)
def test_states_of_constant_steps(name: str, states: int) -> None:
    model = model_of(name)
    assert 1 / up(model, np.linspace(0, 1, 9)) == pytest.approx(states)
    assert -1 / down(model, np.linspace(0, 1, 9)) == pytest.approx(states)


def test_suri2011() -> None:
    """alpha exp(beta x): 5 % of the range when empty, exp(-3) of that when full."""
    model = model_of("pcm-suri2011")
    x = np.linspace(0, 1, 11)
    assert up(model, x) == pytest.approx(0.05 * np.exp(-3 * x))
    assert not model.bidirectional


# States up and down, labels, on/off ratio, noise: NeuroSim's table of devices.
NEUROSIM = {
    "gst-pcm-neurosim": (100, 120, 0.105, 2.4, 19.8, 0.015),
    "ag-a-si-neurosim": (97, 97, 2.4, -4.88, 12.5, 0.035),
    "epiram-neurosim": (64, 64, 0.5, -0.5, 50, 0.02),
}


@pytest.mark.parametrize("name", NEUROSIM)
def test_neurosim_curves(name: str) -> None:
    """N noise-free steps follow G(p) = B (1 - exp(-p / A)) + Gmin from end to end, both ways.

    The curve deviates from a straight line by 0.07 sqrt(2) per unit of its label at most, on the
    side that the label's sign says.
    """
    ups, downs, label_up, label_down, on_off, noise = NEUROSIM[name]
    model = model_of(name)
    assert model.g_max / model.g_min == pytest.approx(on_off, rel=1e-3)
    rising = course(lambda place: float(up(model, place)), 0.0, ups)
    falling = course(lambda place: float(down(model, place)), 1.0, downs)
    assert rising[-1] == pytest.approx(1, abs=1e-9)
    assert falling[-1] == pytest.approx(0, abs=1e-9)
    assert model.set_step(model.g_min, ONE_UP, 0) - model.set_step(
        model.g_min, 0.5, 0
    ) == pytest.approx(noise * (model.g_max - model.g_min))
    for curve, label in ((rising, label_up), (falling[::-1], label_down)):
        away = curve - np.linspace(0, 1, len(curve))
        furthest = away[np.argmax(np.abs(away))]
        # Pulses are whole: the furthest place, where the slope is 1, lies between two of them.
        k, pulses = abs(curvature(label)), len(curve) - 1
        bound = k * math.exp(k / pulses) / 8 / pulses**2
        assert furthest == pytest.approx(DEVIATION_PER_LABEL * label, abs=bound + 1e-9)


def course(step: Any, start: float, pulses: int) -> Floats:
    places = [start]
    for _ in range(pulses):
        places.append(places[-1] + step(places[-1]))
    return np.array(places)


@pytest.mark.parametrize(
    ("label", "constant"),
    [(0.01, 126.268958), (0.1, 12.625807), (0.5, 2.519877), (1, 1.251653), (2.4, 0.499181)],
)
def test_labels_of_nonlinearity(label: float, constant: float) -> None:
    """A / N as NeuroSim tabulates it, at some of its labels (open code, numbers only)."""
    assert 1 / curvature(label) == pytest.approx(constant, rel=3e-6)
    assert curvature(-label) == -curvature(label)


def test_a_label_of_zero_is_a_straight_line() -> None:
    settings = device_of("epiram-neurosim").model_copy(
        update={"nonlinearity_up": 0.0, "nonlinearity_down": 0.0}
    )
    model = build_model(settings)
    x = np.linspace(0, 1, 5)
    assert up(model, x) == pytest.approx(np.full(5, 1 / 64))
    assert down(model, x) == pytest.approx(np.full(5, -1 / 64))


@pytest.mark.parametrize("file", PRESETS, ids=[file.stem for file in PRESETS])
def test_a_preset_is_complete(file: Path) -> None:
    """All numbers have a comment, the head a source with a mark; the rest is carried over.

    Every setting of the device is written out, so that later defaults do not change it.
    """
    settings, text = load_config(file), file.read_text()
    mark, source = source_of(file)
    assert any(mark.startswith(known) for known in MARKS)
    assert source
    device = re.search(r"^device:\n((?:  .*\n)*)", text, re.MULTILINE)
    assert device
    for line in device[1].splitlines():
        assert re.fullmatch(r"  \w+: \S+ +# \S.*", line), line
    written = set(re.findall(r"^  (\w+):", device[1], re.MULTILINE))
    assert settings.device.model_fields_set == written
    unused = {"floor_down", "amplitude_down", "decay_down"}
    resets = {"reset_residue", "reset_spread"}
    missing = set(type(settings.device).model_fields) - written - LATER_SETTINGS
    assert missing <= (resets if build_model(device_of(file.stem)).bidirectional else unused)

    bidirectional = build_model(device_of(file.stem)).bidirectional
    base = load_config(CONFIGS / ("ideal-linear.yaml" if bidirectional else "burr2014.yaml"))
    if file.stem == "pcm-nandakumar2018":
        base = load_config(CONFIGS / "nandakumar2018.yaml")
        assert settings == base
    assert (settings.data, settings.training, settings.update) == (
        base.data,
        base.training,
        base.update,
    )
    scale = settings.network.full_scale
    assert settings.network == base.network.model_copy(update={"full_scale": scale})
    if not bidirectional:
        assert settings.reset == base.reset
    if scale is not None:
        part = 0.5 if bidirectional else 1.0
        assert scale == pytest.approx(part * build_model(device_of(file.stem)).g_max, rel=1e-3)


@pytest.mark.parametrize("file", PRESETS, ids=[file.stem for file in PRESETS])
def test_a_preset_passes_the_test_kit(file: Path) -> None:
    assert check_device(model_of(file.stem)).faults == []


# Preset, upwards, start as part of the range: on the grid of the table and between its points.
DRAWS = [
    ("pcm-exponential-step", True, 3.5 / 32),
    ("reram-exponential-step", False, 0.7),
    ("reram-soft-bounds", True, 0.4),
    ("ecram-lithium", False, 0.3),
    ("gst-pcm-neurosim", False, 0.55),
]


@pytest.mark.parametrize(("name", "upwards", "place"), DRAWS)
def test_the_array_draws_from_a_presets_law(name: str, upwards: bool, place: float) -> None:
    """Chi-square over the 64 classes between the model's own quantiles, 20,000 devices.

    A false alarm once in a thousand, over all five together (Bonferroni); the seed is fixed.  In
    the middle of a cell the table bends the exponential of `pcm-exponential-step` by 25 / 8 / 32^2
    of itself, 0.0035 standard deviations there: it adds 20,000 times the square of that, 0.25, to
    a chi-square that scatters by 11.
    """
    device = device_of(name).model_copy(update={"range_spread": 0.0, "step_scale_spread": 0.0})
    model = build_model(device)
    start = float(np.float32(place_to_siemens(model, place)))
    ends = fire(device.model_dump(), model, start, 1, DEVICES, upwards=upwards)
    p = np.arange(1, 64) / 64
    limits = model.set_step(start, p, 0) if upwards else model.reset_step(start, p)
    # Where limits of the range cut the law, classes beyond them are one.
    limits = limits[(start + limits > model.g_min) & (start + limits < model.g_max)]
    counts = np.bincount(np.searchsorted(limits, ends[:, 0] - start), minlength=len(limits) + 1)
    below = int(np.sum(model_quantiles(model, start, p, upwards) + start <= model.g_min))
    shares = np.full(len(limits) + 1, 1 / 64)
    shares[0] += below / 64
    shares[-1] += (63 - below - len(limits)) / 64
    assert stats.chisquare(counts, DEVICES * shares).pvalue > FALSE_ALARM / len(DRAWS)


def model_quantiles(model: DeviceModel, start: float, p: Floats, upwards: bool) -> Any:
    return model.set_step(start, p, 0) if upwards else model.reset_step(start, p)


def test_tables_keep_the_mean_of_linear_laws() -> None:
    """Laws that are straight lines in the conductance are so in the table, to float32 rounding."""
    for name in ("ecram-lithium", "reram-soft-bounds", "ag-a-si-neurosim"):
        model = model_of(name)
        tables = tabulate(model)
        grid = np.linspace(model.g_min, model.g_max, 33)
        rounding = 2.0**-23 * float(np.abs(tables.set_jumps).max())
        assert mean_step(tables.set_jumps[0]) == pytest.approx(
            model.set_step(grid, 0.5, 0), abs=rounding
        )


@pytest.mark.parametrize("label", [-4.88, -0.5, 0.01, 0.105, 2.4, 9.0])
def test_the_label_of_a_curve_is_that_which_it_was_made_with(label: float) -> None:
    assert label_of(curvature(label)) == pytest.approx(label, rel=1e-6)
