"""What a sweep file may say, and the points it means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from operator import attrgetter
from pathlib import Path
from typing import Any

from pcmsim.campaign.axes import Axis, Cell, Times, read_axes
from pcmsim.campaign.point import Point
from pcmsim.campaign.prepare import Preparation
from pcmsim.config.document import Document, Place
from pcmsim.config.load import load_config
from pcmsim.config.overrides import with_overrides, with_setting
from pcmsim.config.problems import FaultySettings
from pcmsim.config.read import checked
from pcmsim.config.section import REQUIRED, Section, setting
from pcmsim.config.settings import Settings
from pcmsim.config.yaml_text import read_file
from pcmsim.errors import UserError

MOST_REPLICATES = 10_000


class Stop(Section):
    """When there are replicates enough."""

    half_width: float = setting(
        REQUIRED,
        "replicates are added at a point until the 95 % confidence interval of its mean test "
        "accuracy is no wider than this to either side",
        gt=0,
        lt=1,
    )
    replicates: int = setting(REQUIRED, "the most at a point", ge=2, le=MOST_REPLICATES)


class SweepFile(Section):
    """A sweep: a settings file, and what is varied of it."""

    title: str = setting(REQUIRED, "heading of tables", min_length=1)
    base: str = setting(REQUIRED, "settings file, relative to this one", path=True)
    set: dict[str, Any] = setting({}, "settings that differ from the base at all points")
    replicates: int = setting(
        5,
        "runs at each point, which differ in their random numbers; run n of one point has those "
        "of run n of any other",
        ge=1,
        le=MOST_REPLICATES,
    )
    axes: dict[str, Any] = setting(
        {}, "settings that are varied, each with its values; the points are all combinations"
    )
    stop: Stop | None = setting(None, "adds replicates where means are uncertain")
    label: str | None = setting(
        None, "what pictures call the first axis, with its unit", min_length=1
    )


@dataclass(frozen=True)
class Plan:
    """A sweep whose points have all been checked.

    Attributes:
        title: heading of tables.
        axes: the settings that are varied, or what their axis is called.
        combinations: the first replicate of each combination of their values.
        replicates: runs at each combination.
        stop: whether to add to them.
        base: path of the settings file.
        label: what pictures call the first axis, if the file says so.
    """

    title: str
    axes: tuple[str, ...]
    combinations: tuple[Point, ...]
    replicates: int
    stop: Stop | None
    base: str
    label: str | None

    def points(self) -> list[Point]:
        """Return all runs: the first replicate of every combination, then the second, ..."""
        return [
            nth_replicate(point, number)
            for number in range(self.replicates)
            for point in self.combinations
        ]


def nth_replicate(first: Point, number: int) -> Point:
    """Return the replicate so many after the first one of a combination."""
    return first.replicate(first.settings.replicate + number)


def read_sweep(
    path: str | Path,
    overrides: Sequence[str] = (),
    replicates: int | None = None,
    *,
    base: str | Path | None = None,
    preparation: Preparation | None = None,
) -> Plan:
    """Read a sweep file and check each of its points.

    Args:
        path: the file.
        overrides: changes such as ``training.epochs=3``, which win over ``base`` and ``set``.
        replicates: wins over that of the file.
        base: wins over that of the file.
        preparation: what is loaded and tried already, where several files are read.

    Raises:
        UserError: the file has faults, or settings at any point have; it lists them all.
    """
    path = Path(path)
    document = read_file(path)
    if replicates is not None:
        document = document.with_value(("replicates",), replicates, Place("--replicates", None))
    if base is not None:
        document = document.with_value(("base",), str(base), Place(str(base), Path.cwd()))
    file = checked(SweepFile, document)
    axes = read_axes(document)
    varied = [name for axis in axes for name in axis.settings]
    columns = tuple(name for axis in axes for name in axis.columns)
    start = _start(document, file, overrides)
    _refuse_to_replace(document, [name for name, _ in _changes(document, overrides)], varied)
    settings = _settings_of_combinations(start, axes)
    combinations = tuple(_prepared(path, settings, preparation or Preparation()))
    _refuse_twins(path, combinations)
    return Plan(
        file.title, columns, combinations, file.replicates, file.stop, file.base, file.label
    )


def _start(document: Document, file: SweepFile, overrides: Sequence[str]) -> Document:
    """Return the base with its changes, and messages that are about the sweep file."""
    load_config(file.base)
    base = read_file(Path(file.base))
    places = {
        keys: Place(f"{file.base}, {place.text}", place.folder)
        for keys, place in base.places.items()
    }
    start = Document(document.name, base.values, places)
    for name, value in document.values.get("set", {}).items():
        place = document.place(("set", name))
        start = _put(start, name, value, place or Place("set", None))
    return with_overrides(start, overrides)


def _put(document: Document, name: str, value: Any, place: Place) -> Document:
    try:
        return with_setting(document, tuple(name.split(".")), value, place)
    except UserError as error:
        raise FaultySettings(document.name, [str(error)]) from None


def _changes(document: Document, overrides: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is set for all points, and where."""
    for name in document.values.get("set", {}):
        yield name, "set"
    for override in overrides:
        yield override.partition("=")[0].strip(), "--set"


def _refuse_to_replace(document: Document, fixed: list[str], varied: list[str]) -> None:
    """Refuse an axis that undoes what is set before it; one inside a block that is set is fine."""
    lines = []
    for number, name in enumerate(varied):
        if name == "replicate":
            lines.append("axes, replicate: not an axis; replicates says how many there are")
        for earlier in [*fixed, *varied[:number]]:
            if earlier == name or earlier.startswith(f"{name}."):
                lines.append(f"axes, {name}: would undo {earlier}, which is set as well")
    if lines:
        raise FaultySettings(document.name, lines)


def _settings_of_combinations(
    start: Document, axes: list[Axis]
) -> list[tuple[Settings, dict[str, Cell]]]:
    """Return settings and cells of every combination of the axes' values."""
    combinations = []
    lines: dict[str, None] = {}
    for levels in product(*(axis.levels for axis in axes)):
        document = start
        cells: dict[str, Cell] = {}
        try:
            for level in levels:
                for name, value in level.changes.items():
                    if isinstance(value, Times):
                        value = _multiple(document, name, value)
                    document = _put(document, name, value, level.place)
                cells |= level.cells
            combinations.append((checked(Settings, document), cells))
        except FaultySettings as error:
            lines |= dict.fromkeys(error.lines)
    if lines:
        raise FaultySettings(start.name, list(lines))
    return combinations


def _multiple(document: Document, name: str, times: Times) -> Any:
    """Return a multiple of what a setting is before the axis changes it."""
    try:
        before = attrgetter(name)(checked(Settings, document))
    except AttributeError:
        # There is no such setting: whatever it is given, it will be refused in the usual words.
        return times.factor
    try:
        return times.of(before)
    except UserError as error:
        raise FaultySettings(document.name, [f"axes, {name}: {error}"]) from None


def _prepared(
    path: Path, combinations: list[tuple[Settings, dict[str, Cell]]], preparation: Preparation
) -> Iterator[Point]:
    """Yield points; raise at the end if files were missing, naming each once."""
    faults: dict[str, str] = {}
    for settings, cells in combinations:
        try:
            yield preparation.point(settings, cells)
        except UserError as error:
            faults.setdefault(str(error), _combination(cells))
    if faults:
        lines = [f"at {where}: {text}" if where else text for text, where in faults.items()]
        raise FaultySettings(str(path), lines)


def _refuse_twins(path: Path, combinations: Sequence[Point]) -> None:
    """Refuse points that are the same, or that could not be told apart in tables."""
    seen: dict[Any, Point] = {}
    for point in combinations:
        for mark in (point.digest, tuple(point.cells.values())):
            twin = seen.setdefault(mark, point)
            if twin is not point:
                names = f"{_combination(twin.cells)} and {_combination(point.cells)}"
                same = "the same settings" if mark == point.digest else "the same names"
                raise UserError(f"{path}: axes: two points have {same}: {names}")


def _combination(cells: Any) -> str:
    return ", ".join(f"{name} = {cell}" for name, cell in cells.items())
