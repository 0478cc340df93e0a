"""``pcmsim device check``: status 0 or 2, with words, for Python files and settings files."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

EXAMPLES = Path(__file__).parents[2] / "configs" / "examples"
NUMBERS = ["--param", "part=0.08", "--param", "top=25e-6", "--param", "residue=0.5e-6"]


@pytest.fixture(autouse=True)
def example() -> None:
    """Put copies of the example beside the tests."""
    for name in ("my_device.py", "my-device.yaml"):
        shutil.copy(EXAMPLES / name, name)


def test_the_example_passes(pcmsim: Command) -> None:
    ended = pcmsim("device", "check", "my-device.yaml")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("device   python, my-device.yaml\nrange    0.500 to 25.0 uS\n")
    assert ended.out.endswith("passed: bounds, monotone response, resolution of the table\n")
    # 8 % of the range on average from empty, and as much spread: an exponential law.
    assert "from 0.500 uS             1.96          1.96" in ended.out
    assert all(len(line) <= 100 for line in ended.out.splitlines())


def test_a_python_file_is_checked_with_options(pcmsim: Command) -> None:
    whole = pcmsim("device", "check", "my-device.yaml").out
    options = [*NUMBERS, "--reset-function", "reset_step"]
    ended = pcmsim("device", "check", "my_device.py", *options)
    assert ended.status == 0
    assert ended.out.splitlines()[1:] == whole.splitlines()[1:]
    ended = pcmsim("device", "check", "my_device.py", *options, "--g-max", "20e-6", "--g-min", "0")
    assert "range    0.00 to 20.0 uS" in ended.out


def test_options_win_over_the_settings_file(pcmsim: Command) -> None:
    ended = pcmsim("device", "check", "my-device.yaml", "--param", "part=0.04")
    assert "from 0.500 uS            0.980" in ended.out


def test_other_devices_are_checked_too(pcmsim: Command) -> None:
    ended = pcmsim("device", "check", "small.yaml")
    assert ended.status == 0
    assert ended.out.startswith("device   pcm, small.yaml")


def test_functions_of_other_names(pcmsim: Command) -> None:
    Path("both.py").write_text(
        "def grow(G, u, params):\n    return 2e-7 * u\n\n\n"
        "def shrink(G, u, params):\n    return -2e-7 * (1 - u)\n"
    )
    options = ["--function", "grow", "--reset-function", "shrink", "--bidirectional"]
    ended = pcmsim("device", "check", "both.py", *options)
    assert ended.status == 0
    assert "step down" in ended.out


def test_it_says_where_answers_were_sorted(pcmsim: Command) -> None:
    Path("fall.py").write_text("def set_step(G, u, params):\n    return 1e-6 * (1 - u)\n")
    ended = pcmsim("device", "check", "fall.py")
    assert ended.status == 0
    assert "set_step is no quantile function of u: its answers at 16,384 u were sorted" in ended.out


def test_a_bad_device_ends_with_2_and_words(pcmsim: Command) -> None:
    Path("bad.py").write_text("def set_step(G, u, params):\n    return -1e-6 * u\n")
    ended = pcmsim("device", "check", "bad.py")
    assert (ended.status, ended.err) == (2, "")
    assert "1 fault:\n  partial SET: the response is not monotone: at " in ended.out


# What is asked -> what the message must say.
WRONG = {
    "no number": (["--param", "part"], "--param part: must have the form alpha=0.05"),
    "no name": (["--param", "=3"], "--param =3: must have the form"),
    "text": ([*NUMBERS, "--param", "part=much"], "--param part, device.params.part: must be a num"),
    "no YAML": (["--param", "part=[3"], "--param part, line 1, column 3: this is not valid YAML"),
    "range upside down": ([*NUMBERS, "--g-min", "1"], "--g-min, device.g_min: must be below g_max"),
    "no such parameter": ([], "line 16, in set_step: KeyError: 'part'; params has none"),
    "no such function": (["--function", "set_stp"], "did you mean set_step?"),
    "no name of a function": (["--function", "set step"], "--function, device.function: must be"),
    "no step down": ([*NUMBERS, "--bidirectional"], "device.reset_step: missing"),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG)
def test_what_users_get_wrong(pcmsim: Command, options: list[str], words: str) -> None:
    ended = pcmsim("device", "check", "my_device.py", *options)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("pcmsim: ")
    assert words in ended.err


def test_files_that_are_none(pcmsim: Command) -> None:
    for file in ("nowhere.py", "nowhere.yaml"):
        ended = pcmsim("device", "check", file)
        assert ended.status == 2
        assert file in ended.err
    Path("exact.yaml").write_text("device: {kind: float}\n")
    assert "no device that could be checked" in pcmsim("device", "check", "exact.yaml").err
    ended = pcmsim("device", "check", "small.yaml", "--param", "a=1")
    assert "device.params: not a setting of this kind, but of python" in ended.err


def test_help_warns_that_the_file_is_executed(pcmsim: Command) -> None:
    assert "executed" in " ".join(pcmsim("device", "check", "--help").out.split())
    assert "executed" in " ".join(pcmsim("explain", "device.file").out.split())


def test_the_commands_do_not_wait_for_heavy_packages_before_they_need_them() -> None:
    program = (
        "import sys\n"
        "import pcmsim.cli.device_check, pcmsim.cli.device_list\n"
        "print({'numba', 'matplotlib', 'h5py'} & set(sys.modules))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("set()\n", "")
