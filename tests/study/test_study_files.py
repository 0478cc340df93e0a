"""The shipped study: every file of it is valid, and it is no larger than it must be."""

from pathlib import Path

import pytest

from pcmsim.study.reproduction.plan import StudyPlan, plan_study

CONFIGS = Path(__file__).parents[2] / "configs"

# Sweep file -> what it varies.
VARIED = {
    "asymmetry": "device.asymmetry",
    "batch-size": "training.batch_size",
    "concavity": "device.concavity",
    "dead": "faults.dead",
    "dead-clusters": "faults.clustered",
    "dead-columns": "faults.dead_columns",
    "dead-rows": "faults.dead_rows",
    "dynamic-range": "device on/off ratio",
    "endurance-reset": "faults.endurance_reset",
    "endurance-set": "faults.endurance_set",
    "hidden-layers": "network.layers",
    "initial-weights": "network.initial_weight",
    "learning-rate": "training.learning_rate",
    "pulses": "device.pulses_to_90_percent",
    "range-spread": "device.range_spread",
    "read-noise": "read.noise_absolute",
    "reset-accuracy": "reset.tolerance",
    "reset-failure": "reset.failure",
    "reset-interval": "reset.interval",
    "reset-tries": "reset.max_pulses",
    "slope": "network.slope",
    "step-spread": "device.step_spread",
    "stuck-on": "faults.stuck_on",
    "stuck-random": "faults.stuck_random",
    "training-images": "data.train_images",
}
ENDS = {"faults.dead": (0, 0.6), "faults.stuck_on": (0, 0.4), "faults.stuck_random": (0, 0.4)}


@pytest.fixture(scope="module")
def plan() -> StudyPlan:
    return plan_study(CONFIGS)


def test_every_effect_has_its_curve(plan: StudyPlan) -> None:
    assert {sweep.name: sweep.plan.axes[0] for sweep in plan.sweeps} == VARIED
    assert plan.left_out == {}


def test_faults_go_as_far_as_they_should(plan: StudyPlan) -> None:
    for sweep in plan.sweeps:
        if sweep.plan.axes[0] in ENDS:
            assert (sweep.cells[0], sweep.cells[-1]) == ENDS[sweep.plan.axes[0]]


def test_curves_have_titles_labels_and_five_values_at_least(plan: StudyPlan) -> None:
    titles = [sweep.plan.title for sweep in plan.sweeps]
    assert len(set(titles)) == len(titles)
    for sweep in plan.sweeps:
        assert sweep.plan.label, sweep.name
        assert len(sweep.cells) >= 5, sweep.name


def test_numbers_rise_along_an_axis(plan: StudyPlan) -> None:
    for sweep in plan.sweeps:
        numbers = [cell for cell in sweep.cells if not isinstance(cell, str)]
        assert numbers == sorted(numbers), sweep.name


def test_points_are_trained_like_the_experiment(plan: StudyPlan) -> None:
    """Twenty epochs, five replicates, no stop rule, and one seed for all."""
    for sweep in plan.sweeps + plan.mitigations:
        assert (sweep.plan.replicates, sweep.plan.stop) == (5, None), sweep.name
    settings = [point.settings for _, point in plan.runs()]
    assert {one.training.epochs for one in settings} == {20}
    assert {one.seed for one in settings} == {plan.settings.seed}


def test_the_study_fits_into_an_hour(plan: StudyPlan) -> None:
    """Of two cores, at some 5 s a run: curves and claims may have 750 runs, measures 400."""
    of_measures = {
        point.digest
        for name, point in plan.runs()
        if name.startswith("mitigation") or name.startswith("ensemble")
    }
    all_of_it = {point.digest for _, point in plan.runs()}
    assert len(all_of_it - of_measures) <= 750


def test_labels_say_what_is_set(plan: StudyPlan) -> None:
    """Axes whose entries are no values of a setting are labelled by hand."""
    sweeps = {sweep.name: sweep for sweep in plan.sweeps}
    for point in sweeps["dynamic-range"].plan.combinations:
        device = point.settings.device
        ratio = device.g_max / device.g_min
        assert point.cells["device on/off ratio"] == pytest.approx(ratio, rel=1e-3)
    for point in sweeps["hidden-layers"].plan.combinations:
        first, second = point.settings.network.layers[1:-1]
        assert point.cells["network.layers"] == f"{first}-{second}"
