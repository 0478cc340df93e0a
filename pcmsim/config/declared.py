"""Lists what a settings class declares, in plain form: for messages and for ``pcmsim explain``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from pcmsim.config.words import Schema, allowed

KIND = "kind"
"""The setting that says which of several blocks is meant, such as the kind of device."""

_REFERENCE = "#/$defs/"


@dataclass(frozen=True)
class Declared:
    """One setting, or a block of settings, or one kind of such a block."""

    path: tuple[str, ...]
    """Its name, after the names of the blocks around it."""

    kinds: tuple[str, ...]
    """The kinds that have it, for the blocks around it that come in several kinds."""

    schema: Schema
    """The part of pydantic's JSON schema that describes it."""

    required: bool
    """Whether it must be set wherever the block around it is."""

    @property
    def name(self) -> str:
        """The name as users write it, such as ``training.epochs``."""
        return ".".join(self.path)

    @property
    def meaning(self) -> str:
        """What it is for; empty where the declaration does not say."""
        return " ".join(self.schema.get("description", "").split())

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        return allowed(self.schema)

    @property
    def is_block(self) -> bool:
        """Whether there are settings inside."""
        return bool(_blocks(self.schema))

    @property
    def is_path(self) -> bool:
        """Whether its text names a file or a folder."""
        return self.schema.get("path") is True


@cache
def declared(root: type[BaseModel]) -> list[Declared]:
    """Return every setting and block of a class; a block comes before what is inside."""
    schema = root.model_json_schema()
    return list(_inside(_filled(schema, schema.get("$defs", {})), (), ()))


def _filled(part: Any, definitions: Schema) -> Any:
    """Put the definitions in the place of the references to them."""
    if isinstance(part, list):
        return [_filled(item, definitions) for item in part]
    if isinstance(part, dict):
        filled = {name: _filled(value, definitions) for name, value in part.items()}
        return {**filled.pop("$ref", {}), **filled}
    if isinstance(part, str) and part.startswith(_REFERENCE):
        return _filled(definitions[part.removeprefix(_REFERENCE)], definitions)
    return part


def _inside(block: Schema, path: tuple[str, ...], kinds: tuple[str, ...]) -> Iterator[Declared]:
    """List the settings of a block, and what is inside them."""
    required = block.get("required", [])
    for name, schema in block["properties"].items():
        setting = Declared((*path, name), kinds, schema, name in required)
        yield setting
        yield from _choice_of_kind(setting)
        for kind, inner in _blocks(schema):
            if kind is None:
                yield from _inside(inner, setting.path, kinds)
            else:
                yield from _inside_kind(kind, inner, setting)


def _choice_of_kind(block: Declared) -> Iterator[Declared]:
    """List ``kind`` once, where every kind of the block declares only its own name."""
    kinds = [kind for kind, _ in _blocks(block.schema) if kind is not None]
    if not kinds:
        return
    schema: Schema = {
        "enum": kinds,
        "description": f"Which kind of {block.path[-1]} is meant; each has its own settings.",
    }
    default = block.schema.get("default")
    if isinstance(default, dict):
        schema["default"] = default[KIND]
    yield Declared((*block.path, KIND), block.kinds, schema, "default" not in schema)


def _inside_kind(kind: str, inner: Schema, block: Declared) -> Iterator[Declared]:
    """List one kind of a block, and its settings."""
    kinds = (*block.kinds, kind)
    yield Declared(block.path, kinds, inner, block.required)
    settings = _inside(inner, block.path, kinds)
    yield from (one for one in settings if one.path != (*block.path, KIND))


def _blocks(schema: Schema) -> list[tuple[str | None, Schema]]:
    """Return the blocks that a setting can hold, each with its kind if it has one."""
    match schema:
        case {"properties": _}:
            return [(None, schema)]
        case {"discriminator": {"mapping": kinds}}:
            return list(kinds.items())
        case {"anyOf": members}:
            return [block for member in members for block in _blocks(member)]
        case {"items": items}:
            return _blocks(items)
        case _:
            return []
