"""The setting whose tolerance is asked for: which values it may take, and settings with them.

A setting that has a number for each layer is searched by a factor that they all share.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from pcmsim.campaign.axes import Times
from pcmsim.config.declared import declared
from pcmsim.config.document import Document, Place
from pcmsim.config.overrides import with_overrides, with_setting
from pcmsim.config.read import checked
from pcmsim.config.settings import Settings
from pcmsim.config.words import Schema, quoted
from pcmsim.config.yaml_text import read_file
from pcmsim.errors import UserError

NUMBERS = ("number", "integer")
# They tell random numbers apart, and are no quantities.
NAMES_OF_DRAWS = ("seed", "replicate")
OPTION = "--parameter"


@dataclass(frozen=True)
class Parameter:
    """A numeric setting of a file.

    Attributes:
        name: as users write it.
        unit: as declared; ``times the file's`` for a factor.
        is_whole: True if it takes whole numbers only.
        low: smallest value that is declared as allowed.
        high: largest value that is declared as allowed.
        own: its value in the file; 1 for a factor; None where the file has null.
        settings: those of the file.
        document: the file.
    """

    name: str
    unit: str
    is_whole: bool
    low: float
    high: float
    own: float | None
    settings: Settings
    document: Document

    def settings_at(self, value: float, option: str = OPTION) -> Settings:
        """Return the settings with this value, or with the file's list times this factor.

        ``option`` is where messages say that the value comes from.

        Raises:
            UserError: it is not allowed, by itself or beside the others.
        """
        written = attrgetter(self.name)(self.settings)
        new = Times(value).of(written) if isinstance(written, list) else value
        return _changed(self.document, self.name, new, option)


def read_parameter(path: str | Path, name: str, overrides: Sequence[str] = ()) -> Parameter:
    """Find a numeric setting in a file.

    Raises:
        UserError: the file has faults, there is no such setting, or it is not a number.
    """
    document = with_overrides(read_file(Path(path)), overrides)
    settings = checked(Settings, document)
    schema = _schema(document, settings, name)
    number = _number(schema)
    if number is None or name in NAMES_OF_DRAWS:
        raise UserError(f"{OPTION} {name}: only a setting that is a quantity has a tolerance")
    own = attrgetter(name)(settings)
    is_factor = isinstance(own, list)
    if is_factor and not any(own):
        text = f"is {quoted(own)}, of which all multiples are the same; give it one number by --set"
        raise UserError(f"{OPTION} {name}: {text}")
    return Parameter(
        name=name,
        unit="times the file's" if is_factor else schema.get("unit", ""),
        is_whole=number["type"] == "integer",
        low=_bound(number, "inimum", math.inf) / (max(own) if is_factor else 1),
        high=_bound(number, "aximum", -math.inf) / (max(own) if is_factor else 1),
        own=1.0 if is_factor else own,
        settings=settings,
        document=document,
    )


def _schema(document: Document, settings: Settings, name: str) -> Schema:
    """Return how a setting is declared, for the kind of device that the file has."""
    for one in declared(Settings):
        if one.name == name and set(one.kinds) <= {settings.device.kind}:
            return one.schema
    # Whatever it is given, it is refused in the usual words.
    _changed(document, name, 0, OPTION)
    return {}


def _changed(document: Document, name: str, value: Any, option: str) -> Settings:
    keys = tuple(name.split("."))
    return checked(Settings, with_setting(document, keys, value, Place(option, None)))


def _number(schema: Schema) -> Schema | None:
    """Return the part of a declaration that is about one number, if there is any."""
    members = schema.get("anyOf", [schema])
    return next((member for member in members if member.get("type") in NUMBERS), None)


def _bound(number: Schema, which: str, inwards: float) -> float:
    """Return the last number that is allowed on one side."""
    if f"m{which}" in number:
        return float(number[f"m{which}"])
    return math.nextafter(number.get(f"exclusiveM{which}", -inwards), inwards)
