"""Measuring what becomes of a trained network with time: of any, and at the end of a run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import h5py
import numpy as np

from pcmsim.array.retention import Ageing, age, amplified, compensation, room_for
from pcmsim.config.retention_settings import DAY, HOUR, MINUTE, MONTH, T_0, YEAR, RetentionSettings
from pcmsim.config.settings import Settings
from pcmsim.experiment.retention_curves import (
    COMPENSATED,
    COMPENSATION,
    PLAIN,
    TIME,
    Floats,
    RetentionCurves,
)
from pcmsim.kernels.layer import Layer
from pcmsim.training.trainer import Trainer

ROUND_TIMES = (MINUTE, HOUR, DAY, MONTH, YEAR)
# Two times with a smaller ratio are as good as one.
SMALLEST_RATIO = 1.01

# Told, after every time: how many there have been, and how many there will be.
Report = Callable[[int, int], None]


def measure_retention(
    trainer: Trainer, settings: Settings, draws: int = 1, report: Report | None = None
) -> RetentionCurves:
    """Return what becomes of a network that has been trained; the network stays as it is.

    Args:
        trainer: the network, at the end of an epoch.
        settings: its settings, with the effects under ``retention``.
        draws: how many times all random numbers are drawn.
        report: told about progress.
    """
    times = times_of(settings.retention)
    own = trainer.synapses.layers
    plain, compensated = np.empty((draws, times.size)), np.empty((draws, times.size))
    factors = np.empty((draws, times.size, len(own)))
    room = [room_for(layer) for layer in own]
    device = trainer.synapses.device
    assert device is not None
    for draw in range(draws):
        ageing = Ageing(settings.retention, float(device.g_max), trainer.key, draw)
        first = _age_all(own, room, ageing, T_0)
        for n, time in enumerate(times.tolist()):
            now = _age_all(own, room, ageing, time)
            plain[draw, n] = _accuracy(trainer, room)
            factors[draw, n] = [compensation(*sums) for sums in zip(first, now, strict=True)]
            louder = [
                amplified(layer, factor)
                for layer, factor in zip(room, factors[draw, n].tolist(), strict=True)
            ]
            compensated[draw, n] = _accuracy(trainer, louder)
            if report is not None:
                report(draw * times.size + n + 1, draws * times.size)
    at_once = _accuracy(trainer, own)
    return RetentionCurves(settings, at_once, times, plain, compensated, factors)


def write_retention(file: h5py.File, settings: Settings, trainer: Trainer) -> None:
    """Write what becomes of a network into its result, if the settings ask for it."""
    if settings.retention.model == "none":
        return
    curves = measure_retention(trainer, settings)
    file[TIME] = curves.times
    file[TIME].attrs["unit"] = "s"
    file[PLAIN] = curves.plain[0]
    file[COMPENSATED] = curves.compensated[0]
    file[COMPENSATION] = curves.compensation[0]


def times_of(settings: RetentionSettings) -> Floats:
    """Return the times (s) at which accuracy is measured: at equal ratios, and round ones."""
    regular = np.geomspace(T_0, settings.until, settings.times)
    round_ones = [time for time in ROUND_TIMES if time < settings.until]
    wanted = [T_0, settings.until, *round_ones]
    for time in regular.tolist():
        if all(max(time, one) / min(time, one) > SMALLEST_RATIO for one in wanted):
            wanted.append(time)
    return np.array(sorted(wanted))


def _age_all(
    own: Sequence[Layer], room: Sequence[Layer], ageing: Ageing, time: float
) -> list[float]:
    """Let all layers age; return the sums of their conductances, in S."""
    return [age(layer, aged, ageing, time) for layer, aged in zip(own, room, strict=True)]


def _accuracy(trainer: Trainer, layers: Sequence[Layer]) -> float:
    """Return which part of the test images is classified correctly by these layers."""
    with _reading(trainer, layers):
        answers = trainer.answers_to_test_images()
    return float((answers == trainer.data.test_labels).mean())


@contextmanager
def _reading(trainer: Trainer, layers: Sequence[Layer]) -> Iterator[None]:
    """Let a network classify with other layers than its own."""
    own = trainer.synapses.layers
    trainer.synapses.layers = tuple(layers)
    try:
        yield
    finally:
        trainer.synapses.layers = own
