"""A device is judged: from its file to a verdict."""

import dataclasses
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from pcmsim.campaign.folder import RunsFolder
from pcmsim.campaign.interval import Interval
from pcmsim.campaign.run_points import Outcome
from pcmsim.config.load import load_config
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result
from pcmsim.experiment.run import load_fitting_data
from pcmsim.study.judge import judge as judge_module
from pcmsim.study.judge.hardware import hardware_of
from pcmsim.study.judge.images import SetsOfImages
from pcmsim.study.judge.judge import judge
from pcmsim.study.judge.place import FASTER, PULSES, Searched, yardstick_of
from pcmsim.study.judge.reference import (
    BURR,
    FLOAT,
    IDEAL,
    IDEAL_RATES,
    NANDAKUMAR,
    SEARCHED,
    bench,
    references,
)
from pcmsim.study.judge.runs import Runs
from pcmsim.study.judge.search import FRUGAL, THOROUGH, THRIFTY, Effort, Found, Trial
from pcmsim.study.judge.verdict import Gain, Verdict
from tests.campaign.conftest import write_images
from tests.pool import PoolOfNone

CONFIGS = Path(__file__).parents[2] / "configs"
SMALL = [
    "network.layers=[16, 6, 5, 4]",
    "data={path: tiny.npz, train_images: 60, crop: null}",
    "training.epochs=3",
]
CELL = "device: {kind: pcm, g_min: 0, reset_residue: 0, reset_spread: 0}\n"


def write_table(path: Path, *, reset: float, step: float = 1e-6, **attributes: Any) -> str:
    """Write a device from 1 to 11 uS; ``reset`` is the part of the way down of one pulse."""
    conductance = np.array([1e-6, 6e-6, 11e-6])
    up = step * np.array([2.0, 1.0, 0.2])[:, None] * np.array([0.5, 1.0, 1.5])
    down = np.repeat(-reset * (conductance - 1e-6)[:, None], 3, axis=1)
    with h5py.File(path, "w") as file:
        file.attrs.update(attributes)
        for pulse, steps in (("set", up), ("reset", down)):
            file[f"{pulse}/conductance"] = conductance
            file[f"{pulse}/probability"] = [0.0, 0.5, 1.0]
            file[f"{pulse}/step"] = steps
    return str(path)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cell.yaml").write_text(CELL)
    write_images(Path("tiny.npz"))


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PoolOfNone:
    """Let all runs be done in this process; return the pool, which counts."""
    pool = PoolOfNone()
    monkeypatch.setattr(judge_module, "pool_of", lambda workers, dask: pool)
    return pool


def small_verdict(out: str = "out", budget: int = 12, **more: Any) -> Verdict:
    return judge("cell.yaml", out, SMALL, budget=budget, replicates=2, **more)


def test_the_reference_is_that_of_the_shipped_files() -> None:
    names = {FLOAT: "float", IDEAL: "ideal-linear", BURR: "burr2014", NANDAKUMAR: "nandakumar2018"}
    assert references() == {
        name: load_config(CONFIGS / f"{file}.yaml") for name, file in names.items()
    }


def test_changes_of_the_hardware_leave_the_rivals_alone() -> None:
    made = references(["device.g_max=1e-5", "faults.dead=0.1", "training.epochs=3"])
    assert made[BURR].faults.dead == 0
    assert made[BURR].device == references()[BURR].device
    assert {each.training.epochs for each in made.values()} == {3}


@pytest.mark.parametrize("name", SEARCHED)
def test_what_is_searched_cannot_be_set(name: str) -> None:
    with pytest.raises(UserError, match=f"--set {name}: the judge searches for this itself"):
        bench({"device": {"kind": "pcm"}}, [f"{name}=0.1"])


def test_the_verdict_is_on_pairs_alone() -> None:
    with pytest.raises(UserError, match="the verdict is on pairs alone"):
        bench({"device": {"kind": "pcm"}}, ["synapse.volatile.interval=8000"])


def test_a_verdict(pool: PoolOfNone) -> None:
    told: list[tuple[int, int]] = []

    def report(outcome: Outcome, done: int, total: int) -> None:
        told.append((done, total))

    verdict = small_verdict(report=report)
    assert verdict.runs == len(set(pool.submitted)) == len(told)
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert all(done <= total for done, total in told)
    assert [rival.name for rival in verdict.rivals] == [FLOAT, IDEAL, BURR, NANDAKUMAR]
    assert not verdict.is_bidirectional
    names = {gain.name for gain in verdict.gains}
    assert {"stochastic steps", "concave response", "coarse steps", "one-way conductance"} <= names
    assert "lowest conductance above 0" not in names
    gains = [gain.gain.mean for gain in verdict.gains]
    assert gains == sorted(gains, reverse=True)
    sets, resets = verdict.wear
    assert (sets.pulses, resets.pulses) == ("partial SETs", "RESETs")
    assert sets.median <= sets.high <= sets.largest <= sets.total
    assert verdict.result.is_file()


@pytest.mark.parametrize(
    ("device", "budget"),
    [("kind: pcm", 12), ("kind: linear", 11), ("kind: linear, steps: 1300", 10)],
)
def test_the_budget_follows_from_the_device(
    pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch, device: str, budget: int
) -> None:
    for name, runs in (("BUDGET_ONE_WAY", 12), ("BUDGET_BOTH_WAYS", 11), ("BUDGET_FINE", 10)):
        monkeypatch.setattr(judge_module, name, runs)
    Path("own.yaml").write_text(f"device: {{{device}}}\n")
    assert judge("own.yaml", "out", SMALL, replicates=2).budget == budget


@pytest.mark.parametrize(("uncertain", "replicates"), [(1.0, 2), (0.0, 4)])
def test_an_uncertain_verdict_rests_on_twice_the_runs(
    pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch, uncertain: float, replicates: int
) -> None:
    monkeypatch.setattr(judge_module, "UNCERTAIN", uncertain)
    verdict = small_verdict()
    assert verdict.replicates == replicates
    runs = [Result.open(path).settings for path in verdict.folder.glob("runs/*.h5")]
    finals = [one for one in runs if one.replicate < judge_module.DECIDING.start]
    assert {one.replicate for one in finals} == set(range(replicates))
    of_rivals = [one for one in finals if one.device.kind == "float"]
    assert {one.replicate for one in of_rivals} == {0, 1}


def test_rates_are_decided_on_by_replicates_that_do_not_count(pool: PoolOfNone) -> None:
    """The better in those that count would be so by luck, too."""
    verdict = small_verdict()
    runs = [Result.open(path).settings for path in verdict.folder.glob("runs/*.h5")]
    deciding = [one for one in runs if one.replicate in judge_module.DECIDING]
    finals = [one for one in runs if one.replicate < judge_module.DECIDING.start]
    # Coarse steps taken away, alone and with all else: each with two learning rates.
    assert len(deciding) == 2 * 2 * len(judge_module.DECIDING)
    # The device, the same without any imperfection, and what it is compared with.
    assert len(finals) >= 2 * (2 + len(verdict.rivals) + len(verdict.gains))
    assert len({one.replicate for one in finals}) == verdict.replicates


def test_gains_that_may_be_the_largest() -> None:
    gains = [
        Gain(name, "", Interval(mean, half_width))
        for name, mean, half_width in (("a", 0.05, 0.01), ("b", 0.035, 0.01), ("c", 0.02, 0.01))
    ]
    assert [one.name for one in judge_module._may_gain_most(gains)] == ["a", "b"]
    assert judge_module._may_gain_most([]) == []


def test_how_many_pulses_are_fired(pool: PoolOfNone) -> None:
    result = Result.open(small_verdict().result)
    # Three epochs of 60 images; rows with their bias, and columns.
    examples, synapses = 3 * 60, 17 * 6 + 7 * 5 + 6 * 4
    arrays = result.arrays | {
        "epochs/set_pulses": np.array([0, 7, 20]) * synapses * examples,
        "epochs/depression_pulses": np.array([0, 4, 10]) * synapses * examples,
    }
    rate = judge_module._pulse_rate(dataclasses.replace(result, arrays=arrays))
    assert rate == pytest.approx(30)


@pytest.mark.parametrize(
    ("steps", "budget", "effort"),
    [
        (1000, 20, THOROUGH),
        (1300, 20, THRIFTY),
        (1300, judge_module.BUDGET_BOTH_WAYS, THOROUGH),
        (10_000, 20, FRUGAL),
        (10_000, judge_module.BUDGET_BOTH_WAYS, THOROUGH),
    ],
)
def test_fine_steps_are_searched_thriftily(
    pool: PoolOfNone,
    monkeypatch: pytest.MonkeyPatch,
    steps: int,
    budget: int,
    effort: Effort,
) -> None:
    """Unless the budget is as large as that of others; a frugal search is told of a loss."""
    asked, told = [], []

    def search(starts: Any, directions: Any, run: Any, budget: int, effort: Effort) -> Found:
        asked.append(effort)
        told.extend(run([Trial(starts[0], 0, 1.0, "any")]))
        return Found(starts[0])

    monkeypatch.setattr(judge_module, "search", search)
    monkeypatch.setattr(judge_module, "_late_accuracy", lambda result: 0.0)
    monkeypatch.setattr(judge_module, "_pulse_rate", lambda result: 1.5)
    Path("own.yaml").write_text(f"device: {{kind: linear, steps: {steps}}}\n")
    verdict = judge("own.yaml", "out", SMALL, budget=budget, replicates=2)
    assert asked == [effort] and verdict.effort == effort
    assert told == [-1.5 * effort.cost_of_pulses]


def test_a_repeated_judge_computes_nothing_twice(pool: PoolOfNone) -> None:
    first = small_verdict()
    done = len(pool.submitted)
    assert small_verdict() == first
    assert len(pool.submitted) == done


def test_an_interrupted_judge_goes_on(pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small_verdict()
    runs = set(pool.submitted)
    pool.submitted.clear()

    def interrupt(outcome: Outcome, done: int, total: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    other = "elsewhere/other"
    with pytest.raises(KeyboardInterrupt):
        small_verdict(other, report=interrupt)
    again = small_verdict(other)
    assert len(pool.submitted) == len(runs)
    assert (again.accuracy, again.gains, again.course) == (
        whole.accuracy,
        whole.gains,
        whole.course,
    )


def test_rivals_that_another_verdict_has_run_are_taken_over(pool: PoolOfNone) -> None:
    first = small_verdict("one")
    runs = len(pool.submitted)
    pool.submitted.clear()
    damaged, *_ = Path("one/runs").glob(f"{_rival_of(first)}.h5")
    damaged.write_bytes(damaged.read_bytes()[:-100])
    beside = small_verdict("two")
    # Four rivals, twice each, but for the one that is damaged.
    assert len(pool.submitted) == runs - 7
    assert (beside.accuracy, beside.gains, beside.rivals, beside.runs) == (
        first.accuracy,
        first.gains,
        first.rivals,
        first.runs,
    )


def _rival_of(verdict: Verdict) -> str:
    index = RunsFolder(verdict.folder).read_index()
    return next(point["digest"] for point in index["points"] if FLOAT in point["cells"])


def test_counting_pulses_changes_nothing(pool: PoolOfNone) -> None:
    verdict = small_verdict()
    counted = load_result_accuracy(verdict)
    folder = RunsFolder(verdict.folder)
    runs = Runs(folder, pool, None, 0)
    point = runs.point(verdict.settings, "again")
    assert counted == float(folder.result(point).last("test_accuracy"))


def load_result_accuracy(verdict: Verdict) -> float:
    return float(Result.open(verdict.result).last("test_accuracy"))


def test_inputs_that_are_refused(pool: PoolOfNone) -> None:
    Path("float.yaml").write_text("device: {kind: float}\n")
    Path("none.txt").write_text("")
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("cell.yaml", {"budget": 3}, "--budget: must be at least 10 runs, not 3"),
        ("cell.yaml", {"replicates": 1}, "--replicates: must be from 2, for an error bar"),
        ("float.yaml", {}, "device.kind: float is no device"),
        ("none.txt", {}, "none.txt: no device can be read from it; allowed"),
        ("absent.h5", {}, "there is no file"),
        ("absent.yaml", {}, "absent.yaml"),
    ]
    for device, more, message in wrong:
        with pytest.raises(UserError, match=message):
            judge(device, "out", SMALL, **more)
    with pytest.raises(UserError, match="train_images: must be at least 10"):
        judge("cell.yaml", "out", [*SMALL, "data.train_images=9"])
    assert pool.submitted == []


def test_a_device_whose_steps_do_not_go_up_is_refused() -> None:
    file = write_table(Path("down.h5"), reset=1, step=0.0)
    with pytest.raises(UserError, match="must be above 0 for pulses to teach anything"):
        yardstick_of(bench(hardware_of(file).blocks))


def test_a_device_file_tells_whether_it_steps_down() -> None:
    for reset, bidirectional in ((1.0, False), (0.1, True)):
        hardware = hardware_of(write_table(Path("device.h5"), reset=reset)).blocks
        assert hardware["device"]["bidirectional"] is bidirectional
    table = write_table(Path("device.h5"), reset=0.1, bidirectional=False)
    hardware = hardware_of(table).blocks
    assert hardware["device"]["bidirectional"] is False


def test_the_yardstick_of_a_device() -> None:
    device = yardstick_of(bench(hardware_of(write_table(Path("device.h5"), reset=1.0)).blocks))
    assert device.step == pytest.approx(1 / 11, rel=1e-6)
    # The mean step is never below a tenth of that in mid-range.
    assert device.reach == 1
    assert not device.bidirectional
    # With x from 1 to 6: dx = 2 - (x - 1) / 5, then 1 - 0.16 (x - 6), counted by hand.
    assert device.filling in range(10, 22)


def small_settings(*changes: str) -> Settings:
    return bench(hardware_of("cell.yaml").blocks, [*SMALL, *changes])


def test_every_start_is_allowed_settings() -> None:
    searched = Searched(small_settings(), 40)
    starts = searched.starts()
    assert len(set(starts)) == len(starts) > 10
    for place in [*starts, tuple(99.0 for _ in starts[0]), tuple(-99.0 for _ in starts[0])]:
        settings = searched.settings_at(place)
        assert Settings.model_validate(settings.model_dump()) == settings
        assert 40 % settings.reset.interval == 0


def test_small_steps_are_given_wide_weights_and_not_many_pulses() -> None:
    """A thousandth of the range, at the rates that suit an ideal linear device."""
    hardware = {"device": {"kind": "linear", "g_min": 0.0, "steps": 1000}}
    searched = Searched(bench(hardware), 1000)
    starts = [searched.settings_at(place) for place in searched.starts()[: len(FASTER) * 6]]
    assert starts[0].network.weight_range == pytest.approx(
        [rate / pulses / 1e-3 for rate, pulses in zip(IDEAL_RATES, PULSES, strict=True)], rel=1e-3
    )
    assert starts[0].training.learning_rate == pytest.approx(IDEAL_RATES, rel=1e-3)
    for start in starts:
        network, training = start.network, start.training
        steps = [1e-3 * weight_range for weight_range in network.weight_range]
        asked = [rate / step for rate, step in zip(training.learning_rate, steps, strict=True)]
        assert all(one < 2.51 * usual for one, usual in zip(asked, PULSES, strict=True))


def test_settings_that_others_have_found_are_a_start() -> None:
    """Those of a shipped file come back as they are, to the digits that are kept."""
    hardware = hardware_of(CONFIGS / "nandakumar2018.yaml")
    reference = bench(hardware.blocks)
    own = hardware.settings_for(reference)
    assert own is not None
    searched = Searched(reference, 1000)
    first = searched.settings_at(searched.starts(own)[0])
    for section, names in {
        "network": ("weight_range", "initial_weight", "derivative_floor"),
        "training": ("learning_rate",),
        "update": ("x_threshold", "pulse_threshold"),
        "reset": ("interval", "larger_above", "smaller_above", "tolerance"),
    }.items():
        for name in names:
            found = getattr(getattr(first, section), name)
            assert found == pytest.approx(getattr(getattr(own, section), name), rel=1e-3), name


def test_settings_of_another_network_are_none() -> None:
    Path("deep.yaml").write_text("device: {kind: pcm}\nnetwork: {layers: [528, 20, 20, 20, 10]}\n")
    assert hardware_of("deep.yaml").settings_for(small_settings()) is None
    device = hardware_of(write_table(Path("device.h5"), reset=1.0))
    assert device.settings_for(small_settings()) is None


def test_every_direction_changes_settings() -> None:
    searched = Searched(small_settings(), 1000)
    start = searched.starts()[0]
    for direction in searched.directions():
        moved = tuple(a + b for a, b in zip(start, direction.vector, strict=True))
        assert searched.settings_at(moved) != searched.settings_at(start), direction.name


def test_bidirectional_devices_have_no_reset_to_search() -> None:
    Path("linear.yaml").write_text("device: {kind: linear}\n")
    searched = Searched(bench(hardware_of("linear.yaml").blocks), 1000)
    assert not any("RESET" in direction.name for direction in searched.directions())
    before = searched.settings.reset
    assert searched.settings_at(searched.starts()[0]).reset == before


def test_a_fifth_of_the_training_images_is_set_aside(tmp_path: Path) -> None:
    settings = small_settings()
    sets = SetsOfImages(settings, tmp_path)
    assert sets.examples == 48
    whole = load_fitting_data(settings)
    for number in (1, 5):
        part = load_fitting_data(sets.settings_with(settings, number))
        aside = slice(12, 24)
        np.testing.assert_array_equal(part.test_images, whole.train_images[aside])
        np.testing.assert_array_equal(part.train_labels[:12], whole.train_labels[:12])
        np.testing.assert_array_equal(part.train_labels[12:], whole.train_labels[24:])
