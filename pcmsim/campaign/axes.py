"""The axes of a sweep file: which settings are varied, and over which values."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from pcmsim.config.document import Document, Place
from pcmsim.config.problems import FaultySettings
from pcmsim.config.read import checked
from pcmsim.config.settings import Section
from pcmsim.config.words import quoted

# What stands in a table for the value of a setting.
Cell = str | int | float

LABELLED = {"label", "value"}
# Steps of a range are rounded to so many digits, so that 0.15 is the 0.15 of a list.
DIGITS = 12


@dataclass(frozen=True)
class Level:
    """One entry of an axis.

    Attributes:
        values: one for each setting of the axis.
        cells: what stands for them in tables.
        place: where it was written.
    """

    values: tuple[Any, ...]
    cells: tuple[Cell, ...]
    place: Place


@dataclass(frozen=True)
class Axis:
    """Settings that are varied together, and their values."""

    settings: tuple[str, ...]
    levels: tuple[Level, ...]


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
    settings = tuple(setting.strip() for setting in name.split(","))
    levels = tuple(_levels(name, len(settings), document))
    if not levels:
        raise _fault(name, document, "must have at least one value")
    return Axis(settings, levels)


def _levels(name: str, settings: int, document: Document) -> Iterator[Level]:
    written = document.values["axes"][name]
    place = _place(document, name)
    if isinstance(written, dict) and settings == 1:
        for value in _range(name, document).values():
            yield Level((value,), (value,), place)
    elif isinstance(written, list):
        for number, entry in enumerate(written):
            yield _level(entry, settings, name, number, document)
    else:
        kind = "a list or a range" if settings == 1 else "a list"
        raise _fault(name, document, f"must be {kind} of values, not {quoted(written)}")


def _level(entry: Any, settings: int, name: str, number: int, document: Document) -> Level:
    """Read one entry of a list: a value, a list of paired values, or either with a label."""
    is_labelled = isinstance(entry, dict) and entry.keys() == LABELLED
    value = entry["value"] if is_labelled else entry
    if settings > 1 and (not isinstance(value, list) or len(value) != settings):
        text = f"must be a list of {settings} values, one for each setting, not {quoted(value)}"
        raise _fault(name, document, text, number)
    values = tuple(value) if settings > 1 else (value,)
    cells = tuple(cell_of(entry["label"] if is_labelled else one) for one in values)
    return Level(values, cells, _place(document, name, number))


def cell_of(value: Any) -> Cell:
    """Return what stands for a value in tables: itself, or compact JSON where it has parts."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value)


def _range(name: str, document: Document) -> Range:
    try:
        return checked(Range, Document(document.name, document.values["axes"][name], {}))
    except FaultySettings as error:
        raise _fault(name, document, "; ".join(error.lines)) from None


def _fault(name: str, document: Document, text: str, *number: int) -> FaultySettings:
    line = f"{_place(document, name, *number).text}, axes, {name}: {text}"
    return FaultySettings(document.name, [line])


def _place(document: Document, name: str, *number: int) -> Place:
    return document.place(("axes", name, *number)) or Place("axes", None)
