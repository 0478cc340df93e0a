"""The package as a whole: what it offers in Python, what it loads, and the settings shipped."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pcmsim
from pcmsim.config.settings import Settings

HEAVY = ("numba", "matplotlib", "h5py")
# Sweep files, which are no settings files, have tests of their own.
CONFIGS = sorted(
    path
    for path in (Path(__file__).parents[1] / "configs").glob("**/*.yaml")
    if path.parent.name not in ("tolerance", "synapse")
)

LOADED = f"""
import sys
{{work}}
print(*[name for name in {HEAVY} if name in sys.modules])
"""

COMMAND = """
import contextlib, io
from pcmsim.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main({arguments})
"""

LIGHT_WORK = {
    "import pcmsim": "import pcmsim",
    "load_config": "from pcmsim import load_config",
    "--help": COMMAND.format(arguments=["--help"]),
    "run --help": COMMAND.format(arguments=["run", "--help"]),
    "--version": COMMAND.format(arguments=["--version"]),
    "explain": COMMAND.format(arguments=["explain"]),
    "explain --schema": COMMAND.format(arguments=["explain", "--schema"]),
    "reproduce --help": COMMAND.format(arguments=["reproduce", "--help"]),
    "sweep --help": COMMAND.format(arguments=["sweep", "--help"]),
    "tolerance --help": COMMAND.format(arguments=["tolerance", "--help"]),
}


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """Return settings of a run that takes a moment; their file is small.yaml."""
    file = tmp_path / "small.yaml"
    file.write_text("device: {kind: pcm}\ndata: {train_images: 300}\n")
    return pcmsim.load_config(file, ["network.layers=[528, 16, 12, 10]", "training.epochs=1"])


@pytest.mark.parametrize("work", LIGHT_WORK.values(), ids=LIGHT_WORK)
def test_light_work_does_not_wait_for_heavy_packages(work: str) -> None:
    program = LOADED.format(work=work)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("\n", "")


def test_a_result_is_shown_without_the_compiler(small: Settings, tmp_path: Path) -> None:
    result = pcmsim.run(small, tmp_path / "small.h5")
    program = LOADED.format(work=COMMAND.format(arguments=["show", str(result.path)]))
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("h5py\n", "")


def test_the_package_offers_what_it_says() -> None:
    assert {name for name in pcmsim.__all__ if hasattr(pcmsim, name)} == {
        "Result",
        "UserError",
        "attribute",
        "collect",
        "judge",
        "load_config",
        "reproduce",
        "retention",
        "run",
        "sweep",
        "tolerance",
        "write_fault_map",
    }


def test_other_names_are_unknown() -> None:
    with pytest.raises(AttributeError, match="module 'pcmsim' has no attribute 'train'"):
        _ = pcmsim.train


def test_a_run_in_python(small: Settings, tmp_path: Path) -> None:
    result = pcmsim.run(small, tmp_path / "small.h5")
    assert isinstance(result, pcmsim.Result)
    assert result.summary()["test_accuracy"] == result.arrays["epochs/test_accuracy"][0]


def test_a_number_of_threads_that_cannot_be_is_refused_before_the_work(
    small: Settings, tmp_path: Path
) -> None:
    with pytest.raises((pcmsim.UserError, ValueError), match="threads"):
        pcmsim.run(small, tmp_path / "small.h5", threads=0)
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


@pytest.mark.parametrize(
    "damage", [lambda code: b"damaged", lambda code: code[:-20]], ids=["other bytes", "cut short"]
)
def test_damaged_machine_code_is_compiled_anew(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """What kernels leave on the disk is only a shortcut; it must never stop anything."""
    program = "from pcmsim.array.random import *; print(random_words(1, 0, (2, 2), make_key(1, 0)))"
    line = [sys.executable, "-c", program]
    surroundings = os.environ | {"PCMSIM_CACHE": str(tmp_path)}
    first = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=True)
    (index,) = tmp_path.rglob("*.nbi")
    index.write_bytes(damage(index.read_bytes()))
    again = subprocess.run(line, env=surroundings, capture_output=True, text=True)
    assert (again.stdout, again.stderr) == (first.stdout, "")


@pytest.mark.parametrize("config", CONFIGS, ids=[config.stem for config in CONFIGS])
def test_shipped_settings_are_valid(config: Path) -> None:
    assert pcmsim.load_config(config)
