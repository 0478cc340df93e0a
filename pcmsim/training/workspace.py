"""Scratch arrays for the kernels, made once so that training allocates nothing."""

import numpy as np

from pcmsim.kernels.philox import WORDS
from pcmsim.kernels.program import GROUP, Hits
from pcmsim.kernels.read import NoisyLines
from pcmsim.kernels.train import Workspace
from pcmsim.kernels.update import Trains

# Cross-points are programmed in lists of at least so many, to draw their random words together.
CROSS_POINTS = 1024


def make_workspace(neurons: list[int], batch: int) -> Workspace:
    """Return room for a batch in a network with these neurons per layer."""
    widest = max(neurons)
    # A list is programmed when another row might not fit; whole groups of words are drawn.
    cross_points = -(-max(CROSS_POINTS, 2 * widest) // GROUP) * GROUP
    return Workspace(
        x=tuple(np.ones((batch, count + 1), np.float32) for count in neurons),
        delta=tuple(np.zeros((batch, count), np.float32) for count in neurons[1:]),
        noisy=NoisyLines(
            squares=np.zeros(widest + 1, np.float32),
            variance=np.zeros(widest, np.float32),
        ),
        trains=Trains(
            masks=np.zeros(widest, np.uint32),
            firing=np.zeros(widest, np.uint32),
        ),
        hits=Hits(
            row=np.zeros(cross_points, np.uint32),
            column=np.zeros(cross_points, np.uint32),
            pulses=np.zeros(cross_points, np.uint32),
            side=np.zeros(cross_points, np.uint32),
            g=np.zeros(cross_points, np.float32),
            past=np.zeros(cross_points, np.uint32),
            words=np.zeros((WORDS, cross_points), np.uint32),
            unmet=np.zeros(cross_points, np.uint32),
        ),
    )
