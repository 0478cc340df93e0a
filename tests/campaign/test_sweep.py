"""Sweeps: what is run, what is not run again, and what becomes of failures."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcmsim import UserError, collect, load_config, run, sweep
from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign.axes import TAKEN
from pcmsim.campaign.interval import interval
from pcmsim.campaign.run_points import MOST_DEATHS, Outcome, run_points
from pcmsim.campaign.sweep_file import read_sweep
from pcmsim.campaign.worker import measure_point
from tests.campaign.conftest import write_images
from tests.pool import PoolOfNone

Write = Callable[..., str]


def files(folder: str = "out") -> list[str]:
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


def test_figures_are_those_of_single_runs(pool: PoolOfNone) -> None:
    runs = sweep("dead.yaml", "out")
    for dead, replicate, *figures in zip(
        *(runs[name].tolist() for name in ("faults.dead", "replicate")),
        *(runs[f"{name}_accuracy"].tolist() for name in ("online", "train", "test")),
        runs["resets"].tolist(),
        strict=True,
    ):
        settings = load_config("small.yaml", [f"faults.dead={dead}", f"replicate={replicate}"])
        single = run(settings, "single.h5", overwrite=True)
        names = ("online_accuracy", "train_accuracy", "test_accuracy", "resets")
        assert figures == [single.summary()[name] for name in names]


def test_no_axis_can_take_the_place_of_a_column(pool: PoolOfNone) -> None:
    runs = sweep("dead.yaml", "out", replicates=1)
    assert set(runs.columns) == {"faults.dead", *TAKEN}


def test_nothing_is_computed_twice(pool: PoolOfNone) -> None:
    first = sweep("dead.yaml", "out")
    again = sweep("dead.yaml", "out")
    assert len(pool.submitted) == len(set(pool.submitted)) == 9
    assert again.to_csv() == first.to_csv()


def test_an_extended_sweep_runs_what_is_missing(pool: PoolOfNone) -> None:
    sweep("dead.yaml", "out", replicates=2)
    done = len(pool.submitted)
    text = Path("dead.yaml").read_text()
    Path("dead.yaml").write_text(text.replace("[0, 0.2, 0.5]", "[0, 0.2, 0.3, 0.5]"))
    extended = sweep("dead.yaml", "out", replicates=3)
    assert len(pool.submitted) - done == 12 - 6
    assert extended.to_csv() == sweep("dead.yaml", "anew").to_csv()


def test_changed_settings_never_mix(pool: PoolOfNone) -> None:
    sweep("dead.yaml", "out")
    Path("small.yaml").write_text(Path("small.yaml").read_text().replace("0.05", "0.06"))
    changed = sweep("dead.yaml", "out")
    assert len(pool.submitted) == 18
    assert changed.to_csv() == sweep("dead.yaml", "anew").to_csv()


def test_changed_images_never_mix(pool: PoolOfNone) -> None:
    sweep("dead.yaml", "out")
    write_images(Path("tiny.npz"), seed=1)
    changed = sweep("dead.yaml", "out")
    assert len(pool.submitted) == 18
    assert changed.to_csv() == sweep("dead.yaml", "anew").to_csv()


def test_a_damaged_run_is_run_again(pool: PoolOfNone) -> None:
    first = sweep("dead.yaml", "out")
    damaged = sorted(Path("out/runs").iterdir())[4]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with pytest.raises(UserError, match="is damaged"):
        collect("out")
    assert sweep("dead.yaml", "out").to_csv() == first.to_csv()
    assert len(pool.submitted) == 10


def fail_at(dead: float) -> Callable[..., bytes]:
    """Return what works on all points but those with this part of dead devices."""

    def work(text: str, origin: dict[str, str]) -> bytes:
        if f"dead: {dead}\n" in text:
            raise ZeroDivisionError("on purpose")
        return measure_point(text, origin)

    return work


def test_a_failing_point_is_isolated_and_tried_again(
    pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as sabotage:
        sabotage.setattr(run_points_module, "measure_point", fail_at(0.2))
        runs = sweep("dead.yaml", "out")
    assert runs["faults.dead"].tolist() == [0, 0.5] * 3
    why = "ZeroDivisionError: on purpose"
    assert runs.failures == {f"faults.dead = 0.2, replicate {n}": why for n in range(3)}
    note = next(Path("out/failures").iterdir()).read_text()
    assert "Traceback" in note
    whole = sweep("dead.yaml", "out")
    assert whole.failures == {}
    assert list(Path("out/failures").iterdir()) == []
    assert len(pool.submitted) == 9 + 3


def test_reports_count(pool: PoolOfNone) -> None:
    reports: list[tuple[bool, int, int]] = []

    def report(outcome: Outcome, done: int, total: int) -> None:
        reports.append((outcome.is_new, done, total))

    sweep("dead.yaml", "out", replicates=1)
    sweep("dead.yaml", "out", report=report)
    assert reports == [(n > 3, n, 9) for n in range(1, 10)]


@pytest.mark.parametrize("half_width", [0.1, 0.2])
def test_the_stop_rule_adds_replicates_where_they_are_wanted(
    pool: PoolOfNone, write_sweep: Write, half_width: float
) -> None:
    rule = f"replicates: 2\nstop: {{half_width: {half_width}, replicates: 6}}"
    runs = sweep(write_sweep("faults.dead: [0, 0.2, 0.5]", rule), "out")
    for value in (0, 0.2, 0.5):
        accuracies = runs["test_accuracy"][runs["faults.dead"] == value]
        widths = [interval(accuracies[:n].tolist()).half_width for n in range(2, 7)]
        enough = [n for n, width in enumerate(widths, 2) if width <= half_width]
        assert len(accuracies) == (enough[0] if enough else 6)
    assert len(pool.submitted) == runs.finished
    assert sweep("sweep.yaml", "out").to_csv() == runs.to_csv()
    assert len(pool.submitted) == runs.finished


def test_the_folder_holds_nothing_but_what_it_says(pool: PoolOfNone) -> None:
    runs = sweep("dead.yaml", "out")
    expected = [".lock", *(f"{digest}.h5" for digest in runs["digest"]), "sweep.json"]
    assert files() == sorted(expected)


def test_what_killed_writers_left_is_removed(pool: PoolOfNone) -> None:
    sweep("dead.yaml", "out")
    Path("out/runs/.abc.h5.123.tmp").write_text("half a file")
    Path("out/.sweep.json.123.tmp").write_text("half a file")
    sweep("dead.yaml", "out")
    assert not [name for name in files() if name.endswith(".tmp")]


def test_csv_says_what_the_columns_say(pool: PoolOfNone, write_sweep: Write) -> None:
    axes = "device: [{label: 'one, way', value: {kind: pcm}}, {kind: float}]\ntraining.epochs: [2]"
    runs = sweep(write_sweep(axes, "replicates: 2"), "out")
    rows = list(csv.DictReader(io.StringIO(runs.to_csv())))
    assert [row["device"] for row in rows] == ["one, way", '{"kind": "float"}'] * 2
    for name in ("test_accuracy", "test_accuracy_halves_2", "set_pulses", "replicate"):
        assert [float(row[name]) for row in rows] == runs[name].tolist()
    assert {row["digest"] for row in rows} == {path.stem for path in Path("out/runs").iterdir()}


def test_collect_gives_arrays(pool: PoolOfNone) -> None:
    sweep("dead.yaml", "out")
    runs = collect("out")
    assert (runs.finished, runs.points, runs.axes) == (9, 9, ("faults.dead",))
    assert runs["faults.dead"].dtype == np.float64
    assert runs["replicate"].dtype == runs["resets"].dtype == np.int64


def test_a_sweep_of_which_nothing_is_finished_is_collected(
    pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_points_module, "measure_point", fail_at(0.0))
    sweep("dead.yaml", "out", ["training.epochs=1"])
    for path in Path("out/runs").iterdir():
        path.unlink()
    runs = collect("out")
    assert (runs.finished, len(runs.failures)) == (0, 3)


@pytest.mark.parametrize("content", [None, b"{}", b"nonsense \xff"])
def test_what_is_no_folder_of_a_sweep_is_refused(content: bytes | None) -> None:
    Path("out").mkdir()
    if content is not None:
        Path("out/sweep.json").write_bytes(content)
    with pytest.raises(UserError, match="out"):
        collect("out")


def test_a_file_in_the_place_of_the_folder_is_refused(pool: PoolOfNone) -> None:
    Path("out").write_text("")
    with pytest.raises(UserError, match="out cannot be written: File exists"):
        sweep("dead.yaml", "out")


class DeadlyPool(PoolOfNone):
    """A pool whose workers die of some points, always or so many times."""

    def __init__(self, deaths: dict[str, int]) -> None:
        super().__init__()
        self.deaths = deaths

    def submit(self, work: Any, text: str, origin: dict[str, str]) -> Any:
        digest = origin["settings_sha256"]
        if self.deaths.get(digest, 0) == 0:
            return super().submit(work, text, origin)
        self.deaths[digest] -= 1
        future: Future[bytes] = Future()
        future.set_exception(BrokenExecutor("died"))
        return future


def test_a_point_that_kills_its_workers_is_given_up() -> None:
    from pcmsim.campaign.folder import locked

    points = read_sweep("dead.yaml", replicates=1).points()
    pool = DeadlyPool({points[0].digest: MOST_DEATHS - 1, points[1].digest: MOST_DEATHS})
    with locked(Path("out")) as folder:
        outcomes = {one.point.digest: one for one in run_points(points, folder, pool)}
    failures = [outcomes[point.digest].failure for point in points]
    assert failures[0] is failures[2] is None
    assert failures[1] is not None and "died 3 times" in failures[1]
