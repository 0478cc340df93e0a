"""Claims: what agrees, what differs and by how much, and what they are measured on."""

from pathlib import Path

import pytest

from pcmsim.campaign.interval import Interval
from pcmsim.campaign.sweep_file import read_sweep
from pcmsim.config.load import load_config
from pcmsim.experiment.published import TEST_ACCURACY, TRAIN_ACCURACY
from pcmsim.report.reproduction.text import study_text
from pcmsim.study.reproduction.claims import (
    HEADLINE,
    IDEAL_DEVICE_EFFECTS,
    OTHER_READINGS,
    RANDOM_EFFECTS,
    SOFTWARE,
    TOLERANCES,
    Published,
)
from pcmsim.study.reproduction.outcome import Outcome, Verdict

CONFIGS = Path(__file__).parents[2] / "configs"
OF_THE_EXPERIMENT = [*TOLERANCES, *OTHER_READINGS, *RANDOM_EFFECTS]

# Measured, verdict, how far beyond the limit.
AT_MOST_5_POINTS = [
    (-0.2, Verdict.AGREES, 0),
    (0.05, Verdict.AGREES, 0),
    (0.0625, Verdict.DIFFERS, 0.0125),
]
WITHIN_3_POINTS = [
    (-0.05, Verdict.DIFFERS, 0.02),
    (-0.03, Verdict.AGREES, 0),
    (0.03, Verdict.AGREES, 0),
    (0.05, Verdict.DIFFERS, 0.02),
]
MORE_THAN_5_POINTS = [(0.04, Verdict.DIFFERS, 0.01), (0.06, Verdict.AGREES, 0)]
WITHIN_1_5_POINTS_OF_TEST = [
    (TEST_ACCURACY - 0.02, Verdict.DIFFERS, 0.005),
    (TEST_ACCURACY, Verdict.AGREES, 0),
]
WITHIN_1_POINT_OF_TRAIN = [
    (TRAIN_ACCURACY + 0.011, Verdict.DIFFERS, 0.001),
    (TRAIN_ACCURACY - 0.009, Verdict.AGREES, 0),
]
WITHIN_0_7_POINTS = [(0.008, Verdict.DIFFERS, 0.001), (-0.03, Verdict.AGREES, 0)]


def by_name(name: str) -> Published:
    every = [*HEADLINE.values(), SOFTWARE, *OF_THE_EXPERIMENT, *IDEAL_DEVICE_EFFECTS]
    return next(one for one in every if one.name == name)


CASES = [
    ("30 % dead conductors", AT_MOST_5_POINTS),
    ("20 % stuck on", AT_MOST_5_POINTS),
    ("20 % stuck at random", AT_MOST_5_POINTS),
    ("batches of 10", WITHIN_3_POINTS),
    ("ideal device, steps asymmetric by 30 %", MORE_THAN_5_POINTS),
    ("test accuracy", WITHIN_1_5_POINTS_OF_TEST),
    ("training accuracy, images when shown", WITHIN_1_POINT_OF_TRAIN),
    ("ideal device against software", WITHIN_0_7_POINTS),
]


@pytest.mark.parametrize(
    ("name", "mean", "verdict", "excess"),
    [(name, *case) for name, cases in CASES for case in cases],
)
def test_verdicts(name: str, mean: float, verdict: Verdict, excess: float) -> None:
    claim = by_name(name).held_against(Interval(mean, 0.01))
    assert claim.verdict is verdict
    assert claim.excess == pytest.approx(excess, abs=1e-12)


def test_what_was_not_measured_is_open() -> None:
    claim = by_name("test accuracy").held_against(None)
    assert (claim.verdict, claim.excess) == (Verdict.OPEN, 0)


@pytest.mark.parametrize("statement", OF_THE_EXPERIMENT, ids=lambda one: one.name)
def test_what_is_published_of_the_experiment_is_on_its_curve(statement: Published) -> None:
    """So that no run of a claim is one more."""
    assert statement.curve is not None
    plan = read_sweep(CONFIGS / "tolerance" / f"{statement.curve}.yaml")
    assert dict(statement.changes) in [dict(point.cells) for point in plan.combinations]


@pytest.mark.parametrize("statement", IDEAL_DEVICE_EFFECTS, ids=lambda one: one.name)
def test_effects_on_the_ideal_device_are_of_one_size(statement: Published) -> None:
    ((setting, size),) = statement.changes.items()
    assert size == 0.3
    load_config(CONFIGS / "ideal-linear.yaml", [f"{setting}={size}"])


def test_the_text_tells_what_differs_and_what_failed() -> None:
    names = ["test accuracy", "30 % dead conductors", "batches of 2"]
    measured = [Interval(0.83, 0.004), Interval(0.1234, None), None]
    outcome = Outcome(
        base="my.yaml",
        is_quick=True,
        replicates=5,
        epochs=20,
        claims=[by_name(n).held_against(m) for n, m in zip(names, measured, strict=True)],
        curves=[],
        members=[],
        mitigations=[],
        failures={"dead: faults.dead = 0.3, replicate 2": "out of memory"},
        left_out={"asymmetry": "no such setting"},
        is_published_experiment=False,
        command="pcmsim reproduce my.yaml",
        ensemble_note="",
    )
    text = study_text(outcome)
    rows = {line.partition("  ")[0]: line.split() for line in text.splitlines()}
    assert rows["test accuracy"][-5:] == ["83.00", "%", "+-", "0.40", "agrees"]
    assert "12.34 points" in text and "differs by 7.34 points" in text
    assert rows["batches of 2"][-2:] == ["not", "measured"]
    assert "QUICK" in text
    assert "asymmetry: no such setting" in text
    assert "faults.dead = 0.3, replicate 2: out of memory" in text
    assert text.isascii()
