"""The file of a measured device: tables, spreads, the traces themselves, and their origin.

HDF5, written whole or not at all, and sealed against damage (``pcmsim.files``).  As attributes
of the file: ``format``, ``bidirectional``, ``reset_measured``, ``g_min`` and ``g_max`` in S,
``range_spread``, ``step_scale_spread``, ``notes``; and

================  ===============================================================================
group             what it holds
================  ===============================================================================
set, reset        ``conductance`` (n,) S, ``probability`` (m,), ``step`` (n, m) S: what
                  ``device.kind: table`` reads; ``samples``, ``filled``, ``own_mean`` and
                  ``own_error`` (n,); of a device that remembers pulses since RESET all but the
                  first two of ``set`` are (memory, ...)
variance/set,     attributes ``pulse``, ``device``, ``noise``, ``steps``, ``devices``
variance/reset
noise             attributes: the noise of readings
traces            ``devices``, ``pulse``, ``conductance`` in S, and the ``scale`` of each device
origin            attributes: file, SHA-256, unit, options, and notes on reading and cleaning
================  ===============================================================================
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from pcmsim.errors import UserError
from pcmsim.files import format_of, has_hdf5_name, opened, written_at_once
from pcmsim.traces.estimating.estimate import Estimate
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.estimating.variance import VarianceShares
from pcmsim.traces.origin import Origin
from pcmsim.traces.traces import Traces

FORMATS = "pcmsim device "
FORMAT = f"{FORMATS}2"
NUMBERS = ("g_min", "g_max", "range_spread", "step_scale_spread")
SWITCHES = ("bidirectional", "reset_measured")
# What all tables of a kind of pulse have in common.
GRID = ("conductance", "probability")


@dataclass(frozen=True)
class DeviceFile:
    """What a device file holds.

    Attributes:
        estimate: the device.
        traces: what it was estimated from, after cleaning.
        origin: where these came from.
    """

    estimate: Estimate
    traces: Traces
    origin: Origin


def write_device(path: Path, estimate: Estimate, traces: Traces, origin: Origin) -> None:
    """Write a device file; it gets its name when it is complete.

    Raises:
        UserError: the file cannot be written, or has a name by which it would not be read.
    """
    if not has_hdf5_name(path):
        raise UserError(f"{path}: the name of a device file must end in .h5 or .hdf5")
    with written_at_once(path) as file:
        file.attrs["format"] = FORMAT
        for name in (*NUMBERS, *SWITCHES):
            file.attrs[name] = getattr(estimate, name)
        file.attrs["notes"] = json.dumps(estimate.notes)
        _write_table(file.create_group("set"), estimate.set_tables)
        _write_table(file.create_group("reset"), (estimate.reset_table,))
        _write_numbers(file.create_group("variance/set"), estimate.set_variance)
        if estimate.reset_variance is not None:
            _write_numbers(file.create_group("variance/reset"), estimate.reset_variance)
        _write_numbers(file.create_group("noise"), estimate.noise)
        _write_traces(file.create_group("traces"), traces)
        file["traces/scale"] = estimate.scale
        _write_origin(file.create_group("origin"), origin)


def read_device(path: Path) -> DeviceFile:
    """Read a device file.

    Raises:
        UserError: there is no such file, it is no device file, or it is damaged.
    """
    with opened(path) as file:
        found = file.attrs.get("format")
        if found != FORMAT:
            what = f"of the format {found!r}" if isinstance(found, str) else "something else"
            raise UserError(
                f"{path} is no device file that this version reads, but {what}; "
                "pcmsim device import writes device files"
            )
        variance = file["variance"]
        *early, set_table = _read_tables(file["set"])
        (reset_table,) = _read_tables(file["reset"])
        estimate = Estimate(
            set_table=set_table,
            early_tables=tuple(early),
            reset_table=reset_table,
            scale=file["traces/scale"][...],
            set_variance=VarianceShares(**_numbers(variance["set"], VarianceShares)),
            reset_variance=(
                VarianceShares(**_numbers(variance["reset"], VarianceShares))
                if "reset" in variance
                else None
            ),
            noise=MeasuredNoise(**_numbers(file["noise"], MeasuredNoise)),
            notes=tuple(json.loads(file.attrs["notes"])),
            bidirectional=bool(file.attrs["bidirectional"]),
            reset_measured=bool(file.attrs["reset_measured"]),
            **{name: float(file.attrs[name]) for name in NUMBERS},
        )
        return DeviceFile(estimate, _read_traces(file["traces"]), _read_origin(file["origin"]))


def is_device_file(path: Path) -> bool:
    """Tell whether a file is a device file, of this or another version."""
    return format_of(path).startswith(FORMATS)


def _write_table(group: h5py.Group, tables: Sequence[PulseTable]) -> None:
    for field in fields(PulseTable):
        arrays = [getattr(table, field.name) for table in tables]
        one = len(tables) == 1 or field.name in GRID
        group[field.name] = arrays[0] if one else np.stack(arrays)


def _read_tables(group: h5py.Group) -> list[PulseTable]:
    whole = {field.name: group[field.name][...] for field in fields(PulseTable)}
    if whole["step"].ndim == 2:
        return [PulseTable(**whole)]
    grid = {name: whole.pop(name) for name in GRID}
    return [
        PulseTable(**grid, **{name: array[past] for name, array in whole.items()})
        for past in range(len(whole["step"]))
    ]


def _write_numbers(group: h5py.Group, numbers: VarianceShares | MeasuredNoise) -> None:
    group.attrs.update(asdict(numbers))


def _numbers(group: h5py.Group, kind: type[VarianceShares | MeasuredNoise]) -> dict[str, Any]:
    """Read numbers as the Python types with which they were declared."""
    return {field.name: group.attrs[field.name].item() for field in fields(kind)}


def _write_traces(group: h5py.Group, traces: Traces) -> None:
    group.create_dataset("devices", data=list(traces.devices), dtype=h5py.string_dtype())
    group.create_dataset("pulse", data=traces.pulse, compression=1)
    group.create_dataset("conductance", data=traces.conductance, compression=1)


def _read_traces(group: h5py.Group) -> Traces:
    return Traces(
        devices=tuple(group["devices"].asstr()[...].tolist()),
        pulse=group["pulse"][...].astype(np.int8),
        conductance=group["conductance"][...],
    )


def _write_origin(group: h5py.Group, origin: Origin) -> None:
    group.attrs["file"] = origin.file
    group.attrs["sha256"] = origin.sha256
    group.attrs["unit"] = origin.unit
    group.attrs["options"] = json.dumps(dict(origin.options))
    group.attrs["notes"] = json.dumps(origin.notes)


def _read_origin(group: h5py.Group) -> Origin:
    return Origin(
        file=group.attrs["file"],
        sha256=group.attrs["sha256"],
        options=json.loads(group.attrs["options"]),
        unit=group.attrs["unit"],
        notes=tuple(json.loads(group.attrs["notes"])),
    )
