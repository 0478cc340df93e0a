"""Sweep files: which points they mean, and what is refused before anything runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcmsim import UserError
from pcmsim.campaign.sweep_file import Plan, read_sweep
from pcmsim.config.load import load_config
from pcmsim.config.read import settings_digest

Write = Callable[..., str]


def cells(plan: Plan) -> list[tuple[object, ...]]:
    return [tuple(point.cells.values()) for point in plan.combinations]


def test_points_are_the_settings_of_the_base_with_the_values_put_in() -> None:
    plan = read_sweep("dead.yaml")
    assert (plan.title, plan.axes) == ("Dead conductors", ("faults.dead",))
    for point, value in zip(plan.combinations, (0, 0.2, 0.5), strict=True):
        by_hand = load_config("small.yaml", [f"faults.dead={value}"])
        assert point.settings == by_hand
        assert point.digest == settings_digest(by_hand)


def test_the_first_replicates_of_all_points_come_first() -> None:
    points = read_sweep("dead.yaml").points()
    found = [(point.settings.replicate, point.cells["faults.dead"]) for point in points]
    assert found == [(n, value) for n in range(3) for value in (0, 0.2, 0.5)]


def test_all_points_share_their_random_numbers() -> None:
    points = read_sweep("dead.yaml").points()
    assert {point.settings.seed for point in points} == {1}
    assert {point.settings.replicate for point in points} == {0, 1, 2}


def test_replicates_count_from_that_of_the_base() -> None:
    plan = read_sweep("dead.yaml", ["replicate=7"], replicates=2)
    assert {point.settings.replicate for point in plan.points()} == {7, 8}


def test_axes_are_multiplied(write_sweep: Write) -> None:
    plan = read_sweep(write_sweep("faults.dead: [0, 0.1]\ntraining.batch_size: [1, 2, 5]"))
    assert cells(plan) == [(dead, size) for dead in (0, 0.1) for size in (1, 2, 5)]


def test_paired_axes_go_together(write_sweep: Write) -> None:
    plan = read_sweep(write_sweep('"faults.dead, faults.stuck_on": [[0, 0], [0.1, 0.05]]'))
    assert plan.axes == ("faults.dead", "faults.stuck_on")
    assert cells(plan) == [(0, 0), (0.1, 0.05)]
    assert plan.combinations[1].settings.faults.stuck_on == 0.05


def test_no_axes_mean_one_point() -> None:
    Path("plain.yaml").write_text("title: Plain\nbase: small.yaml\nreplicates: 2\n")
    plan = read_sweep("plain.yaml")
    assert cells(plan) == [()]
    assert len(plan.points()) == 2


@pytest.mark.parametrize(
    ("text", "values"),
    {
        "{from: 0, to: 0.6, steps: 13}": [
            *(0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
        ],
        "{from: 1e-3, to: 1, steps: 4, scale: log}": [0.001, 0.01, 0.1, 1.0],
        "{from: 0.5, to: 0.1, steps: 3}": [0.5, 0.3, 0.1],
    }.items(),
)
def test_ranges_give_the_numbers_that_one_would_type(
    write_sweep: Write, text: str, values: list[float]
) -> None:
    assert cells(read_sweep(write_sweep(f"faults.dead: {text}"))) == [(one,) for one in values]


def test_whole_blocks_and_lists_as_values_with_labels(write_sweep: Write) -> None:
    axes = """
    device:
      - {label: one way, value: {kind: pcm, step_spread: 0.1}}
      - {kind: linear, steps: 100}
    training.learning_rate:
      - [0.1, 0.2]
      - {label: same, value: 0.1}
    """
    plan = read_sweep(write_sweep(axes))
    linear = '{"kind": "linear", "steps": 100}'
    assert cells(plan) == [
        ("one way", "[0.1, 0.2]"),
        ("one way", "same"),
        (linear, "[0.1, 0.2]"),
        (linear, "same"),
    ]
    assert plan.combinations[0].settings.device.step_spread == 0.1
    assert plan.combinations[2].settings.training.learning_rate == [0.1, 0.2]


def test_entries_that_set_several_settings(write_sweep: Write) -> None:
    """They take one column of the table, with a name of its own."""
    axes = """
    faults.dead: [0, 0.1]
    measure:
      - {label: none, set: {}}
      - {label: slow, set: {training.learning_rate: 0.1, update.slots: 2}}
    """
    plan = read_sweep(write_sweep(axes))
    assert plan.axes == ("faults.dead", "measure")
    assert cells(plan) == [(dead, name) for dead in (0, 0.1) for name in ("none", "slow")]
    by_hand = ["faults.dead=0.1", "training.learning_rate=0.1", "update.slots=2"]
    assert plan.combinations[3].settings == load_config("small.yaml", by_hand)
    assert plan.combinations[2].settings == load_config("small.yaml", by_hand[:1])


def test_multiples_of_what_the_base_has(write_sweep: Write) -> None:
    """Of numbers, of each number of a list, and of defaults that the base does not name."""
    text = Path("small.yaml").read_text()
    Path("small.yaml").write_text(text.replace("0.05", "[0.1, 0.04]"))
    axis = "{times: [0.5, 1]}"
    plan = read_sweep(write_sweep(f"training.learning_rate: {axis}\nreset.tolerance: {axis}"))
    assert cells(plan) == [(a, b) for a in (0.5, 1) for b in (0.5, 1)]
    half = plan.combinations[0].settings
    assert (half.training.learning_rate, half.reset.tolerance) == ([0.05, 0.02], 0.01)
    assert plan.combinations[3].digest == settings_digest(load_config("small.yaml"))


def test_another_base_takes_the_place_of_that_of_the_file(write_sweep: Write) -> None:
    text = Path("small.yaml").read_text()
    Path("other.yaml").write_text(text.replace("epochs: 6", "epochs: 2"))
    plan = read_sweep("dead.yaml", base="other.yaml")
    assert {point.settings.training.epochs for point in plan.combinations} == {2}
    assert Path(plan.base) == Path("other.yaml").absolute()


def test_set_and_the_command_line_change_all_points(write_sweep: Write) -> None:
    more = "set: {training.epochs: 9, read.noise_relative: 0.1}"
    plan = read_sweep(write_sweep("faults.dead: [0, 0.1]", more), ["training.epochs=2"])
    for point in plan.combinations:
        assert point.settings.training.epochs == 2
        assert point.settings.read.noise_relative == 0.1


def test_paths_start_at_the_file_that_names_them(
    write_sweep: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = Path(write_sweep("data.path: [tiny.npz]")).absolute()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (point,) = read_sweep(path).combinations
    assert point.settings.data.path == str(tmp_path / "tiny.npz")


# What axes and more say -> what the message must say.
REFUSED = {
    "unknown setting": ("faults.ded: [0]", "", ["faults.ded: unknown setting; did you mean dead?"]),
    "empty axis": ("faults.dead: []", "", ["line 5, axes, faults.dead: must have at least one"]),
    "no list": ("faults.dead: 0.1", "", ["faults.dead: must be a list or a range", "not 0.1"]),
    "out of range at one point": (
        "faults.dead:\n  - 0.1\n  - 1.5",
        "",
        ["1 fault", "line 7, faults.dead: must be", "from 0 to 1", "not 1.5"],
    ),
    "several out of range": (
        "faults.dead: [-1, 0, 2]\ntraining.epochs: [many, 3]",
        "",
        ["3 faults", "not -1", "not 2", '"many"'],
    ),
    "a sum that one point alone exceeds": (
        "faults.dead: [0.2, 0.8]\nfaults.stuck_on: [0.1, 0.6]",
        "",
        ["1 fault", "faults.dead: all kinds of faults add up to 1.4"],
    ),
    "incomplete range": (
        "faults.dead: {from: 0, to: 1}",
        "",
        ["line 5, axes, faults.dead: steps: missing"],
    ),
    "misspelt range": (
        "faults.dead: {from: 0, to: 1, step: 3}",
        "",
        ["step: unknown setting; did you mean steps?"],
    ),
    "logarithm of zero": (
        "faults.dead: {from: 0, to: 1, steps: 3, scale: log}",
        "",
        ["scale: log wants from and to above 0"],
    ),
    "range of two settings": (
        "faults.dead, faults.stuck_on: {from: 0, to: 1, steps: 3}",
        "",
        ["faults.dead, faults.stuck_on: must be a list of values, not a block"],
    ),
    "pair of the wrong length": (
        "faults.dead, faults.stuck_on: [[0, 0], [0.1]]",
        "",
        ["must be a list of 2 values, one for each setting, not [0.1]"],
    ),
    "replicate as an axis": ("replicate: [0, 1]", "", ["replicate: not an axis; replicates says"]),
    "axis that is set": (
        "faults.dead: [0]",
        "set: {faults.dead: 0.1}",
        ["faults.dead: would undo faults.dead, which is set as well"],
    ),
    "axis that replaces what is set": (
        "device: [{kind: linear}]",
        "set: {device.step_spread: 0.1}",
        ["device: would undo device.step_spread"],
    ),
    "one setting on two axes": (
        "faults.dead: [0]\nfaults.dead, faults.stuck_on: [[0, 0]]",
        "",
        ["faults.dead: would undo faults.dead"],
    ),
    "the same value twice": (
        "faults.dead: [0.1, 1e-1]",
        "",
        ["two points have the same settings", "faults.dead = 0.1"],
    ),
    "the same label twice": (
        "faults.dead: [{label: a, value: 0}, {label: a, value: 1}]",
        "",
        ["two points have the same names: faults.dead = a and faults.dead = a"],
    ),
    "unknown setting in one of several": (
        "measure:\n  - {label: none, set: {}}\n  - {label: some, set: {faults.ded: 0}}",
        "",
        ["line 7, faults.ded: unknown setting; did you mean dead?"],
    ),
    "several settings that are no block": (
        "measure: [{label: none, set: 1}]",
        "",
        ["line 5, axes, measure: set: must be a block of settings and their values, not 1"],
    ),
    "one of several that is varied already": (
        "faults.dead: [0]\nmeasure: [{label: some, set: {faults.dead: 0.1}}]",
        "",
        ["faults.dead: would undo faults.dead"],
    ),
    "an axis that is called like a column": (
        "test_accuracy: [{label: none, set: {}}]",
        "",
        ["test_accuracy: is a column of all tables; call the axis something else"],
    ),
    "multiple of no number": (
        "network.activation: {times: [1, 2]}",
        "",
        ['activation: times wants a number to multiply, but the base has the text "tanh"'],
    ),
    "multiple of an unknown setting": (
        "training.learning_rat: {times: [1, 2]}",
        "",
        ["training.learning_rat: unknown setting; did you mean learning_rate?"],
    ),
    "multiple that is out of range": (
        "faults.dead_rows: {times: [1]}\nreset.failure: {times: [1]}\n"
        "network.slope: {times: [1, -2]}",
        "",
        ["network.slope: must be a number above 0"],
    ),
    "no multiples": (
        "network.slope: {times: []}",
        "",
        ["axes, network.slope: times: must"],
    ),
    "unknown name in set": (
        "faults.dead: [0]",
        "set: {training.epoch: 3}",
        ["line 3, training.epoch: unknown setting; did you mean epochs?"],
    ),
    "a setting inside a number": (
        "training.epochs.more: [1]",
        "",
        ["line 5: training.epochs is 6, which has no settings inside"],
    ),
    "no replicates": ("faults.dead: [0]", "replicates: 0", ["line 3, replicates: must be"]),
    "stop without a width": (
        "faults.dead: [0]",
        "stop: {replicates: 5}",
        ["stop.half_width: missing"],
    ),
    "unknown key": ("faults.dead: [0]", "axis: 1", ["axis: unknown setting; did you mean axes?"]),
    "missing images": (
        "data.path: [tiny.npz, gone.npz]",
        "",
        ["1 fault", "at data.path = gone.npz: ", "gone.npz"],
    ),
    "network that does not fit the images": (
        "network.layers: [[16, 6, 4], [15, 6, 4]]",
        "",
        ["at network.layers = [15, 6, 4]: network.layers: starts with 15 neurons"],
    ),
    "missing device file": (
        "device: [{kind: table, file: gone.csv, bidirectional: false}]",
        "",
        ["1 fault", "at device = ", "gone.csv"],
    ),
}


@pytest.mark.parametrize(("axes", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_before_anything_runs(
    write_sweep: Write, axes: str, more: str, words: list[str]
) -> None:
    with pytest.raises(UserError) as refusal:
        read_sweep(write_sweep(axes, more))
    for word in ["sweep.yaml", *words]:
        assert word in str(refusal.value)


def test_faults_of_the_base_are_those_of_its_file() -> None:
    Path("small.yaml").write_text("device: {kind: pcm}\nseed: -1\n")
    with pytest.raises(UserError, match=r"small\.yaml has 1 fault:\n  line 2, seed"):
        read_sweep("dead.yaml")


def test_a_missing_base_is_told() -> None:
    Path("small.yaml").unlink()
    with pytest.raises(UserError, match=r"small\.yaml: there is no such file"):
        read_sweep("dead.yaml")
