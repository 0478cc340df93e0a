"""How much work the kernels do: counted, so that waste shows on any machine, however slow."""

import tracemalloc

import numpy as np
import pytest

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


@pytest.mark.parametrize("device", ["pcm", "linear"])
def test_an_example_allocates_nothing(device: str) -> None:
    """What a call allocates does not grow with the examples that it shows."""
    case = make_case({"kind": device})
    case.train(0, 1)

    def peak(examples: int) -> int:
        tracemalloc.start()
        case.train(0, examples)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) <= peak(1) + 512


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
    words = case.workspaces[0].hits.words
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
