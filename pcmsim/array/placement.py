"""Where the devices of a network lie on the physical array.

A device has a number, in the order of layer, row, column, G+ before G-.  Devices fill the array
in this order, row after row, and go on to further arrays of the same size where one is too
small.  On the recalled array of 661 x 500 devices layer 1 of the published network (529 rows of
250 pairs) lies in its natural orientation, a row of synapses on a row of the array; layers 2 and
3 are folded into the 132 rows below, and 730 devices stay spare.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Placement:
    """The devices of a network on arrays of ``rows`` x ``columns`` devices."""

    devices: int
    rows: int
    columns: int

    @property
    def arrays(self) -> int:
        """How many arrays it takes."""
        return -(-self.devices // (self.rows * self.columns))

    @property
    def spare(self) -> int:
        """How many devices of the arrays belong to no synapse."""
        return self.arrays * self.rows * self.columns - self.devices

    def row_of(self, device: Numbers) -> Numbers:
        """Return the physical row of devices, counted on from one array to the next."""
        return device // self.columns

    def column_of(self, device: Numbers) -> Numbers:
        """Return the physical column of devices, counted on from one array to the next."""
        array = device // (self.rows * self.columns)
        return array * self.columns + device % self.columns

    def neighbour(self, device: Numbers, down: Numbers, right: Numbers) -> Numbers:
        """Return the devices so many rows below and columns to the right of others.

        -1 stands where that is off the array or at a spare device.
        """
        array, row = np.divmod(self.row_of(device), self.rows)
        row = row + down
        column = device % self.columns + right
        number = (array * self.rows + row) * self.columns + column
        in_rows = (row >= 0) & (row < self.rows)
        in_columns = (column >= 0) & (column < self.columns)
        return np.where(in_rows & in_columns & (number < self.devices), number, -1)
