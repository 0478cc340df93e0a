"""The axes of a sweep file: which settings are varied, and over which values."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import Field, model_validator

from pcmsim.config.document import Document, Place
from pcmsim.config.problems import FaultySettings
from pcmsim.config.read import checked
from pcmsim.config.section import Section
from pcmsim.config.words import quoted
from pcmsim.errors import UserError

B = TypeVar("B", bound=Section)

# What stands in a table for the value of a setting.
Cell = str | int | float

LABELLED = {"label", "value"}
SETTING_SEVERAL = {"label", "set"}
MULTIPLES = {"times"}
# Steps of a range are rounded to so many digits, so that 0.15 is the 0.15 of a list.
DIGITS = 12
# Columns that the tables of all sweeps have, and that no axis may be called.
TAKEN = {
    "replicate",
    "online_accuracy",
    "train_accuracy",
    "test_accuracy",
    "test_accuracy_halves_1",
    "test_accuracy_halves_2",
    "set_pulses",
    "depression_pulses",
    "resets",
    "saturated_devices",
    "worn_devices",
    "digest",
}


@dataclass(frozen=True)
class Times:
    """So many times the number that the base has, or each of its numbers."""

    factor: float

    def of(self, number: Any) -> Any:
        """Return the multiple.

        Raises:
            UserError: it is not a number, nor a list of numbers.
        """
        if isinstance(number, list):
            return [self.of(one) for one in number]
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise UserError(f"times wants a number to multiply, but the base has {quoted(number)}")
        return self.factor * number


@dataclass(frozen=True)
class Level:
    """One entry of an axis.

    Attributes:
        changes: setting -> value; ``Times`` stands for a multiple of the base's.
        cells: column -> what stands there in tables.
        place: where it was written.
    """

    changes: dict[str, Any]
    cells: dict[str, Cell]
    place: Place


@dataclass(frozen=True)
class Axis:
    """Settings that are varied together, and their values.

    Its columns in tables are called like its settings, or have a name of their own where entries
    say themselves what they set.
    """

    columns: tuple[str, ...]
    levels: tuple[Level, ...]

    @property
    def settings(self) -> tuple[str, ...]:
        """All that it varies."""
        return tuple(dict.fromkeys(name for level in self.levels for name in level.changes))


class Range(Section):
    """Values at equal distances, or at equal ratios."""

    first: float = Field(alias="from")
    last: float = Field(alias="to")
    steps: int = Field(ge=2, le=10_000)
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _check_scale(self) -> "Range":
        if self.scale == "log" and min(self.first, self.last) <= 0:
            raise ValueError("scale: log wants from and to above 0")
        return self

    def values(self) -> list[float]:
        """Return the values, both ends included."""
        return [float(f"{self._at(n / (self.steps - 1)):.{DIGITS}g}") for n in range(self.steps)]

    def _at(self, part: float) -> float:
        if self.scale == "log":
            return float(self.first ** (1 - part) * self.last**part)
        return self.first * (1 - part) + self.last * part


class Multiples(Section):
    """Multiples of what the base has."""

    times: list[float] = Field(min_length=1)


def read_axes(document: Document) -> list[Axis]:
    """Return the axes of a sweep file, in the order in which they were written.

    Raises:
        FaultySettings: axes that have no values, or none that could be understood; all of them.
    """
    axes: list[Axis] = []
    lines: list[str] = []
    for name in document.values.get("axes", {}):
        try:
            axes.append(_axis(name, document))
        except FaultySettings as error:
            lines += error.lines
    if lines:
        raise FaultySettings(document.name, lines)
    return axes


def _axis(name: str, document: Document) -> Axis:
    columns = tuple(column.strip() for column in name.split(","))
    levels = tuple(_levels(name, columns, document))
    if not levels:
        raise _fault(name, document, "must have at least one value")
    axis = Axis(columns, levels)
    if not TAKEN.isdisjoint(set(columns) - set(axis.settings)):
        raise _fault(name, document, "is a column of all tables; call the axis something else")
    return axis


def _levels(name: str, columns: tuple[str, ...], document: Document) -> Iterator[Level]:
    written = document.values["axes"][name]
    place = _place(document, name)
    if isinstance(written, dict) and len(columns) == 1 and written.keys() == MULTIPLES:
        for factor in _checked(Multiples, name, document).times:
            yield Level({columns[0]: Times(factor)}, {columns[0]: factor}, place)
    elif isinstance(written, dict) and len(columns) == 1:
        for value in _checked(Range, name, document).values():
            yield Level({columns[0]: value}, {columns[0]: value}, place)
    elif isinstance(written, list):
        for number, entry in enumerate(written):
            yield _level(entry, columns, name, number, document)
    else:
        kind = "a list or a range" if len(columns) == 1 else "a list"
        raise _fault(name, document, f"must be {kind} of values, not {quoted(written)}")


def _level(
    entry: Any, columns: tuple[str, ...], name: str, number: int, document: Document
) -> Level:
    """Read one entry of a list: a value, a list of paired values, either of them or any settings
    with a label."""
    place = _place(document, name, number)
    if isinstance(entry, dict) and entry.keys() == SETTING_SEVERAL:
        return Level(
            _several(entry["set"], name, number, document),
            dict.fromkeys(columns, cell_of(entry["label"])),
            place,
        )
    is_labelled = isinstance(entry, dict) and entry.keys() == LABELLED
    value = entry["value"] if is_labelled else entry
    if len(columns) > 1 and (not isinstance(value, list) or len(value) != len(columns)):
        text = f"must be a list of {len(columns)} values, one for each setting, not {quoted(value)}"
        raise _fault(name, document, text, number)
    values = value if len(columns) > 1 else [value]
    cells = [cell_of(entry["label"] if is_labelled else one) for one in values]
    return Level(
        dict(zip(columns, values, strict=True)), dict(zip(columns, cells, strict=True)), place
    )


def _several(changes: Any, name: str, number: int, document: Document) -> dict[str, Any]:
    if not isinstance(changes, dict) or not all(isinstance(key, str) for key in changes):
        text = f"set: must be a block of settings and their values, not {quoted(changes)}"
        raise _fault(name, document, text, number)
    return {key: _value_or_times(value) for key, value in changes.items()}


def _value_or_times(value: Any) -> Any:
    """Read ``{times: 2}`` as twice what the base has."""
    is_factor = isinstance(value, dict) and value.keys() == MULTIPLES
    if is_factor and isinstance(value["times"], int | float):
        return Times(value["times"])
    return value


def cell_of(value: Any) -> Cell:
    """Return what stands for a value in tables: itself, or compact JSON where it has parts."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value)


def _checked(block: type[B], name: str, document: Document) -> B:
    try:
        return checked(block, Document(document.name, document.values["axes"][name], {}))
    except FaultySettings as error:
        raise _fault(name, document, "; ".join(error.lines)) from None


def _fault(name: str, document: Document, text: str, *number: int) -> FaultySettings:
    line = f"{_place(document, name, *number).text}, axes, {name}: {text}"
    return FaultySettings(document.name, [line])


def _place(document: Document, name: str, *number: int) -> Place:
    return document.place(("axes", name, *number)) or Place("axes", None)
