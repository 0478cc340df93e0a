"""Where devices lie on the physical array (exact)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcmsim.array.crossbar import layer_shapes
from pcmsim.array.placement import Placement
from pcmsim.config.settings import Faults, Network

exact = settings(max_examples=50, derandomize=True, deadline=None, database=None)
placements = st.builds(Placement, st.integers(1, 200), st.integers(1, 9), st.integers(1, 9))


def places(placement: Placement) -> list[tuple[int, int]]:
    """Return the physical row and column of every device."""
    device = np.arange(placement.devices)
    rows, columns = placement.row_of(device), placement.column_of(device)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def test_the_published_network_fits_the_array() -> None:
    """Layer 1 in natural orientation, layers 2 and 3 folded into the other 132 rows.

    Of these the last is spare as a whole, and of the one before it 230 devices.
    """
    sizes = [2 * rows * columns for rows, columns in layer_shapes(Network())]
    placement = Placement(sum(sizes), Faults().array_rows, Faults().array_columns)
    assert (placement.arrays, placement.spare) == (1, 730)
    first_layer = np.arange(sizes[0]).reshape(529, 500)
    assert (placement.row_of(first_layer) == np.arange(529)[:, None]).all()
    assert (placement.column_of(first_layer) == np.arange(500)).all()
    others = np.arange(sizes[0], sum(sizes))
    assert set(placement.row_of(others)) == set(range(529, 529 + 132 - 1))


@exact
@given(placements)
def test_every_device_has_a_place_of_its_own(placement: Placement) -> None:
    """Row after row, then on to the next array; no more arrays than it takes."""
    found = places(placement)
    size = placement.rows * placement.columns
    expected = [
        (
            number // size * placement.rows + number % size // placement.columns,
            number // size * placement.columns + number % size % placement.columns,
        )
        for number in range(placement.devices)
    ]
    assert found == expected
    assert len(set(found)) == placement.devices
    assert placement.arrays * size == placement.devices + placement.spare
    assert 0 <= placement.spare < size


@exact
@given(placements, st.integers(-9, 9), st.integers(-9, 9))
def test_neighbours_are_on_the_same_array(placement: Placement, down: int, right: int) -> None:
    """A step leads to the device in that place, or nowhere: off the array, or at a spare one."""
    found = places(placement)
    number_at = {place: number for number, place in enumerate(found)}
    device = np.arange(placement.devices)
    neighbours = placement.neighbour(device[:, None], np.array([down]), np.array([right]))[:, 0]
    for (row, column), neighbour in zip(found, neighbours, strict=True):
        array, row_in_array = divmod(row, placement.rows)
        column_in_array = column - array * placement.columns
        stays = (
            0 <= row_in_array + down < placement.rows
            and 0 <= column_in_array + right < placement.columns
        )
        expected = number_at.get((row + down, column + right), -1) if stays else -1
        assert neighbour == expected


@pytest.mark.parametrize(("devices", "arrays"), [(1, 1), (12, 1), (13, 2), (24, 2), (25, 3)])
def test_a_large_network_goes_on_to_further_arrays(devices: int, arrays: int) -> None:
    assert Placement(devices, rows=4, columns=3).arrays == arrays
