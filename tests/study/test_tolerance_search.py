"""The search for a tolerance, on responses whose knee is known."""

import random
from collections.abc import Callable

import pytest

from pcmsim.study.tolerance.search import NEAREST, PRECISION, Limit, Verdict, search
from pcmsim.study.tolerance.way import Way

Response = Callable[[float], float]

UNIT = Way(0, 1, is_log=False, is_whole=False)
LIMIT = 0.02


class Noisy:
    """A response with noise of its own at each value, and some that all values share."""

    def __init__(
        self, response: Response, noise: float = 0.0, shared: float = 0.0, seed: int = 0
    ) -> None:
        self.response = response
        self.noise, self.shared = noise, shared
        self.random = random.Random(seed)
        self.deviates: dict[float | None, list[float]] = {}
        self.asked: list[tuple[float, int]] = []

    def __call__(self, value: float, count: int) -> list[float]:
        self.asked.append((value, count))
        if value == 0:
            # The reference, compared with itself.
            return [0.0] * count
        own, common = self._deviates(value), self._deviates(None)
        mean = self.response(value)
        return [mean + self.noise * own[n] + self.shared * common[n] for n in range(count)]

    def _deviates(self, value: float | None) -> list[float]:
        return self.deviates.setdefault(value, [self.random.gauss(0, 1) for _ in range(40)])


def rise_to(knee: float, power: float = 1.0) -> Response:
    """Return a response that reaches the limit at the knee."""
    return lambda value: LIMIT * (value / knee) ** power


def bounds(found: Limit) -> tuple[float, float]:
    assert found.within is not None and found.beyond is not None
    return found.within, found.beyond


@pytest.mark.parametrize("power", [0.5, 1, 4])
@pytest.mark.parametrize("knee", [0.013, 0.1, 0.3, 0.77])
def test_without_noise_the_knee_is_met_to_the_precision(knee: float, power: float) -> None:
    found = search(UNIT, Noisy(rise_to(knee, power)), LIMIT, 10)
    within, beyond = bounds(found)
    assert within <= knee < beyond
    # Values are rounded to four digits.
    assert beyond - within <= (PRECISION + 1e-3) * beyond
    assert found.best == pytest.approx(knee, rel=0.02)


# Four kinds of response times three amounts of noise, with and without what is common to all
# values, which run-by-run losses against one reference have.
KINDS = [
    (power, noise, shared)
    for power in (0.5, 1, 2, 4)
    for noise in (0.003, 0.01, 0.02)
    for shared in (0.0, 0.7)
]
SEEDS = 40


@pytest.mark.parametrize("replicates", [10, 40])
def test_bounds_hold_the_knee_in_95_percent_of_cases(replicates: int) -> None:
    """Of 960 searches 48 may miss.

    With these seeds it is not left to chance; with others, at the 2 % that miss where there are
    40 replicates, 19 +- 4.3, more than 48 would in less than 1 of 10^8.
    """
    misses = 0
    for number, (power, noise, shared) in enumerate(KINDS):
        for seed in range(SEEDS):
            knee = 0.05 + 0.6 * (0.618 * seed % 1)
            parts = (noise * (1 - shared) ** 0.5, noise * shared**0.5)
            losses = Noisy(rise_to(knee, power), *parts, seed=number * SEEDS + seed)
            found = search(UNIT, losses, LIMIT, replicates)
            assert found.within is not None
            misses += found.within > knee or (found.beyond is not None and found.beyond < knee)
    assert misses <= 48


def test_more_replicates_are_only_asked_for_where_it_is_unclear() -> None:
    losses = Noisy(rise_to(0.3), noise=0.01)
    found = search(UNIT, losses, LIMIT, 40)
    for one in found.tested:
        looks = [count for value, count in losses.asked if value == one.value]
        assert looks == [5, 10, 20, 40][: len(looks)] and looks[-1] == one.replicates
        assert (one.replicates == 40) or one.verdict is not Verdict.UNCLEAR
    assert {one.replicates for one in found.tested} >= {5, 40}


@pytest.mark.parametrize("replicates", [2, 7])
def test_no_more_replicates_than_wanted(replicates: int) -> None:
    losses = Noisy(rise_to(0.3), noise=0.01)
    search(UNIT, losses, LIMIT, replicates)
    assert max(count for _, count in losses.asked) == replicates


def test_the_same_losses_lead_to_the_same_search() -> None:
    searches = [search(UNIT, Noisy(rise_to(0.2), noise=0.01), LIMIT, 10) for _ in range(2)]
    assert searches[0] == searches[1]


def test_all_of_the_way_is_tolerated() -> None:
    found = search(UNIT, Noisy(rise_to(2)), LIMIT, 5)
    assert (found.within, found.beyond, found.best) == (1, None, None)
    assert [one.value for one in found.tested] == [0, 0.0625, 0.125, 0.25, 0.5, 1]


def test_even_the_near_end_is_too_far() -> None:
    found = search(UNIT, lambda value, count: [0.1] * count, LIMIT, 5)
    assert (found.within, found.beyond, found.best) == (None, 0, None)
    assert len(found.tested) == 1


def test_a_loss_that_sets_in_at_once_is_followed_to_the_reference() -> None:
    found = search(UNIT, Noisy(lambda value: 0.5 * (value > 0)), LIMIT, 5)
    within, beyond = bounds(found)
    assert within == 0 and 0 < beyond <= NEAREST


def test_the_first_of_several_crossings_is_found() -> None:
    """From 0.1 to 0.3 too much is lost, beyond that nothing."""
    found = search(UNIT, Noisy(lambda value: 0.1 * (0.1 < value < 0.3)), LIMIT, 5)
    within, beyond = bounds(found)
    assert within <= 0.1 < beyond


def test_an_end_that_stays_unclear_is_no_bound() -> None:
    unclear = [0.0, 0.04, 0.0, 0.04, 0.02]
    found = search(UNIT, lambda value, count: unclear if value == 1 else [0.0] * count, LIMIT, 5)
    assert found.within is not None and 0.9 <= found.within < 1
    assert found.beyond is None


@pytest.mark.parametrize("steps", [1, 3, 17, 40])
def test_whole_numbers_are_met_exactly_and_tested_once(steps: int) -> None:
    """Steps are needed: fewer than ``steps`` lose too much."""
    losses = Noisy(lambda value: 0.1 * (value < steps))
    found = search(Way(50, 1, is_log=True, is_whole=True), losses, LIMIT, 5)
    values = [one.value for one in found.tested]
    assert all(isinstance(value, int) for value in values)
    assert values == sorted(set(values), reverse=True)
    if steps == 1:
        assert (found.within, found.beyond) == (1, None)
    elif steps < 17:
        assert bounds(found) == (steps, steps - 1)
    else:
        within, beyond = bounds(found)
        assert within >= steps > beyond >= 0.9 * within


def test_ratios_are_halved_on_a_logarithmic_way() -> None:
    way = Way(1e-3, 1e3, is_log=True, is_whole=False)
    found = search(way, Noisy(lambda value: 0.1 * (value > 10)), LIMIT, 5)
    assert {0.002371, 0.03162, 1.0, 1000.0} <= {one.value for one in found.tested}
    within, beyond = bounds(found)
    assert within <= 10 < beyond


def test_means_that_fall_are_pooled_by_hand() -> None:
    """Means 0, 0.01, 0.03, 0.01, 0.05: the 0.03 and 0.01, of five each, become 0.02 and 0.02.

    They do not exceed the limit of 0.02, which is thus left at the place of the second.
    """
    means = {0: 0.0, 0.0625: 0.01, 0.125: 0.03, 0.25: 0.01, 0.5: 0.05}

    def losses(value: float, count: int) -> list[float]:
        # So wide that the values in the middle stay unclear, and no gap is bisected for long.
        spread = 0.0 if value in (0, 0.5) else 0.02
        mean = means.get(value, 0.02)
        return [mean - spread, mean - spread, mean, mean + spread, mean + spread][:count]

    found = search(UNIT, losses, LIMIT, 5)
    assert found.best is not None and 0.25 <= found.best < 0.5
