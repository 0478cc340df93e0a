"""A slim run keeps the figures of a whole one, bit for bit, and nothing else (exact)."""

from pathlib import Path

import numpy as np
import pytest

from pcmsim import Result, UserError, run
from pcmsim.config.settings import Settings


def test_a_slim_run_keeps_the_figures_alone(
    finished: Result, small: Settings, tmp_path: Path
) -> None:
    slim = run(small, tmp_path / "slim.h5", slim=True)
    expected = {name for name in finished.arrays if not name.startswith("layers/")}
    assert set(slim.arrays) == expected < set(finished.arrays)
    for name in expected:
        assert np.array_equal(slim.arrays[name], finished.arrays[name], equal_nan=True)


def test_a_slim_run_leaves_no_checkpoint(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a checkpoint was written")

    monkeypatch.setattr("pcmsim.experiment.checkpoint.save", refuse)
    run(small, tmp_path / "slim.h5", slim=True)
    assert [file.name for file in tmp_path.iterdir()] == ["slim.h5"]


def test_a_folder_that_cannot_be_written_is_found_before_the_work(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pcmsim.experiment.run.train", None)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="cannot be written"):
        run(small, tmp_path / "file" / "slim.h5", slim=True)
