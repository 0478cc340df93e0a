"""What each command puts out when all is well."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim import Result
from pcmsim.experiment import bench as bench_module
from tests.sealed import changed

Command = Callable[..., Any]

SUMMARY = {
    "result": str,
    "train_accuracy": float,
    "test_accuracy": float,
    "test_accuracy_halves": list,
    "best_test_accuracy": float,
    "synapses": int,
    "neurons": int,
    "examples_per_second": float,
    "set_pulses": int,
    "resets": int,
}


def test_run_puts_out_one_json_object(pcmsim: Command) -> None:
    ended = pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots", "--json")
    summary = json.loads(ended.out)
    assert ended.status == 0
    assert {name: type(summary[name]) for name in SUMMARY} == SUMMARY
    assert summary["result"] == "a.h5"


def test_accuracies_are_fractions(pcmsim: Command, finished: Result) -> None:
    summary = json.loads(pcmsim("show", finished.path, "--json").out)
    first, second = summary["test_accuracy_halves"]
    assert summary["test_accuracy"] == pytest.approx((first + second) / 2)
    assert 0 < summary["test_accuracy"] <= summary["best_test_accuracy"] < 1


def test_show_puts_out_the_same_object(pcmsim: Command) -> None:
    ran = pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots", "--json")
    shown = pcmsim("show", "a.h5", "--json")
    assert shown.out == ran.out
    assert shown.err == ""


@pytest.mark.usefixtures("finished")
def test_progress_goes_to_standard_error_a_line_per_epoch(pcmsim: Command) -> None:
    """Once the kernels have been compiled, which is told as well."""
    ended = pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots", "--json")
    assert [line.partition(":")[0] for line in ended.err.splitlines()] == ["epoch   1", "epoch   2"]


def test_settings_on_the_command_line_win(pcmsim: Command) -> None:
    changes = ["--set", "training.epochs=1", "--set", "seed=5"]
    ended = pcmsim("run", "small.yaml", *changes, "--out", "a.h5", "--no-plots", "--json")
    summary = json.loads(ended.out)
    assert (summary["epochs"], summary["seed"]) == (1, 5)


def test_without_out_results_go_to_the_folder_results(pcmsim: Command) -> None:
    """Under a name that no other settings share."""
    one = ["run", "small.yaml", "--set", "training.epochs=1", "--no-plots", "--json"]
    names = {json.loads(pcmsim(*one, "--set", f"seed={n}").out)["result"] for n in (1, 2)}
    assert {str(path) for path in Path("results").iterdir()} == names
    assert len(names) == 2


def test_out_may_name_a_folder(pcmsim: Command) -> None:
    ended = pcmsim("run", "small.yaml", "--out", "some/folder", "--no-plots", "--json")
    assert Path(json.loads(ended.out)["result"]).parent == Path("some/folder")


def test_the_same_settings_may_be_run_again(pcmsim: Command) -> None:
    pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots")
    again = pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots")
    assert again.status == 0


def test_overwrite_replaces_a_result_of_other_settings(pcmsim: Command) -> None:
    pcmsim("run", "small.yaml", "--out", "a.h5", "--no-plots")
    other = ["run", "small.yaml", "--set", "seed=2", "--out", "a.h5", "--no-plots"]
    assert pcmsim(*other, "--overwrite").status == 0
    assert Result.open("a.h5").settings.seed == 2


def test_run_names_the_result_and_its_pictures(pcmsim: Command) -> None:
    ended = pcmsim("run", "small.yaml", "--out", "a.h5", "--set", "training.epochs=1")
    named = [line.split()[1] for line in ended.out.splitlines() if line.startswith("picture")]
    assert "result   a.h5" in ended.out
    assert named
    assert all(Path(picture).stat().st_size > 0 for picture in named)


def test_plot_names_the_pictures_it_draws(pcmsim: Command, finished: Result) -> None:
    pictures = pcmsim("plot", finished.path, "--out", "pictures").out.split()
    assert pictures
    assert {Path(picture) for picture in pictures} == set(Path("pictures").iterdir())


def test_show_prints_a_page(pcmsim: Command, finished: Result) -> None:
    ended = pcmsim("show", finished.path)
    assert ended.status == 0
    assert "8,798 synapses" in ended.out


def test_an_identical_rerun_ends_with_0(pcmsim: Command, finished: Result) -> None:
    ended = pcmsim("rerun", finished.path)
    assert ended.status == 0
    assert ended.out.startswith("identical")


def test_a_rerun_that_differs_ends_with_1_and_says_where(pcmsim: Command, finished: Result) -> None:
    Path("copy.h5").write_bytes(finished.path.read_bytes())
    with changed(Path("copy.h5")) as file:
        file["layers/2/weight"][0, 0] = 5.0
    ended = pcmsim("rerun", "copy.h5")
    assert ended.status == 1
    differ = f"1 of {len(finished.arrays)} datasets differ:\n  layers/2/weight\n"
    assert ended.out.endswith(differ)


@pytest.mark.parametrize("kind", ["pcm", "linear", "nandakumar2018", "float"])
def test_device_describes_every_kind(pcmsim: Command, kind: str) -> None:
    ended = pcmsim("device", "show", "small.yaml", "--set", f"device={{kind: {kind}}}")
    assert ended.status == 0
    assert kind in ended.out


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_device_draws_a_picture(pcmsim: Command, ending: str) -> None:
    ended = pcmsim("device", "show", "small.yaml", "--plot", f"device.{ending}")
    assert f"picture  device.{ending}" in ended.out
    assert Path(f"device.{ending}").stat().st_size > 0


def test_explain_lists_all_settings(pcmsim: Command) -> None:
    ended = pcmsim("explain")
    assert ended.status == 0
    assert "learning_rate" in ended.out


def test_explain_tells_all_about_one(pcmsim: Command) -> None:
    assert "unit     S" in pcmsim("explain", "device.g_max").out


def test_explain_gives_a_schema_to_editors(pcmsim: Command) -> None:
    assert "properties" in json.loads(pcmsim("explain", "--schema").out)


def test_data_verifies_the_bundled_images(pcmsim: Command) -> None:
    ended = pcmsim("data")
    assert ended.status == 0
    assert "t10k-images-idx3-ubyte.xz: 10,000 images, checksum verified" in ended.out


def test_bench_puts_out_one_json_object(pcmsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "ROUNDS", 1)
    timing = json.loads(pcmsim("bench", "small.yaml", "--json").out)
    ratio = timing["examples_per_second"] / timing["float_sgd_examples_per_second"]
    assert timing["ratio"] == pytest.approx(ratio)


def test_bench_times_the_main_job_where_no_settings_are_named(
    pcmsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers: list[list[int]] = []
    timing = {"examples_per_second": 1.0, "float_sgd_examples_per_second": 1.0, "ratio": 1.0}

    def only_look(settings: Any) -> dict[str, float]:
        layers.append(settings.network.layers)
        return timing

    monkeypatch.setattr(bench_module, "bench", only_look)
    monkeypatch.chdir(Path(__file__).parents[2])
    assert json.loads(pcmsim("bench", "--json").out) == timing
    assert layers == [[528, 250, 125, 10]]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["bench", "--help"], ["--version"]]
)
def test_help_and_version_end_with_0(pcmsim: Command, arguments: list[str]) -> None:
    ended = pcmsim(*arguments)
    assert ended.status == 0
    assert "pcmsim" in ended.out
