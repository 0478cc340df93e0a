"""What was read: plain values, and for each of them the place where it was written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Keys = tuple[str | int, ...]
"""The way from the top to one value: names of settings, and positions in lists."""


@dataclass(frozen=True)
class Place:
    """Where a value was written."""

    text: str
    """For messages: ``line 12`` or ``--set training.epochs``."""

    folder: Path | None
    """The folder where relative paths start; None leaves them relative."""


@dataclass(frozen=True)
class Document:
    """The values of one YAML text, with the options of the command line put in."""

    name: str
    """For messages: the name of the file, or what else the text is called."""

    values: dict[str, Any]

    places: Mapping[Keys, Place]
    """Where values were written; one that is missing here came as part of the block around it."""

    @cached_property
    def flat(self) -> Mapping[Keys, Any]:
        """Every value there is, blocks and lists included, by its keys."""
        return dict(_flat((), self.values))

    def place(self, keys: Keys) -> Place | None:
        """Return where ``keys``, or else the nearest block around it, was written."""
        around = (keys[:length] for length in range(len(keys), 0, -1))
        return next((self.places[some] for some in around if some in self.places), None)

    def with_value(self, keys: Keys, value: Any, place: Place) -> "Document":
        """Return a copy with ``value`` under ``keys``; missing blocks around it are made."""
        outside = {
            other: where
            for other, where in self.places.items()
            if other == keys or other[: len(keys)] != keys
        }
        values = _replaced(self.values, keys, value)
        return Document(self.name, values, {**outside, keys: place})


def dotted(keys: Keys) -> str:
    """Return keys as users write them: ``network.layers[1].units``."""
    steps = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return "".join(steps).removeprefix(".")


def names_in(keys: Keys) -> tuple[str, ...]:
    """Return the keys without positions in lists, which is how a setting is declared."""
    return tuple(key for key in keys if isinstance(key, str))


def _flat(keys: Keys, value: Any) -> Iterator[tuple[Keys, Any]]:
    yield keys, value
    for key, inner in _items(value):
        yield from _flat((*keys, key), inner)


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _replaced(tree: Any, keys: Keys, value: Any) -> Any:
    """Copy instead of changing: an alias in YAML makes two settings share one list or block."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    copy: Any = list(tree) if isinstance(tree, list) else dict(tree or {})
    copy[first] = _replaced(dict(_items(tree)).get(first), rest, value)
    return copy
