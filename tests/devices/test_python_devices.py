"""Devices as Python functions: what a file says is what is drawn, and bad files are refused."""

import hashlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcmsim import UserError, load_config, run
from pcmsim.config.device_settings import PythonDevice
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import mean_step, tabulate
from pcmsim.devices.model import DeviceModel
from pcmsim.devices.python_function import PythonFunction
from pcmsim.kernels.respond import respond
from tests.devices.probe import device_settings, fire

EXAMPLE = Path(__file__).parents[2] / "configs" / "examples" / "my-device.yaml"
FALSE_ALARM = 1e-3
DEVICES = 20_000

# The law of kind `linear` at its defaults with 50 steps, as a user would write it.
NORMAL = """\
from statistics import NormalDist

import numpy as np

quantile = np.vectorize(NormalDist().inv_cdf)


def set_step(G, u, params):
    return params["step"] * (1 + 0.3 * quantile(u)) + 0 * G


def step_down(G, u, params):
    return -params["step"] * (1 - 0.3 * quantile(u)) + 0 * G
"""
# A pulse does nothing or, half as often, moves by a step that is uniform from 1 to 2 uS: of u, one
# part decides and the other draws, so that it is no quantile function.
TWO_DRAWS = """\
import numpy as np


def set_step(G, u, params):
    chance, size = np.floor(3 * u), 3 * u % 1
    return np.where(chance == 1, (1 + size) * 1e-6, 0.0) + 0 * G
"""


def settings_for(text: str, **settings: Any) -> PythonDevice:
    path = Path("device.py")
    path.write_text(text)
    device = device_settings({"kind": "python", "file": str(path.absolute()), **settings})
    assert isinstance(device, PythonDevice)
    return device


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def two_way(**settings: Any) -> DeviceModel:
    return build_model(settings_for(NORMAL, reset_step="step_down", bidirectional=True, **settings))


def test_a_quantile_function_makes_the_same_tables_as_the_built_in_law() -> None:
    """Equal but for the order of multiplications: a few roundings of float32."""
    step = 24.5e-6 / 50
    mine = tabulate(two_way(params={"step": step}))
    theirs = tabulate(build_model(device_settings({"kind": "linear", "steps": 50})))
    assert mine.bidirectional and theirs.bidirectional
    for one, other in ((mine.set_jumps, theirs.set_jumps), (mine.reset_jumps, theirs.reset_jumps)):
        assert one == pytest.approx(other, abs=4 * 2.0**-24 * float(np.abs(other).max()))


def test_a_function_that_draws_in_its_own_way_is_sorted() -> None:
    """Two thirds of the steps are 0, the others uniform from 1 to 2 uS: mean 0.5 uS.

    Quantiles come from 16,384 answers and are exact to a step between neighbours, 2e-4 uS, but in
    the cell of the table in which the law jumps: there the table has 1/128 of all steps spread
    between 0 and 1 uS, which shifts the mean by up to half of that.
    """
    model = build_model(settings_for(TWO_DRAWS))
    assert isinstance(model, PythonFunction)
    assert model.is_sorted == {"set_step": True}
    p = np.array([0.1, 0.6, 0.7, 0.8, 0.9, 0.99])
    expected = np.where(p < 2 / 3, 0, 1 + 3 * (p - 2 / 3)) * 1e-6
    assert model.set_step(np.array([[1e-6], [20e-6]]), p, 0) == pytest.approx(
        np.tile(expected, (2, 1)), abs=2e-10
    )
    assert mean_step(tabulate(model).set_jumps[0]) == pytest.approx(0.5e-6, abs=0.5e-6 / 128)


def test_the_array_draws_from_the_function() -> None:
    """The share of 20,000 devices below any step is that of the law (Dvoretzky, Kiefer, Wolfowitz).

    Plus 1/128, since the table knows quantiles at multiples of that; a false alarm once in 1,000.
    """
    device = settings_for(TWO_DRAWS)
    model = build_model(device)
    ends = fire(device.model_dump(), model, 10e-6, 1, DEVICES, upwards=True)[:, 0] - 10e-6
    steps = np.linspace(0.01e-6, 2e-6, 200)
    measured = np.searchsorted(np.sort(ends), steps) / DEVICES
    expected = 2 / 3 + np.clip(steps / 1e-6 - 1, 0, 1) / 3
    bound = math.sqrt(math.log(2 / FALSE_ALARM) / (2 * DEVICES)) + 1 / 128
    assert np.abs(measured - expected).max() <= bound


def test_without_a_function_a_reset_leaves_a_residue() -> None:
    text = "def set_step(G, u, params):\n    return 1e-6 * u\n"
    model = build_model(settings_for(text, reset_residue=1e-6, reset_spread=0.1e-6))
    assert 20e-6 + model.reset_step(20e-6, 0.5) == pytest.approx(1.5e-6)
    assert 20e-6 + model.reset_step(20e-6, 0.8413447460685429) == pytest.approx(1.6e-6)


def test_numbers_and_small_arrays_are_spread_over_all_conductances() -> None:
    model = build_model(settings_for("def set_step(G, u, params):\n    return 1e-6\n"))
    assert model.set_step(np.zeros((4, 1)), np.full((1, 3), 0.5), 0).shape == (4, 3)


def test_a_function_cannot_change_what_others_get() -> None:
    text = (
        "def set_step(G, u, params):\n    G *= 0\n    u *= 0\n    params.clear()\n    return 1e-6\n"
    )
    assert build_model(settings_for(text, params={"a": 1.0})).set_step(1e-6, 0.5, 0) == 1e-6


def test_no_machine_code_is_made_for_a_users_function() -> None:
    """A device of the user's takes the signatures of kernels that built-in devices have."""
    built_in = {"kind": "linear", "steps": 50}
    fire(built_in, build_model(device_settings(built_in)), 10e-6, 1, 4, upwards=True)
    signatures = list(respond.signatures)
    for text in (NORMAL, TWO_DRAWS):
        device = settings_for(text, params={"step": 1e-6})
        fire(device.model_dump(), build_model(device), 10e-6, 1, 4, upwards=True)
        assert respond.signatures == signatures


def one(body: str) -> str:
    """Return a file whose function has this body, on line 2."""
    return f"def set_step(G, u, params):\n    {body}\n"


# What is in the file -> what the message must say.
FAULTS: dict[str, tuple[str, list[str]]] = {
    "no function": ("x = 1\n", ["there is no function set_step", "device.function"]),
    "another name": (
        "def set_stp(G, u, params):\n    return G\n",
        ["did you mean set_stp?"],
    ),
    "no callable": ("set_step = 3\n", ["set_step is no function"]),
    "two arguments": (
        "\ndef set_step(G, u):\n    return G\n",
        ["line 2, set_step: must take three arguments, (G, u, params), not (G, u)"],
    ),
    "four arguments": (
        "def set_step(G, u, params, more):\n    return G\n",
        ["line 1", "must take three arguments", "more"],
    ),
    "broken Python": ("def set_step(G, u, params:\n    return G\n", ["line 1", "not valid Python"]),
    "null bytes": ("x = '\0'\n", ["null bytes"]),
    "fails when read": ("import nowhere_at_all\n", ["line 1", "No module named"]),
    "fails further down": ("x = 1\n\ny = x / 0\n", ["line 3", "ZeroDivisionError"]),
    "leaves": ("import sys\nsys.exit(3)\n", ["line 2", "SystemExit: 3"]),
    "exception inside": (one("return G / 0 + [1][4]"), ["line 2, in set_step: IndexError"]),
    "unknown parameter": (
        one("return params['alfa'] * u"),
        ["line 2, in set_step: KeyError: 'alfa'; params has alpha, beta"],
    ),
    "exits inside": (one("raise SystemExit(0)"), ["line 2, in set_step: SystemExit"]),
    "nothing": (one("pass"), ["line 1, set_step: must return numbers, not None"]),
    "text": (one("return 'much'"), ["must return numbers, not a str"]),
    "complex numbers": (one("return u + 1j"), ["must return numbers, not an array of complex128"]),
    "wrong shape": (
        "import numpy as np\ndef set_step(G, u, params):\n    return np.zeros(7)\n",
        ["line 2, set_step: must return an array of the shape", "(33, 16384), not (7,)"],
    ),
    "lists of unequal lengths": (one("return [[1], [1, 2]]"), ["of unequal lengths"]),
    "not a number": (
        "import numpy as np\ndef set_step(G, u, params):\n    return np.log(G - 2e-6) * 1e-9 + u\n",
        ["line 2, set_step: returns nan for G = 5e-07 S"],
    ),
    "infinite": (one("return 1e-6 / (u - u)"), ["returns inf for G = 5e-07 S and u = "]),
    "microsiemens": (
        one("return 1 + u + 0 * G"),
        ["half of the steps are longer than 1.5 S, beyond the whole range of 2.45e-05 S"],
    ),
    "random numbers of its own": (
        "import numpy as np\n\n\ndef set_step(G, u, params):\n"
        "    return np.random.default_rng().random(u.shape) * 1e-6\n",
        ["line 4, set_step: answers differently when asked the same again", "must come from u"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_faults_of_a_file_are_told_in_one_message(text: str, expected: list[str]) -> None:
    device = settings_for(text, params={"alpha": 1.0, "beta": 2.0})
    with pytest.raises(UserError) as caught:
        build_model(device)
    message = str(caught.value)
    assert str(Path("device.py").absolute()) in message
    assert "\n" not in message
    for words in expected:
        assert words in message


def test_a_file_that_is_not_there_or_a_folder_is_refused() -> None:
    device = settings_for("")
    for change, words in (("nowhere.py", "there is no file nowhere.py"), (".", "cannot be read")):
        with pytest.raises(UserError, match=words):
            build_model(device.model_copy(update={"file": change}))


def test_text_that_is_not_unicode_is_refused() -> None:
    device = settings_for("")
    Path("device.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(UserError, match=r"device\.py.*not valid Python"):
        build_model(device)


Write = Callable[[str], Path]


def test_settings_of_a_bidirectional_device_need_a_step_down() -> None:
    Path("my.yaml").write_text(
        "device:\n  kind: python\n  file: device.py\n  bidirectional: true\n"
    )
    with pytest.raises(UserError, match=r"line 1, device.reset_step: missing; a bidirectional"):
        load_config("my.yaml")


def test_params_are_numbers_and_can_be_set() -> None:
    Path("my.yaml").write_text("device: {kind: python, file: device.py, params: {alpha: high}}\n")
    with pytest.raises(
        UserError, match=r'device\.params\.alpha: must be a number, not the text "hi'
    ):
        load_config("my.yaml")
    settings = load_config("my.yaml", ["device.params.alpha=3e-1"])
    assert isinstance(settings.device, PythonDevice)
    assert settings.device.params == {"alpha": 0.3}
    # Relative to the settings file, wherever that is read from.
    assert settings.device.file == os.path.abspath("device.py")


def test_the_example_runs_and_its_file_is_part_of_the_provenance() -> None:
    """One epoch of the example file; its result names the SHA-256 of the user's file."""
    changes = ["training.epochs=1", "data.train_images=200", "network.layers=[528, 8, 8, 10]"]
    settings = load_config(EXAMPLE, changes)
    result = run(settings, Path("example.h5"))
    assert result.arrays["epochs/set_pulses"][-1] > 0
    file = EXAMPLE.with_name("my_device.py")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert result.attributes["device_file_sha256"] == digest


def test_the_example_does_what_it_says() -> None:
    settings = load_config(EXAMPLE).device
    assert isinstance(settings, PythonDevice)
    model = build_model(settings)
    top, part = settings.params["top"], settings.params["part"]
    g = np.array([1e-6, 10e-6])
    assert model.set_step(g, 1 - math.exp(-1), 0) == pytest.approx(part * (top - g))
    assert g + model.reset_step(g, 0.5) == pytest.approx([0.75e-6, 0.75e-6])
