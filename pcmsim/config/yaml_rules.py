"""The YAML that settings are written in: what a plain value means, and what is refused.

Plain values follow YAML 1.2 and not PyYAML's YAML 1.1, whose surprises cost experiments:
``25e-6`` is a number here and not text; ``off`` and ``1:30`` are text and not false and 90.
A number padded with zeros is decimal: ``010`` is ten, since nobody who pads means eight.
"""

import re
from typing import Any

import yaml

from pcmsim.errors import UserError

_NULL, _BOOL, _INT, _FLOAT, _TEXT, _LIST, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "merge")
)

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_POINT = rf"(?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS})"
_EXPONENT = r"[eE][-+]?[0-9]+"
_PLAIN_VALUES = {
    _NULL: r"~|null|Null|NULL|",
    _BOOL: r"true|True|TRUE|false|False|FALSE",
    _INT: rf"[-+]?{_DIGITS}",
    _FLOAT: rf"[-+]?(?:{_POINT}(?:{_EXPONENT})?|{_DIGITS}{_EXPONENT})",
    _MERGE: r"<<",
}

# PyYAML sorts the patterns by the first character they apply to; None is any.
_PATTERNS = {
    None: [(tag, re.compile(rf"(?:{text})\Z")) for tag, text in _PLAIN_VALUES.items()],
}


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, with the plain values above and no names set twice."""

    yaml_implicit_resolvers = _PATTERNS

    def __init__(self, text: str, name: str) -> None:
        """Take the text, and what messages call it."""
        super().__init__(text)
        self.name = name

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse what settings never need and what could not be written back."""
        event: Any = self.peek_event()
        if getattr(event, "tag", None) is not None:
            raise error_at(event.start_mark, "tags such as !!int are not allowed")
        node = super().compose_node(parent, index)
        # Only an alias that stands inside its own anchor leads to an unfinished node.
        if node is not None and node.end_mark is None:
            raise error_at(event.start_mark, "an alias (*) must not stand inside what it repeats")
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Refuse repeated names here, before blocks merged by ``<<`` add theirs."""
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if key.tag not in (_TEXT, _MERGE):
                raise error_at(key.start_mark, "the name of a setting must be text")
            if key.value in lines:
                first = lines[key.value]
                raise error_at(key.start_mark, f"{key.value} is set twice, first on line {first}")
            lines[key.value] = line_of(key)
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put merged blocks in their places: own values count first, then those of earlier blocks.

        So YAML wants it (yaml.org/type/merge.html).  PyYAML 6.0.4 lets later blocks of a list win,
        and a value of a block that is merged over the one that it replaces, depending on how long
        names are (yaml/pyyaml issue 953).
        """
        own = {key.value: (key, value) for key, value in node.value if key.tag != _MERGE}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for block in _blocks_merged_into(node):
            self.flatten_mapping(block)
            merged = {key.value: (key, value) for key, value in block.value} | merged
        node.value = list((merged | own).values())


class Dumper(yaml.SafeDumper):
    """Puts in quotes whatever the loader would take for something else than text."""

    yaml_implicit_resolvers = _PATTERNS


def _blocks_merged_into(node: yaml.MappingNode) -> list[yaml.MappingNode]:
    """Return the blocks that ``<<`` names, one or a list of them."""
    blocks: list[Any] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            blocks += value.value if isinstance(value, yaml.SequenceNode) else [value]
    for block in blocks:
        if not isinstance(block, yaml.MappingNode):
            raise error_at(block.start_mark, "<< merges a block of settings, or a list of blocks")
    return blocks


def line_of(node: yaml.Node) -> int:
    """Return the line a node starts on, counted from 1."""
    return int(node.start_mark.line) + 1


def error_at(mark: yaml.Mark, text: str) -> UserError:
    """Return an error that says where ``mark`` is."""
    return UserError(f"{mark.name}, line {mark.line + 1}, column {mark.column + 1}: {text}")


def _integer(loader: Loader, node: yaml.ScalarNode) -> int:
    return int(node.value)


def _float(loader: Loader, node: yaml.ScalarNode) -> float:
    return float(node.value)


def _list(dumper: Dumper, items: list[Any]) -> yaml.SequenceNode:
    is_flat = not any(isinstance(item, (dict, list)) for item in items)
    return dumper.represent_sequence(_LIST, items, flow_style=is_flat)


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    # Double quotes escape what PyYAML would otherwise fold away, such as U+0085.
    return dumper.represent_scalar(_TEXT, text, style=None if text.isprintable() else '"')


Loader.add_constructor(_INT, _integer)
Loader.add_constructor(_FLOAT, _float)
Dumper.add_representer(list, _list)
Dumper.add_representer(str, _text)
