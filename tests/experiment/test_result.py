"""What a result file holds, and that its parts agree with each other."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import pytest

from pcmsim import Result, UserError, run
from pcmsim.config.load import settings_from_text
from pcmsim.config.read import settings_digest
from pcmsim.config.settings import Settings
from pcmsim.experiment.run import load_fitting_data

Make = Callable[..., Settings]

SHAPES = [(529, 16), (17, 12), (13, 10)]
EPOCHS = 3


def test_the_settings_read_back(finished: Result, small: Settings) -> None:
    assert settings_from_text(finished.attributes["settings"], "the result") == small
    assert finished.settings == small


def test_attributes_say_where_a_result_comes_from(finished: Result, small: Settings) -> None:
    attributes = finished.attributes
    assert attributes["settings_sha256"] == settings_digest(small)
    assert (attributes["seed"], attributes["replicate"]) == (1, 0)
    assert attributes["data_name"] == "MNIST"
    assert attributes["data_sha256"] == load_fitting_data(small).checksum
    for package in ("pcmsim", "numpy", "numba", "h5py"):
        assert attributes[f"{package}_version"] == version(package)
    assert {"python_version", "platform", "processor", "created"} <= attributes.keys()


def test_speed_is_that_of_training(finished: Result) -> None:
    attributes = finished.attributes
    assert attributes["examples_per_second"] * attributes["training_seconds"] == pytest.approx(900)


@pytest.mark.parametrize(
    ("column", "shape"),
    {
        "online_accuracy": (EPOCHS,),
        "train_accuracy": (EPOCHS,),
        "test_accuracy": (EPOCHS,),
        "test_accuracy_halves": (EPOCHS, 2),
        "set_pulses": (EPOCHS,),
        "depression_pulses": (EPOCHS,),
        "resets": (EPOCHS,),
        "saturated_devices": (EPOCHS,),
    }.items(),
)
def test_the_epoch_table_has_one_entry_per_epoch(
    finished: Result, column: str, shape: tuple[int, ...]
) -> None:
    assert finished.arrays[f"epochs/{column}"].shape == shape


def test_the_halves_average_to_the_whole(finished: Result) -> None:
    halves = finished.arrays["epochs/test_accuracy_halves"]
    np.testing.assert_allclose(halves.mean(axis=1), finished.arrays["epochs/test_accuracy"])


@pytest.mark.parametrize("counter", ["set_pulses", "resets"])
def test_pulses_are_counted_from_the_start(finished: Result, counter: str) -> None:
    counts = finished.arrays[f"epochs/{counter}"]
    assert counts[0] > 0
    assert np.all(np.diff(counts) >= 0)


@pytest.mark.parametrize("kind", ["weight", "g_plus", "g_minus"])
@pytest.mark.parametrize("layer", range(3))
def test_histograms_count_every_device(finished: Result, layer: int, kind: str) -> None:
    """Also those beyond the ends, after every epoch and before the first."""
    counts = finished.arrays[f"histograms/{layer}/{kind}"]
    rows, columns = SHAPES[layer]
    assert counts.sum(axis=1).tolist() == [rows * columns] * (EPOCHS + 1)


@pytest.mark.parametrize("layer", range(3))
def test_the_last_histogram_is_that_of_the_weights(finished: Result, layer: int) -> None:
    edges = finished.arrays[f"histograms/{layer}/weight_edges"]
    weight = np.clip(finished.arrays[f"layers/{layer}/weight"], edges[0], edges[-1])
    counts, _ = np.histogram(weight, edges)
    assert np.array_equal(counts, finished.arrays[f"histograms/{layer}/weight"][-1])


@pytest.mark.parametrize("layer", range(3))
def test_layers_have_their_shapes(finished: Result, layer: int) -> None:
    assert finished.arrays[f"layers/{layer}/weight"].shape == SHAPES[layer]
    for name in ("conductance", "range_scale", "fault"):
        assert finished.arrays[f"layers/{layer}/{name}"].shape == (*SHAPES[layer], 2)


@pytest.mark.parametrize("layer", range(3))
def test_weights_are_differences_of_conductances(
    finished: Result, small: Settings, layer: int
) -> None:
    conductance = finished.arrays[f"layers/{layer}/conductance"]
    weight_range = (0.22, 0.62, 0.35)[layer]
    weight_per_siemens = np.float32(weight_range / np.float32(small.device.g_max))
    weight = weight_per_siemens * (conductance[..., 0] - conductance[..., 1])
    np.testing.assert_allclose(finished.arrays[f"layers/{layer}/weight"], weight, rtol=1e-6)


@pytest.mark.parametrize("images", ["train", "test"])
def test_confusion_counts_every_image(finished: Result, small: Settings, images: str) -> None:
    """Row by row, the images of each true class."""
    labels = getattr(load_fitting_data(small), f"{images}_labels")
    counts = finished.arrays[f"confusion/{images}"].sum(axis=1)
    assert counts.tolist() == np.bincount(labels, minlength=10).tolist()


@pytest.mark.parametrize("images", ["train", "test"])
def test_the_diagonal_of_the_confusion_is_the_last_accuracy(finished: Result, images: str) -> None:
    confusion = finished.arrays[f"confusion/{images}"]
    accuracy = confusion.trace() / confusion.sum()
    assert accuracy == finished.arrays[f"epochs/{images}_accuracy"][-1]


def test_read_noise_keeps_confusion_and_accuracy_together(
    make_settings: Make, tmp_path: Path
) -> None:
    settings = make_settings("read.noise_relative=0.3", "training.epochs=1")
    result = run(settings, tmp_path / "noisy.h5")
    confusion = result.arrays["confusion/test"]
    assert confusion.trace() / confusion.sum() == result.arrays["epochs/test_accuracy"][-1]


def test_fault_maps_count_what_was_asked_for(make_settings: Make, tmp_path: Path) -> None:
    """Exactly, over the whole array; the codes are named beside them."""
    shares = {"dead": 0.05, "stuck_on": 0.02, "stuck_random": 0.03, "stuck_present": 0.1}
    settings = make_settings(f"faults={str(shares).replace(chr(39), '')}", "training.epochs=1")
    result = run(settings, tmp_path / "faulty.h5")
    with h5py.File(result.path) as file:
        codes = file["layers/0/fault"].attrs["codes"].split(", ")
    faults = np.concatenate([result.arrays[f"layers/{n}/fault"].ravel() for n in range(3)])
    devices = 2 * sum(rows * columns for rows, columns in SHAPES)
    for name, share in shares.items():
        assert np.sum(faults == codes.index(name)) == round(share * devices)


def test_float_weights_have_no_devices(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings("device={kind: float}", "training.epochs=1")
    result = run(settings, tmp_path / "float.h5")
    names = {name.rpartition("/")[2] for name in result.arrays}
    assert not names & {"conductance", "fault", "range_scale", "g_plus", "conductance_edges"}
    assert result.summary()["set_pulses"] == 0


def test_a_device_with_memory_says_how_many_pulses_it_remembers(
    make_settings: Make, tmp_path: Path
) -> None:
    settings = make_settings("device={kind: nandakumar2018}", "training.epochs=1")
    result = run(settings, tmp_path / "memory.h5")
    pulses = result.arrays["layers/0/pulses_since_reset"]
    assert pulses.shape == (529, 16, 2)
    assert pulses.max() > 0


def test_accuracies_are_means_over_the_last_five_epochs(
    make_settings: Make, own_images: Callable[..., Path], tmp_path: Path
) -> None:
    settings = make_settings(
        f"data={{path: {own_images()}, train_images: 300, crop: null}}", "training.epochs=7"
    )
    result = run(settings, tmp_path / "seven.h5")
    summary, test = result.summary(), result.arrays["epochs/test_accuracy"]
    assert summary["test_accuracy"] == pytest.approx(test[2:].mean())
    assert summary["best_test_accuracy"] == test.max()
    halves = result.arrays["epochs/test_accuracy_halves"][2:].mean(axis=0)
    assert summary["test_accuracy_halves"] == pytest.approx(halves.tolist())


def test_the_summary_counts_synapses_and_neurons(finished: Result) -> None:
    """Bias rows are synapses; 528 + 16 + 12 + 10 neurons."""
    summary = finished.summary()
    assert summary["synapses"] == 529 * 16 + 17 * 12 + 13 * 10
    assert summary["neurons"] == 566
    assert summary["set_pulses"] == finished.arrays["epochs/set_pulses"][-1]
    assert summary["resets"] == finished.arrays["epochs/resets"][-1]


def test_one_test_image_leaves_no_half_empty(
    make_settings: Make, own_images: Callable[..., Path], tmp_path: Path
) -> None:
    """Half of one image is none: such data must be refused, and not give an accuracy of NaN."""
    data = f"data={{path: {own_images(test_images=1)}, train_images: 300, crop: null}}"
    with pytest.raises(UserError, match="test_images"):
        run(make_settings(data), tmp_path / "one.h5")


def test_a_result_of_other_settings_is_kept(
    finished: Result, make_settings: Make, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.h5"
    kept.write_bytes(finished.path.read_bytes())
    with pytest.raises(UserError, match=r"not a result of these settings.*--overwrite"):
        run(make_settings("seed=2"), kept)
    assert kept.read_bytes() == finished.path.read_bytes()


def test_overwrite_replaces_a_result(finished: Result, make_settings: Make, tmp_path: Path) -> None:
    replaced = tmp_path / "replaced.h5"
    replaced.write_bytes(finished.path.read_bytes())
    run(make_settings("seed=2", "training.epochs=1"), replaced, overwrite=True)
    assert Result.open(replaced).settings.seed == 2


def test_a_folder_is_refused_before_the_work(small: Settings, tmp_path: Path) -> None:
    """Also with ``overwrite``, which replaces results and no folders."""
    (tmp_path / "folder.h5").mkdir()
    begun: list[int] = []
    with pytest.raises(UserError, match="folder"):
        run(
            small,
            tmp_path / "folder.h5",
            overwrite=True,
            report=lambda shown, *_: begun.append(shown),
        )
    assert begun == []
