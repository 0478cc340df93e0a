"""RESETs that fail: as many as asked for, by chance of their own."""

import numpy as np
import pytest
from scipy import stats

from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.kernels.codes import MINUS, PLUS
from pcmsim.kernels.layer import Array
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.team import form_team
from pcmsim.training.synapses import DeviceSynapses
from pcmsim.training.workspace import make_workspace
from tests.kernels.calling import called

KEY = make_key(3, 0)


def left_unchanged(failure: float) -> tuple[Array, Array]:
    """Inspect full pairs; return which devices no RESET has changed, and all conductances.

    Nothing is written back, and a RESET that does not fail nearly empties a device.
    """
    settings = Settings(
        network={"layers": [99, 100]},
        data={"crop": None},
        device={"kind": "pcm", "range_spread": 0.0},
        reset={"failure": failure, "max_pulses": 0},
    )
    synapses = DeviceSynapses(settings, settings.device, KEY)
    (layer,) = synapses.layers
    full = synapses.device.g_max
    layer.conductance[...] = full
    hits = make_workspace(settings.network.layers, 1).hits
    (alone,) = form_team(1)
    called(inspect_layer)(
        alone, layer, synapses.device, synapses.policy, hits, 0, KEY, synapses.counters
    )
    return layer.conductance == full, layer.conductance


@pytest.mark.parametrize("failure", [0.0, 0.3, 1.0])
def test_resets_fail_with_their_probability(failure: float) -> None:
    """Of 20,000 (binomial; one false alarm in a thousand); none at 0, all at 1."""
    unchanged, _ = left_unchanged(failure)
    assert stats.binomtest(int(unchanged.sum()), unchanged.size, failure).pvalue > 1e-3


def test_the_devices_of_a_pair_fail_independently() -> None:
    """Chi-square of the four outcomes (one false alarm in a thousand)."""
    unchanged, _ = left_unchanged(0.3)
    table = [
        [np.sum((unchanged[..., PLUS] == a) & (unchanged[..., MINUS] == b)) for b in (0, 1)]
        for a in (0, 1)
    ]
    assert stats.chi2_contingency(table).pvalue > 1e-3


def test_resets_that_do_not_fail_lead_where_they_would_have() -> None:
    """Whether a RESET fails has no part in where one leads; and failures nest as they rise."""
    none, reference = left_unchanged(0.0)
    few, some = left_unchanged(0.2)
    many, most = left_unchanged(0.6)
    assert not none.any()
    assert (few <= many).all()
    assert np.array_equal(some[~few], reference[~few])
    assert np.array_equal(most[~many], reference[~many])
