"""Open lines: rows and columns of the physical array that have lost contact."""

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.placement import Placement
from pcmsim.array.random import Key, random_words
from pcmsim.array.share import how_many
from pcmsim.config.settings import Faults
from pcmsim.kernels.philox import FAULT_LINE

ROWS = 0
COLUMNS = 1


def on_open_lines(faults: Faults, placement: Placement, key: Key) -> NDArray[np.bool_]:
    """Tell of every device whether its row or its column is open; shape (devices,).

    All lines of all arrays count, those with nothing but spare devices too.
    """
    device = np.arange(placement.devices)
    rows = placement.arrays * placement.rows
    columns = placement.arrays * placement.columns
    open_row = _open(faults.dead_rows, rows, ROWS, faults.placing, key)
    open_column = _open(faults.dead_columns, columns, COLUMNS, faults.placing, key)
    return open_row[placement.row_of(device)] | open_column[placement.column_of(device)]


def _open(share: float, lines: int, kind: int, placing: str, key: Key) -> NDArray[np.bool_]:
    """Tell of every line of one kind whether it is open."""
    draws = random_words(FAULT_LINE, 0, (lines, 1), key, step=kind)[:, 0, 0]
    is_open = np.zeros(lines, np.bool_)
    is_open[np.argsort(draws, kind="stable")[: how_many(share, draws, placing)]] = True
    return is_open
