"""What ``pcmsim explain`` prints."""

import subprocess
import sys
from typing import Any

import pytest

from pcmsim.config.explain import explain, json_schema
from pcmsim.errors import UserError


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the terminal a width of its own."""
    monkeypatch.setenv("COLUMNS", "80")


def test_one_setting(example: Any) -> None:
    assert explain(example, "training.rate") == (
        "training.rate\n"
        "  learning rate\n"
        "  allowed  a number above 0 (in 1/S), or a list of these\n"
        "  default  0.1\n"
        "  unit     1/S\n"
        "  source   choice"
    )


def test_a_setting_of_several_kinds(example: Any) -> None:
    assert explain(example, "device.g_max") == (
        "device.g_max (kind: linear)\n"
        "  highest conductance\n"
        "  allowed  a number above 0 (in S)\n"
        "  default  1e-06\n"
        "  unit     S\n"
        "  source   choice\n"
        "\n"
        "device.g_max (kind: pcm)\n"
        "  highest conductance\n"
        "  allowed  a number above 0 (in S)\n"
        "  default  2.5e-05\n"
        "  unit     S\n"
        "  source   published"
    )


def test_a_kind(example: Any) -> None:
    assert explain(example, "device.kind") == (
        "device.kind\n"
        "  Which kind of device is meant; each has its own settings.\n"
        "  allowed  linear or pcm\n"
        "  default  required"
    )


def test_a_block(example: Any) -> None:
    assert explain(example, "training") == (
        "training  How the network learns.\n"
        "  epochs   3        passes over the images [a whole number of at least 1]\n"
        "  rate     0.1 1/S  learning rate [a number above 0 (in 1/S), or a list of\n"
        "                    these]\n"
        "  shuffle  true     whether the order changes [true or false]\n"
        "  rule     sgd      what is done with gradients [sgd or adam]\n"
        "  decay    null     loss per epoch [a number from 0 to 1, or null]"
    )


def test_a_narrow_terminal_leaves_room_for_the_text(
    example: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert explain(example, "seed") == (
        "seed\n"
        "  number of the draw\n"
        "  allowed  a whole number from 0 to 99\n"
        "  default  1\n"
        "  source   choice"
    )


def test_a_block_of_several_kinds(example: Any) -> None:
    assert explain(example, "device") == (
        "device  what a synapse is made of [a block of settings whose kind is linear or\n"
        "        pcm]\n"
        "  kind         required   Which kind of device is meant; each has its own\n"
        "                          settings. [linear or pcm]\n"
        "\n"
        "device (kind: linear)  Steps up and down.\n"
        "  g_max        1e-06 S    highest conductance [a number above 0 (in S)]\n"
        "  asymmetry    0.0        how unequal up and down are [a number of at least -1\n"
        "                          and below 1]\n"
        "\n"
        "device (kind: pcm)  Grows with pulses.\n"
        "  g_max        2.5e-05 S  highest conductance [a number above 0 (in S)]\n"
        "  step_spread  0.5        spread of a step [a number from 0 to 1]"
    )


def test_everything(example: Any) -> None:
    text = explain(example)
    headings = [line.split("  ")[0] for line in text.splitlines() if line[:1].strip()]
    assert headings == [
        "training",
        "data",
        "device",
        "device (kind: linear)",
        "device (kind: pcm)",
        "spares",
        "spares (kind: linear)",
        "spares (kind: pcm)",
        "reference",
    ]
    assert text.startswith(
        "  seed         1          number of the draw [a whole number from 0 to 99]"
    )
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("epochs", "epochs: unknown setting; did you mean training.epochs?"),
        ("training.epoch", "training.epoch: unknown setting; did you mean training.epochs?"),
        ("zzzz", "zzzz: unknown setting; 'pcmsim explain' lists all there are"),
    ],
)
def test_unknown_names(example: Any, name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        explain(example, name)
    assert str(caught.value) == message


def test_the_schema_for_editors(example: Any) -> None:
    schema = json_schema(example)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["seed"]["maximum"] == 99


def test_explaining_is_light() -> None:
    code = "import sys, pcmsim.config.explain; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
