"""Reads the files of a study, with the same changes to all of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pcmsim.campaign.point import Point
from pcmsim.campaign.prepare import Preparation
from pcmsim.campaign.sweep_file import Plan, read_sweep
from pcmsim.config.load import load_config
from pcmsim.config.problems import FaultySettings
from pcmsim.study.reproduction.claims import HEADLINE, Published
from pcmsim.study.reproduction.sweep_curve import StudySweep
from pcmsim.study.reproduction.trial import Trial

HEADLINE_REPLICATES = 10
REPLICATES = 5
QUICK_REPLICATES = 2
QUICK_EPOCHS = 3


class Reader:
    """Makes trials and sweeps from files.

    Attributes:
        base: the settings file that is studied.
        left_out: name of what does not fit the user's own settings -> why.
    """

    def __init__(self, base: Path, *, is_own: bool, is_quick: bool) -> None:
        """Take what holds for all files.

        Args:
            base: the settings file that is studied.
            is_own: whether it is the user's own: then it takes the place of the base of every
                sweep, and what does not fit it is left out.
            is_quick: whether epochs, replicates and the values of sweeps are cut down.

        Raises:
            UserError: the file has faults.
        """
        self.base = base
        self.left_out: dict[str, str] = {}
        self._is_own = is_own
        self._is_quick = is_quick
        epochs = min(QUICK_EPOCHS, load_config(base).training.epochs)
        self._overrides = [f"training.epochs={epochs}"] if is_quick else []
        self._preparation = Preparation()
        # Most sweeps have the same reference.
        self._points: dict[tuple[Path, tuple[str, ...]], Point] = {}

    def point(self, path: Path, statement: Published | None = None) -> Point:
        """Return a settings file as a point, with the changes that a statement is about.

        Raises:
            UserError: it cannot be run.
        """
        changes = {} if statement is None else statement.changes
        options = tuple(f"{setting}={value}" for setting, value in changes.items())
        if (path, options) not in self._points:
            settings = load_config(path, [*self._overrides, *options])
            cells = {"file": path.stem, **changes}
            self._points[path, options] = self._preparation.point(settings, cells)
        return self._points[path, options]

    def headline(self, path: Path, replicates: int) -> list[Trial]:
        """Return the trials of the published accuracies.

        Raises:
            UserError: the settings file cannot be run.
        """
        point, replicates = self.point(path), self._at_most(replicates)
        return [
            Trial(statement, point, replicates, figure) for figure, statement in HEADLINE.items()
        ]

    def losses(self, path: Path, statements: Iterable[Published]) -> list[Trial]:
        """Return the trials of what settings lose by the changes that statements are about.

        Raises:
            UserError: the settings file cannot be run.
        """
        reference = self.point(path)
        trials = []
        for statement in statements:
            with self._fitting(statement.name):
                point = self.point(path, statement)
                trials.append(self.comparison(statement, reference, point))
        return trials

    def comparison(self, statement: Published, reference: Point, point: Point) -> Trial:
        """Return the trial of what a point loses against another one."""
        return Trial(statement, point, self._at_most(REPLICATES), reference=reference)

    def sweeps(self, files: Iterable[Path], axes: int = 1) -> list[StudySweep]:
        """Return the sweeps of those files that fit the settings.

        Raises:
            UserError: a file has faults, or varies less than so many things.
        """
        sweeps = []
        for file in files:
            with self._fitting(file.stem):
                sweep = self._sweep(file)
                _require_axes(file, sweep, axes)
                sweeps.append(sweep)
        return sweeps

    def _sweep(self, file: Path) -> StudySweep:
        base = self.base if self._is_own else None
        replicates = QUICK_REPLICATES if self._is_quick else None
        plan = read_sweep(
            file, self._overrides, replicates, base=base, preparation=self._preparation
        )
        reference = self.point(Path(plan.base))
        return StudySweep(file.stem, _thinned(plan) if self._is_quick else plan, reference)

    @contextmanager
    def _fitting(self, name: str) -> Iterator[None]:
        """Leave out what does not fit the user's own settings; a shipped file must fit."""
        try:
            yield
        except FaultySettings as error:
            if not self._is_own:
                raise
            self.left_out[name] = error.lines[0]

    def _at_most(self, replicates: int) -> int:
        return QUICK_REPLICATES if self._is_quick else replicates


def _require_axes(file: Path, sweep: StudySweep, count: int) -> None:
    """Require axes enough, and where there are two, numbers on the first one."""
    axes = sweep.plan.axes
    if len(axes) < count:
        raise FaultySettings(str(file), [f"axes: the study wants {count} in this file"])
    words = [cell for cell in sweep.cells if isinstance(cell, str)]
    if count > 1 and words:
        raise FaultySettings(str(file), [f"axes, {axes[0]}: must be numbers, not {words[0]}"])


def _thinned(plan: Plan) -> Plan:
    """Return a sweep with its first, middle and last point only."""
    points = plan.combinations
    kept = sorted({0, len(points) // 2, len(points) - 1})
    return replace(plan, combinations=tuple(points[number] for number in kept))
