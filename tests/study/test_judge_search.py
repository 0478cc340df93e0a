"""The search of a judge, on objectives whose best place is known."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from pcmsim.study.judge.search import (
    FRUGAL,
    LEAST_BUDGET,
    THOROUGH,
    THRIFTY,
    Direction,
    Effort,
    Found,
    Place,
    Trial,
    search,
)

BEST = (1.3, -0.7, 0.2)
STARTS = [(a, b, 0.0) for a in (-2.0, 0.0, 2.0) for b in (-2.0, 0.0, 2.0)]
AXES = [
    Direction(name, tuple(float(m == n) for m in range(3)))
    for n, name in enumerate(("first", "second", "third"))
]


class Objective:
    """An accuracy that falls with the square of the distance from BEST, with noise."""

    def __init__(self, noise: float = 0.0) -> None:
        self.noise = noise
        self.trials: list[Trial] = []

    def accuracy(self, trial: Trial) -> float:
        distance: float = sum((a - b) ** 2 for a, b in zip(trial.place, BEST, strict=True))
        # Common to all places of a replicate, but for a part of their own.
        shared = random.Random(trial.replicate).gauss(0, 1)
        own = random.Random(repr(trial)).gauss(0, 0.2)
        height = 0.9 * math.pow(trial.share_of_epochs, 0.1)
        return height - 0.05 * distance + self.noise * (shared + own)

    def __call__(self, trials: Sequence[Trial]) -> list[float]:
        self.trials += trials
        return [self.accuracy(trial) for trial in trials]


def distance(place: Place) -> float:
    return max(abs(a - b) for a, b in zip(place, BEST, strict=True))


def found_by(objective: Objective, budget: int) -> Found:
    return search(STARTS, AXES, objective, budget)


def test_the_best_place_is_found() -> None:
    objective = Objective()
    found = found_by(objective, 200)
    assert distance(found.place) < 0.1
    assert found.steps[-1].stage == "final" and found.steps[-1].place == found.place


def test_noise_does_not_lead_far_away() -> None:
    """Fixed random numbers: the same search every time."""
    assert distance(found_by(Objective(noise=0.02), 300).place) < 0.5


@pytest.mark.parametrize("effort", [THOROUGH, THRIFTY, FRUGAL])
@pytest.mark.parametrize("budget", [LEAST_BUDGET, 17, 40, 101, 300])
def test_the_budget_is_kept(budget: int, effort: Effort) -> None:
    objective = Objective()
    found = search(STARTS, AXES, objective, budget, effort)
    assert len(objective.trials) == found.runs <= budget
    assert len(found.place) == 3


def test_what_is_compared_shares_its_random_numbers_and_what_is_not_does_not() -> None:
    objective = Objective()
    found_by(objective, 200)
    finals = [trial for trial in objective.trials if trial.share_of_epochs == 1]
    others = [trial for trial in objective.trials if trial.share_of_epochs < 1]
    by_place: dict[Place, list[int]] = {}
    for trial in finals:
        by_place.setdefault(trial.place, []).append(trial.replicate)
    assert len(by_place) > 1 and len({tuple(each) for each in by_place.values()}) == 1
    assert not {trial.replicate for trial in finals} & {trial.replicate for trial in others}


def test_the_search_depends_on_accuracies_alone() -> None:
    one, other = Objective(noise=0.05), Objective(noise=0.05)
    assert found_by(one, 150) == found_by(other, 150)
    assert one.trials == other.trials


def test_a_single_start_and_no_direction() -> None:
    found = search([BEST], [], Objective(), LEAST_BUDGET)
    assert found.place == BEST and found.runs == 0


def test_a_thrifty_search_tries_on_one_replicate_what_does_not_gain() -> None:
    """At the best place no step gains."""
    objective = Objective()
    found = search([BEST], AXES, objective, 60, THRIFTY)
    assert found.place == BEST
    held = [trial.replicate for trial in objective.trials if trial.purpose == "here"][:3]
    tried = [trial for trial in objective.trials if trial.purpose != "here"][:6]
    assert [trial.purpose for trial in tried] == ["first"] * 2 + ["second"] * 2 + ["third"] * 2
    assert {trial.replicate for trial in tried} == set(held)
    for one, other in zip(tried[::2], tried[1::2], strict=True):
        assert one.replicate == other.replicate


def test_a_thrifty_search_takes_fewer_runs_to_the_best_place() -> None:
    found = search(STARTS, AXES, Objective(), 120, THRIFTY)
    assert distance(found.place) < 0.1
    assert distance(search(STARTS, AXES, Objective(), 120).place) > distance(found.place)


def test_gains_are_against_the_place_before() -> None:
    steps = [step for step in found_by(Objective(), 200).steps if step.stage == "step"]
    assert all(step.gain >= 0 for step in steps)
    assert any(step.gain > 0 for step in steps)
    for before, after in pairwise(steps):
        assert (after.gain == 0) == (after.place == before.place)
