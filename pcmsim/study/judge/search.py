"""The search of a judge: from some starting points to the best settings that a budget finds.

Accuracies are noisy, and a run is dear.  So the search goes in three stages, each on common random
numbers: whatever is compared is trained on the same replicates, and every round takes replicates
of its own, so that no place wins by luck with one of them.

1. Starts.  All are trained for a few epochs; the better part goes on, with more epochs and more
   replicates, until two are left.
2. Steps.  From the better one, each direction in turn is tried forwards and backwards, and the best
   of the three places is kept.  A step that gained is tried again at once in the next round, and
   longer; one that did not becomes shorter.  Directions in which steps have become tiny are left
   out, until all have.
3. Finals.  The places kept last, and the runner-up of the first stage, are trained in full on
   replicates that no stage has seen.  The best is the answer.

A thrifty search spends a larger part of its budget on starts, and a smaller one on steps.  It tries
both ways of a step on one replicate only, another one for each direction; the better way, if it
gains there, must gain on the others as well, which did not choose it.  Most steps do not gain, and
one run is enough to see it where accuracies are exact.  Its finals are between the two places kept
last.  A frugal search is a thrifty one with fewer starts, in which pulses have a price: where steps
are finest, most starts fire more pulses than is worth waiting for.

What is tried depends on accuracies alone, not on when they arrive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import NamedTuple

# One coordinate for each quantity that is searched, in units in which a step of 1 is large.
Place = tuple[float, ...]

LEAST_BUDGET = 10
# In each round of the starts: replicates, and the part of all epochs.
ROUNDS_OF_STARTS = ((1, 0.15), (2, 0.3), (3, 0.4))
# One in so many goes on to the next round.
FEWER = 3
EPOCHS_OF_STEPS = 0.4
REPLICATES_OF_STEPS = 3
REPLICATES_OF_FINALS = 4
FIRST_STEP = 0.5
LONGER, SHORTER = 1.4, 0.5
SHORTEST_STEP = 0.1


class Effort(NamedTuple):
    """How many runs go where.

    Attributes:
        name: of this effort.
        share_of_starts: of the budget, at most this part goes to the first look at the starts.
        tried: replicates of a step that are trained both ways; the others if it gains on these.
        finalists: places that are trained in full.
        runner_up: whether that of the starts is always one of them.
        cost_of_pulses: accuracy that settings must gain for one more pulse for each synapse and
            example; whoever runs trials takes it off.
    """

    name: str
    share_of_starts: float
    tried: int
    finalists: int
    runner_up: bool
    cost_of_pulses: float = 0.0


THOROUGH = Effort("thorough", 0.18, tried=REPLICATES_OF_STEPS, finalists=4, runner_up=True)
THRIFTY = Effort("thrifty", 0.27, tried=1, finalists=2, runner_up=False)
# By doublings, a price of the same size for twice as many pulses, a start of 60,000 pulses an
# example still won; its runs take minutes.
FRUGAL = THRIFTY._replace(name="frugal", share_of_starts=0.18, cost_of_pulses=0.2)


class Trial(NamedTuple):
    """One run that the search asks for: where, with which random numbers, and how long."""

    place: Place
    replicate: int
    share_of_epochs: float
    purpose: str


# Runs trials, all at once if it can, and returns their accuracies in the same order.
Runner = Callable[[Sequence[Trial]], Sequence[float]]


@dataclass(frozen=True)
class Direction:
    """A way in which places are moved: what it does to people, and to coordinates."""

    name: str
    vector: Place


@dataclass(frozen=True)
class Step:
    """What was compared at once, and which place was the best.

    Attributes:
        stage: ``start``, ``step`` or ``final``.
        name: what was changed.
        runs: how many runs there were up to here.
        accuracy: of the place that was kept, on the replicates of this comparison.
        gain: how much better it was than the place held before; 0 where that was kept.
        place: the place that was kept.
    """

    stage: str
    name: str
    runs: int
    accuracy: float
    gain: float
    place: Place


@dataclass
class Found:
    """Where a search has ended, and its course.

    Attributes:
        place: the best place.
        steps: what was compared, in order.
        runs: how many runs were asked for.
    """

    place: Place
    steps: list[Step] = field(default_factory=list)
    runs: int = 0


def search(
    starts: Sequence[Place],
    directions: Sequence[Direction],
    run: Runner,
    budget: int,
    effort: Effort = THOROUGH,
) -> Found:
    """Find a place of high accuracy.

    Args:
        starts: at least one place, the most promising first.
        directions: how places may be moved.
        run: tells accuracies.
        budget: the most runs, at least ``LEAST_BUDGET``.
        effort: ``THOROUGH``; or ``THRIFTY`` or ``FRUGAL``, where runs are dear and accuracies
            exact.
    """
    course = _Course(run, budget, effort)
    best, second = _best_starts(starts, course)
    kept = _go_on_from(best, directions, course)
    if not effort.runner_up:
        return _decide(kept[: -effort.finalists - 1 : -1], course)
    finalists = list(dict.fromkeys([*reversed(kept), second]))[: effort.finalists]
    if second not in finalists:
        finalists[-1] = second
    return _decide(finalists, course)


class _Course:
    """Counts runs, and gives every comparison replicates of its own."""

    def __init__(self, run: Runner, budget: int, effort: Effort) -> None:
        self._run = run
        self._next_replicate = 0
        self._reserved = min(effort.finalists * REPLICATES_OF_FINALS, budget // 3)
        self.budget = budget
        self.effort = effort
        self.found = Found(())

    @property
    def left(self) -> int:
        """How many runs are left before the finals."""
        return self.budget - self._reserved - self.found.runs

    @property
    def for_finals(self) -> int:
        return self.budget - self.found.runs

    def new_replicates(self, count: int) -> range:
        first = self._next_replicate
        self._next_replicate += count
        return range(first, self._next_replicate)

    def accuracies(
        self, places: Sequence[Place], replicates: Sequence[int], share: float, purpose: str
    ) -> list[list[float]]:
        """Return the accuracies at each place, all on the same replicates."""
        trials = [Trial(place, n, share, purpose) for place in places for n in replicates]
        single = list(self._run(trials))
        self.found.runs += len(trials)
        count = len(replicates)
        return [single[first : first + count] for first in range(0, len(single), count)]

    def means(
        self, places: Sequence[Place], replicates: Sequence[int], share: float, purpose: str
    ) -> list[float]:
        """Return the mean accuracy at each place over the same replicates."""
        return [mean(each) for each in self.accuracies(places, replicates, share, purpose)]

    def note(self, stage: str, name: str, accuracy: float, gain: float, place: Place) -> None:
        self.found.steps.append(Step(stage, name, self.found.runs, accuracy, gain, place))
        self.found.place = place


def _best_starts(starts: Sequence[Place], course: _Course) -> tuple[Place, Place]:
    """Return the two best of some places; the same twice if there is but one."""
    at_most = max(2, int(course.effort.share_of_starts * course.budget))
    places = list(dict.fromkeys(starts))[:at_most]
    for replicates, share in ROUNDS_OF_STARTS:
        if len(places) == 1 or len(places) * replicates > course.left:
            break
        name = f"{len(places)} starting points"
        accuracies = course.means(places, course.new_replicates(replicates), share, name)
        order = sorted(range(len(places)), key=lambda n: -accuracies[n])
        course.note("start", name, accuracies[order[0]], 0.0, places[order[0]])
        left = max(2, -(-len(places) // FEWER))
        places = [places[n] for n in order[:left]]
    return places[0], places[min(1, len(places) - 1)]


def _go_on_from(start: Place, directions: Sequence[Direction], course: _Course) -> list[Place]:
    """Step from place to place while runs are left; return all that were kept, in order."""
    kept = [start]
    lengths = [FIRST_STEP] * len(directions)
    signs = [1.0] * len(directions)
    while directions and course.left >= 3 * REPLICATES_OF_STEPS:
        if max(lengths) < SHORTEST_STEP:
            lengths = [FIRST_STEP / 2] * len(directions)
        order = list(course.new_replicates(REPLICATES_OF_STEPS))
        here = course.accuracies([kept[-1]], order, EPOCHS_OF_STEPS, "here")[0]
        for n, direction in enumerate(directions):
            if lengths[n] < SHORTEST_STEP:
                continue
            if course.left < REPLICATES_OF_STEPS + course.effort.tried:
                break
            order, here = order[1:] + order[:1], here[1:] + here[:1]
            moves = [_moved(kept[-1], direction, sign * signs[n] * lengths[n]) for sign in (1, -1)]
            better, there = _better_of(moves, here, order, direction.name, course)
            if there is not None:
                gain = mean(there) - mean(here)
                course.note("step", direction.name, mean(there), gain, moves[better])
                kept.append(moves[better])
                here = there
                signs[n] *= 1 if better == 0 else -1
                lengths[n] *= LONGER
            else:
                course.note("step", direction.name, mean(here), 0.0, kept[-1])
                lengths[n] *= SHORTER
    return kept


def _better_of(
    moves: Sequence[Place],
    here: list[float],
    order: Sequence[int],
    name: str,
    course: _Course,
) -> tuple[int, list[float] | None]:
    """Return which of two places is better, and its accuracies if it beats the place held."""
    tried = course.effort.tried
    forwards, backwards = course.accuracies(moves, order[:tried], EPOCHS_OF_STEPS, name)
    better, there = (0, forwards) if mean(forwards) >= mean(backwards) else (1, backwards)
    if mean(there) <= mean(here[:tried]):
        return better, None
    others = order[tried:]
    if others:
        there = there + course.accuracies([moves[better]], others, EPOCHS_OF_STEPS, name)[0]
        if mean(there[tried:]) <= mean(here[tried:]):
            return better, None
    return better, there


def _decide(finalists: Sequence[Place], course: _Course) -> Found:
    """Train the last few in full on fresh replicates, and keep the best."""
    each = min(REPLICATES_OF_FINALS, course.for_finals // len(finalists))
    if len(finalists) == 1 or each == 0:
        course.found.place = finalists[0]
        return course.found
    name = f"{len(finalists)} finalists"
    accuracies = course.means(finalists, course.new_replicates(each), 1.0, name)
    best = max(range(len(finalists)), key=lambda n: (accuracies[n], -n))
    course.note("final", name, accuracies[best], 0.0, finalists[best])
    return course.found


def _moved(place: Place, direction: Direction, length: float) -> Place:
    return tuple(one + length * other for one, other in zip(place, direction.vector, strict=True))
