"""The faults that an array is made with: which devices have failed, and at what they are stuck.

They come in this order: those of a fault map from a file; on devices that are still healthy, one
kind after the other, those drawn device by device and those in clusters; at last open lines,
which cut off whatever is on them.  Then comes the repair, if there is one.

Under one seed the faulty devices and lines of a small share are among those of any larger one.
Spare devices have draws of their own: how many there are makes no difference to those in use,
but for open lines, of which a larger array has more.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.clusters import Pool, cluster_by_cluster
from pcmsim.array.fault_map import FaultMap, Shape, read_fault_maps
from pcmsim.array.lines import on_open_lines
from pcmsim.array.placement import Numbers, Placement
from pcmsim.array.random import Key, random_words, uniform
from pcmsim.array.repair import move_to_spares
from pcmsim.array.share import how_many
from pcmsim.config.section import per_layer
from pcmsim.config.settings import FAULT_SHARES, Faults
from pcmsim.errors import UserError
from pcmsim.kernels.codes import (
    DEAD,
    HEALTHY,
    OPEN,
    STUCK_AT,
    STUCK_ON,
    STUCK_PRESENT,
    STUCK_RANDOM,
    WORN,
)
from pcmsim.kernels.philox import FAULT_PLACE, FAULT_VALUE

# At what a faulty device is stuck, where its code decides that; in S.
UNKNOWN = np.float32(np.nan)

CODES = {
    "dead": DEAD,
    "stuck_on": STUCK_ON,
    "stuck_random": STUCK_RANDOM,
    "stuck_present": STUCK_PRESENT,
    "stuck_at": STUCK_AT,
}


def make_fault_maps(faults: Faults, shapes: list[Shape], key: Key) -> list[FaultMap]:
    """Return the faults of every layer that has (rows, columns) of ``shapes``.

    Raises:
        UserError: the fault map that the settings name cannot be used.
    """
    maps = _maps_to_begin_with(faults, shapes)
    in_use = np.concatenate([one.code.ravel() for one in maps])
    spare_pairs = _spare_pairs(faults, in_use.size)
    codes = np.concatenate([in_use, np.full(2 * spare_pairs, HEALTHY, np.uint8)])
    placement = Placement(codes.size, faults.array_rows, faults.array_columns)
    places = [*shapes, (spare_pairs, 1)]
    for kind, name in enumerate(FAULT_SHARES):
        share = getattr(faults, name)
        pools = [*_pools(share, shapes), *_pool_of_spares(share, shapes, spare_pairs)]
        if not pools:
            continue
        code = CODES[faults.clustered_state if name == "clustered" else name]
        draws_of_all = _draws(kind, places, key)
        for share, pool in pools:
            draws = draws_of_all[pool.first : pool.last]
            if name == "clustered":
                order = cluster_by_cluster(placement, faults.cluster_radius, pool, key)
            else:
                order = iter([pool.first + np.argsort(draws, kind="stable")])
            _fail(codes, code, pool, how_many(share, draws, faults.placing), order)
    if faults.dead_rows > 0 or faults.dead_columns > 0:
        codes[on_open_lines(faults, placement, key)] = OPEN
    if spare_pairs > 0:
        move_to_spares(codes, shapes)
    parts = np.split(codes[: in_use.size], np.cumsum([one.code.size for one in maps])[:-1])
    return [
        FaultMap(part.reshape(one.code.shape), one.conductance)
        for part, one in zip(parts, maps, strict=True)
    ]


def leave_out(fault_map: FaultMap) -> FaultMap:
    """Disconnect all faulty devices, as if their lines were open."""
    code = np.where(fault_map.code == HEALTHY, HEALTHY, OPEN).astype(np.uint8)
    return FaultMap(code, fault_map.conductance)


def stuck_conductances(
    healthy: NDArray[np.float32],
    fault_map: FaultMap,
    lowest: NDArray[np.float32],
    highest: NDArray[np.float32],
    faults: Faults,
    layer: int,
    first_row: int,
    key: Key,
) -> NDArray[np.float32]:
    """Return the conductances (S) of some rows of a layer, faulty devices at what they are stuck.

    ``healthy`` is what they would be without faults; ``lowest`` and ``highest`` bound each
    device's own range; all arrays are (rows, columns, 2), from ``first_row`` of the layer on.
    """
    if not fault_map.code.any():
        return healthy
    conductance = healthy.copy()
    span = highest - lowest
    rows, columns, _ = conductance.shape
    words = random_words(FAULT_VALUE, layer, (rows, columns), key, first_row=first_row)
    place = uniform(words[..., :2])
    levels = {
        DEAD: lowest,
        STUCK_ON: lowest + faults.stuck_on_level * span,
        STUCK_RANDOM: lowest + place * span,
    }
    levels[WORN] = levels[CODES[faults.worn_state]]
    code = fault_map.code
    for one, level in levels.items():
        # Rounding may put a full device a hair above its own maximum.
        conductance[code == one] = np.minimum(level, highest)[code == one]
    if faults.stuck_level is not None:
        conductance[code == STUCK_AT] = faults.stuck_level
    measured = (code != HEALTHY) & np.isfinite(fault_map.conductance)
    conductance[measured] = fault_map.conductance[measured]
    conductance[code == OPEN] = 0
    return conductance


def _maps_to_begin_with(faults: Faults, shapes: list[Shape]) -> list[FaultMap]:
    """Return the fault maps that the settings name, or those of an array without faults."""
    if faults.map is None:
        return [
            FaultMap(np.full(shape, HEALTHY, np.uint8), np.broadcast_to(UNKNOWN, shape))
            for shape in ((*of_layer, 2) for of_layer in shapes)
        ]
    maps = read_fault_maps(faults.map, shapes)
    unknown = [np.isnan(one.conductance) & (one.code == STUCK_AT) for one in maps]
    if faults.stuck_level is None and any(map(np.any, unknown)):
        raise UserError(
            f"faults.stuck_level: must be given, in S: {faults.map} has stuck_at devices without "
            "a conductance"
        )
    return maps


def _spare_pairs(faults: Faults, in_use: int) -> int:
    """Return how many pairs of spare devices there are for a repair; without one, none."""
    if faults.repair == "none":
        return 0
    return Placement(in_use, faults.array_rows, faults.array_columns).spare // 2


def _pools(share: float | list[float], shapes: list[Shape]) -> list[tuple[float, Pool]]:
    """Return what share fails of which devices: of all, or of those of each layer for a list."""
    ends = np.cumsum([2 * rows * columns for rows, columns in shapes]).tolist()
    if not isinstance(share, list):
        return [(share, Pool(0, 0, ends[-1]))] if share > 0 else []
    layers = zip(share, range(len(shapes)), [0, *ends[:-1]], ends, strict=True)
    return [(of_layer, Pool(*pool)) for of_layer, *pool in layers if of_layer > 0]


def _pool_of_spares(
    share: float | list[float], shapes: list[Shape], pairs: int
) -> list[tuple[float, Pool]]:
    """Return the same for the spare devices: they fail like those in use do on the average."""
    sizes = [2 * rows * columns for rows, columns in shapes]
    mean = float(np.average(per_layer(share, len(shapes)), weights=sizes))
    pool = Pool(len(shapes), sum(sizes), sum(sizes) + 2 * pairs)
    return [(mean, pool)] if mean > 0 and pairs > 0 else []


def _draws(kind: int, shapes: list[Shape], key: Key) -> NDArray[np.uint32]:
    """Return the random word by which each device falls to one kind of fault; shape (devices,)."""
    return np.concatenate(
        [
            random_words(FAULT_PLACE, layer, shape, key, step=kind)[..., :2].ravel()
            for layer, shape in enumerate(shapes)
        ]
    )


def _fail(
    codes: NDArray[np.uint8], code: int, pool: Pool, wanted: int, order: Iterator[Numbers]
) -> None:
    """Give a code to so many healthy devices of a pool, or to all there are, in place.

    ``order`` brings them batch after batch; no device comes twice in one batch.
    """
    missing = min(wanted, int(np.sum(codes[pool.first : pool.last] == HEALTHY)))
    while missing > 0:
        batch = next(order)
        free = batch[codes[batch] == HEALTHY][:missing]
        codes[free] = code
        missing -= free.size
