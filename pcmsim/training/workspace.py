"""Scratch arrays for the kernels, made once so that training allocates nothing."""

import numpy as np

from pcmsim.kernels.philox import GROUP, WORDS
from pcmsim.kernels.read import LANES
from pcmsim.kernels.train import Workspace
from pcmsim.kernels.update import Hits


def make_workspace(neurons: list[int], batch: int) -> Workspace:
    """Return room for a batch in a network with these neurons per layer."""
    most = max(neurons)
    return Workspace(
        x=tuple(np.ones((batch, count + 1), np.float32) for count in neurons),
        delta=tuple(np.zeros((batch, count), np.float32) for count in neurons[1:]),
        lanes=np.zeros(LANES, np.float32),
        variance=np.zeros(most, np.float32),
        hits=Hits(
            masks=np.zeros(most, np.uint32),
            firing=np.zeros(most, np.int64),
            count=np.zeros(1, np.int64),
            columns=np.zeros(most + GROUP, np.int64),
            pulses=np.zeros(most + 1, np.int64),
            words=np.zeros((WORDS, most + GROUP), np.uint64),
        ),
    )
