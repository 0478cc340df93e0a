"""How long the parts of the engine take, on the largest layer of the published network.

Only ratios within one run mean anything.  ``extra_info`` says how many items one round handles
and the shortest time for one of them.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from pcmsim.config.settings import Settings
from pcmsim.experiment.run import load_fitting_data
from pcmsim.kernels.compile import FLAGS
from pcmsim.kernels.jump import CONDUCTANCE_CELLS, draw_jump
from pcmsim.kernels.philox import READ_BACKWARD, READ_FORWARD
from pcmsim.kernels.program import COUNTERS, RESETS, SET_PULSES
from pcmsim.kernels.read import read_backward, read_forward
from pcmsim.kernels.reset import inspect_layer
from pcmsim.kernels.team import form_team
from pcmsim.kernels.update import update_layer
from pcmsim.training.trainer import Trainer
from pcmsim.training.workspace import make_workspace

EXAMPLES = 200
WORDS = 1_000_000
ROUNDS = 15
ROWS, COLUMNS = 529, 250
SETTINGS = Settings(
    network={"layers": [528, COLUMNS, 125, 10], "initial_weight": 1.5},
    data={"train_images": 1000},
    device={"kind": "pcm"},
    reset={"larger_above": 0.90, "smaller_above": 0.43, "tolerance": 0.17},
)
# A layer whose devices have to be programmed starts each round from here (parts of g_max).
MIDDLE = (0.2, 0.2)
FULL = (0.96, 0.5)


@numba.njit(**FLAGS)
def _read_forward(team, layer, xs, currents, lines, key):
    for n in range(xs.shape[0]):
        read_forward(team, layer, 1, xs[n : n + 1], currents, lines, READ_FORWARD, n, key)


@numba.njit(**FLAGS)
def _read_backward(team, layer, deltas, currents, lines, key):
    for n in range(deltas.shape[0]):
        read_backward(team, layer, 1, deltas[n : n + 1], currents, lines, READ_BACKWARD, n, key)


@numba.njit(**FLAGS)
def _update(team, layer, device, rule, xs, deltas, trains, hits, key, counters):
    for n in range(xs.shape[0]):
        update_layer(team, layer, device, rule, xs[n], deltas[n], trains, hits, n, key, counters)


@numba.njit(**FLAGS)
def _inspect(team, layer, device, policy, hits, key, counters):
    inspect_layer(team, layer, device, policy, hits, 0, key, counters)


@numba.njit(**FLAGS)
def _draw(table, positions, words, jumps):
    for n in range(words.shape[0]):
        jumps[n] = draw_jump(table, positions[n], words[n])


class Bench:
    """The first layer of the published network, and all that a kernel wants to know."""

    def __init__(self) -> None:
        """Build an untrained network."""
        self.data = load_fitting_data(SETTINGS)
        self.synapses: Any = Trainer(SETTINGS, self.data).synapses
        # The layer at the input has no copy for backward reads; it is given one.
        weight = self.synapses.layers[0].weight
        copy = np.zeros((COLUMNS, -(-ROWS // 16) * 16), np.float32)
        copy[:, :ROWS] = weight.T
        self.layer = self.synapses.layers[0]._replace(weight_by_column=copy)
        assert weight.shape == (ROWS, COLUMNS)
        self.work = make_workspace(SETTINGS.network.layers, 1)
        (self.team,) = form_team(1)
        self.key = self.synapses.key
        self.counters = np.zeros(COUNTERS, np.int64)

    def set_all(self, parts: tuple[float, float]) -> None:
        """Set all pairs to parts of the largest conductance, and begin to count anew."""
        self.layer.conductance[...] = np.float32(parts) * self.synapses.device.g_max
        self.counters[:] = 0


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def time_it(
    benchmark: BenchmarkFixture, work: Callable[[], Any], setup: Callable[[], None] | None = None
) -> None:
    benchmark.pedantic(work, setup=setup, rounds=ROUNDS, warmup_rounds=1)


def note(benchmark: BenchmarkFixture, per: str, **items: int) -> None:
    """Write down how many items a round handles, and the shortest time for one ``per``."""
    benchmark.extra_info.update(items)
    if benchmark.stats is not None:
        shortest = benchmark.stats.stats.min
        benchmark.extra_info[f"ns_per_{per.rstrip('s')}"] = 1e9 * shortest / items[per]


def some_of(examples: int, lines: int, count: int, seed: int) -> NDArray[np.float32]:
    """Return examples that have +1 or -1 on a few lines, drawn anew for each, and 0 elsewhere."""
    generator = np.random.default_rng(seed)
    drives = np.zeros((examples, lines), np.float32)
    for drive in drives:
        chosen = generator.choice(lines, count, replace=False)
        drive[chosen] = generator.choice([-1, 1], count)
    return drives


@pytest.mark.parametrize("drive", ["images", "all_rows"])
def test_forward_read(benchmark: BenchmarkFixture, bench: Bench, drive: str) -> None:
    """Images leave most rows undriven, and those are passed over."""
    xs = np.ones((EXAMPLES, ROWS), np.float32)
    if drive == "images":
        xs[:, :-1] = bench.data.train_images[:EXAMPLES]
    currents = np.zeros((1, COLUMNS), np.float32)
    lines = bench.work.lines
    time_it(
        benchmark, lambda: _read_forward(bench.team, bench.layer, xs, currents, lines, bench.key)
    )
    driven = int(np.count_nonzero(xs)) * COLUMNS
    note(benchmark, "driven_cross_points", driven_cross_points=driven, examples=EXAMPLES)


def test_backward_read(benchmark: BenchmarkFixture, bench: Bench) -> None:
    deltas = np.ones((EXAMPLES, COLUMNS), np.float32)
    currents = np.zeros((1, ROWS), np.float32)
    lines = bench.work.lines
    time_it(
        benchmark,
        lambda: _read_backward(bench.team, bench.layer, deltas, currents, lines, bench.key),
    )
    driven = EXAMPLES * (ROWS - 1) * COLUMNS
    note(benchmark, "driven_cross_points", driven_cross_points=driven, examples=EXAMPLES)


@pytest.mark.parametrize(
    ("rows", "columns"), [(33, 4), (83, 8), (132, 20)], ids=["0.1%", "0.5%", "2%"]
)
def test_programming(benchmark: BenchmarkFixture, bench: Bench, rows: int, columns: int) -> None:
    """One pulse for each cross-point of the rows and columns that fire."""
    xs = some_of(EXAMPLES, ROWS, rows, 1)
    deltas = some_of(EXAMPLES, COLUMNS, columns, 2)
    rule = bench.synapses.rule
    rule.pulses_per_delta[:] = 1
    trains, hits = bench.work.trains, bench.work.hits

    def work() -> None:
        _update(
            bench.team, bench.layer, bench.synapses.device, rule,
            xs, deltas, trains, hits, bench.key, bench.counters,
        )  # fmt: skip

    time_it(benchmark, work, lambda: bench.set_all(MIDDLE))
    pulses = int(bench.counters[SET_PULSES])
    assert pulses == EXAMPLES * rows * columns
    note(
        benchmark, "pulses", pulses=pulses, hits=pulses,
        cross_points=EXAMPLES * ROWS * COLUMNS, examples=EXAMPLES,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["none_full", "all_full"])
def test_occasional_reset(benchmark: BenchmarkFixture, bench: Bench, state: str) -> None:
    policy, hits = bench.synapses.policy, bench.work.hits

    def work() -> None:
        _inspect(
            bench.team, bench.layer, bench.synapses.device, policy,
            hits, bench.key, bench.counters,
        )  # fmt: skip

    time_it(benchmark, work, lambda: bench.set_all(FULL if state == "all_full" else MIDDLE))
    resets = int(bench.counters[RESETS])
    assert resets == (2 * ROWS * COLUMNS if state == "all_full" else 0)
    note(
        benchmark, "cross_points", cross_points=ROWS * COLUMNS,
        resets=resets, set_pulses=int(bench.counters[SET_PULSES]),
    )  # fmt: skip


def test_jump_table(benchmark: BenchmarkFixture, bench: Bench) -> None:
    """At conductances and words in no order."""
    generator = np.random.default_rng(3)
    positions = generator.uniform(0, CONDUCTANCE_CELLS, WORDS).astype(np.float32)
    words = generator.integers(0, 2**32, WORDS, dtype=np.uint32)
    jumps = np.zeros(WORDS, np.float32)
    table = bench.synapses.device.set_jumps[0]
    time_it(benchmark, lambda: _draw(table, positions, words, jumps))
    note(benchmark, "draws", draws=WORDS)
