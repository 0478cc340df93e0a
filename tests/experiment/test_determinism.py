"""The datasets of a result are a function of the settings alone (exact)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim import Result, run
from pcmsim.config.settings import Settings
from pcmsim.experiment import train as train_module
from pcmsim.experiment.rerun import compare

Make = Callable[..., Settings]

# Whatever draws random numbers or cuts the examples into pieces in a way of its own.
VARIANTS = {
    "batches": ["training.batch_size=7"],
    "read noise": ["read={noise_absolute: 1e-7, noise_relative: 0.05}"],
    "faults": ["faults={dead: 0.05, stuck_on: 0.02, stuck_random: 0.05, stuck_present: 0.1}"],
    "memory": ["device={kind: nandakumar2018, range_spread: 0.1}"],
    "bidirectional": ["device={kind: linear, steps: 100}"],
    "transfer": ["synapse.volatile={interval: 90}", "training.learning_rate=0.2"],
    "float": ["device={kind: float}"],
}


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_make_no_difference(
    finished: Result, small: Settings, threads: int, tmp_path: Path
) -> None:
    again = run(small, tmp_path / "again.h5", threads=threads)
    assert compare(finished, again).differing == []


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_neither_threads_nor_the_length_of_a_piece_make_a_difference(
    make_settings: Make, changes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings("training.epochs=2", *changes)
    once = run(settings, tmp_path / "once.h5", threads=1)
    monkeypatch.setattr(train_module, "EXAMPLES_PER_CALL", 64)
    again = run(settings, tmp_path / "again.h5", threads=3)
    assert compare(once, again).differing == []


def test_other_runs_of_the_process_leave_no_trace(
    finished: Result, small: Settings, make_settings: Make, tmp_path: Path
) -> None:
    run(make_settings("seed=9", "device={kind: linear}", "training.epochs=1"), tmp_path / "9.h5")
    again = run(small, tmp_path / "again.h5")
    assert compare(finished, again).differing == []


@pytest.mark.parametrize("change", ["seed=2", "replicate=1"])
def test_another_draw_is_another_run(
    finished: Result, make_settings: Make, change: str, tmp_path: Path
) -> None:
    other = run(make_settings(change), tmp_path / "other.h5")
    differing = compare(finished, other).differing
    assert {"layers/0/weight", "layers/1/range_scale", "epochs/set_pulses"} <= set(differing)
    assert not any(name.endswith("_edges") for name in differing)
