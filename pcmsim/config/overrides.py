"""Options of the form ``--set training.epochs=3``, which win over the file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pcmsim.config.document import Document, Place
from pcmsim.config.words import quoted
from pcmsim.config.yaml_text import parse
from pcmsim.errors import UserError


def with_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """Return the document with each ``name=value`` put in, the last one winning.

    Values are YAML, so that lists, ``null`` and text mean what they mean in the file; relative
    paths in them start in the current directory.
    """
    for override in overrides:
        document = _with_override(document, override)
    return document


def _with_override(document: Document, override: str) -> Document:
    name, equals, text = override.partition("=")
    keys = tuple(name.strip().split("."))
    if not equals or not all(keys):
        raise UserError(f"--set {override}: must have the form training.epochs=3")
    option = f"--set {name.strip()}"
    value, _ = parse(text, option)
    return with_setting(document, keys, value, Place(option, Path.cwd()))


def with_setting(document: Document, keys: tuple[str, ...], value: Any, place: Place) -> Document:
    """Return the document with one setting put in.

    Raises:
        UserError: a block around it holds a plain value.
    """
    _require_blocks_around(document, keys, place.text)
    return document.with_value(keys, value, place)


def _require_blocks_around(document: Document, keys: tuple[str, ...], where: str) -> None:
    for length in range(1, len(keys)):
        value = document.flat.get(keys[:length])
        if value is not None and not isinstance(value, dict):
            outer = ".".join(keys[:length])
            raise UserError(f"{where}: {outer} is {quoted(value)}, which has no settings inside")
