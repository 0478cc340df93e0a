"""What YAML text means, and what is said where it is not YAML."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.config.read import read_settings
from pcmsim.config.yaml_text import parse
from pcmsim.errors import UserError

Complaint = Callable[..., str]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25e-6", 25e-6),
        ("1e-6", 1e-6),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-3e8", -3e8),
        ("+1.5", 1.5),
        ("1_000.5", 1000.5),
        ("60_000", 60000),
        ("010", 10),
        ("-7", -7),
        ("0x10", "0x10"),
        ("1_", "1_"),
        ("1e", "1e"),
        (".", "."),
        (".inf", ".inf"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ('"3"', "3"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_plain_values_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found, _ = parse(f"a: {text}", "here")
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_every_value_has_its_line() -> None:
    text = "a: 1\nb:\n  c: [1,\n    2]\n  d:\n    - 5\n    - e: 6\n"
    _, lines = parse(text, "here")
    assert lines == {
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 3,
        ("b", "c", 0): 3,
        ("b", "c", 1): 4,
        ("b", "d"): 5,
        ("b", "d", 0): 6,
        ("b", "d", 1): 7,
        ("b", "d", 1, "e"): 7,
    }


def test_merged_blocks_keep_the_lines_where_their_values_are() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b\n  <<: *a\n  y: 3\nc:\n  <<: *b\n  z: 4\n"
    values, lines = parse(text, "here")
    assert values["c"] == {"x": 1, "y": 3, "z": 4}
    assert [lines["c", name] for name in "xyz"] == [1, 4, 7]


@pytest.mark.parametrize("name", ["y", "long"])
def test_of_merged_blocks_own_values_count_first_and_then_those_of_earlier_blocks(
    name: str,
) -> None:
    text = (
        f"a: &a {{{name}: 1}}\nb: &b {{<<: *a, {name}: 2}}\n"
        "c: {<<: *b}\nd: {<<: [*a, *b]}\ne: {<<: [*b, *a]}\nf: {other: 0, <<: [*a, *b]}\n"
        f"g: {{{name}: 3, <<: [*a, *b]}}\n"
    )
    values, lines = parse(text, "here")
    assert {block: values[block][name] for block in "abcdefg"} == {
        "a": 1, "b": 2, "c": 2, "d": 1, "e": 2, "f": 1, "g": 3,
    }  # fmt: skip
    assert [lines[block, name] for block in "abcdefg"] == [1, 2, 2, 1, 2, 1, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "my.yaml, line 3, column 1: a is set twice, first on line 1"),
        ("a:\n\tb: 1", "my.yaml, line 2, column 1: a tab stands here; YAML wants spaces"),
        (
            "a: b: c",
            "my.yaml, line 1, column 5: a value is not expected here; check colons and indentation",
        ),
        (
            "a: 1\n---\nb: 1",
            "my.yaml, line 2, column 1: a second document starts here; settings are one document",
        ),
        (
            "a:\n - [1, 2",
            "my.yaml, line 2, column 9: this is not valid YAML: expected ',' or ']', but got "
            "'<stream end>' (while parsing a flow sequence that starts on line 2)",
        ),
        ("a: *b", "my.yaml, line 1, column 4: this is not valid YAML: found undefined alias 'b'"),
        ("1: a", "my.yaml, line 1, column 1: the name of a setting must be text"),
        ("[1, 2]: a", "my.yaml, line 1, column 1: the name of a setting must be text"),
        ("a: !!int 3", "my.yaml, line 1, column 4: tags such as !!int are not allowed"),
        (
            "a: &a [*a]",
            "my.yaml, line 1, column 8: an alias (*) must not stand inside what it repeats",
        ),
        (
            "a:\n  <<: 3",
            "my.yaml, line 2, column 7: << merges a block of settings, or a list of blocks",
        ),
        (
            "a: &a {b: 1}\nc:\n  <<: [*a, [*a]]",
            "my.yaml, line 3, column 12: << merges a block of settings, or a list of blocks",
        ),
        ("", "my.yaml: there are no settings in it"),
        ("# only a remark\n", "my.yaml: there are no settings in it"),
        ("- a\n- b", "my.yaml: must consist of settings, written as 'name: value'"),
        (b"a: 1\nb: \xff", "my.yaml, line 2: not UTF-8 text; save the file as UTF-8"),
        (b"a: 1\nb: \x00", "my.yaml, line 2: the character U+0000 is not allowed"),
        ("a: " + "9" * 5000, "my.yaml: a number is too long or a nesting too deep in it"),
        ("a: " + "[" * 5000, "my.yaml: a number is too long or a nesting too deep in it"),
        (r'a: "\UFFFFFFFF"', "my.yaml: a number is too long or a nesting too deep in it"),
    ],
)
def test_text_that_cannot_be_read(complaint: Complaint, text: str | bytes, message: str) -> None:
    assert complaint(text) == message


def test_a_text_that_is_no_unicode(complaint: Complaint) -> None:
    message = complaint('device: {kind: pcm}\ndata: {title: "\\ud800"}')
    assert message.endswith("a text in it has an escape such as \\ud800, which is no character")


def test_a_byte_order_mark_is_no_fault(read: Callable[..., Any]) -> None:
    assert read(b"\xef\xbb\xbfdevice: {kind: pcm}").device.kind == "pcm"


def test_a_missing_file(tmp_path: Path, example: Any) -> None:
    with pytest.raises(UserError, match=r"none\.yaml: there is no such file"):
        read_settings(example, tmp_path / "none.yaml")


def test_a_folder_in_place_of_a_file(tmp_path: Path, example: Any) -> None:
    with pytest.raises(UserError, match="this is a folder, not a YAML file"):
        read_settings(example, tmp_path)


def test_a_file_inside_a_file(tmp_path: Path, example: Any) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(UserError, match="a/b: cannot be read: Not a directory"):
        read_settings(example, tmp_path / "a" / "b")
