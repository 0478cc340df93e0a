"""Turns what pydantic found wrong into one message that a user can act on.

Pydantic's own wording is not used: a message says where, what the declaration allows, and what
was found, so that most of pydantic's types of error need no treatment of their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pcmsim.config.declared import KIND, Declared
from pcmsim.config.document import Document, Keys, Place, dotted, names_in
from pcmsim.config.nearest import nearest, unknown
from pcmsim.config.words import Schema, allowed, either, item_of, quoted
from pcmsim.errors import UserError

OWN_RULES = ("value_error", "assertion_error")
"""Errors raised by validators of the settings classes, which bring a text meant for users."""


class FaultySettings(UserError):
    """Settings that break rules; ``lines`` holds every fault, in words."""

    def __init__(self, name: str, lines: Sequence[str]) -> None:
        """Take all faults in the text called ``name``."""
        super().__init__(name, lines)
        self.name = name
        self.lines = lines

    def __str__(self) -> str:
        """Make one message of all faults."""
        count = "1 fault" if len(self.lines) == 1 else f"{len(self.lines)} faults"
        return "\n".join([f"{self.name} has {count}:", *(f"  {line}" for line in self.lines)])


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: with which setting, and what."""

    keys: Keys
    text: str


def user_error(error: ValidationError, document: Document, known: list[Declared]) -> FaultySettings:
    """Return one error that lists every fault, in the order in which the values were written."""
    faults = [_fault(detail, document, known) for detail in error.errors(include_url=False)]
    places = list(document.places.values())
    lines = []
    for fault in _without_echoes(faults):
        place = document.place(fault.keys)
        rank = places.index(place) if place else len(places)
        lines.append((rank, f"{_where(fault.keys, place)}{fault.text}"))
    lines.sort(key=itemgetter(0))
    return FaultySettings(document.name, [line for _, line in lines])


def _fault(detail: ErrorDetails, document: Document, known: list[Declared]) -> Fault:
    keys = _keys(detail, document)
    if detail["type"] in OWN_RULES:
        return _broken_rule(str(detail["ctx"]["error"]), keys, known)
    if detail["type"] == "json_invalid":
        return Fault((), "a text in it has an escape such as \\ud800, which is no character")
    # The location tells, among other things, the kinds of the blocks on the way.
    here = [one for one in known if set(one.kinds) <= set(detail["loc"])]
    if detail["type"] == "extra_forbidden":
        return Fault(keys, _unknown(names_in(keys), here, known))
    return Fault(keys, _not_allowed(keys, document, here))


def _keys(detail: ErrorDetails, document: Document) -> Keys:
    """Return where a value is; pydantic puts kinds and names of types between the keys."""
    keys: Keys = ()
    for step in detail["loc"]:
        if (*keys, step) in document.flat:
            keys = (*keys, step)
    if detail["type"] == "missing":
        return (*keys, detail["loc"][-1])
    if detail["type"].startswith("union_tag"):
        return (*keys, KIND)
    return keys


def _broken_rule(text: str, keys: Keys, known: list[Declared]) -> Fault:
    """Take the name off a validator's ``update.slots: ...``, or ``slots: ...`` within its block."""
    named = re.fullmatch(r"([\w.]+):\s+(.+)", text, re.DOTALL)
    if named:
        name = tuple(named[1].split("."))
        for full in ((*keys, *name), name):
            if any(one.path == names_in(full) for one in known):
                return Fault(full, named[2])
    return Fault(keys, text)


def _unknown(path: tuple[str, ...], here: list[Declared], known: list[Declared]) -> str:
    kinds = dict.fromkeys(one.kinds[-1] for one in known if one.path == path)
    if kinds:
        return f"not a setting of this kind, but of {either(kinds)}"
    block = ".".join(path[:-1])
    possible = [one for one in known if one in here or one.path[:-1] != path[:-1]]
    names = nearest(path, possible)
    return unknown(name.removeprefix(f"{block}.") for name in names)


def _not_allowed(keys: Keys, document: Document, known: list[Declared]) -> str:
    expected = allowed(_schema(keys, known))
    if keys not in document.flat:
        return f"missing; must be {expected}"
    return f"must be {expected}, not {quoted(document.flat[keys])}"


def _schema(keys: Keys, known: list[Declared]) -> Schema:
    """Return the declaration of a setting, or of an item in the list or table that a setting is."""
    if not keys:
        return {}
    settings = [one.schema for one in known if one.path == names_in(keys)]
    if settings and isinstance(keys[-1], str):
        return settings[0]
    return item_of(_schema(keys[:-1], known), keys[-1])


def _without_echoes(faults: list[Fault]) -> list[Fault]:
    """Keep one fault where pydantic gives one for each member of ``float | list[float]``.

    A fault inside a list or block says more than that the whole of it is not a number.
    """
    around = {fault.keys[:length] for fault in faults for length in range(len(fault.keys))}
    return [fault for fault in dict.fromkeys(faults) if fault.keys not in around]


def _where(keys: Keys, place: Place | None) -> str:
    """Return how a line begins: with nothing where a fault is about the settings as a whole."""
    name = dotted(keys)
    where = [place.text] if place else []
    # "--set training.epochs" has the name in it already.
    if name and where != [f"--set {name}"]:
        where.append(name)
    return f"{', '.join(where)}: " if where else ""
