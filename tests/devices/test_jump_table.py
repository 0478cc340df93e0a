"""Jump tables: what a draw from them has in common with the device model (exact)."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import (
    mean_step,
    nominal_step,
    quantile_nodes,
    standard_normal_nodes,
    tabulate,
)
from pcmsim.devices.model import DeviceModel
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, QUANTILE_CELLS, draw_jump
from tests.devices.probe import device_settings
from tests.kernels.calling import called

DEVICES: dict[str, dict[str, Any]] = {
    "pcm": {"kind": "pcm"},
    "concave pcm": {"kind": "pcm", "concavity": 2.0},
    "nandakumar2018": {"kind": "nandakumar2018"},
    "linear": {"kind": "linear", "asymmetry": 0.3, "nonlinearity": 2.0},
}
MODELS = {name: build_model(device_settings(device)) for name, device in DEVICES.items()}
TABLES = {name: tabulate(model) for name, model in MODELS.items()}
names = st.sampled_from(list(DEVICES))


def quantile(model: DeviceModel, upwards: bool, past: int, conductance: Any, p: float) -> Any:
    if upwards:
        return model.set_step(conductance, p, past)
    return model.reset_step(conductance, p)


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(
    names,
    st.booleans(),
    st.integers(0, 23),
    st.integers(0, CONDUCTANCE_CELLS - 1),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_a_draw_is_a_quantile_of_the_model(
    name: str, upwards: bool, past: int, cell: int, rest: float, word: int
) -> None:
    """A word lies between two multiples of 1/128 of the way, a draw between those quantiles.

    Between two conductances of the grid, quantiles are interpolated linearly.  In the two
    outermost cells the model's outer quantile may be infinite and only the inner one bounds.
    The table's numbers, and a draw, are rounded to float32 a few times: 1e-6 of their size.
    """
    model, tables = MODELS[name], TABLES[name]
    jumps = tables.set_jumps[past % model.memory] if upwards else tables.reset_jumps
    grid = np.linspace(model.g_min, model.g_max, CONDUCTANCE_CELLS + 1)

    def interpolated(p: float) -> float:
        low, high = quantile(model, upwards, past % model.memory, grid[cell : cell + 2], p)
        return float(low + rest * (high - low))

    drawn = called(draw_jump)(jumps, np.float32(cell + rest), np.uint64(word))
    share = word * QUANTILE_CELLS // 2**32
    rounding = 1e-6 * (abs(drawn) + model.g_max / CONDUCTANCE_CELLS)
    if share > 0:
        assert drawn >= interpolated(share / QUANTILE_CELLS) - rounding
    if share < QUANTILE_CELLS - 1:
        assert drawn <= interpolated((share + 1) / QUANTILE_CELLS) + rounding


@pytest.mark.parametrize("name", ["pcm", "concave pcm", "linear"])
def test_the_mean_of_normal_steps_is_kept(name: str) -> None:
    """The table of a symmetric law is symmetric, so its mean is off by float32 rounding only."""
    model, tables = MODELS[name], TABLES[name]
    grid = np.linspace(model.g_min, model.g_max, CONDUCTANCE_CELLS + 1)
    rounding = 2.0**-24 * np.abs(tables.set_jumps[0]).max()
    expected = model.set_step(grid, 0.5, 0)
    assert np.abs(mean_step(tables.set_jumps[0]) - expected).max() <= rounding


def test_the_mean_of_a_clipped_law_is_kept() -> None:
    """The RESET of `pcm` leaves a normal residue, clipped at zero.

    With a = mean / spread, the clipped mean is mean Phi(a) + spread phi(a).  Straight lines
    between quantiles Q at steps of h = 1/128 misjudge an area by at most h^2 / 8 times the
    change of the slope Q' along them: from 0 to 1 / phi(2) = 19 spreads at the clip, to 2.5 in
    the middle, to 1 / phi(2.42) = 47 at the last node, which is 80 in all and makes 6.1e-4
    spreads.  The mean of each end cell comes from 64 points, which is good to 2e-5 spreads of
    the whole.
    """
    residue, spread = 0.5e-6, 0.25e-6
    model = build_model(
        device_settings({"kind": "pcm", "reset_residue": residue, "reset_spread": spread})
    )
    a = residue / spread
    expected = residue * stats.norm.cdf(a) + spread * stats.norm.pdf(a)
    grid = np.linspace(model.g_min, model.g_max, CONDUCTANCE_CELLS + 1)
    left = grid + mean_step(tabulate(model).reset_jumps) - model.g_min
    assert np.abs(left - expected).max() <= 6.3e-4 * spread
    # And clipping matters here: without it the mean would be ten times further away.
    assert abs(expected - residue) > 6e-3 * spread


def test_the_mean_of_a_law_with_a_long_tail_is_kept() -> None:
    """The exponential law of mean 1, all of whose quantiles beyond 127/128 lie in one cell.

    Its slope 1 / (1 - p) changes by 127 up to there: 127 / 128^2 / 8 = 9.7e-4.  The midpoints
    in the end cell miss its mean by ln 2 / 2 / 64, and its share is 1/128: 4e-5.
    """
    nodes = quantile_nodes(lambda p: -np.log(1 - p))[0]
    assert abs(mean_step(nodes.astype(np.float32)) - 1) <= 1.02e-3
    # Beyond ln 128 the law is the same again: its mean there is ln 128 + 1.
    assert (nodes[-2] + nodes[-1]) / 2 == pytest.approx(math.log(128) + 1, abs=0.006)


def test_standard_normal_nodes() -> None:
    """Nodes at the normal's own quantiles Q, mean 0, variance 1 but for what straight lines cost.

    The variance of a piecewise uniform law is the mean of (a^2 + a b + b^2) / 3 over its cells.
    With h = 1/128, lines outside the curve add h^2 / 6 (2 Q Q' - integral of Q'^2) = 1.8e-3 up to
    Q = 2.42 at 127/128; beyond, the normal has a variance of 0.093 about its mean there and the
    end cell 0.036, so two such cells take 0.9e-3 away.
    """
    nodes = standard_normal_nodes().astype(np.float64)
    inner = np.arange(1, QUANTILE_CELLS) / QUANTILE_CELLS
    assert nodes[1:-1] == pytest.approx(stats.norm.ppf(inner), abs=1e-6)
    assert nodes.mean() == pytest.approx(0, abs=1e-7)
    a, b = nodes[:-1], nodes[1:]
    assert np.mean((a * a + a * b + b * b) / 3) == pytest.approx(1.0009, abs=3e-4)


def test_the_nominal_step_is_the_mean_step_in_mid_range() -> None:
    """For `pcm`: rate * span / 2 at concavity 1; long after a RESET for one that remembers."""
    rate = 1 - 0.1 ** (1 / 30)
    assert nominal_step(TABLES["pcm"]) == pytest.approx(rate * 24.5e-6 / 2, rel=1e-6)
    middle = (0.01e-6 + 12e-6) / 2
    lasting = -0.084 * middle + 0.880e-6
    assert nominal_step(TABLES["nandakumar2018"]) == pytest.approx(lasting, rel=1e-3)
