"""The kernels give the same bits as the twin in plain Python (exact)."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.config.settings import Settings
from pcmsim.training.workspace import CROSS_POINTS
from tests.kernels.cases import DEVICES, Case, arrays_of, small_networks

networks = st.integers(1, 3).flatmap(small_networks)
images = st.integers(1, 8)

EVENTS = {
    "SET pulses",
    "depressions",
    "pulses on faulty devices",
    "reads of open devices",
    "worn out",
    "clips at the bottom",
    "clips at the top",
    "RESETs",
    "RESETs that fail",
    "RESETs of single devices",
    "differences written back",
    "differences given up",
    "steps of charge",
    "charges clipped",
    "pulses under inverted polarity",
    "leaks",
    "transfers",
    "charges full after a transfer",
}
# Charges leak at every hundredth example.
SHOWN_BEFORE = [0, 99]


def compare_with_twin(
    network: Settings,
    count: int,
    threads: int = 1,
    shown_before: int = 0,
) -> Counter[str]:
    """Train kernels and twin on the same images; return what happened to the devices."""
    case = Case(network, count, threads, shown_before)
    twin = case.twin()

    right = case.train(0, count)

    batch = network.training.batch_size
    assert right == twin.train(*case.shown(), batch=batch, step=shown_before)
    assert case.arrays() == arrays_of(twin)
    assert case.counters() == {name: twin.events[name] for name in case.counters()}
    assert case.classify() == twin.classify(case.examples.images, step=0)
    return twin.events


def test_kernels_equal_the_twin() -> None:
    """Weights, conductances, histories, counters and answers agree, whatever is asked for.

    And everything that can happen to a device did happen in what was drawn, often: otherwise
    the agreement would say little.
    """
    seen: Counter[str] = Counter()

    @settings(max_examples=120, derandomize=True, deadline=None, database=None)
    @given(networks, images, st.sampled_from(SHOWN_BEFORE))
    def kernels_equal_the_twin(network: Settings, count: int, shown_before: int) -> None:
        seen.update(compare_with_twin(network, count, shown_before=shown_before))

    kernels_equal_the_twin()
    assert set(seen) == EVENTS
    assert min(seen.values()) > 100, seen


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("rule", ["crossbar", "conventional"])
def test_more_cross_points_fire_than_are_listed_at_a_time(rule: str, threads: int) -> None:
    """The kernels program lists of cross-points; here an example fills two of them and more."""
    network = Settings(
        network={"layers": [99, 70, 30], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 5.0},
        update={"rule": rule, "slots": 1, "x_threshold": 0.0, "pulse_threshold": 0.01},
        device=DEVICES[0],
    )
    seen = compare_with_twin(network, 2, threads)
    assert seen["SET pulses"] > 2 * 2 * CROSS_POINTS


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(networks, images, st.data())
def test_training_can_be_cut_anywhere_between_batches(
    network: Settings, count: int, data: st.DataObject
) -> None:
    """Several calls that follow one another leave the same bits as one."""
    whole, cut = Case(network, count), Case(network, count)
    starts = st.sets(st.sampled_from(range(0, count, network.training.batch_size)))
    ends = [0, *sorted(data.draw(starts)), count]

    right = sum(cut.train(first, last) for first, last in pairwise(ends))

    assert right == whole.train(0, count)
    assert cut.arrays() == whole.arrays()
    assert cut.counters() == whole.counters()
