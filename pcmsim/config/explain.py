"""The text of ``pcmsim explain``: the settings there are, read off their declarations."""

import json
import shutil
import textwrap
from typing import Any

from pydantic import BaseModel

from pcmsim.config.declared import Declared, declared
from pcmsim.config.nearest import nearest, unknown
from pcmsim.config.words import A_BLOCK
from pcmsim.errors import UserError

WIDTH_ELSEWHERE = 100
"""Columns of text that does not go to a terminal."""

NARROWEST_MEANING = 30
"""Columns left to the meanings in a table, however narrow the terminal is."""

LONGEST_DEFAULT = 24
"""Characters of a default that a table shows."""


def explain(root: type[BaseModel], name: str | None = None) -> str:
    """Explain one setting in full, or list those in the block ``name``, or all there are.

    Raises UserError if nothing has that name.
    """
    known = declared(root)
    path = tuple(name.split(".")) if name else ()
    chosen = [one for one in known if one.path[: len(path)] == path]
    if not chosen:
        raise UserError(f"{name}: {unknown(nearest(path, known))}")
    if any(one.is_block for one in chosen):
        return _tables(chosen)
    return "\n\n".join(_entry(setting) for setting in chosen)


def json_schema(root: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of the settings, by which editors check and complete YAML."""
    return root.model_json_schema()


def _entry(setting: Declared) -> str:
    """Return everything that is known of one setting."""
    facts = {
        "allowed": setting.allowed,
        "default": _default(setting),
        "unit": setting.schema.get("unit"),
        "source": setting.schema.get("source"),
    }
    lines = [_hung(f"  {label:<7}", fact) for label, fact in facts.items() if fact]
    meaning = [_hung("", setting.meaning)] if setting.meaning else []
    return "\n".join([_title(setting), *meaning, *lines])


def _tables(chosen: list[Declared]) -> str:
    """Return a table for each block, all with columns of the same widths."""
    cells = [_cells(one) for one in chosen if not one.is_block]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    tables: dict[Any, list[str]] = {}
    for one in chosen:
        if one.is_block:
            tables[one.path, one.kinds] = [_heading(one)]
        else:
            tables.setdefault((one.path[:-1], one.kinds), []).append(_row(one, widths))
    return "\n\n".join("\n".join(lines) for lines in tables.values())


def _heading(block: Declared) -> str:
    text = block.meaning if block.allowed == A_BLOCK else f"{block.meaning} [{block.allowed}]"
    return _hung(_title(block), text.strip())


def _row(setting: Declared, widths: list[int]) -> str:
    columns = [cell.ljust(width) for cell, width in zip(_cells(setting), widths, strict=True)]
    return _hung(f"  {'  '.join(columns)}", f"{setting.meaning} [{setting.allowed}]".strip())


def _cells(setting: Declared) -> tuple[str, str]:
    """Return what stands in columns of its own: the name, and the default with its unit."""
    default = _default(setting)
    if setting.schema.get("unit") and isinstance(setting.schema.get("default"), (int, float)):
        default = f"{default} {setting.schema['unit']}"
    if len(default) > LONGEST_DEFAULT:
        default = f"{default[: LONGEST_DEFAULT - 3]}..."
    return setting.path[-1], default


def _default(setting: Declared) -> str:
    """Return the default as YAML would have it; empty where it is made only on reading."""
    if setting.required:
        return "required"
    default = setting.schema.get("default", "")
    return default if isinstance(default, str) else json.dumps(default)


def _title(one: Declared) -> str:
    return f"{one.name} (kind: {', '.join(one.kinds)})" if one.kinds else one.name


def _hung(start: str, text: str) -> str:
    """Return ``start`` and beside it ``text``, wrapped so that nothing stands below ``start``."""
    width = shutil.get_terminal_size((WIDTH_ELSEWHERE, 0)).columns
    column = len(start) + 2
    lines = textwrap.wrap(text, max(width - column, NARROWEST_MEANING))
    return f"\n{' ' * column}".join([f"{start}  {lines[0]}", *lines[1:]]) if lines else start
