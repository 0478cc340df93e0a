"""Fault maps in files: written, read, named by a run, refused where they do not fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import pcmsim
from pcmsim.array.fault_map import FAULTS, read_fault_maps
from pcmsim.array.random import make_key
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.experiment.fault_map import write_fault_map
from pcmsim.kernels import codes
from pcmsim.kernels.codes import HEALTHY, OPEN, STUCK_AT, STUCK_ON
from pcmsim.training.crew import Crew
from pcmsim.training.rules import neurons_of
from pcmsim.training.synapses import Synapses, make_synapses
from tests.kernels.cases import draw_examples

KEY = make_key(5, 0)
SHAPES = [(13, 10), (11, 5)]
ALL_KINDS: dict[str, Any] = {
    "dead": 0.1,
    "stuck_on": 0.1,
    "stuck_random": 0.1,
    "stuck_present": 0.1,
    "stuck_at": 0.1,
    "stuck_level": 7e-6,
    "clustered": 0.1,
    "dead_rows": 0.1,
    "array_rows": 10,
    "array_columns": 20,
}


def settings_with(**faults: Any) -> Settings:
    return Settings(
        network={"layers": [12, 10, 5], "initial_weight": 3.0},
        data={"crop": None},
        training={"learning_rate": 1.0},
        device={"kind": "pcm", "pulses_to_90_percent": 6},
        reset={"interval": 2, "larger_above": 0.3, "smaller_above": 0.1},
        faults=faults,
    )


def make(**faults: Any) -> Synapses:
    return make_synapses(settings_with(**faults), KEY)


def train(synapses: Synapses) -> None:
    examples = draw_examples(seed=3, images=40, pixels=12, classes=5)
    network = settings_with().network
    crew = Crew(network.layers, 1, threads=1)
    synapses.learn(neurons_of(network), examples, 0, 40, 0, crew)


def test_names_and_codes_agree() -> None:
    assert [getattr(codes, name.upper()) for name in FAULTS] == list(range(len(FAULTS)))


def test_a_saved_map_gives_the_identical_array(tmp_path: Path) -> None:
    """Before training and after it, faults of all kinds, from the first bit to the last."""
    drawn = make(**ALL_KINDS)
    write_fault_map(
        tmp_path / "map.h5",
        [layer.fault for layer in drawn.layers],
        [layer.conductance for layer in drawn.layers],
    )
    read = make(map=str(tmp_path / "map.h5"))
    for synapses in (drawn, read):
        train(synapses)
    for one, other in zip(drawn.layers, read.layers, strict=True):
        assert set(one.fault.ravel()) == set(range(codes.WORN))
        assert np.array_equal(one.fault, other.fault)
        assert np.array_equal(one.conductance, other.conductance)
        assert np.array_equal(one.weight, other.weight)


def test_a_result_is_a_fault_map(tmp_path: Path) -> None:
    """A run with the map of another run's result is that run again, bit for bit."""
    config = tmp_path / "my.yaml"
    config.write_text(
        "device: {kind: pcm}\n"
        "network: {layers: [528, 12, 10]}\n"
        "data: {train_images: 200}\n"
        "training: {epochs: 1}\n"
    )
    faults = ["faults.stuck_random=0.2", "faults.dead_columns=0.1", "faults.array_columns=24"]
    first = pcmsim.run(pcmsim.load_config(config, faults), tmp_path / "first.h5")
    named = pcmsim.load_config(config, [f"faults.map={tmp_path / 'first.h5'}"])
    again = pcmsim.run(named, tmp_path / "again.h5")
    assert first.arrays.keys() == again.arrays.keys()
    assert (first.arrays["layers/0/fault"] == OPEN).any()
    for name, array in first.arrays.items():
        assert array.tobytes() == again.arrays[name].tobytes(), name


def test_without_conductances_the_code_decides(tmp_path: Path) -> None:
    """As if the faults had been drawn; a device with a NaN is like one without."""
    drawn = make(**ALL_KINDS)
    faults = [layer.fault for layer in drawn.layers]
    write_fault_map(tmp_path / "plain.h5", faults)
    nan = [np.full(fault.shape, np.nan) for fault in faults]
    write_fault_map(tmp_path / "nan.h5", faults, nan)
    for name in ("plain.h5", "nan.h5"):
        read = make(map=str(tmp_path / name), stuck_level=7e-6)
        for one, other in zip(drawn.layers, read.layers, strict=True):
            assert np.array_equal(one.conductance, other.conductance)


def test_measured_conductances_win(tmp_path: Path) -> None:
    """But for an open line, which carries nothing whatever was measured."""
    fault = [np.full((*shape, 2), STUCK_ON) for shape in SHAPES]
    fault[0][0] = OPEN
    fault[1][2] = HEALTHY
    write_fault_map(tmp_path / "map.h5", fault, [np.full(f.shape, 3e-6) for f in fault])
    first, second = make(map=str(tmp_path / "map.h5")).layers
    assert (first.conductance[0] == 0).all()
    assert (first.conductance[1:] == np.float32(3e-6)).all()
    sound = make().layers[1]
    assert np.array_equal(second.conductance[2], sound.conductance[2])


def test_other_faults_come_on_top(tmp_path: Path) -> None:
    """On devices that the map has as healthy; those of the map stay as they are."""
    fault = [np.zeros((*shape, 2), int) for shape in SHAPES]
    fault[0][:5] = STUCK_ON
    write_fault_map(tmp_path / "map.h5", fault)
    first, _ = make(map=str(tmp_path / "map.h5"), dead=[0.4, 0.0]).layers
    assert (first.fault[:5] == STUCK_ON).all()
    assert np.sum(first.fault[5:] == codes.DEAD) == round(0.4 * first.fault.size)


def test_a_relative_name_starts_at_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text("device: {kind: pcm}\nfaults: {map: maps/one.h5}\n")
    settings = pcmsim.load_config(tmp_path / "my.yaml")
    assert settings.faults.map == str(tmp_path / "maps" / "one.h5")


def good_map() -> dict[str, Any]:
    return {f"layers/{n}/fault": np.zeros((*shape, 2), int) for n, shape in enumerate(SHAPES)}


def without(name: str) -> dict[str, Any]:
    return {other: array for other, array in good_map().items() if other != name}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (without("layers/1/fault"), ["2 layers", "layers/1/fault", "found: layers/0/fault"]),
        ({"map": np.zeros(3)}, ["expected", "found: none"]),
        (good_map() | {"layers/2/fault": np.zeros((6, 3, 2), int)}, ["found", "layers/2/fault"]),
        (
            good_map() | {"layers/1/fault": np.zeros((5, 11, 2), int)},
            ["layers/1/fault", "(5, 11, 2)", "expected (11, 5, 2)"],
        ),
        (
            good_map() | {"layers/0/fault": np.full((13, 10, 2), 8)},
            ["layers/0/fault", "no fault code 8", "0 healthy", "7 worn"],
        ),
        (good_map() | {"layers/0/fault": np.full((13, 10, 2), -1)}, ["no fault code -1"]),
        (good_map() | {"layers/0/fault": np.zeros((13, 10, 2))}, ["whole numbers", "float64"]),
        (
            good_map() | {"layers/0/conductance": np.zeros((13, 10))},
            ["layers/0/conductance", "(13, 10)", "expected (13, 10, 2)"],
        ),
        (
            good_map()
            | {
                "layers/0/fault": np.ones((13, 10, 2), int),
                "layers/0/conductance": np.full((13, 10, 2), 25.0),
            },
            ["layers/0/conductance", "from 0 to 1 (in S)", "not 25"],
        ),
    ],
)
def test_a_map_that_does_not_fit_is_refused(
    tmp_path: Path, arrays: dict[str, Any], words: list[str]
) -> None:
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    with pytest.raises(UserError) as refused:
        read_fault_maps(str(path), SHAPES)
    for word in [str(path), *words]:
        assert word in str(refused.value)


def cut_short(path: Path) -> None:
    write_fault_map(path, list(good_map().values()))
    path.write_bytes(path.read_bytes()[:-500])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_text("not HDF5"),
        cut_short,
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "map.h5"
    spoil(path)
    with pytest.raises(UserError, match=r"map\.h5"):
        read_fault_maps(str(path), SHAPES)


def test_stuck_at_needs_a_conductance(tmp_path: Path) -> None:
    path = tmp_path / "map.h5"
    write_fault_map(path, [np.full((*shape, 2), STUCK_AT) for shape in SHAPES])
    with pytest.raises(UserError, match=r"faults\.stuck_level: must be given"):
        make(map=str(path))


@pytest.mark.parametrize(
    ("fault", "conductance", "words"),
    [
        ([np.full((3, 2, 2), 9)], None, "no fault code 9"),
        ([np.zeros((3, 2), int)], None, r"layers/0/fault: has the shape \(3, 2\)"),
        ([np.zeros((3, 2, 2), int)], [], "conductances: 0 layers, expected 1"),
        ([np.ones((3, 2, 2), int)], [np.full((3, 2, 2), -1e-6)], "from 0 to 1"),
    ],
)
def test_nothing_but_a_fault_map_is_written(
    tmp_path: Path, fault: Any, conductance: Any, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        write_fault_map(tmp_path / "map.h5", fault, conductance)
    assert list(tmp_path.iterdir()) == []
