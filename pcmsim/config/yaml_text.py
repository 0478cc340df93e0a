"""Reads YAML, remembering the line of every value, and writes YAML that reads back the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pcmsim.config.document import Document, Keys, Place
from pcmsim.config.yaml_rules import Dumper, Loader, error_at, line_of
from pcmsim.errors import UserError

_COMMON_SLIPS = {
    r"'\t'": "a tab stands here; YAML wants spaces",
    "mapping values are not allowed": "a value is not expected here; check colons and indentation",
    "found another document": "a second document starts here; settings are one document",
}
"""PyYAML's words for what happens most often, and ours."""


def read_file(path: Path) -> Document:
    """Read a YAML file of settings; UserError where the file or its YAML is at fault."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: this is a folder, not a YAML file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    return read_text(_decoded(data, path), str(path), path.absolute().parent)


def read_text(text: str, name: str, folder: Path | None) -> Document:
    """Read YAML text; ``name`` is what messages call it, ``folder`` is where its paths start."""
    values, lines = parse(text, name)
    if values is None:
        raise UserError(f"{name}: there are no settings in it")
    if not isinstance(values, dict):
        raise UserError(f"{name}: must consist of settings, written as 'name: value'")
    places = {keys: Place(f"line {line}", folder) for keys, line in lines.items()}
    return Document(name, values, places)


def parse(text: str, name: str) -> tuple[Any, dict[Keys, int]]:
    """Return the value that YAML text stands for, and the line of everything inside it."""
    try:
        loader = Loader(text, name)
        root = loader.get_single_node()
        if root is None:
            return None, {}
        value = loader.construct_document(root)
        # After the construction, since it is that which puts merged blocks (<<) in their places.
        return value, dict(_lines((), root))
    except yaml.MarkedYAMLError as error:
        raise _syntax_fault(error, name) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = f"U+{error.character:04X}"
        raise UserError(f"{name}, line {line}: the character {code} is not allowed") from None
    except (ValueError, OverflowError, RecursionError):
        raise UserError(f"{name}: a number is too long or a nesting too deep in it") from None


def write(values: dict[str, Any]) -> str:
    """Return values as YAML text; reading it gives exactly the same values."""
    return yaml.dump(values, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Here, since HDF5 takes long to be imported.
        from pcmsim.files import what_it_is

        ours = what_it_is(path)
        if ours:
            raise UserError(f"{path}: this is no YAML file; {ours}") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8") from None


def _lines(keys: Keys, node: yaml.Node) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, yaml.MappingNode):
        items = [(name.value, line_of(name), value) for name, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        items = [(index, line_of(item), item) for index, item in enumerate(node.value)]
    else:
        items = []
    for key, line, inner in items:
        yield (*keys, key), line
        yield from _lines((*keys, key), inner)


def _syntax_fault(error: yaml.MarkedYAMLError, name: str) -> UserError:
    if error.problem_mark is None:
        return UserError(f"{name}: this is not valid YAML: {error.problem}")
    for problem, text in _COMMON_SLIPS.items():
        if problem in str(error.problem):
            return error_at(error.problem_mark, text)
    return error_at(error.problem_mark, f"this is not valid YAML: {error.problem}{_context(error)}")


def _context(error: yaml.MarkedYAMLError) -> str:
    if error.context_mark is None:
        return ""
    return f" ({error.context} that starts on line {error.context_mark.line + 1})"
