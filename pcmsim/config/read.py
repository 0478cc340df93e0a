"""Reads YAML into settings, and writes settings as YAML."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pcmsim.config.declared import Declared, declared
from pcmsim.config.document import Document, names_in
from pcmsim.config.overrides import with_overrides
from pcmsim.config.problems import user_error
from pcmsim.config.yaml_text import read_file, read_text, write

M = TypeVar("M", bound=BaseModel)

LARGEST_WHOLE = 2.0**53
"""From here on a float no longer tells neighbouring whole numbers apart."""


def read_settings(root: type[M], path: str | Path, overrides: Sequence[str] = ()) -> M:
    """Read a YAML file as settings of class ``root``; one UserError lists all its faults.

    ``overrides`` are options such as ``training.epochs=3``, which win over the file.
    """
    return checked(root, with_overrides(read_file(Path(path)), overrides))


def read_settings_text(root: type[M], text: str, origin: str) -> M:
    """Read YAML text, as ``to_yaml`` writes it; ``origin`` is what messages call it."""
    return checked(root, read_text(text, origin, folder=None))


def to_yaml(settings: BaseModel) -> str:
    """Return all settings, defaults included, as YAML.

    It reads back as equal settings, with floats the same to the last bit.
    """
    return write(_plain(settings))


def settings_digest(settings: BaseModel) -> str:
    """Return the SHA-256, in hex, of all settings, defaults included.

    Hashed is their JSON: ASCII, names sorted, no spaces, the shortest decimals that read back as
    the same floats, and whole numbers below 2**53 without a point, so that 1 and 1.0 are the same.
    """
    text = json.dumps(_whole_numbers(_plain(settings)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checked(root: type[M], document: Document) -> M:
    """Return a document as settings of class ``root``; one FaultySettings lists all its faults."""
    known = declared(root)
    document = _with_absolute_paths(document, known)
    text = json.dumps(_whole_numbers(document.values))
    try:
        # JSON's strict rules are those wanted: "3" is no number and true is no 1, yet a list
        # may fill a tuple and text may fill a path.
        return root.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise user_error(error, document, known) from None


def _with_absolute_paths(document: Document, known: list[Declared]) -> Document:
    """Make paths start where they were written: at the file's folder, or at the current one."""
    path_names = {one.path for one in known if one.is_path}
    for keys, value in document.flat.items():
        place = document.place(keys)
        if names_in(keys) in path_names and isinstance(value, str) and place and place.folder:
            absolute = os.path.abspath(place.folder / os.path.expanduser(value))
            document = document.with_value(keys, absolute, place)
    return document


def _whole_numbers(value: Any) -> Any:
    """Turn 6e4 into 60000 everywhere: counts may be written so, and any float takes it too."""
    if isinstance(value, dict):
        return {name: _whole_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return int(value)
    return value


def _plain(settings: BaseModel) -> dict[str, Any]:
    return settings.model_dump(mode="json", round_trip=True)
