"""Running points through a pool, whatever becomes of its workers."""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol

from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.point import Point
from pcmsim.campaign.worker import measure_point
from pcmsim.config.read import to_yaml
from pcmsim.errors import UserError

# A point that has cost so many workers their lives is not tried on another one.
MOST_DEATHS = 3


class Pool(Protocol):
    """Workers, here or elsewhere."""

    @property
    def capacity(self) -> int:
        """How many points it makes sense to have under way."""
        ...

    def submit(self, work: Any, *arguments: Any) -> "Future[Any]":
        """Hand work to a worker.  BrokenExecutor in the future tells that the worker died."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of a point.

    Attributes:
        point: which one.
        is_new: False if the folder had its result already.
        failure: why there is no result, or None if there is one.
    """

    point: Point
    is_new: bool = True
    failure: str | None = None


# Told when a point ends: what became of it, how many have ended, how many there are.
Report = Callable[[Outcome, int, int], None]


def run_each_once(
    points: Iterable[Point], folder: RunsFolder, pool: Pool, report: Report | None
) -> list[Outcome]:
    """Run points of which some may be the same; return what became of each different one.

    Raises:
        UserError: the folder cannot be written, or the pool is gone.
    """
    different: dict[str, Point] = {}
    for point in points:
        different.setdefault(point.digest, point)
    outcomes = []
    for outcome in run_points(different.values(), folder, pool):
        outcomes.append(outcome)
        if report is not None:
            report(outcome, len(outcomes), len(different))
    return outcomes


def run_points(points: Iterable[Point], folder: RunsFolder, pool: Pool) -> Iterator[Outcome]:
    """Run all points that the folder has no result of; tell of each when it ends.

    A point that fails is noted in the folder, and the others go on.

    Raises:
        UserError: the folder cannot be written, or the pool is gone.
    """
    waiting: deque[Point] = deque()
    for point in points:
        if folder.has(point):
            yield Outcome(point, is_new=False)
        else:
            waiting.append(point)
    running: dict[Future[Any], Point] = {}
    deaths: Counter[str] = Counter()
    try:
        while waiting or running:
            while waiting and len(running) < pool.capacity:
                point = waiting.popleft()
                future = pool.submit(measure_point, to_yaml(point.settings), point.origin)
                running[future] = point
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                point = running.pop(future)
                if _has_lost_its_worker(future):
                    deaths[point.digest] += 1
                    if deaths[point.digest] < MOST_DEATHS:
                        waiting.appendleft(point)
                        continue
                yield _outcome(point, future, folder)
    finally:
        for future in running:
            future.cancel()


def _has_lost_its_worker(future: "Future[Any]") -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)


def _outcome(point: Point, future: "Future[Any]", folder: RunsFolder) -> Outcome:
    """Keep the result, or note the failure."""
    try:
        content = future.result()
    except CancelledError:
        raise UserError("the workers are gone; what is finished is kept") from None
    except BrokenExecutor:
        failure = details = f"its worker died {MOST_DEATHS} times, maybe for lack of memory"
    except UserError as error:
        failure = details = str(error)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
        details = "".join(traceback.format_exception(error))
    else:
        folder.keep(point, content)
        return Outcome(point)
    folder.note_failure(point, failure, details)
    return Outcome(point, failure=failure)
