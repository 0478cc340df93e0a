"""``pcmsim.tolerance``: which runs it makes, and what it finds with them."""

from pathlib import Path

import numpy as np
import pytest

from pcmsim import UserError, collect, sweep, tolerance
from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign.folder import locked
from pcmsim.campaign.summary import summarise
from pcmsim.report.tolerance_figure import tolerance_figure
from pcmsim.report.tolerance_text import tolerance_text
from pcmsim.study.tolerance.search import Verdict
from tests.pool import PoolOfNone

# A search of few runs.
DEAD = ("small.yaml", "faults.dead", 0.2)
FEW = 4

pytestmark = pytest.mark.usefixtures("here")


def test_a_search_is_finished_once_and_agrees_with_the_sweep(pool: PoolOfNone) -> None:
    found = tolerance(*DEAD, "out", replicates=FEW)
    assert len(pool.submitted) == len(set(pool.submitted)) == found.runs.finished
    ((way, limit),) = found.limits
    assert (way.near, way.far, found.reference) == (0, 1, 0)
    assert {"within", "beyond"} <= {one.verdict for one in limit.tested}
    tested = {one.value: one for one in limit.tested}
    text = f"title: A\nbase: small.yaml\nreplicates: 4\naxes: {{faults.dead: {list(tested)}}}\n"
    Path("dead.yaml").write_text(text)
    for summary in summarise(sweep("dead.yaml", "swept")):
        assert summary.loss == tested[summary.cells["faults.dead"]].loss
    again = tolerance(*DEAD, "out", replicates=FEW)
    assert again.limits == found.limits
    assert again.runs.to_csv() == found.runs.to_csv()
    assert len(pool.submitted) == found.runs.finished


def test_a_search_that_was_cut_short_goes_on(pool: PoolOfNone) -> None:
    whole = tolerance(*DEAD, "whole", replicates=FEW)
    done = len(pool.submitted)

    class Interrupt(Exception):
        pass

    def give_up(outcome: object, count: int) -> None:
        if count == done // 2:
            raise Interrupt

    with pytest.raises(Interrupt):
        tolerance(*DEAD, "cut", replicates=FEW, report=give_up)
    assert collect("cut").finished == done // 2
    assert tolerance(*DEAD, "cut", replicates=FEW).limits == whole.limits
    assert len(pool.submitted) == 2 * done


def test_workers_change_nothing() -> None:
    searches = [
        tolerance(*DEAD, f"out{workers}", replicates=FEW, workers=workers) for workers in (1, 3)
    ]
    assert searches[0].limits == searches[1].limits
    assert searches[0].runs.to_csv() == searches[1].runs.to_csv()


def test_both_directions_are_searched_and_whole_numbers_stay_whole(pool: PoolOfNone) -> None:
    name = "device.pulses_to_90_percent"
    found = tolerance("small.yaml", name, 0.2, "out", first=10, last=60, replicates=3)
    assert [(way.near, way.far) for way, _ in found.limits] == [(30, 60), (30, 10)]
    assert found.runs[name].dtype.kind == "i"
    assert found.reference == 30


def test_a_common_factor_of_all_layers(pool: PoolOfNone) -> None:
    changes = ["training.learning_rate=[0.05, 0.02]"]
    found = tolerance(
        "small.yaml", "training.learning_rate", 0.2, "out", changes, first=1, last=8, replicates=3
    )
    assert (found.reference, found.unit) == (1, "times the file's")
    paths = (found.runs.folder / "runs").iterdir()
    rates = {tuple(rates_of(path)) for path in paths}
    assert [first / second for first, second in rates] == pytest.approx([2.5] * len(rates))
    assert len(rates) == len(set(found.runs["training.learning_rate"]))


def rates_of(path: Path) -> list[float]:
    from pcmsim import Result

    rates = Result.open(path).settings.training.learning_rate
    assert isinstance(rates, list)
    return rates


def test_null_is_searched_from_the_better_end(pool: PoolOfNone) -> None:
    found = tolerance(
        "small.yaml", "faults.endurance_set", 0.2, "out", first=1, last=1000, replicates=3
    )
    ((way, limit),) = found.limits
    assert found.reference == "null"
    assert (way.near, way.far) == (1000, 1)
    assert limit.tested[0].value == 1000 and limit.tested[0].verdict is not Verdict.BEYOND


def test_a_failed_run_ends_the_search_in_words(
    pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str, origin: dict[str, str]) -> bytes:
        raise ZeroDivisionError("on purpose")

    with monkeypatch.context() as sabotage:
        sabotage.setattr(run_points_module, "measure_point", fail)
        with pytest.raises(UserError, match=r"replicate 0 failed: ZeroDivisionError: on purpose"):
            tolerance(*DEAD, "out")
    assert tolerance(*DEAD, "out", replicates=2, last=0.1).runs.finished > 0


# Arguments -> what the message says.
REFUSED = {
    "no loss": ({"loss": 0}, "--loss: must be a fraction above 0 and below 1, not 0"),
    "all lost": ({"loss": 1}, "--loss: must be a fraction above 0 and below 1, not 1"),
    "one replicate": ({"replicates": 1}, "--replicates: must be at least 2"),
    "beyond the range": ({"last": 1.5}, "--to, faults.dead: must be a number from 0 to 1"),
    "before the range": ({"first": -0.5}, "--from, faults.dead: must be a number from 0 to 1"),
    "reference out of range": ({"reference": 2.0}, "--reference, faults.dead: must be a number"),
    "half a pulse": (
        {"parameter": "device.pulses_to_90_percent", "first": 2.5},
        "--from, device.pulses_to_90_percent: must be a whole number",
    ),
    "end that contradicts the file": (
        {"overrides": ["faults.stuck_on=0.3"]},
        "--to, faults.dead: all kinds of faults add up to 1.3",
    ),
    "missing file": (
        {"overrides": ["device={kind: table, file: gone.csv, bidirectional: false}"]},
        "gone.csv",
    ),
    "no workers": ({"workers": 0}, "workers: must be at least 1"),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_before_anything_runs(changes: dict[str, object], words: str) -> None:
    arguments = {"config": "small.yaml", "parameter": "faults.dead", "loss": 0.1, "out": "out"}
    with pytest.raises(UserError) as refusal:
        tolerance(**(arguments | changes))  # type: ignore[arg-type]
    assert words in str(refusal.value)
    assert not list(Path().glob("out/runs/*"))


def test_a_folder_in_use_is_refused(pool: PoolOfNone) -> None:
    with (
        locked(Path("out")),
        pytest.raises(UserError, match="out is being written by another process"),
    ):
        tolerance(*DEAD, "out")


def test_the_picture_shows_what_the_table_says(pool: PoolOfNone) -> None:
    found = tolerance(*DEAD, "out", replicates=FEW)
    ((_, limit),) = found.limits
    figure = tolerance_figure(found)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    assert axes.get_ylabel() == "loss of test accuracy (points)"
    drawn = {
        (place, loss)
        for container in axes.containers
        for place, loss in np.asarray(container[0].get_xydata()).tolist()
    }
    assert drawn == {(one.value, 100 * one.loss.mean) for one in limit.tested}
    text = tolerance_text(found)
    assert all(f"{one.loss.mean:.2%}".replace("%", " %") in text for one in limit.tested[1:])
