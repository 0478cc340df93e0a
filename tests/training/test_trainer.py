"""Training as a whole: cut anywhere, shared out to threads, taken up again (exact)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.config.settings import Settings
from pcmsim.data.dataset import Dataset
from pcmsim.kernels.codes import HEALTHY, MINUS, PLUS
from pcmsim.kernels.layer import Array
from pcmsim.training import trainer as module
from pcmsim.training.trainer import Trainer

PIXELS, CLASSES = 9, 4
TRAINING_IMAGES = 50

exact = settings(max_examples=25, derandomize=True, deadline=None, database=None)

DEVICES: dict[str, dict[str, Any]] = {
    "pcm": {"kind": "pcm", "range_spread": 0.3},
    "nandakumar2018": {"kind": "nandakumar2018", "range_spread": 0.1},
    "linear": {"kind": "linear", "steps": 100},
    "float": {"kind": "float"},
}


def make_data(test_images: int = 30) -> Dataset:
    """Return images of bright pixels, more of them in the quarter that is the class."""
    random = np.random.default_rng(1)

    def draw(count: int) -> tuple[Array, Array]:
        labels = random.integers(0, CLASSES, count)
        bright = np.arange(PIXELS) % CLASSES == labels[:, None]
        images = random.random((count, PIXELS)) < np.where(bright, 0.8, 0.2)
        return images.astype(np.float32), labels

    return Dataset("quarters", *draw(TRAINING_IMAGES), *draw(test_images), (PIXELS,))


DATA = make_data()


def make_settings(device: str, **other: Any) -> Settings:
    return Settings(
        network={"layers": [PIXELS, 7, CLASSES]},
        data={"crop": None},
        device=DEVICES[device],
        reset={"interval": 10, "larger_above": 0.4, "smaller_above": 0.15},
        **{"training": {"learning_rate": 0.3, "batch_size": 3}, **other},
    )


def state_of(trainer: Trainer) -> list[Any]:
    """Return all that training changes, as bytes and numbers."""
    synapses = trainer.synapses
    arrays = [
        array for layer in synapses.layers for array in layer if isinstance(array, np.ndarray)
    ]
    return [
        trainer.shown,
        trainer.right,
        synapses.counters.tolist(),
        *(array.tobytes() for array in arrays),
    ]


def train(trainer: Trainer, examples: int, chunk: Callable[[], int] = lambda: 1) -> Trainer:
    while trainer.shown < examples:
        trainer.advance(chunk())
    return trainer


@exact
@given(st.sampled_from(list(DEVICES)), st.data())
def test_chunks_of_any_size_leave_the_same_bits(device: str, data: st.DataObject) -> None:
    """Over two epochs, whose last batch is a short one; compared wherever the two meet."""
    config = make_settings(device)
    whole, cut = Trainer(config, DATA), Trainer(config, DATA)
    for epoch in (1, 2):
        whole.advance(TRAINING_IMAGES + 1)
        train(cut, epoch * TRAINING_IMAGES, lambda: data.draw(st.integers(0, 30)))
        assert whole.epoch == cut.epoch == epoch
        assert state_of(whole) == state_of(cut)


@pytest.mark.parametrize("device", DEVICES)
def test_a_checkpoint_is_complete(device: str) -> None:
    """Layers, counters, ``shown`` and ``right`` are all there is to take up training from."""
    config = make_settings(device)
    first = train(Trainer(config, DATA), 70)
    second = Trainer(config, DATA)
    for old, new in zip(first.synapses.layers, second.synapses.layers, strict=True):
        for source, target in zip(old, new, strict=True):
            if isinstance(target, np.ndarray):
                target[...] = source
    second.synapses.counters[:] = first.synapses.counters
    second.restore(first.shown, first.right)

    assert state_of(train(first, 150)) == state_of(train(second, 150))


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_threads_make_no_difference(noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are the same for any number of threads and any division of the images."""
    config = make_settings("pcm", read={"noise_relative": noise})
    data = make_data(test_images=2500)
    alone, both, all_three = (train(Trainer(config, data, threads), 20) for threads in (1, 2, 3))
    assert state_of(alone) == state_of(both) == state_of(all_three)
    answers = alone.answers_to_test_images()
    assert np.unique(answers).size > 1
    assert np.array_equal(both.answers_to_test_images(), answers)
    monkeypatch.setattr(module, "IMAGES_PER_TASK", 77)
    assert np.array_equal(all_three.answers_to_test_images(), answers)
    assert np.array_equal(both.answers_to_training_images(), alone.answers_to_training_images())


def test_every_image_is_read_with_noise_of_its_own() -> None:
    """The same image, many times over, is not always taken for the same class."""
    data = make_data(test_images=200)
    data.test_images[:] = data.test_images[0]
    config = make_settings("pcm", read={"noise_relative": 0.3})
    answers = Trainer(config, data).answers_to_test_images()
    assert np.unique(answers).size > 1
    quiet = make_settings("pcm")
    assert np.unique(Trainer(quiet, data).answers_to_test_images()).size == 1


def test_reading_changes_nothing() -> None:
    """Whoever looks at the accuracy between two chunks trains the same network."""
    config = make_settings("nandakumar2018", read={"noise_absolute": 1e-7})
    watched, unwatched = Trainer(config, DATA), Trainer(config, DATA)
    for _ in range(10):
        watched.advance(6)
        watched.answers_to_training_images()
        watched.answers_to_test_images()
        unwatched.advance(6)
    assert state_of(watched) == state_of(unwatched)


@pytest.mark.parametrize("device", DEVICES)
def test_seed_and_replicate_decide(device: str) -> None:
    """The same pair gives the same bits; another seed or replicate other ones."""

    def trained(**key: int) -> list[Any]:
        return state_of(train(Trainer(make_settings(device, **key), DATA), 50))

    once = trained(seed=1, replicate=0)
    assert once == trained(seed=1, replicate=0)
    assert once != trained(seed=2, replicate=0)
    assert once != trained(seed=1, replicate=1)


@pytest.mark.parametrize("device", DEVICES)
def test_right_counts_the_epoch_under_way(device: str) -> None:
    """It starts anew with each epoch, and learning makes it grow from epoch to epoch.

    Guesses would be right in a quarter of the 200 cases of four epochs: 50, give or take 6.
    """
    trainer = Trainer(make_settings(device, training={"learning_rate": 0.03}), DATA)
    right = []
    for _ in range(8):
        trainer.advance(25)
        assert 0 <= trainer.right <= trainer.shown_in_epoch == 25
        trainer.advance(25)
        assert trainer.shown_in_epoch == 0
        right.append(trainer.right)
    assert trainer.epoch == 8
    assert max(right) <= TRAINING_IMAGES
    assert sum(right[4:]) > 50 + 5 * 6


@pytest.mark.parametrize("device", ["pcm", "nandakumar2018", "linear"])
def test_the_array_keeps_its_books(device: str) -> None:
    """After training with faults, RESETs and wide ranges.

    A weight is what its two conductances say, to the bit and wherever it is kept; and no device
    has left its own range.
    """
    trainer = Trainer(
        make_settings(device, faults={"dead": 0.1, "stuck_on": 0.1, "stuck_random": 0.1}), DATA
    )
    train(trainer, 200)
    synapses = trainer.synapses
    for layer in synapses.layers:
        plus, minus = layer.conductance[..., PLUS], layer.conductance[..., MINUS]
        assert np.array_equal(layer.weight, layer.weight_per_siemens * (plus - minus))
        if layer.number > 0:
            assert np.array_equal(layer.weight_across, layer.weight.T)
        lowest = layer.range_scale * synapses.device.g_min
        highest = layer.range_scale * synapses.device.g_max
        healthy = layer.fault == HEALTHY
        assert (layer.conductance >= lowest)[healthy].all()
        assert (layer.conductance <= highest)[healthy].all()
    one_sided = not synapses.device.bidirectional
    pulses, depressions, resets = synapses.counters.tolist()
    assert pulses > 0
    assert depressions == (0 if one_sided else pulses)
    assert (resets > 0) == one_sided
