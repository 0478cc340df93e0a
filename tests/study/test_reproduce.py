"""The study: what is run for it, what is found, and what is left out."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pcmsim import UserError, load_config, sweep
from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign.folder import locked
from pcmsim.campaign.interval import Interval, interval
from pcmsim.campaign.point import Point
from pcmsim.campaign.worker import measure_point
from pcmsim.study.reproduction import reproduce as reproduce_module
from pcmsim.study.reproduction.outcome import Curve, Outcome, Verdict
from pcmsim.study.reproduction.plan import plan_study
from pcmsim.study.reproduction.reproduce import reproduce
from tests.campaign.conftest import write_images
from tests.pool import PoolOfNone
from tests.study.conftest import write_study


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outcome, PoolOfNone]]:
    """Return what a whole study found, and the pool that it was run by."""
    pool = PoolOfNone()
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.chdir(tmp_path_factory.mktemp("finished"))
        surroundings.setattr(reproduce_module, "pool_of", lambda workers, dask: pool)
        write_images(Path("tiny.npz"))
        write_study(Path("configs"))
        yield reproduce("out"), pool


Finished = tuple[Outcome, PoolOfNone]


def curve(outcome: Outcome, name: str) -> Curve:
    return next(curve for curve in outcome.curves if curve.name == name)


def measured(outcome: Outcome, name: str) -> Interval:
    found = next(claim.measured for claim in outcome.claims if claim.name == name)
    assert found is not None
    return found


def accuracies(changes: list[str], base: str = "burr2014", replicates: int = 3) -> list[float]:
    """Return the test accuracies of a sweep without axes, which is another way to run."""
    text = f"title: By hand\nbase: {Path('configs').absolute()}/{base}.yaml\n"
    Path("by-hand.yaml").write_text(text)
    runs = sweep("by-hand.yaml", "by hand", changes, replicates=replicates)
    return [float(accuracy) for accuracy in runs["test_accuracy"]]


def losses(reference: list[float], found: list[float]) -> Interval:
    return interval([one - other for one, other in zip(reference, found, strict=True)])


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``sweep`` work in this process."""
    from pcmsim.campaign import sweep as sweep_module

    monkeypatch.setattr(sweep_module, "pool_of", lambda workers, dask: PoolOfNone())


def test_a_point_of_several_parts_is_run_once(finished: Finished) -> None:
    _, pool = finished
    plan = plan_study(Path("configs"))
    wanted = {point.digest for _, point in plan.runs()}
    assert sorted(pool.submitted) == sorted(wanted)
    assert len(wanted) < len(list(plan.runs())) / 2


def test_losses_are_against_the_base_file(finished: Finished, by_hand: None) -> None:
    """Whether or not it is among the values of a curve."""
    outcome, _ = finished
    base = accuracies([])
    dead, interval_ = curve(outcome, "dead"), curve(outcome, "interval")
    assert dead.summaries[2].loss == losses(base, accuracies(["faults.dead=0.3"]))
    assert interval_.summaries[1].loss == losses(base, accuracies(["reset.interval=40"]))
    ideal = accuracies([], "ideal-linear")
    asymmetric = accuracies(["device.asymmetry=0.1"], "ideal-linear")
    assert curve(outcome, "asymmetry").summaries[1].loss == losses(ideal, asymmetric)


def test_claims_are_measured_on_the_runs_that_they_name(finished: Finished, by_hand: None) -> None:
    outcome, _ = finished
    base = accuracies([], replicates=10)
    assert measured(outcome, "test accuracy") == interval(base)
    stuck = accuracies(["faults.stuck_on=0.2"], replicates=5)
    assert measured(outcome, "20 % stuck on") == losses(base[:5], stuck)
    ideal, software = (accuracies([], name, 5) for name in ("ideal-linear", "float"))
    assert measured(outcome, "ideal device against software") == losses(software, ideal)


def test_curves_know_their_axes(finished: Finished) -> None:
    outcome, _ = finished
    axes = {
        one.name: (one.setting, one.is_logarithmic, one.shipped, len(one.summaries))
        for one in outcome.curves
    }
    assert axes == {
        "dead": ("faults.dead", False, 0, 4),
        "asymmetry": ("device.asymmetry", False, 0, 3),
        "concavity": ("device.concavity", False, 1, 4),
        "interval": ("reset.interval", True, 20, 3),
        "rates": ("training.learning_rate", True, 1, 3),
        "layers": ("network.layers", False, "six", 2),
        "ratio": ("on/off ratio", False, 50, 2),
    }
    # What fails, what the device is, what is done with it.
    assert list(axes) == ["dead", "asymmetry", "concavity", "interval", "rates", "layers", "ratio"]
    assert curve(outcome, "dead").label == "share that is dead"
    assert curve(outcome, "rates").label == "training.learning_rate"


def test_claims_point_to_curves_that_there_are(finished: Finished) -> None:
    pointers = {claim.name: claim.curve for claim in finished[0].claims}
    assert pointers["30 % dead conductors"] == "dead"
    assert pointers["30 % dead rows"] is None


def test_members_say_what_sets_them_apart(finished: Finished) -> None:
    """The base is one of them; another one may be like it."""
    base, alike, other = finished[0].members
    assert (base.name, alike.name, other.name) == ("burr2014", "alike", "other")
    assert base.claims == alike.claims
    assert "dead" in [claim.curve for claim in base.claims]
    assert alike.properties == {"training.learning_rate": "0.05"}
    assert other.properties == {"training.learning_rate": "[0.1, 0.2]"}
    names = [claim.name for claim in alike.claims]
    assert names == [claim.name for claim in other.claims]
    same = {claim.name: claim.measured for claim in finished[0].claims if claim.is_difference}
    losses_of_alike = [claim for claim in alike.claims if claim.is_difference]
    assert [claim.measured for claim in losses_of_alike] == [
        same[claim.name] for claim in losses_of_alike
    ]
    assert finished[0].ensemble_note == "Alike is alike."


def test_measures_are_compared_with_the_network_without_fault(
    finished: Finished, by_hand: None
) -> None:
    outcome, _ = finished
    assert [one.measure for one in outcome.mitigations] == ["none", "wider"]
    changes = ["faults.dead=0.3", "network.layers=[16, 12, 4]"]
    expected = losses(accuracies([], replicates=5), accuracies(changes, replicates=5))
    assert outcome.mitigations[1].losses[0.3] == expected


def test_tables_have_a_row_for_every_run_and_claim(finished: Finished) -> None:
    outcome, _ = finished
    runs = list(csv.DictReader(Path("out/runs.csv").read_text().splitlines()))
    plan = plan_study(Path("configs"))
    assert {(row["part"], row["digest"]) for row in runs} == {
        (part, point.digest) for part, point in plan.runs()
    }
    dead = [row for row in runs if row["part"] == "dead" and row["faults.dead"]]
    assert len(dead) == 4 * 3
    columns = curve(outcome, "dead").runs.columns
    for name in ("faults.dead", "replicate", "test_accuracy", "set_pulses"):
        assert sorted(float(row[name]) for row in dead) == sorted(columns[name].tolist())
    claims = list(csv.DictReader(Path("out/claims.csv").read_text().splitlines()))
    assert [row["claim"] for row in claims[: len(outcome.claims)]] == [
        claim.name for claim in outcome.claims
    ]
    assert len(claims) == len(outcome.claims) + sum(len(one.claims) for one in outcome.members)


def test_a_second_start_finds_everything(finished: Finished) -> None:
    outcome, pool = finished
    tables = {path.name: path.read_bytes() for path in Path("out").glob("*.csv")}
    done = len(pool.submitted)
    lost = sorted(Path("out/runs").iterdir())[::40]
    for path in lost:
        path.unlink()
    again = reproduce("out")
    assert sorted(pool.submitted[done:]) == sorted(path.stem for path in lost)
    assert (again.claims, again.members, again.mitigations) == (
        outcome.claims,
        outcome.members,
        outcome.mitigations,
    )
    assert tables == {path.name: path.read_bytes() for path in Path("out").glob("*.csv")}


def test_a_quick_study_is_cut_down(configs: Path, pool: PoolOfNone) -> None:
    outcome = reproduce("out", is_quick=True)
    assert (outcome.is_quick, outcome.epochs, outcome.replicates) == (True, 3, 2)
    dead = curve(outcome, "dead")
    values = [summary.cells["faults.dead"] for summary in dead.summaries]
    assert values == [0, 0.3, 0.5]
    assert {summary.replicates for summary in dead.summaries} == {2}
    assert (outcome.members, outcome.mitigations) == ([], [])
    assert set(outcome.left_out) == {"alike", "other", "mitigation-dead"}
    assert outcome.command == "pcmsim reproduce --quick"


OWN = """
network: {layers: [16, 5, 4], initial_weight: 1.5}
data: {path: tiny.npz, train_images: 60, crop: null}
training: {epochs: 3, learning_rate: 0.05}
device: {kind: linear, steps: 50, g_min: 1e-6}
reset: {interval: 20}
replicate: 4
"""


def test_own_settings_take_the_place_of_the_base(configs: Path, pool: PoolOfNone) -> None:
    Path("own.yaml").write_text(OWN)
    outcome = reproduce("out", "own.yaml", is_quick=True)
    assert (outcome.base, outcome.epochs) == ("own.yaml", 3)
    assert not outcome.is_published_experiment
    assert outcome.command == "pcmsim reproduce own.yaml --quick"
    assert {one.name for one in outcome.curves} == {
        "dead", "asymmetry", "interval", "rates", "layers", "ratio",
    }  # fmt: skip
    assert "concavity: not a setting of this kind" in outcome.left_out["concavity"]
    assert curve(outcome, "interval").shipped == 20
    assert curve(outcome, "ratio").shipped is None
    shared = curve(outcome, "dead").summaries[0].loss
    assert shared is not None and shared.mean == 0
    names = {claim.name for claim in outcome.claims}
    assert "30 % dead conductors" in names
    assert not [name for name in names if "ideal device" in name]
    plan = plan_study(configs, Path("own.yaml"))
    assert plan.members == {}
    assert {point.settings.device.kind for _, point in plan.runs()} == {"linear"}
    assert len(plan.mitigations) == 1


def test_the_shipped_file_by_name_is_the_published_experiment(configs: Path) -> None:
    plan = plan_study(configs, Path("configs/../configs/burr2014.yaml"))
    assert plan.is_published_experiment


def fail_at(words: str) -> Callable[..., bytes]:
    """Return what works on all points but those in whose settings these words are."""

    def work(text: str, origin: dict[str, str]) -> bytes:
        if words in text:
            raise ZeroDivisionError("on purpose")
        return measure_point(text, origin)

    return work


def test_failing_points_are_isolated_and_tried_again(
    configs: Path, pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as sabotage:
        sabotage.setattr(run_points_module, "measure_point", fail_at("dead: 0.3\n"))
        outcome = reproduce("out", is_quick=True)
    names = [f"claims: file = burr2014, faults.dead = 0.3, replicate {n}" for n in range(2)]
    assert outcome.failures == dict.fromkeys(names, "ZeroDivisionError: on purpose")
    verdicts = {claim.name: claim.verdict for claim in outcome.claims}
    assert verdicts["30 % dead conductors"] is Verdict.OPEN
    assert len(curve(outcome, "dead").summaries) == 2
    done = len(pool.submitted)
    whole = reproduce("out", is_quick=True)
    assert whole.failures == {}
    assert len(pool.submitted) - done == 2


def test_a_curve_without_runs_is_left_to_the_failures(
    configs: Path, pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_points_module, "measure_point", fail_at("epochs"))
    outcome = reproduce("out", is_quick=True)
    assert outcome.curves == []
    assert {claim.verdict for claim in outcome.claims} == {Verdict.OPEN}
    assert len(outcome.failures) == len(pool.submitted)
    assert Path("out/runs.csv").read_text().startswith("part,")


def test_progress_counts_points_once(configs: Path, pool: PoolOfNone) -> None:
    seen: list[tuple[int, int]] = []

    def report(outcome: Any, done: int, total: int) -> None:
        seen.append((done, total))

    reproduce("out", is_quick=True, report=report)
    assert seen == [(n, len(pool.submitted)) for n in range(1, len(pool.submitted) + 1)]


def test_without_ensemble_or_mitigation(configs: Path) -> None:
    for path in [*configs.glob("ensemble/*"), *configs.glob("tolerance/mitigation-*")]:
        path.unlink()
    Path(configs, "ensemble").rmdir()
    plan = plan_study(configs)
    assert (plan.members, plan.mitigations, plan.ensemble_note) == ({}, [], "")


def replaced(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def test_a_folder_without_sweeps_is_refused(configs: Path) -> None:
    with pytest.raises(UserError, match=r"elsewhere/tolerance: there are no .*--configs"):
        reproduce("out", configs="elsewhere")


def test_a_fault_in_a_shipped_file_is_refused_before_anything_runs(configs: Path) -> None:
    replaced("configs/tolerance/dead.yaml", "faults.dead", "faults.ded")
    with pytest.raises(UserError, match=r"dead.yaml[\s\S]*faults.ded: unknown setting"):
        reproduce("out")
    assert not Path("out").exists()


def test_a_fault_in_own_settings_is_refused(configs: Path) -> None:
    Path("own.yaml").write_text("device: {kind: pmc}\n")
    with pytest.raises(UserError, match=r"own\.yaml"):
        reproduce("out", "own.yaml")


@pytest.mark.parametrize(
    ("path", "axes", "words"),
    [
        ("dead", "", "axes: the study wants 1 in this file"),
        ("mitigation-dead", "faults.dead: [0, 0.1]", "axes: the study wants 2 in this file"),
        (
            "mitigation-dead",
            "device: [{label: a, value: {kind: pcm}}]\n  faults.dead: [0, 0.1]",
            "axes, device: must be numbers, not a",
        ),
    ],
)
def test_a_sweep_that_makes_no_curve_is_refused(
    configs: Path, path: str, axes: str, words: str
) -> None:
    block = f"axes:\n  {axes}\n" if axes else ""
    text = f"title: A title\nbase: ../burr2014.yaml\n{block}"
    Path(configs, "tolerance", f"{path}.yaml").write_text(text)
    with pytest.raises(UserError, match=words):
        reproduce("out")


def test_a_folder_that_another_process_writes_is_refused(configs: Path, pool: PoolOfNone) -> None:
    with locked(Path("out")), pytest.raises(UserError, match="is being written by another process"):
        reproduce("out", is_quick=True)


def test_runs_are_those_of_the_settings(configs: Path) -> None:
    """A point of a trial has the settings of the file with the one change, and nothing else."""
    trials = {trial.statement.name: trial for trial in plan_study(configs).trials}
    point: Point = trials["batches of 5"].point
    assert point.settings == load_config("configs/burr2014.yaml", ["training.batch_size=5"])
