"""What is said about values that are not allowed."""

from collections.abc import Callable
from typing import Any

import pytest

Complaint = Callable[..., str]

DEVICE = "device: {kind: pcm}\n"


def test_all_faults_of_a_file_are_told_at_once_and_in_order(complaint: Complaint) -> None:
    text = (
        "training:\n"
        "  epochs: -3\n"
        "  rate: [1, 0]\n"
        "device:\n"
        "  kind: pcm\n"
        "  gmax: 1e-6\n"
        "epochs: 5\n"
        "seed: 100\n"
    )
    assert complaint(text, "training.decay=2") == (
        "my.yaml has 6 faults:\n"
        "  line 2, training.epochs: must be a whole number of at least 1, not -3\n"
        "  line 3, training.rate[1]: must be a number above 0 (in 1/S), not 0\n"
        "  line 6, device.gmax: unknown setting; did you mean g_max?\n"
        "  line 7, epochs: unknown setting; did you mean training.epochs?\n"
        "  line 8, seed: must be a whole number from 0 to 99, not 100\n"
        "  --set training.decay: must be a number from 0 to 1, or null, not 2"
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2.5", "2.5"),
        ('"3"', 'the text "3"'),
        ("true", "true"),
        ("null", "empty (null)"),
        ("", "empty (null)"),
        ("[1]", "[1]"),
        ("{a: 1}", "a block of settings"),
        ("0", "0"),
        ("1e999", "infinite"),
    ],
)
def test_what_is_no_whole_number(complaint: Complaint, value: str, found: str) -> None:
    assert complaint(f"{DEVICE}training:\n  epochs: {value}\n") == (
        "my.yaml has 1 fault:\n"
        f"  line 3, training.epochs: must be a whole number of at least 1, not {found}"
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("training.rate", "x", 'a number above 0 (in 1/S), or a list of these, not the text "x"'),
        ("training.rate", "true", "a number above 0 (in 1/S), or a list of these, not true"),
        ("training.rate", "-1", "a number above 0 (in 1/S), or a list of these, not -1"),
        (
            "training.rate",
            ".nan",
            'a number above 0 (in 1/S), or a list of these, not the text ".nan"',
        ),
        ("training.rate", "1e999", "a number above 0 (in 1/S), or a list of these, not infinite"),
        (
            "training.rate",
            "{}",
            "a number above 0 (in 1/S), or a list of these, not a block of settings",
        ),
        ("training.shuffle", "yes", 'true or false, not the text "yes"'),
        ("training.shuffle", "1", "true or false, not 1"),
        ("training.rule", "adm", 'sgd or adam, not the text "adm"'),
        ("training.rule", "3", "sgd or adam, not 3"),
        ("training.decay", "1.5", "a number from 0 to 1, or null, not 1.5"),
        ("training", "3", "a block of settings, not 3"),
        ("training", "", "a block of settings, not empty (null)"),
        ("data.path", "3", "the name of a file or folder, or null, not 3"),
        ("data.title", "3", "text, not 3"),
        ("data.title", "[a]", 'text, not ["a"]'),
        ("data.crop", "[1]", "a list of 2 items, each a whole number, not [1]"),
        ("data.crop", "[1, 2, 3]", "a list of 2 items, each a whole number, not [1, 2, 3]"),
        ("data.crop", "5", "a list of 2 items, each a whole number, not 5"),
        (
            "data.pair",
            "x",
            'a list of 2 items, each a whole number, then a number, not the text "x"',
        ),
        ("data.weights", "x", 'a table of names, each with a number (in V), not the text "x"'),
        ("device.asymmetry", "1", "a number of at least -1 and below 1, not 1"),
        (
            "device",
            "linear",
            'a block of settings whose kind is linear or pcm, not the text "linear"',
        ),
        ("device.kind", "liner", 'linear or pcm, not the text "liner"'),
        ("device.kind", "", "linear or pcm, not empty (null)"),
        (
            "spares",
            "x",
            'a list, each a block of settings whose kind is linear or pcm, not the text "x"',
        ),
        ("reference", "x", 'a block of settings, or null, not the text "x"'),
    ],
)
def test_what_is_allowed_is_told(complaint: Complaint, name: str, value: str, text: str) -> None:
    message = complaint("device: {kind: linear}", f"{name}={value}")
    assert message == f"my.yaml has 1 fault:\n  --set {name}: must be {text}"


@pytest.mark.parametrize(
    ("name", "value", "inner", "text"),
    [
        (
            "training.rate",
            "[1, x]",
            "training.rate[1]",
            'a number above 0 (in 1/S), not the text "x"',
        ),
        ("data.crop", "[1, 2.5]", "data.crop[1]", "a whole number, not 2.5"),
        ("data.pair", "[1.5, 1]", "data.pair[0]", "a whole number, not 1.5"),
        ("data.more", "[3]", "data.more[0]", "the name of a file or folder, not 3"),
        ("data.weights", "{a: b}", "data.weights.a", 'a number (in V), not the text "b"'),
        ("spares", "[3]", "spares[0]", "a block of settings whose kind is linear or pcm, not 3"),
        ("spares", "[{kind: x}]", "spares[0].kind", 'linear or pcm, not the text "x"'),
        ("spares", "[{kind: pcm, g_max: 0}]", "spares[0].g_max", "a number above 0 (in S), not 0"),
    ],
)
def test_the_item_at_fault_is_named(
    complaint: Complaint, name: str, value: str, inner: str, text: str
) -> None:
    message = complaint(DEVICE, f"{name}={value}")
    assert message == f"my.yaml has 1 fault:\n  --set {name}, {inner}: must be {text}"


def test_long_values_are_cut(complaint: Complaint) -> None:
    assert complaint(DEVICE, f"seed={'x' * 500}").endswith("xxx...")
    assert len(complaint(DEVICE, f"seed={'x' * 500}")) < 200


def test_missing_settings(complaint: Complaint) -> None:
    assert complaint("seed: 1") == (
        "my.yaml has 1 fault:\n"
        "  device: missing; must be a block of settings whose kind is linear or pcm"
    )
    assert complaint("seed: 1\ndevice:\n  g_max: 1") == (
        "my.yaml has 1 fault:\n  line 2, device.kind: missing; must be linear or pcm"
    )
    assert complaint(f"{DEVICE}data: {{pair: [1]}}") == (
        "my.yaml has 1 fault:\n  line 2, data.pair[1]: missing; must be a number"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training: {Epoch: 3}", "line 2, training.Epoch: unknown setting; did you mean epochs?"),
        ("data: {epoch: 3}", "line 2, data.epoch: unknown setting; did you mean training.epochs?"),
        ("traning: {epochs: 3}", "line 2, traning: unknown setting; did you mean training?"),
        (
            "g_max: 3",
            "line 2, g_max: unknown setting; did you mean spares.g_max or device.g_max or "
            "reference.g_max?",
        ),
        ("zzzz: 3", "line 2, zzzz: unknown setting; 'pcmsim explain' lists all there are"),
    ],
)
def test_unknown_settings(complaint: Complaint, text: str, message: str) -> None:
    assert complaint(DEVICE + text) == f"my.yaml has 1 fault:\n  {message}"


def test_a_setting_of_another_kind(complaint: Complaint) -> None:
    assert complaint("device:\n  kind: linear\n  step_spread: 0.1") == (
        "my.yaml has 1 fault:\n  line 3, device.step_spread: not a setting of this kind, but of pcm"
    )


def test_a_misspelt_name_is_compared_with_those_of_its_kind(complaint: Complaint) -> None:
    message = complaint("device:\n  kind: linear\n  asymetry: 0.1")
    assert message.endswith("unknown setting; did you mean asymmetry?")


def test_rules_between_settings_name_the_line(complaint: Complaint) -> None:
    assert complaint(f"{DEVICE}data:\n  title: forbidden") == (
        "my.yaml has 1 fault:\n  line 3, data.title: is a word that must not be used"
    )
    assert complaint(f"{DEVICE}training:\n  epochs: 2\n  decay: 1") == (
        "my.yaml has 1 fault:\n"
        "  line 4, training.decay: leaves nothing to learn after the first epoch"
    )
    assert complaint(DEVICE, "training.decay=1").endswith(
        "  --set training.decay: leaves nothing to learn after the first epoch"
    )


def test_a_rule_that_names_no_setting(complaint: Complaint) -> None:
    assert complaint(DEVICE, "data.title=unlucky") == (
        "my.yaml has 1 fault:\n  these settings do not go together"
    )


def test_whole_numbers_may_be_written_as_floats(read: Callable[..., Any]) -> None:
    settings = read(
        DEVICE, "training.epochs=6e4", "seed=3.0", "training.rate=2", "data.pair=[1, 2]"
    )
    assert settings.training.epochs == 60000
    assert type(settings.training.epochs) is int
    assert type(settings.training.rate) is float
    assert settings.seed == 3
    assert settings.data.pair == (1, 2.0)
