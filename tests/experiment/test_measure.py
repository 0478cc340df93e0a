"""One run of many: the quoted figures are those of an ordinary run, bit for bit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pcmsim import Result, run
from pcmsim.config.settings import Settings
from pcmsim.experiment.measure import measure
from pcmsim.experiment.rerun import rerun
from pcmsim.experiment.run import load_fitting_data
from pcmsim.files import write_whole

Make = Callable[..., Settings]


def measured(settings: Settings, path: Path) -> Result:
    write_whole(path, measure(settings, load_fitting_data(settings)))
    return Result.open(path)


@pytest.mark.parametrize("device", ["pcm", "float"])
@pytest.mark.parametrize("epochs", [2, 7])
def test_quoted_figures_are_those_of_a_run(
    make_settings: Make, tmp_path: Path, device: str, epochs: int
) -> None:
    changes = [f"training.epochs={epochs}", f"device={{kind: {device}}}"]
    settings = make_settings(*changes, "read.noise_relative=0.05")
    whole = run(settings, tmp_path / "whole.h5")
    slim = measured(settings, tmp_path / "slim.h5")
    other = {"result", "examples_per_second", "best_test_accuracy"}
    assert {name: value for name, value in slim.summary().items() if name not in other} == {
        name: value for name, value in whole.summary().items() if name not in other
    }
    for name, array in slim.arrays.items():
        expected = whole.arrays[name]
        if "accuracy" in name and "online" not in name:
            assert np.isnan(array[:-5]).all()
            array, expected = array[-5:], expected[-5:]
        assert array.tobytes() == expected.tobytes()
    missing = whole.arrays.keys() - slim.arrays.keys()
    assert missing == {name for name in whole.arrays if name.startswith("layers/")}


def test_a_slim_result_says_so(finished: Result, small: Settings, tmp_path: Path) -> None:
    slim = measured(small, tmp_path / "slim.h5")
    assert (slim.is_slim, finished.is_slim) == (True, False)
    assert slim.synapses == finished.synapses
    assert slim.path.stat().st_size < finished.path.stat().st_size / 2


def test_a_slim_result_is_repeated_as_such(make_settings: Make, tmp_path: Path) -> None:
    slim = measured(make_settings("training.epochs=6"), tmp_path / "slim.h5")
    comparison = rerun(slim.path)
    assert comparison.identical
    assert comparison.datasets == len(slim.arrays)
