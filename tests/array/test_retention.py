"""Programming error, drift and read noise of arrays, against the published formulas."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pcmsim.array import crossbar, retention
from pcmsim.array.random import make_key
from pcmsim.array.retention import (
    MOST_DRAWS,
    STEPS_PER_DRAW,
    Ageing,
    age,
    amplified,
    compensation,
    drift_exponents,
    drifted,
    programming_spread,
    read_spread,
    room_for,
)
from pcmsim.config.retention_settings import DAY, HOUR, LONGEST, T_0, YEAR, RetentionSettings
from pcmsim.config.settings import Settings
from pcmsim.devices.jump_table import standard_normal_nodes
from pcmsim.kernels import philox
from pcmsim.kernels.codes import HEALTHY, OPEN
from pcmsim.kernels.layer import Layer
from pcmsim.training.synapses import make_synapses

KEY = make_key(5, 0)
G_MAX = 25e-6
SHAPE = (200, 100, 2)
DEVICES = math.prod(SHAPE)
# Of each comparison with a formula; there are 18.
FALSE_ALARM = 1e-4
NOTHING = {"programming_error": False, "drift": False, "read_noise": False}


def effects(*names: str) -> RetentionSettings:
    return RetentionSettings(model="joshi2020", **{**NOTHING, **dict.fromkeys(names, True)})


def aged(g: float, time: float, *names: str, draw: int = 0) -> NDArray[np.float64]:
    """Return what many devices that were to have g = G / G_max are after a time, over G_max."""
    written = np.full(SHAPE, g * G_MAX, np.float32)
    ageing = Ageing(effects(*names), G_MAX, KEY, draw)
    return ageing.conductances(1, written, time).astype(np.float64) / G_MAX


def spread_of_table() -> float:
    """Return the standard deviation of normal deviates as they are drawn, from lines of a table."""
    nodes = standard_normal_nodes().astype(np.float64)
    low, high = nodes[:-1], nodes[1:]
    return float(np.sqrt(np.mean((low**2 + low * high + high**2) / 3)))


def assert_mean_and_spread(found: NDArray[np.float64], mean: float, spread: float) -> None:
    """Compare with a distribution that is about normal, or narrower in the tails.

    The standard errors are then spread / sqrt(n) and spread / sqrt(2 n) at the most.
    """
    bound = stats.norm.isf(FALSE_ALARM / 4) * spread / math.sqrt(found.size)
    assert abs(found.mean() - mean) < bound
    assert abs(found.std() - spread) < bound / math.sqrt(2)


def test_normal_deviates_spread_as_they_should() -> None:
    """They are drawn from straight lines between 129 quantiles."""
    assert spread_of_table() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("g", "micro_siemens"), [(0.0, 0.26348), (0.5, 0.952705), (1.0, 1.05538)])
def test_programming_error_is_that_published(g: float, micro_siemens: float) -> None:
    """Computed by hand from -1.1731 g^2 + 1.9650 g + 0.26348 uS, of devices of 25 uS."""
    assert 25 * programming_spread(g) == pytest.approx(micro_siemens, rel=1e-12)


def test_programming_error_is_never_negative() -> None:
    """The parabola is, for devices of twice the nominal range."""
    assert programming_spread(2.0) == 0


@pytest.mark.parametrize("g", [0.3, 0.6, 0.9])
def test_programming_error_of_arrays(g: float) -> None:
    found = aged(g, T_0, "programming_error")
    assert_mean_and_spread(found, g, float(programming_spread(g)) * spread_of_table())


def test_no_conductance_is_below_zero() -> None:
    found = aged(0.001, YEAR, "programming_error", "drift", "read_noise")
    assert found.min() == 0
    assert found.max() > 0


@pytest.mark.parametrize(
    ("g", "mean", "spread"),
    # By hand: ln g = -4, -2 and -0.1; both ends of either clip are among them.
    [
        (math.exp(-4), 0.0864, 0.0441),
        (math.exp(-2), 0.0554, 0.0191),
        (math.exp(-0.1), 0.049, 0.008),
        (0.0, 0.1, 0.045),
    ],
)
def test_exponents_are_those_published(g: float, mean: float, spread: float) -> None:
    exponents = drift_exponents(g, np.array([0.0, 1.0, -1.0, -3.0]))
    expected = np.abs([mean, mean + spread, mean - spread, mean - 3 * spread])
    np.testing.assert_allclose(exponents, expected, rtol=1e-9)


@pytest.mark.parametrize("g", [0.005, 0.02, 0.1, 0.3, 0.8])
def test_exponents_of_arrays(g: float) -> None:
    """Their distribution is that of |mu + s N|, folded at zero for small conductances."""
    exponents = -np.log(aged(g, YEAR, "drift") / aged(g, T_0)) / math.log(YEAR / T_0)
    mean, away = (float(drift_exponents(g, deviate)) for deviate in (0.0, 1.0))
    spread = (away - mean) * spread_of_table()
    folded = stats.foldnorm(mean / spread, scale=spread)
    assert_mean_and_spread(exponents, float(folded.mean()), float(folded.std()))


@pytest.mark.parametrize("time", [T_0, 60.0, DAY, 10 * YEAR])
def test_conductances_fall_with_a_power_of_time(time: float) -> None:
    conductance, exponent = np.array([1e-6, 2e-5]), np.array([0.05, 0.1])
    expected = [1e-6 * (time / 20) ** -0.05, 2e-5 * (time / 20) ** -0.1]
    np.testing.assert_allclose(drifted(conductance, exponent, time), expected, rtol=1e-12)


def test_a_device_keeps_its_exponent() -> None:
    """What is left after an hour and after a year tells the same exponent (exact to rounding)."""
    exponents = [
        -np.log(aged(0.1, time, "drift") / aged(0.1, T_0)) / math.log(time / T_0)
        for time in (HOUR, YEAR)
    ]
    np.testing.assert_allclose(*exponents, atol=1e-7)


def test_nothing_has_drifted_at_first() -> None:
    assert np.array_equal(aged(0.3, T_0, "drift"), aged(0.3, T_0))


def test_read_noise_is_that_published() -> None:
    """Computed by hand: Q = 0.0088 / 0.25^0.65 and its limit; ln((20 s + t_r) / 2 t_r)."""
    logarithm = math.log((20 + 250e-9) / 500e-9)
    assert read_spread(0.25, T_0) == pytest.approx(0.0216680 * math.sqrt(logarithm), rel=1e-5)
    assert read_spread(0.001, T_0) == pytest.approx(0.2 * math.sqrt(logarithm), rel=1e-12)


@pytest.mark.parametrize("time", [T_0, HOUR, YEAR])
def test_read_noise_of_arrays(time: float) -> None:
    found = aged(0.4, time, "read_noise") / 0.4
    assert_mean_and_spread(found, 1.0, float(read_spread(0.4, time)) * spread_of_table())


def test_effects_are_independent_of_each_other() -> None:
    """Correlation of what the same devices show, and at different times."""
    deviations = [
        aged(0.4, T_0, "programming_error"),
        aged(0.4, DAY, "drift"),
        aged(0.4, DAY, "read_noise"),
        aged(0.4, YEAR, "read_noise"),
        aged(0.4, DAY, "read_noise", draw=1),
        np.roll(aged(0.4, DAY, "read_noise"), 1, axis=-1),
    ]
    correlations = np.corrcoef([one.ravel() for one in deviations])
    others = correlations[np.triu_indices(len(deviations), 1)]
    # Fifteen of them; devices of a pair that changed places depend only on themselves.
    assert np.abs(others).max() * math.sqrt(DEVICES) < stats.norm.isf(FALSE_ALARM / 15)


def test_ranges_do_not_matter_but_as_a_scale() -> None:
    """Twice the range, twice the conductance: the same, times two."""
    names = ("programming_error", "drift", "read_noise")
    written = np.full(SHAPE, 0.3 * G_MAX, np.float32)
    wide = Ageing(effects(*names), 2 * G_MAX, KEY).conductances(1, 2 * written, DAY)
    plain = Ageing(effects(*names), G_MAX, KEY).conductances(1, written, DAY)
    np.testing.assert_allclose(wide, 2 * plain, rtol=1e-6)


def test_every_read_has_an_address_of_its_own() -> None:
    """The counter word has 32 bits: the last draw at the longest time must fit."""
    last = retention._step_of(LONGEST)
    assert retention._step_of(T_0) == 0
    assert last < STEPS_PER_DRAW
    assert (MOST_DRAWS - 1) * STEPS_PER_DRAW + last < 2**32


def test_no_purpose_is_used_twice() -> None:
    assert (philox.PROGRAMMING_ERROR, philox.DRIFT_EXPONENT, philox.AGED_READ) == (18, 19, 20)
    purposes = [
        value
        for name, value in vars(philox).items()
        if name.isupper() and type(value) is int and name not in ("ROUNDS", "WORDS")
    ]
    assert len(set(purposes)) == len(purposes)


@pytest.fixture
def layer() -> Iterator[Layer]:
    settings = Settings.model_validate(
        {
            "network": {"layers": [30, 20, 10], "initial_weight": 3.0},
            "data": {"crop": None},
            "device": {"kind": "pcm"},
            "faults": {"dead": 0.05, "stuck_on": 0.05, "dead_rows": 0.2, "array_columns": 20},
        }
    )
    yield make_synapses(settings, KEY).layers[0]


@pytest.mark.parametrize("names", [(), ("programming_error", "drift", "read_noise")])
def test_ageing_leaves_the_layer_as_it_was(layer: Layer, names: tuple[str, ...]) -> None:
    before = layer.pairs.tobytes(), layer.weight.tobytes()
    age(layer, room_for(layer), Ageing(effects(*names), G_MAX, KEY), YEAR)
    assert (layer.pairs.tobytes(), layer.weight.tobytes()) == before


def test_without_effects_nothing_changes(layer: Layer) -> None:
    later = room_for(layer)
    total = age(layer, later, Ageing(effects(), G_MAX, KEY), YEAR)
    assert np.array_equal(later.weight, layer.weight)
    assert np.array_equal(later.conductance, layer.conductance)
    assert total == pytest.approx(layer.conductance.sum(dtype=np.float64), rel=1e-12)


def test_faulty_devices_keep_their_conductance(layer: Layer) -> None:
    later = room_for(layer)
    ageing = Ageing(effects("programming_error", "drift", "read_noise"), G_MAX, KEY)
    age(layer, later, ageing, YEAR)
    faulty = layer.fault != HEALTHY
    assert 0.05 < faulty.mean() < 0.5
    assert np.array_equal(later.conductance[faulty], layer.conductance[faulty])
    assert (later.conductance[layer.fault == OPEN] == 0).all()
    assert (later.conductance[~faulty] != layer.conductance[~faulty]).all()


def test_weights_follow_conductances(layer: Layer) -> None:
    later = room_for(layer)
    age(layer, later, Ageing(effects("drift"), G_MAX, KEY), YEAR)
    difference = later.conductance[..., 0] - later.conductance[..., 1]
    assert np.array_equal(later.weight, layer.weight_per_siemens * difference)


def test_rows_are_aged_alike_whether_together_or_not(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ageing = Ageing(effects("programming_error", "drift", "read_noise"), G_MAX, KEY)
    together, apart = room_for(layer), room_for(layer)
    age(layer, together, ageing, DAY)
    monkeypatch.setattr(crossbar, "SYNAPSES_AT_A_TIME", 50)
    age(layer, apart, ageing, DAY)
    assert np.array_equal(together.conductance, apart.conductance)


def test_compensation_restores_weights_that_drift_alike(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly, to rounding, where all exponents are equal and no device is faulty."""

    def all_alike(g: Any, deviates: Any) -> Any:
        return np.full_like(g, 0.06)

    monkeypatch.setattr(retention, "drift_exponents", all_alike)
    layer.pairs["range_scale"] = 1.0
    ageing, later = Ageing(effects("drift"), G_MAX, KEY), room_for(layer)
    then = age(layer, later, ageing, T_0)
    factor = compensation(then, age(layer, later, ageing, YEAR))
    assert factor == pytest.approx((YEAR / T_0) ** 0.06, rel=1e-7)
    tolerance = 1e-6 * np.abs(layer.weight).max()
    np.testing.assert_allclose(amplified(later, factor).weight, layer.weight, atol=tolerance)


def test_compensation_restores_the_sum_of_currents(layer: Layer) -> None:
    """Whatever the exponents are: it is defined by that."""
    ageing, later = Ageing(effects("drift", "read_noise"), G_MAX, KEY), room_for(layer)
    then = age(layer, later, ageing, T_0)
    factor = compensation(then, age(layer, later, ageing, YEAR))
    assert factor * later.conductance.sum(dtype=np.float64) == pytest.approx(then, rel=1e-12)
    assert 1.5 < factor < 2.5


def test_an_array_without_current_is_left_alone() -> None:
    assert compensation(0.0, 0.0) == 1.0
