"""Noise-free laws of the device models, as their docstrings state them (exact)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.array.response import noise_free_response
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.jump import CONDUCTANCE_CELLS
from tests.devices.probe import device_settings

exact = settings(max_examples=60, derandomize=True, deadline=None, database=None)


@exact
@given(st.integers(1, 300), st.floats(0, 5))
def test_pcm_is_90_percent_full_after_as_many_pulses_as_asked(
    pulses: int, concavity: float
) -> None:
    """Mean steps fill 90 % of the empty range with the last of these pulses, and not before."""
    model = build_model(
        device_settings({"kind": "pcm", "pulses_to_90_percent": pulses, "concavity": concavity})
    )
    span = model.g_max - model.g_min
    filled = [0.0]
    for _ in range(pulses):
        step = model.set_step(model.g_min + span * filled[-1], 0.5, 0)
        filled.append(filled[-1] + float(step) / span)
    assert filled[-1] == pytest.approx(0.9, abs=1e-9)
    assert max(filled[:-1]) < 0.9 - 1e-6


@pytest.mark.parametrize("concavity", [0.0, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("pulses", [1, 7, 30])
def test_the_table_of_a_pcm_keeps_its_response(pulses: int, concavity: float) -> None:
    """The array draws from a table, which a concave law bends by its curvature.

    A straight line over a cell of 1/32 differs from u^c by at most c (c - 1) u^(c - 2) / 8 / 32^2,
    each of ``pulses`` steps by ``rate`` times that, and later steps do not make it grow.
    """
    model = build_model(
        device_settings({"kind": "pcm", "pulses_to_90_percent": pulses, "concavity": concavity})
    )
    conductance = noise_free_response(tabulate(model))
    filled = (conductance - model.g_min) / (model.g_max - model.g_min)
    curvature = concavity * (concavity - 1) * 0.1 ** min(concavity - 2, 0)
    bound = pulses * model.rate * max(curvature, 0) / 8 / CONDUCTANCE_CELLS**2 + 1e-6
    assert filled[pulses] == pytest.approx(0.9, abs=bound)
    assert filled[pulses - 1] < 0.9 - bound


@exact
@given(st.integers(100, 2000), st.floats(0, 3))
def test_linear_crosses_its_range_in_as_many_steps_as_asked(
    steps: int, nonlinearity: float
) -> None:
    """Whatever the nonlinearity v, up as well as down.

    A step is as long as its start says, and steps shrink on the way, so the N steps of the law
    for small steps are at most enough; the ratio of two steps in a row is below 1 + 2 v c / N,
    which over all of the range saves at most 2 v steps.
    """
    device = {"kind": "linear", "steps": steps, "nonlinearity": nonlinearity, "step_spread": 0.0}
    model = build_model(device_settings(device))
    for start, end, step in (
        (model.g_min, model.g_max, lambda g: model.set_step(g, 0.5, 0)),
        (model.g_max, model.g_min, lambda g: model.reset_step(g, 0.5)),
    ):
        taken, g = 0, start
        while abs(g - start) < abs(end - start) * (1 - 1e-9):
            g += float(step(g))
            taken += 1
        assert steps - 2 * nonlinearity - 1 <= taken <= steps


@exact
@given(st.floats(-1, 1), st.floats(0, 5), st.floats(0, 1))
def test_linear_asymmetry_and_nonlinearity(
    asymmetry: float, nonlinearity: float, place: float
) -> None:
    """Up and down have the ratio (1 + a) / (1 - a) in mid-range and bend opposite ways."""
    model = build_model(
        device_settings({"kind": "linear", "asymmetry": asymmetry, "nonlinearity": nonlinearity})
    )
    g = model.g_min + place * (model.g_max - model.g_min)
    bend = math.exp(-nonlinearity * (place - 0.5))
    up, down = float(model.set_step(g, 0.5, 0)), float(model.reset_step(g, 0.5))
    assert up / bend * (1 - asymmetry) == pytest.approx(-down * bend * (1 + asymmetry))
    mirrored = model.g_min + (1 - place) * (model.g_max - model.g_min)
    assert up * (1 - asymmetry) == pytest.approx(
        -float(model.reset_step(mirrored, 0.5)) * (1 + asymmetry)
    )


def test_linear_spread_is_that_of_a_step() -> None:
    """The quantile one deviation up is one spread longer, for a step down one spread shorter."""
    model = build_model(device_settings({"kind": "linear", "step_spread": 0.25}))
    one_up = 0.8413447460685429
    g = 10e-6
    assert model.set_step(g, one_up, 0) == pytest.approx(1.25 * model.set_step(g, 0.5, 0))
    assert model.reset_step(g, one_up) == pytest.approx(0.75 * model.reset_step(g, 0.5))


def test_nandakumar2018_numbers() -> None:
    """Mean and spread of a step at 5 uS, right after a RESET and long after one.

    By hand from the published numbers, with P = exp(-1 / 2.6) = 0.6807 and exp(-24 / 2.6) = 1e-4.
    """
    model = build_model(device_settings({"kind": "nandakumar2018"}))
    one_up = 0.8413447460685429
    for past, p in ((0, 0.680712), (23, 0.000098)):
        mean = (-0.084 * 5 + 0.880 + 1.40 * p) * 1e-6
        spread = (0.091 * 5 + 0.260 + 2.15 * p) * 1e-6
        assert model.set_step(5e-6, 0.5, past) == pytest.approx(mean, rel=1e-5)
        assert model.set_step(5e-6, one_up, past) == pytest.approx(mean + spread, rel=1e-5)
    assert 5e-6 + model.reset_step(5e-6, 0.5) == pytest.approx(0.1e-6)
    assert 5e-6 + model.reset_step(5e-6, one_up) == pytest.approx(0.11e-6)
    # Clipped at both ends: 0.1 uS and g_max after a SET, 0.01 uS after a RESET.
    assert 0.2e-6 + model.set_step(0.2e-6, 1e-6, 0) == pytest.approx(0.1e-6)
    assert 11e-6 + model.set_step(11e-6, 1 - 1e-6, 0) == pytest.approx(12e-6)
    assert 5e-6 + model.reset_step(5e-6, 1e-24) == pytest.approx(0.01e-6)


def test_quantiles_rise_with_probability() -> None:
    """For every model, kind of pulse and history: a quantile function never falls."""
    p = np.linspace(0.001, 0.999, 200)[None, :]
    for device in (
        {"kind": "pcm", "step_spread": 2.0},
        {"kind": "nandakumar2018"},
        {"kind": "linear", "asymmetry": 0.5, "nonlinearity": 3.0},
    ):
        model = build_model(device_settings(device))
        g = np.linspace(model.g_min, model.g_max, 50)[:, None]
        for past in range(model.memory):
            assert (np.diff(model.set_step(g, p, past), axis=1) >= 0).all()
        assert (np.diff(model.reset_step(g, p), axis=1) >= 0).all()
