"""Fault maps in files: which devices of a measured array have failed, and at what they are stuck.

An HDF5 file with one dataset ``layers/n/fault`` per layer n of weights, from 0 at the input:
shape (rows, columns, 2), whole numbers, the codes of ``FAULTS`` for G+ and G- of every synapse; of
synapses of several pairs (rows, columns * pairs, 2), those of a synapse beside each other.
Beside it there may be ``layers/n/conductance``, of the same shape, in S: at what a faulty device
is stuck.  Where it is NaN or missing, the code decides, as if the fault had been drawn.  Results
of pcmsim are laid out like this, so they are fault maps as they are; ``pcmsim.write_fault_map``
writes one from arrays.
"""

from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pcmsim.config.section import LARGEST_G
from pcmsim.errors import UserError
from pcmsim.kernels.codes import HEALTHY

Shape = tuple[int, int]

# The names of the fault codes 0, 1, 2, ... of ``kernels.layer``.
FAULTS = (
    "healthy",
    "dead",
    "stuck_on",
    "stuck_present",
    "stuck_random",
    "open",
    "stuck_at",
    "worn",
)


class FaultMap(NamedTuple):
    """The faults of one layer; both arrays are (rows, columns, 2)."""

    code: NDArray[np.uint8]
    conductance: NDArray[np.float32]  # S, of faulty devices; NaN where the code decides


def read_fault_maps(file: str, shapes: list[Shape]) -> list[FaultMap]:
    """Read the fault map of every layer; ``shapes`` are (rows, columns) of its pairs of devices.

    Raises:
        UserError: the file is missing, unreadable, incomplete, or of another network, or what it
            holds are no fault codes or conductances.
    """
    if not Path(file).is_file():
        raise UserError(f"faults.map: there is no file {file}")
    try:
        with h5py.File(file, "r") as layers:
            _check_layers(file, layers, len(shapes))
            return [_read_layer(file, layers, *layer) for layer in enumerate(shapes)]
    except UserError:
        raise
    # A damaged file can fail anywhere inside the HDF5 library, in ways that are not documented.
    except Exception as error:
        raise UserError(f"{file}: cannot be read as a fault map ({error})") from error


def checked_map(
    where: str, code: ArrayLike, conductance: ArrayLike | None, shape: Shape
) -> FaultMap:
    """Return the fault map of a layer of (rows, columns) synapses.

    Raises:
        UserError: an array is not of this shape, or does not hold fault codes or conductances.
    """
    codes = _array(f"{where}/fault", code, shape, "iu", "whole numbers")
    unknown = codes[(codes < 0) | (codes >= len(FAULTS))]
    if unknown.size:
        known = ", ".join(f"{number} {name}" for number, name in enumerate(FAULTS))
        raise UserError(f"{where}/fault: there is no fault code {unknown[0]}; known are {known}")
    if conductance is None:
        return FaultMap(codes.astype(np.uint8), np.full(codes.shape, np.nan, np.float32))
    stuck_at = _array(f"{where}/conductance", conductance, shape, "iuf", "numbers")
    wrong = stuck_at[(codes != HEALTHY) & ((stuck_at < 0) | (stuck_at > LARGEST_G))]
    if wrong.size:
        raise UserError(
            f"{where}/conductance: must be from 0 to {LARGEST_G:g} (in S), or NaN, at faulty "
            f"devices, not {wrong[0]:g}"
        )
    return FaultMap(codes.astype(np.uint8), stuck_at.astype(np.float32))


def _check_layers(file: str, layers: h5py.File, expected: int) -> None:
    found = [name for name in layers.get("layers", ()) if f"layers/{name}/fault" in layers]
    if set(found) != {str(number) for number in range(expected)}:
        raise UserError(
            f"{file}: expected one dataset for each of the {expected} layers of weights, "
            f"layers/0/fault to layers/{expected - 1}/fault; "
            f"found: {', '.join(f'layers/{name}/fault' for name in found) or 'none'}"
        )


def _read_layer(file: str, layers: h5py.File, number: int, shape: Shape) -> FaultMap:
    group = layers[f"layers/{number}"]
    conductance = group["conductance"][...] if "conductance" in group else None
    return checked_map(f"{file}: layers/{number}", group["fault"][...], conductance, shape)


def _array(where: str, values: ArrayLike, shape: Shape, kinds: str, of: str) -> NDArray[Any]:
    array = np.asarray(values)
    if array.shape != (*shape, 2):
        raise UserError(f"{where}: has the shape {array.shape}, expected {(*shape, 2)}")
    if array.dtype.kind not in kinds:
        raise UserError(f"{where}: must hold {of}, not values of type {array.dtype}")
    return array
