"""Accuracy against time: what decides it, what it leaves alone, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pcmsim import Result, UserError, load_config, run
from pcmsim.campaign.collect import Entry, gather
from pcmsim.campaign.folder import RunsFolder
from pcmsim.config.load import settings_from_text
from pcmsim.config.read import to_yaml
from pcmsim.config.retention_settings import DAY, HOUR, MINUTE, MONTH, YEAR, RetentionSettings
from pcmsim.config.settings import Settings
from pcmsim.experiment.measure import measure
from pcmsim.experiment.measure_retention import times_of
from pcmsim.experiment.rerun import rerun
from pcmsim.experiment.retention import retention
from pcmsim.experiment.retention_curves import RetentionCurves, curves_of, has_curves
from pcmsim.experiment.run import load_fitting_data
from tests.sealed import changed

Make = Callable[..., Settings]

# Two or three times only, to be quick.
FEW = ["retention.times=2", "retention.until=50"]
NO_EFFECT = [*FEW, "retention.drift=false", "retention.read_noise=false"]
ALL = [*FEW, "retention.programming_error=true"]
JOSHI = ["retention.model=joshi2020", *FEW]


@pytest.fixture(scope="module")
def ageing(make_settings: Make, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return the result of a run that measures its own retention."""
    return run(make_settings(*JOSHI), tmp_path_factory.mktemp("ageing") / "ageing.h5", threads=2)


def assert_same(one: RetentionCurves, other: RetentionCurves) -> None:
    for name in ("times", "plain", "compensated", "compensation"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert one.at_once == other.at_once


def test_without_effects_accuracy_is_that_of_the_result(finished: Result) -> None:
    curves = retention(finished.path, NO_EFFECT, draws=2)
    final = finished.arrays["epochs/test_accuracy"][-1]
    assert curves.at_once == final
    assert (curves.plain == final).all()
    assert (curves.compensated == final).all()
    assert (curves.compensation == 1).all()


@pytest.mark.parametrize(
    "changes",
    [
        ["read={noise_absolute: 0.5e-6, noise_relative: 0.05}"],
        ["faults={dead: 0.1, stuck_on: 0.05, stuck_random: 0.05, dead_rows: 0.1}"],
        ["faults={endurance_reset: 3}", "reset.fault_aware=true", "read.noise_absolute=1e-6"],
        ["device={kind: linear, steps: 50}"],
    ],
    ids=["read noise", "faults", "wear-out", "bidirectional"],
)
def test_also_with_other_imperfections(make_settings: Make, tmp_path: Path, changes: str) -> None:
    """Noise in training, faults, and devices that wore out in its course."""
    result = run(make_settings("training.epochs=1", *changes), tmp_path / "other.h5")
    curves = retention(result.path, NO_EFFECT)
    assert curves.at_once == result.arrays["epochs/test_accuracy"][-1]
    assert (curves.plain == curves.at_once).all()


def test_draws_repeat_bit_for_bit_on_any_number_of_threads(finished: Result) -> None:
    two = retention(finished.path, ALL, draws=2, threads=1)
    assert_same(two, retention(finished.path, ALL, draws=2, threads=2))
    assert np.array_equal(two.plain[:1], retention(finished.path, ALL).plain)
    assert not np.array_equal(two.plain[0], two.plain[1])


def test_replicates_have_devices_of_their_own(make_settings: Make, tmp_path: Path) -> None:
    found = [
        retention(run(make_settings(f"replicate={n}"), tmp_path / f"{n}.h5").path, FEW)
        for n in range(2)
    ]
    assert not np.array_equal(found[0].compensation, found[1].compensation)


def test_a_run_measures_the_same_by_itself(ageing: Result, finished: Result) -> None:
    assert has_curves(ageing)
    assert not has_curves(finished)
    assert_same(curves_of(ageing), retention(finished.path, FEW))
    assert_same(curves_of(ageing), retention(ageing.path))


def test_training_does_not_depend_on_it(ageing: Result, finished: Result) -> None:
    measured = {name for name in ageing.arrays if name.startswith("retention/")}
    assert set(ageing.arrays) == set(finished.arrays) | measured
    assert len(measured) == 4
    for name, array in finished.arrays.items():
        assert np.array_equal(array, ageing.arrays[name], equal_nan=True), name


def test_results_repeat_with_it(ageing: Result) -> None:
    assert rerun(ageing.path).identical


def test_slim_runs_keep_it(ageing: Result, make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings(*JOSHI)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "one.h5").write_bytes(measure(settings, load_fitting_data(settings)))
    assert_same(curves_of(Result.open(tmp_path / "runs" / "one.h5")), curves_of(ageing))
    runs = gather(RunsFolder(tmp_path), "title", ["axis"], [Entry("one", "one", (1,))])
    assert runs["test_accuracy_after"] == ageing.arrays["retention/test_accuracy"][-1]
    assert (
        runs["test_accuracy_after_compensated"]
        == ageing.arrays["retention/test_accuracy_compensated"][-1]
    )


def test_summaries_tell_the_last_accuracies(ageing: Result, finished: Result) -> None:
    assert ageing.summary()["test_accuracy_after"] == ageing.arrays["retention/test_accuracy"][-1]
    assert "test_accuracy_after" not in finished.summary()


def test_settings_that_do_not_ask_for_it_are_written_as_before(small: Settings) -> None:
    """Their text and their digest must not change, or finished runs would be run again."""
    assert "retention" not in to_yaml(small)
    assert settings_from_text(to_yaml(small), "a result") == small


def test_settings_that_ask_for_it_read_back(make_settings: Make) -> None:
    settings = make_settings(*JOSHI)
    assert settings_from_text(to_yaml(settings), "a result") == settings


def test_accuracy_falls_with_time_and_compensation_wins_some_back(tmp_path: Path) -> None:
    """On the average of four draws, by more than the standard deviation of a single one."""
    quick = Path(__file__).parents[2] / "configs" / "quick.yaml"
    result = run(load_config(quick), tmp_path / "quick.h5", threads=2)
    curves = retention(result.path, ["retention.times=2"], draws=4, threads=2)
    chosen = [n for n, time in enumerate(curves.times) if time in (20.0, DAY, YEAR)]
    at_first, after_a_day, after_a_year = curves.plain.mean(axis=0)[chosen]
    margin = curves.plain[:, chosen].std(axis=0).max()
    assert at_first - margin > after_a_day
    assert after_a_day - margin > after_a_year
    assert curves.compensated.mean(axis=0)[-1] - margin > after_a_year
    assert (np.diff(curves.compensation.mean(axis=(0, 2))) > 0).all()


def test_times_are_regular_and_round() -> None:
    times = times_of(RetentionSettings(model="joshi2020", until=YEAR, times=4)).tolist()
    ratio = (YEAR / 20) ** (1 / 3)
    expected = [20, MINUTE, 20 * ratio, HOUR, DAY, 20 * ratio**2, MONTH, YEAR]
    assert times == pytest.approx(expected)


def test_times_that_are_nearly_the_same_come_once() -> None:
    """Of three times up to 180 s, the one between is a minute but for rounding."""
    assert times_of(RetentionSettings(until=180.0, times=3)).tolist() == [20.0, 60.0, 180.0]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["training.epochs=3"], "only settings under retention can be changed"),
        (["retention.unti=60"], "did you mean until?"),
        (["retention.until=5"], "must be a number above 20 and of at most"),
        (["retention.model=none"], "retention.model: must not be none"),
    ],
)
def test_faulty_changes_are_refused(finished: Result, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        retention(finished.path, overrides)
    assert message in str(caught.value)


def test_slim_results_are_refused(small: Settings, tmp_path: Path) -> None:
    result = run(small, tmp_path / "slim.h5", slim=True)
    with pytest.raises(UserError, match="keeps figures only, and no conductances"):
        retention(result.path)


def test_exact_weights_are_refused(make_settings: Make, tmp_path: Path) -> None:
    exact = ["device={kind: float}", "training.epochs=1"]
    result = run(make_settings(*exact), tmp_path / "float.h5")
    with pytest.raises(UserError, match="exact weights"):
        retention(result.path)
    with pytest.raises(UserError, match=r"retention.model: must be none where device.kind is flo"):
        make_settings(*exact, *JOSHI)


@pytest.mark.parametrize("content", [b"text", b""])
def test_files_that_are_no_results_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.h5").write_bytes(content)
    with pytest.raises(UserError, match="is not a file that pcmsim has written"):
        retention(tmp_path / "other.h5")


def test_other_images_are_refused(finished: Result, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(finished.path.read_bytes())
    with changed(copy) as file:
        file.attrs["data_sha256"] = "0" * 64
    with pytest.raises(UserError, match="was made with other images than those found now"):
        retention(copy)


@pytest.mark.parametrize("numbers", [{"draws": 0}, {"draws": 5000}, {"threads": 0}])
def test_numbers_that_cannot_be_are_refused(finished: Result, numbers: dict[str, int]) -> None:
    with pytest.raises(UserError, match="must be"):
        retention(finished.path, **numbers)
