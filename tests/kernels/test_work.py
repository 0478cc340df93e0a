"""How much work the kernels do: counted, so that waste shows on any machine, however slow."""

from collections.abc import Iterator

import numba
import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from pcmsim.config.settings import Settings
from pcmsim.kernels.hits import GROUP
from pcmsim.kernels.program import SET_PULSES
from pcmsim.kernels.train import classify, train_on_array
from tests.kernels.cases import Case

UNDRAWN = np.uint32(0xFFFFFFFF)


def make_case(device: dict[str, object], **settings: object) -> Case:
    return Case(
        Settings(
            network={"layers": [40, 30, 10], "initial_weight": 3.0},
            data={"crop": None},
            device=device,
            training={"learning_rate": 1.0},
            **settings,
        ),
        images=40,
    )


def test_one_machine_code_serves_all_devices() -> None:
    """A kernel is compiled once for networks of as many layers, whatever they are made of."""
    first = make_case({"kind": "pcm"})
    first.train(0, 10)
    first.classify()
    trained, classified = len(train_on_array.signatures), len(classify.signatures)
    for device in ("pcm", "linear", "nandakumar2018"):
        for settings in (
            {"faults": {"dead": 0.1, "endurance_set": 100.0}},
            {"read": {"noise_relative": 0.1}},
            {"update": {"rule": "conventional"}},
        ):
            case = make_case({"kind": device}, **settings)
            case.train(0, 10)
            case.classify()
    assert len(train_on_array.signatures) == trained
    assert len(classify.signatures) == classified


@pytest.fixture
def counting() -> Iterator[None]:
    """Let Numba count what compiled code allocates."""
    _nrt_python.memsys_enable_stats()
    yield
    _nrt_python.memsys_disable_stats()


@pytest.mark.parametrize("device", ["pcm", "linear", "float"])
def test_an_example_allocates_nothing(counting: None, device: str) -> None:
    case = make_case({"kind": device})
    case.train(0, 1)
    before = rtsys.get_allocation_stats()
    case.train(0, 40)
    assert rtsys.get_allocation_stats() == before


def test_an_allocation_would_be_counted(counting: None) -> None:
    before = rtsys.get_allocation_stats().alloc
    _allocate(40)
    assert rtsys.get_allocation_stats().alloc == before + 40


@numba.njit
def _allocate(times):  # type: ignore[no-untyped-def]
    total = 0.0
    for n in range(times):
        total += np.ones(100 + n)[n]
    return total


def test_random_words_are_drawn_for_pulses_only() -> None:
    """One block of words serves the pulses of a cross-point; the rest is rounding to groups."""
    case = Case(
        Settings(
            network={"layers": [40, 10], "initial_weight": 3.0},
            data={"crop": None},
            device={"kind": "pcm"},
            training={"learning_rate": 0.02},
            update={"slots": 1},
            reset={"interval": 0},
        ),
        images=40,
    )
    words = case.crew.workspaces[0].hits.words
    drawn = []
    for example in range(40):
        words[:] = UNDRAWN
        before = case.synapses.counters[SET_PULSES]
        case.train(example, example + 1)
        pulses = case.synapses.counters[SET_PULSES] - before
        drawn.append(np.sum(words[0] != UNDRAWN))
        assert drawn[-1] == -(-pulses // GROUP) * GROUP
    assert len(set(drawn)) > 2
    assert max(drawn) < words.shape[1]
