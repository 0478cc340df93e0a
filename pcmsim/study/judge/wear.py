"""What a device must endure: the pulses that each one gets while a network is trained."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pcmsim.config.section import LARGEST_COUNT
from pcmsim.config.settings import Settings
from pcmsim.experiment.result import Result
from pcmsim.experiment.run import run
from pcmsim.kernels.codes import RESET_CYCLES, SET_CYCLES
from pcmsim.study.judge.verdict import Wear

# Of a thousand devices, so many take no more.
HIGH = 0.999


def count_wear(settings: Settings, path: Path) -> Result:
    """Train replicate 0 once more, counting the pulses of every device; none of them wears out.

    Where the hardware wears out, it does so here as well.
    """
    faults = settings.faults
    if faults.endurance_set is None and faults.endurance_reset is None:
        endless = {"endurance_set": LARGEST_COUNT, "endurance_reset": LARGEST_COUNT}
        faults = faults.model_copy(update={**endless, "endurance_spread": 0.0})
    counted = settings.model_copy(update={"faults": faults})
    return run(counted, path, resume=True, overwrite=True)


def wear_of(result: Result, *, is_bidirectional: bool) -> list[Wear]:
    """Return how many pulses of each kind the devices of a result got, one device and another."""
    names = {
        SET_CYCLES: "steps up" if is_bidirectional else "partial SETs",
        RESET_CYCLES: "steps down" if is_bidirectional else "RESETs",
    }
    layers = [result.arrays[f"layers/{n}/cycles"] for n in range(result.layers)]
    return [_cycles(name, layers, kind) for kind, name in names.items()]


def _cycles(name: str, layers: Sequence[NDArray[np.uint32]], kind: int) -> Wear:
    cycles = np.concatenate([layer[..., kind].ravel() for layer in layers])
    return Wear(
        pulses=name,
        total=int(cycles.sum(dtype=np.int64)),
        median=float(np.median(cycles)),
        high=float(np.quantile(cycles, HIGH, method="higher")),
        largest=int(cycles.max()),
    )
