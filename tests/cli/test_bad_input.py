"""Whatever users get wrong ends in one message, status 2, and nothing under the final name."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import pcmsim.data
from pcmsim import Result
from pcmsim.errors import UserError
from pcmsim.files import write_whole, written_at_once

Command = Callable[..., Any]

BUNDLED = Path(pcmsim.data.__file__).parent / "bundled"
OUT = ["--out", "a.h5", "--no-plots"]

# What is in the settings file -> what the message must say.
BAD_FILES = {
    "unknown key": (
        "device: {kind: pcm}\ntraining:\n  epoch: 3\n",
        ["line 3", "training.epoch: unknown setting; did you mean epochs?"],
    ),
    "unknown block": (
        "device: {kind: pcm}\ntrainig: {epochs: 3}\n",
        ["line 2", "trainig: unknown setting; did you mean training?"],
    ),
    "setting of another kind": (
        "device:\n  kind: pcm\n  asymmetry: 0.1\n",
        ["line 3", "device.asymmetry: not a setting of this kind, but of linear"],
    ),
    "wrong type": (
        "device: {kind: pcm}\ntraining: {epochs: many}\n",
        ["line 2", "training.epochs: must be a whole number from 1 to 1000000000, not", '"many"'],
    ),
    "out of range": (
        "device:\n  kind: pcm\n  range_spread: 1.5\n",
        ["line 3", "device.range_spread: must be a number from 0 to 1, not 1.5"],
    ),
    "unknown kind": (
        "device: {kind: pmc}\n",
        [
            "line 1",
            "device.kind: must be exponential_step, float, linear, linear_step, nandakumar2018, "
            "pcm, pulse_curve, python, soft_bounds or table, not",
            '"pmc"',
        ],
    ),
    "no device": ("seed: 1\n", ["device: missing"]),
    "several at once": (
        "device: {kind: pcm}\nseed: -1\nepochs: 3\ntraining: {batch_size: 0}\n",
        ["3 faults", "line 2, seed", "line 3, epochs", "line 4, training.batch_size"],
    ),
    "list for the wrong layers": (
        "device: {kind: pcm}\ntraining:\n  learning_rate: [0.1, 0.2]\n",
        ["line 3", "training.learning_rate", "3 layers", "not 2"],
    ),
    "layers that do not match the crop": (
        "device: {kind: pcm}\nnetwork:\n  layers: [784, 16, 12, 10]\n",
        ["line 3", "network.layers", "784", "528 pixels"],
    ),
    "conductances out of order": (
        "device:\n  kind: pcm\n  g_min: 1e-3\n",
        ["line 3", "device.g_min: must be below g_max"],
    ),
    "too many faults": (
        "device: {kind: pcm}\nfaults: {dead: 0.7, stuck_on: 0.7}\n",
        ["line 2", "faults.dead", "1.4"],
    ),
    "empty file": ("", ["there are no settings in it"]),
    "text and no settings": ("just words\n", ["must consist of settings"]),
    "broken YAML": ("device: {kind: pcm\nseed: 1\n", ["line 2", "not valid YAML"]),
    "tab": ("device:\n\tkind: pcm\n", ["line 2", "tab"]),
    "duplicate key": ("device: {kind: pcm}\nseed: 1\nseed: 2\n", ["line 3", "seed is set twice"]),
    "not text": ("\x00", ["line 1", "U+0000"]),
}


@pytest.mark.parametrize(("text", "expected"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_settings(pcmsim: Command, text: str, expected: list[str]) -> None:
    Path("bad.yaml").write_text(text)
    ended = pcmsim("run", "bad.yaml", *OUT)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("pcmsim: bad.yaml")
    for words in expected:
        assert words in ended.err
    assert not list(Path().glob("*.h5*"))


# Changes on the command line -> what the message must say.
BAD_CHANGES = {
    "no value": ("training.epochs", ["--set training.epochs", "training.epochs=3"]),
    "unknown": ("training.epoch=3", ["--set training.epoch", "did you mean epochs?"]),
    "wrong type": ("seed=one", ["--set seed", "a whole number from 0 to 4294967295", '"one"']),
    "broken YAML": ("network.layers=[528", ["--set network.layers", "not valid YAML"]),
    "missing data": ("data.path=nowhere", ["data.path", "nowhere", "nothing is there"]),
    "unknown kind of data": ("data.path=small.yaml", ["data.path", "not known", ".npz"]),
    "more images than there are": ("data.train_images=6e4", ["data.train_images", "60,000"]),
    "crop beyond the image": (
        "data.crop=[10, 32, 2, 26]",
        ["data.crop", "found top 10, bottom 32", "bottom <= 28"],
    ),
    "layers that do not match the images": (
        "data.crop=null",
        ["network.layers: starts with 528 neurons", "784 pixels"],
    ),
    "labels beyond the outputs": (
        "network.layers=[528, 16, 12, 5]",
        ["network.layers: ends with 5 neurons", "labels count up to 9"],
    ),
    "missing table": (
        "device={kind: table, file: nowhere.csv, bidirectional: false}",
        ["nowhere.csv"],
    ),
    "more memory than there is": ("network.layers=[528, 1000000, 1000000, 10]", ["memory"]),
    "batch beyond any number of images": (
        "training.batch_size=100_000_000_000_000_000_000_000",
        ["training.batch_size"],
    ),
    "interval beyond any number of examples": (
        "reset.interval=100_000_000_000_000_000_000_000",
        ["reset.interval"],
    ),
    "layer beyond any memory": (
        "network.layers=[528, 100_000_000_000_000_000_000_000, 12, 10]",
        ["network.layers"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), BAD_CHANGES.values(), ids=BAD_CHANGES)
def test_bad_changes(
    pcmsim: Command, change: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PCMSIM_MNIST", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    ended = pcmsim("run", "small.yaml", "--set", change, *OUT)
    assert ended.status == 2
    assert ended.err.startswith("pcmsim: ")
    for words in expected:
        assert words in ended.err
    assert not list(Path().glob("*.h5*"))


@pytest.mark.parametrize(
    ("config", "expected"),
    {"nowhere.yaml": "there is no such file", ".": "this is a folder"}.items(),
)
@pytest.mark.parametrize("verb", [["run"], ["device", "show"], ["bench"]])
def test_settings_that_are_not_there(
    pcmsim: Command, verb: list[str], config: str, expected: str
) -> None:
    ended = pcmsim(*verb, config)
    assert ended.status == 2
    assert ended.err == f"pcmsim: {config}: {expected}\n".replace(
        "a folder\n", "a folder, not a YAML file\n"
    )


@pytest.mark.parametrize("verb", [["run"], ["device", "show"], ["device", "check"]])
def test_device_files_where_settings_are_wanted(pcmsim: Command, verb: list[str]) -> None:
    write_ours(Path("mine.h5"), format="pcmsim device 2")
    ended = pcmsim(*verb, "mine.h5")
    assert ended.status == 2
    assert ended.err.startswith("pcmsim: mine.h5: this is no YAML file; it is pcmsim device 2, ")
    assert "device: {kind: table, file: NAME}" in ended.err


@pytest.fixture
def idx_folder() -> Path:
    """Return a folder with the bundled images, to be damaged."""
    return Path(shutil.copytree(BUNDLED, "images"))


def test_a_truncated_idx_file(pcmsim: Command, idx_folder: Path) -> None:
    labels = idx_folder / "train-labels-idx1-ubyte.xz"
    labels.write_bytes(labels.read_bytes()[:1000])
    change = "data={path: images, train_images: 300, verify_checksum: false}"
    ended = pcmsim("run", "small.yaml", "--set", change, *OUT)
    assert ended.status == 2
    assert f"{labels.absolute()}: cannot be read, perhaps damaged or cut short" in ended.err


def test_idx_files_of_another_checksum(pcmsim: Command, idx_folder: Path) -> None:
    change = "data={path: images, train_images: 300}"
    ended = pcmsim("run", "small.yaml", "--set", change, *OUT)
    assert ended.status == 2
    assert "train-images-idx3-ubyte.xz: the contents are not those of the MNIST file" in ended.err
    assert "data.verify_checksum" in ended.err


IMAGES, LABELS = np.zeros((300, 528), np.uint8), np.zeros(300, int)
BAD_ARRAYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "missing": ({"test_labels": None}, ["test_labels is missing"]),
    "of another length": (
        {"train_labels": LABELS[:9]},
        ["train_labels", "(9,)", "(300,), one label for each image"],
    ),
    "of too large numbers": (
        {"test_images": np.full((40, 528), 9.0)},
        ["test_images", "9.0", "-1 to 1"],
    ),
    "not numbers": ({"train_images": np.full((300, 528), "x")}, ["train_images", "real numbers"]),
    "of Python objects": (
        {"train_labels": np.array([None] * 300)},
        ["train_labels", "no Python objects"],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_bad_arrays(pcmsim: Command, changes: dict[str, Any], expected: list[str]) -> None:
    good = {"train_images": IMAGES, "train_labels": LABELS}
    good |= {"test_images": IMAGES, "test_labels": LABELS}
    arrays = {name: array for name, array in (good | changes).items() if array is not None}
    np.savez("own.npz", **arrays)
    change = "data={path: own.npz, train_images: 300, crop: null}"
    ended = pcmsim("run", "small.yaml", "--set", change, *OUT)
    assert ended.status == 2
    assert ended.err.startswith(f"pcmsim: {Path('own.npz').absolute()}: array ")
    for words in expected:
        assert words in ended.err


def write_foreign(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = 1


def write_ours(path: Path, **attributes: Any) -> None:
    with written_at_once(path) as file:
        file.attrs.update(attributes)


# What is put in the place of a result -> what the message must say.
BAD_RESULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda path: None, "there is no file"),
    "a folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "not a file that pcmsim has written"),
    "text": (lambda path: path.write_text("words"), "not a file that pcmsim has written"),
    "of others": (write_foreign, "not a file that pcmsim has written"),
    "a checkpoint": (
        lambda path: write_ours(path, format="pcmsim checkpoint 1"),
        "not a result of this version of pcmsim; it is pcmsim checkpoint 1, an unfinished run for",
    ),
    "a device file": (
        lambda path: write_ours(path, format="pcmsim device 2"),
        "it is pcmsim device 2, a device file for pcmsim device report",
    ),
    "of a later version": (
        lambda path: write_ours(path, format="pcmsim result 99"),
        "not a result of this version",
    ),
    "of unknown settings": (
        lambda path: write_ours(path, format="pcmsim result 1", settings="sed: 1"),
        "the settings in",
    ),
}


@pytest.mark.parametrize("verb", ["show", "plot", "rerun"])
@pytest.mark.parametrize(("make", "expected"), BAD_RESULTS.values(), ids=BAD_RESULTS)
def test_bad_results(
    pcmsim: Command, make: Callable[[Path], Any], expected: str, verb: str
) -> None:
    make(Path("bad.h5"))
    ended = pcmsim(verb, "bad.h5")
    assert ended.status == 2
    assert ended.out == ""
    assert "bad.h5" in ended.err
    assert expected in ended.err


@pytest.mark.parametrize("verb", ["show", "plot", "rerun"])
@pytest.mark.parametrize("size", [511, 50_000, 200_000])
def test_truncated_results(pcmsim: Command, finished: Result, size: int, verb: str) -> None:
    Path("cut.h5").write_bytes(finished.path.read_bytes()[:size])
    ended = pcmsim(verb, "cut.h5")
    assert ended.status == 2
    assert "cut.h5 is damaged" in ended.err


@pytest.mark.parametrize("verb", ["show", "plot"])
@pytest.mark.parametrize("missing", ["epochs/test_accuracy", "layers/1", "confusion"])
def test_results_changed_by_others(
    pcmsim: Command, finished: Result, missing: str, verb: str
) -> None:
    Path("part.h5").write_bytes(finished.path.read_bytes())
    with h5py.File("part.h5", "r+") as file:
        del file[missing]
    ended = pcmsim(verb, "part.h5")
    assert ended.status == 2
    assert "part.h5" in ended.err


# Where a result cannot go -> what the message must say.
BAD_PLACES = {
    "small.yaml/a.h5": "small.yaml/a.h5",
    "small.yaml/below/a.h5": "small.yaml/below/a.h5",
    "/proc/nowhere/a.h5": "/proc/nowhere/a.h5",
    "folder.h5": "folder.h5 is a folder",
    f"{'a' * 300}.h5": "File name too long",
}


@pytest.mark.parametrize(("place", "expected"), BAD_PLACES.items())
def test_places_that_cannot_be_written(pcmsim: Command, place: str, expected: str) -> None:
    """Found out before the first epoch."""
    Path("folder.h5").mkdir()
    ended = pcmsim("run", "small.yaml", "--out", place, "--no-plots")
    assert ended.status == 2
    assert ended.err.startswith("pcmsim: ")
    assert expected in ended.err
    assert "epoch" not in ended.err
    assert {path.name for path in Path().iterdir()} == {"small.yaml", "folder.h5"}


def test_a_result_of_other_settings_is_kept(pcmsim: Command, finished: Result) -> None:
    Path("kept.h5").write_bytes(finished.path.read_bytes())
    ended = pcmsim("run", "small.yaml", "--set", "seed=2", "--out", "kept.h5", "--no-plots")
    assert ended.status == 2
    assert "kept.h5 exists and is not a result of these settings" in ended.err
    assert "--overwrite" in ended.err
    assert Path("kept.h5").read_bytes() == finished.path.read_bytes()


@pytest.mark.parametrize("name", ["small.yaml", "notes.h5"])
def test_a_file_that_is_no_result_is_kept(pcmsim: Command, name: str) -> None:
    Path("notes.h5").write_text("words")
    before = Path(name).read_text()
    assert pcmsim("run", "small.yaml", "--out", name, "--no-plots").status == 2
    assert Path(name).read_text() == before


def test_a_rerun_with_other_images_than_the_first(pcmsim: Command) -> None:
    arrays = {"train_images": IMAGES, "train_labels": LABELS}
    arrays |= {"test_images": IMAGES, "test_labels": LABELS}
    np.savez("own.npz", **arrays)
    change = "data={path: own.npz, train_images: 300, crop: null}"
    pcmsim("run", "small.yaml", "--set", change, *OUT)
    np.savez("own.npz", **arrays | {"test_images": IMAGES + 1})
    ended = pcmsim("rerun", "a.h5")
    assert ended.status == 2
    assert "a.h5 was made with other images than those found now" in ended.err


@pytest.mark.parametrize(
    "line",
    [
        ["device", "import", "bad\udcff.csv", "--out", "a.h5"],
        ["device", "report", "bad\udcff.h5"],
        ["device", "judge", "bad\udcff.h5"],
        ["run", "small.yaml", "--out", "bad\udcff.h5"],
    ],
)
def test_names_that_are_no_text(pcmsim: Command, line: list[str]) -> None:
    """Results, reports and settings could not repeat them."""
    ended = pcmsim(*line)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("pcmsim: bad\\xff.")
    assert "not UTF-8 text; give the file or folder another name" in ended.err
    assert [path.name for path in Path().iterdir()] == ["small.yaml"]


@pytest.mark.parametrize("name", [".", ""])
def test_a_file_cannot_replace_a_folder(name: str) -> None:
    with pytest.raises(UserError, match="is a folder, not a file"):
        write_whole(Path(name), b"")


# Command lines that cannot be understood -> what the message must say.
BAD_LINES = {
    "no command": ([], "COMMAND"),
    "unknown command": (["shwo"], "there is no command shwo; did you mean show?"),
    "unknown command of devices": (
        ["device", "imprt"],
        "device: there is no command imprt; did you mean import?; see 'pcmsim device --help'",
    ),
    "unknown option": (["run", "small.yaml", "--tread", "2"], "did you mean --threads?"),
    "unknown option where another is missing": (
        ["device", "import", "f.csv", "--untis=uS"],
        "device import: there is no option --untis; did you mean --unit?; see "
        "'pcmsim device import --help'",
    ),
    "unknown letter": (["show", "a.h5", "-x"], "show: -x is one word too many"),
    "a word too many": (["show", "a.h5", "b.h5"], "show: b.h5 is one word too many"),
    "no settings": (["run"], "CONFIG"),
    "no thread": (["run", "small.yaml", "--threads", "0"], "must be a whole number of at least 1"),
    "less than no thread": (["run", "small.yaml", "--threads=-1"], "not -1"),
    "threads in words": (["rerun", "a.h5", "--threads", "all"], "not all"),
    "misspelt setting": (["explain", "device.gmax"], "did you mean device.g_max"),
    "picture of no kind": (["device", "show", "small.yaml", "--plot", "a.txt"], ".png, .pdf, .svg"),
    "picture of no device": (
        ["device", "show", "small.yaml", "--set", "device={kind: float}", "--plot", "a.png"],
        "device.kind: float",
    ),
}


@pytest.mark.parametrize(("line", "expected"), BAD_LINES.values(), ids=BAD_LINES)
def test_bad_command_lines(pcmsim: Command, line: list[str], expected: str) -> None:
    ended = pcmsim(*line)
    assert ended.status == 2
    assert expected in ended.err
    assert ended.err.startswith("pcmsim: ") and ended.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["small.yaml"]


def test_options_may_be_cut_short_and_words_after_two_dashes_are_files(pcmsim: Command) -> None:
    assert "there is no file --a.h5" in pcmsim("show", "--js", "--", "--a.h5").err
