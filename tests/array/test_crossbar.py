"""An array as it is made: its size, its devices, and the initial weights that they hold."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pcmsim.array.crossbar import initial_weights, layer_shapes
from pcmsim.array.random import make_key, normal, random_words, shuffled, uniform
from pcmsim.config.settings import Network, Settings
from pcmsim.kernels.codes import MINUS, OPEN, PLUS
from pcmsim.training.synapses import Synapses, make_synapses
from tests.twin.philox import Purpose

FALSE_ALARM = 1e-3
KEY = make_key(1, 0)


def make(device: dict[str, Any], **network: Any) -> Synapses:
    return make_synapses(Settings(device=device, network=network, data={"crop": None}), KEY)


def test_the_default_array_has_its_published_size() -> None:
    """164,885 synapses, two devices each, one row more than neurons in every layer."""
    assert layer_shapes(Network()) == [(529, 250), (251, 125), (126, 10)]
    layers = make({"kind": "pcm"}).layers
    assert [layer.weight.shape for layer in layers] == layer_shapes(Network())
    assert sum(layer.weight.size for layer in layers) == 164_885
    assert sum(layer.conductance.size for layer in layers) == 329_770


def test_initial_weights_are_uniform() -> None:
    """Over plus and minus the width of each layer (Kolmogorov-Smirnov)."""
    network = Network(initial_weight=[0.5, 1.0, 2.0])
    for weight, width in zip(initial_weights(network, KEY), [0.5, 1.0, 2.0], strict=True):
        half = width / math.sqrt(len(weight))
        law = stats.uniform(-half, 2 * half)
        assert stats.kstest(weight.ravel(), law.cdf).pvalue > FALSE_ALARM / 3


@pytest.mark.parametrize("kind", ["pcm", "linear", "nandakumar2018"])
def test_an_array_starts_from_the_weights_of_the_float_network(kind: str) -> None:
    """Equal devices hold them to rounding: six float32 operations on numbers up to the range."""
    array = make({"kind": kind, "range_spread": 0.0}, weight_range=[0.5, 1.0, 2.0])
    exact = make({"kind": "float"})
    for layer, reference, scale in zip(array.layers, exact.layers, [0.5, 1.0, 2.0], strict=True):
        assert np.abs(layer.weight - reference.weight).max() <= 6 * 2.0**-24 * scale


def test_the_full_scale_decides_what_a_siemens_is_worth() -> None:
    """So a device of twice the range holds twice the weight, and equal differences mean the same.

    Its pairs hold up to 1 - 0.5 / 50 of their range, and two float32 operations round.
    """
    device = {"kind": "linear", "range_spread": 0.0, "g_max": 50e-6}
    narrow, wide = (make(device, full_scale=scale, initial_weight=60.0) for scale in (50e-6, 25e-6))
    for one, other in zip(narrow.layers, wide.layers, strict=True):
        assert other.weight_per_siemens == pytest.approx(2 * one.weight_per_siemens, rel=1e-6)
    assert np.abs(narrow.layers[0].weight).max() == pytest.approx(1 - 0.5 / 50, rel=1e-6)
    assert np.abs(wide.layers[0].weight).max() == pytest.approx(2 * (1 - 0.5 / 50), rel=1e-6)


@pytest.mark.parametrize("kind", ["pcm", "linear"])
def test_weights_beyond_the_range_are_clipped(kind: str) -> None:
    """To what a pair can hold: its range over g_max, once, or half of it twice, either sign."""
    layers = [30, 20]
    array = make({"kind": kind, "range_spread": 0.0}, layers=layers, initial_weight=15.0)
    exact = make({"kind": "float"}, layers=layers, initial_weight=15.0)
    wanted, held = exact.layers[0].weight, array.layers[0].weight
    most = 1 - 0.5 / 25
    assert held == pytest.approx(np.clip(wanted, -most, most), abs=1e-6)
    assert (np.abs(wanted) > most).mean() > 0.3


def test_unlike_devices_hold_the_weights_within_their_own_ranges() -> None:
    """The empty device of a pair may be no emptier than its own minimum: at most that is lost.

    With weights that use up to a tenth of the range nothing is cut at the top.
    """
    spread = {"kind": "pcm", "range_spread": 0.15}
    array, exact = make(spread), make({"kind": "float"})
    for layer, reference in zip(array.layers, exact.layers, strict=True):
        raised = np.maximum(layer.range_scale - 1, 0) * array.device.g_min
        lost = layer.weight_per_siemens * raised.max(axis=-1)
        assert (np.abs(layer.weight - reference.weight) <= lost + 1e-6).all()
        assert np.abs(layer.weight - reference.weight).max() > 1e-3


@pytest.mark.parametrize("kind", ["pcm", "linear", "nandakumar2018"])
def test_every_device_is_within_its_own_range(kind: str) -> None:
    array = make({"kind": kind, "range_spread": 0.3}, initial_weight=20.0)
    for layer in array.layers:
        assert (layer.conductance >= layer.range_scale * array.device.g_min).all()
        assert (layer.conductance <= layer.range_scale * array.device.g_max).all()


def test_range_scales_are_normal_about_one() -> None:
    """Mean and standard deviation of 329,770 scales, within what chance allows.

    The standard error of the mean is s / sqrt(n), of the deviation s / sqrt(2 n).  The table of
    the normal makes the deviation 0.04 % too large.
    """
    s = 0.15
    layers = make({"kind": "pcm", "range_spread": s}).layers
    scale = np.concatenate([layer.range_scale.ravel() for layer in layers]).astype(np.float64)
    k = stats.norm.isf(FALSE_ALARM / 2 / 2)
    assert abs(scale.mean() - 1) <= k * s / math.sqrt(scale.size)
    assert abs(scale.std() - s) <= k * s / math.sqrt(2 * scale.size) + 0.0005 * s
    # The two devices of a pair are drawn independently: their correlation is chance.
    plus = np.concatenate([layer.range_scale[..., PLUS].ravel() for layer in layers])
    minus = np.concatenate([layer.range_scale[..., MINUS].ravel() for layer in layers])
    assert stats.pearsonr(plus, minus).pvalue > FALSE_ALARM


def test_no_range_is_narrower_than_a_tenth() -> None:
    layers = make({"kind": "pcm", "range_spread": 1.0}).layers
    scale = np.concatenate([layer.range_scale.ravel() for layer in layers])
    assert scale.min() == pytest.approx(0.1)
    # Below a tenth lies Phi(-0.9) = 18.4 % of the normal; known to 1/128 from the table.
    assert (scale == scale.min()).mean() == pytest.approx(0.184, abs=1 / 128)


def test_a_bidirectional_pair_starts_about_the_middle() -> None:
    """So that it can move both ways by as much."""
    array = make({"kind": "linear", "range_spread": 0.0})
    middle = (0.5e-6 + 25e-6) / 2
    for layer in array.layers:
        assert layer.conductance.mean(axis=-1) == pytest.approx(middle, rel=1e-6)


def test_a_one_sided_pair_starts_with_one_device_empty() -> None:
    for layer in make({"kind": "pcm", "range_spread": 0.0}).layers:
        assert (layer.conductance.min(axis=-1) == np.float32(0.5e-6)).all()


def test_a_device_with_memory_starts_with_the_history_of_its_conductance() -> None:
    """As many pulses as mean steps lead from empty up to it.

    For `nandakumar2018` by the docstring: P = exp(-(n + 1) / 2.6) after n pulses.  A step from
    the very bottom is clipped at 0.1 uS, and its mean thereby raised; hence devices within
    0.1 uS of a border are left out.
    """
    array = make({"kind": "nandakumar2018"}, initial_weight=20.0)
    reached = [0.01]
    for n in range(23):
        share = math.exp(-(n + 1) / 2.6)
        reached.append(reached[-1] - 0.084 * reached[-1] + 0.880 + 1.40 * share)
    for layer in array.layers:
        g = layer.conductance.astype(np.float64) * 1e6
        border = np.abs(g[..., None] - np.array(reached)).min(axis=-1) < 0.2
        expected = np.searchsorted(reached, g) - 1
        assert np.array_equal(layer.pulses_since_reset[~border], expected[~border])
        assert np.unique(layer.pulses_since_reset[~border]).size > 5


def test_words_become_numbers_of_the_right_law() -> None:
    words = random_words(Purpose.INITIAL_WEIGHT, 0, (100, 100), KEY)
    assert stats.kstest(uniform(words).ravel(), "uniform").pvalue > FALSE_ALARM / 2
    assert uniform(np.array([0, 2**32 - 1], np.uint32)).min() > 0
    assert uniform(np.array([0, 2**32 - 1], np.uint32)).max() < 1
    # The table of the normal is exact at multiples of 1/128.
    classes = np.searchsorted(stats.norm.ppf(np.arange(1, 128) / 128), normal(words).ravel())
    assert stats.chisquare(np.bincount(classes, minlength=128)).pvalue > FALSE_ALARM / 2


def test_every_epoch_has_an_order_of_its_own() -> None:
    """Each a permutation; where an image comes in one says nothing of the next (chi-square)."""
    count, turns = 8, 2000
    orders = np.array([shuffled(Purpose.EXAMPLE_ORDER, count, turn, KEY) for turn in range(turns)])
    assert (np.sort(orders, axis=1) == np.arange(count)).all()
    table = np.array([np.bincount(places, minlength=count) for places in orders.T])
    # Rows and columns of the table add up to the same number: (8 - 1)^2 degrees of freedom.
    chi_square = ((table - turns / count) ** 2).sum() / (turns / count)
    assert stats.chi2.sf(chi_square, (count - 1) ** 2) > FALSE_ALARM / 2
    same = (orders[1:] == orders[:-1]).sum()
    assert stats.binomtest(int(same), (turns - 1) * count, 1 / count).pvalue > FALSE_ALARM / 2


def test_the_variance_of_a_weight_is_that_of_its_two_devices() -> None:
    """Five float32 operations round; a device on a line without contact is never heard."""
    read = {"noise_absolute": 1e-7, "noise_relative": 0.03}
    faulty = Settings(device={"kind": "pcm"}, read=read, faults={"dead_rows": 0.1})
    for layer in make_synapses(faulty, KEY).layers:
        deviation = np.where(layer.fault == OPEN, 0.0, 1e-7 + 0.03 * layer.conductance)
        variance = layer.weight_per_siemens**2 * (deviation**2).sum(axis=-1)
        np.testing.assert_allclose(layer.variance, variance, rtol=8 * 2.0**-24)
        if layer.number > 0:
            np.testing.assert_array_equal(layer.variance_across, layer.variance.T)


def test_without_read_noise_there_is_no_variance() -> None:
    for layer in make({"kind": "pcm"}).layers:
        assert layer.variance.size == layer.variance_across.size == 0
