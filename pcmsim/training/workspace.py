"""Scratch arrays for the kernels, made once so that training allocates nothing."""

import numpy as np

from pcmsim.config.section import MOST_SLOTS
from pcmsim.kernels.hits import GROUP, Hits
from pcmsim.kernels.philox import WORDS
from pcmsim.kernels.read import Lines
from pcmsim.kernels.train import Workspace
from pcmsim.kernels.update import Trains

# Cross-points are programmed in lists of at least so many, to draw their random words together.
CROSS_POINTS = 512


def make_workspaces(
    neurons: list[int], batch: int, threads: int, pairs: int = 1
) -> list[Workspace]:
    """Return room for a batch that some threads work at together, for each of them.

    There are so many ``pairs`` of devices in a synapse.  The threads share what the neurons put
    out and the errors of hidden neurons.
    """
    shared = make_workspace(neurons, batch, pairs)
    own = [shared, *(make_workspace(neurons, batch, pairs) for _ in range(threads - 1))]
    return [
        one._replace(
            x=(one.x[0], *shared.x[1:]),
            delta=(*shared.delta[:-1], one.delta[-1]),
        )
        for one in own
    ]


def make_workspace(neurons: list[int], batch: int, pairs: int = 1) -> Workspace:
    """Return room for a batch in a network with these neurons per layer and pairs per synapse."""
    widest = max(neurons)
    # A list is programmed when another row might not fit; whole groups of words are drawn.
    cross_points = -(-max(CROSS_POINTS, max(neurons[1:]) * pairs + GROUP) // GROUP) * GROUP
    return Workspace(
        x=tuple(np.ones((batch, count + 1), np.float32) for count in neurons),
        delta=tuple(np.zeros((batch, count), np.float32) for count in neurons[1:]),
        lines=Lines(
            driven=np.zeros(widest + 1, np.uint32),
            squares=np.zeros((1, widest + 1), np.float32),
            variance=np.zeros((1, widest), np.float32),
        ),
        trains=Trains(
            upstream=np.zeros(widest + 1, np.uint32),
            downstream=np.zeros(widest, np.uint32),
            rows=np.zeros(widest + 1, np.uint32),
            columns=np.zeros(widest, np.uint32),
            met=np.zeros(MOST_SLOTS + 1, np.uint32),
            meetings=np.zeros((MOST_SLOTS + 1, widest + GROUP), np.uint64),
        ),
        hits=Hits(
            entry=np.zeros(cross_points, np.uint64),
            g=np.zeros(cross_points, np.float32),
            step_scale=np.ones(cross_points, np.float32),
            cell=np.zeros(cross_points, np.uint32),
            corners=np.zeros((4, cross_points), np.float32),
            past=np.zeros(cross_points, np.uint32),
            words=np.zeros((WORDS, cross_points), np.uint32),
            due=np.zeros(widest * pairs, np.uint32),
            unmet=np.zeros(cross_points, np.uint32),
        ),
    )
