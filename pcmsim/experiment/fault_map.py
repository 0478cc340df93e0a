"""Writing the fault map of a measured array, for the setting ``faults.map``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from pcmsim.array.fault_map import checked_map
from pcmsim.errors import UserError
from pcmsim.files import written_at_once


def write_fault_map(
    path: str | Path, codes: Sequence[ArrayLike], conductances: Sequence[ArrayLike] | None = None
) -> None:
    """Write a fault map that ``faults.map`` can name.

    Args:
        path: the file; it is written as a whole or not at all.
        codes: per layer of weights, from the input on, the fault code of every device: shape
            (rows, columns, 2) for G+ and G-, the last row being that of the bias.  0 is healthy,
            1 dead, 2 stuck_on, 3 stuck_present, 4 stuck_random, 5 open, 6 stuck_at, 7 worn.
        conductances: per layer, of the same shape, the conductance in S at which each faulty
            device is stuck; NaN where the code is to decide.

    Raises:
        UserError: the arrays are no fault map, or the file cannot be written.
    """
    if conductances is not None and len(conductances) != len(codes):
        raise UserError(
            f"conductances: {len(conductances)} layers, expected {len(codes)}, as many as of codes"
        )
    with written_at_once(Path(path)) as file:
        for number, code in enumerate(codes):
            conductance = None if conductances is None else conductances[number]
            rows, columns, *_ = (*np.shape(code), 0, 0)
            layer = checked_map(f"layers/{number}", code, conductance, (rows, columns))
            file[f"layers/{number}/fault"] = layer.code
            if conductance is not None:
                file[f"layers/{number}/conductance"] = layer.conductance
