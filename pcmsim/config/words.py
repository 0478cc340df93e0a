"""Says in words which values a declaration allows, and quotes what was found instead."""

import json
import math
from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]
"""A part of the JSON schema that pydantic makes of a declaration, with references filled in."""

A_BLOCK = "a block of settings"

LONGEST_QUOTE = 60
"""How many characters of a value are quoted in a message."""


def allowed(schema: Schema) -> str:
    """Return what a value must be, such as ``a number above 0 (in S), or null``."""
    match schema:
        case {"anyOf": _}:
            return _one_of_several(schema)
        case {"discriminator": {"mapping": kinds}}:
            return f"{A_BLOCK} whose kind is {either(kinds)}"
        case {"const": value}:
            return either([value])
        case {"enum": values}:
            return either(values)
        case {"type": "integer"}:
            return f"a whole number{_range(schema)}{_unit(schema)}"
        case {"type": "number"}:
            return f"a number{_range(schema)}{_unit(schema)}"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "null"}:
            return "null"
        case {"type": "string"}:
            return _text(schema)
        case {"type": "array"}:
            return _list(schema)
        case {"properties": _}:
            return A_BLOCK
        case {"additionalProperties": dict(inner)}:
            return f"a table of names, each with {allowed(_part(schema, inner))}"
        case {"additionalProperties": True}:
            return "a table of names"
        case _:
            return "a value of another sort"


def quoted(value: Any) -> str:
    """Return a value, as YAML gives it, in the form that messages use."""
    if isinstance(value, dict):
        return A_BLOCK
    if value is None:
        return "empty (null)"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "infinite"
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > LONGEST_QUOTE:
        text = f"{text[:LONGEST_QUOTE]}..."
    return f"the text {text}" if isinstance(value, str) else text


def either(values: Iterable[Any]) -> str:
    """Return values as a choice: ``a, b or c``."""
    *others, last = [value if isinstance(value, str) else quoted(value) for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def item_of(schema: Schema, key: str | int) -> Schema:
    """Return the part of a list's or table's schema that is about the item under ``key``."""
    match schema:
        case {"anyOf": members}:
            items = [item_of(_part(schema, member), key) for member in members]
            return next(filter(None, items), {})
        case {"prefixItems": items} if isinstance(key, int) and key < len(items):
            return _part(schema, items[key])
        case {"items": item} | {"additionalProperties": dict(item)}:
            return _part(schema, item)
        case _:
            return {}


def _part(whole: Schema, part: Schema) -> Schema:
    """Hand down what is declared once for all members or items of a setting."""
    return {**part, **{name: whole[name] for name in ("unit", "path") if name in whole}}


def _one_of_several(schema: Schema) -> str:
    members = schema["anyOf"]
    words = [
        # "One number, or one per layer" need not say twice which numbers.
        f"a list{_length(member)} of these"
        if member.get("items") in members
        else allowed(_part(schema, member))
        for member in members
    ]
    return ", or ".join(words)


def _range(schema: Schema) -> str:
    match schema:
        case {"minimum": low, "maximum": high}:
            return f" from {low:.12g} to {high:.12g}"
    bounds = {
        "minimum": "of at least",
        "exclusiveMinimum": "above",
        "maximum": "of at most",
        "exclusiveMaximum": "below",
        "multipleOf": "divisible by",
    }
    given = [f"{word} {schema[bound]:.12g}" for bound, word in bounds.items() if bound in schema]
    return f" {' and '.join(given)}" if given else ""


def _unit(schema: Schema) -> str:
    return f" (in {schema['unit']})" if schema.get("unit") else ""


def _text(schema: Schema) -> str:
    match schema:
        case {"path": True}:
            return "the name of a file or folder"
        case {"pattern": pattern}:
            return f"text of the form {pattern}"
        case {"maxLength": most}:
            return f"text of at most {most} characters"
        case {"minLength": _}:
            return "text that is not empty"
        case _:
            return "text"


def _list(schema: Schema) -> str:
    items = schema.get("prefixItems", [schema.get("items", {})])
    each = dict.fromkeys(allowed(_part(schema, item)) for item in items)
    length = _length(schema)
    return f"a list{length}{' items' if length else ''}, each {', then '.join(each)}"


def _length(schema: Schema) -> str:
    match schema:
        case {"minItems": least, "maxItems": most} if least == most:
            return f" of {most}"
        case {"minItems": least, "maxItems": most}:
            return f" of {least} to {most}"
        case {"minItems": least}:
            return f" of at least {least}"
        case {"maxItems": most}:
            return f" of at most {most}"
        case _:
            return ""
