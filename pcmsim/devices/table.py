"""`table`: a device given as data, by the jump tables themselves.

The file says, at some conductances, how the change of conductance under one pulse is
distributed: its quantiles at some probabilities.  Between them the table is interpolated
linearly.  Two forms are read:

CSV
    a header ``pulse,conductance_S,probability,step_S`` and one line per quantile, ``pulse``
    being ``set`` or ``reset``; for each kind of pulse every conductance must come with the same
    probabilities.
HDF5
    groups ``set`` and ``reset``, each with the datasets ``conductance`` (n,) in S,
    ``probability`` (m,) and ``step`` (n, m) in S; and, if you like, the attributes
    ``bidirectional``, ``range_spread`` and ``step_scale_spread`` of the file, for which the
    settings need not say then.
    For a device that remembers the pulses since its last RESET, the step of ``set`` is
    (memory, n, m): after 0, 1, 2, ... partial SETs; the last table serves for all that follow.
    A device file, made from measured traces, is of this form.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from pcmsim.config.device_settings import TableDevice
from pcmsim.devices.model import Floats
from pcmsim.errors import UserError
from pcmsim.files import SEAL, has_hdf5_name, opened

COLUMNS = ["pulse", "conductance_S", "probability", "step_S"]
PULSES = ("set", "reset")

# The engine counts the pulses since RESET in eight bits.
MOST_MEMORY = 255

# Conductances (n,), probabilities (m,) and steps (n, m) for one kind of pulse; or steps
# (memory, n, m) for partial SETs of a device with memory.
Quantiles = tuple[Floats, Floats, Floats]


class Table:
    """The device model of the settings' kind ``table``; see ``model.DeviceModel``."""

    def __init__(self, settings: TableDevice) -> None:
        """Read and check the file.

        Raises:
            UserError: the file cannot be read or is not a pair of jump tables.
        """
        tables = read_tables(settings.file)
        said = read_attributes(settings.file)
        self.set_tables = _one_by_one(tables["set"])
        self.reset_table = tables["reset"]
        self.memory = len(self.set_tables)
        lowest = [tables[pulse][0].min() for pulse in PULSES]
        highest = [tables[pulse][0].max() for pulse in PULSES]
        self.g_min = float(max(lowest)) if settings.g_min is None else settings.g_min
        self.g_max = float(min(highest)) if settings.g_max is None else settings.g_max
        self.bidirectional = _bidirectional(settings, said)
        if self.bidirectional and self.memory > 1:
            raise UserError(
                f"{settings.file}: set has {self.memory} tables, for pulses since a RESET; a "
                "device whose reset pulses step down gradually (bidirectional) must have one"
            )
        if not self.g_min < self.g_max:
            raise UserError(
                f"{settings.file}: the conductances of the table leave no range between "
                f"g_min = {self.g_min:g} S and g_max = {self.g_max:g} S"
            )

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a partial-SET step, S, interpolated in the table."""
        return interpolate(self.set_tables[past], conductance, probability)

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change under RESET or depression, S."""
        return interpolate(self.reset_table, conductance, probability)


def _one_by_one(table: Quantiles) -> list[Quantiles]:
    """Return the tables after 0, 1, 2, ... pulses since RESET."""
    conductance, probability, step = table
    return [(conductance, probability, one) for one in (step if step.ndim == 3 else step[None])]


@dataclass(frozen=True)
class Attributes:
    """What a file says besides its tables; None where it says nothing.

    Attributes:
        bidirectional: whether reset pulses step down gradually.
        range_spread: standard deviation of the devices' ranges over their mean.
        step_scale_spread: that of their steps, beside what the ranges make of them.
    """

    bidirectional: bool | None = None
    range_spread: float | None = None
    step_scale_spread: float | None = None


def _bidirectional(settings: TableDevice, said: Attributes) -> bool:
    if settings.bidirectional is not None:
        return settings.bidirectional
    if said.bidirectional is None:
        raise UserError(
            f"device.bidirectional: missing; {settings.file} does not say whether reset pulses "
            "step down gradually (true) or are an abrupt RESET (false)"
        )
    return said.bidirectional


def read_attributes(file: str) -> Attributes:
    """Read what an HDF5 file says of the device besides its tables; a CSV file says nothing.

    Raises:
        UserError: the file cannot be read, or what it says makes no sense.
    """
    path = Path(file)
    if not has_hdf5_name(path):
        return Attributes()
    with _opened(path) as opened_file:
        gradual: Any = opened_file.attrs.get("bidirectional")
        spreads = {
            name: opened_file.attrs.get(name) for name in ("range_spread", "step_scale_spread")
        }
    if gradual is not None and not isinstance(gradual, bool | np.bool_):
        raise UserError(f"{file}: bidirectional: must be true or false, not {gradual}")
    return Attributes(
        bidirectional=None if gradual is None else bool(gradual),
        **{name: _checked_spread(file, name, spread) for name, spread in spreads.items()},
    )


def _checked_spread(file: str, name: str, spread: Any) -> float | None:
    if spread is None:
        return None
    is_number = isinstance(spread, float | int | np.floating | np.integer)
    if not (is_number and 0 <= spread <= 1):
        raise UserError(f"{file}: {name}: must be a number from 0 to 1, not {spread}")
    return float(spread)


def read_tables(file: str) -> dict[str, Quantiles]:
    """Read the quantiles of both kinds of pulse from a CSV or HDF5 file.

    Raises:
        UserError: the file is missing, unreadable, incomplete, or its numbers are no quantiles.
    """
    path = Path(file)
    if not path.is_file():
        raise UserError(f"device.file: there is no file {file}")
    try:
        tables = _read_hdf5(path) if has_hdf5_name(path) else _read_csv(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file}: cannot be read as a device table ({error})") from error
    for pulse in PULSES:
        _check(file, pulse, *tables[pulse])
    return tables


def _read_csv(path: Path) -> dict[str, Quantiles]:
    with path.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        header = next(lines, [])
        if header != COLUMNS:
            raise UserError(
                f"{path}: the first line must be {','.join(COLUMNS)}, not {','.join(header)}; "
                "of measured traces, pcmsim device import makes a device file"
            )
        entries: dict[str, dict[tuple[float, float], float]] = {pulse: {} for pulse in PULSES}
        for number, line in enumerate(lines, start=2):
            if not line:
                continue
            pulse, conductance, probability, step = _parse_line(path, number, line)
            if (conductance, probability) in entries[pulse]:
                raise UserError(
                    f"{path}, line {number}: this conductance and probability came before"
                )
            entries[pulse][conductance, probability] = step
    return {pulse: _to_grid(path, pulse, entries[pulse]) for pulse in PULSES}


def _parse_line(path: Path, number: int, line: list[str]) -> tuple[str, float, float, float]:
    if len(line) != len(COLUMNS) or line[0] not in PULSES:
        raise UserError(
            f"{path}, line {number}: expected set or reset and three numbers, not {','.join(line)}"
        )
    try:
        conductance, probability, step = (float(text) for text in line[1:])
    except ValueError:
        raise UserError(
            f"{path}, line {number}: {','.join(line[1:])} are not three numbers"
        ) from None
    return line[0], conductance, probability, step


def _to_grid(path: Path, pulse: str, entries: dict[tuple[float, float], float]) -> Quantiles:
    if not entries:
        raise UserError(f"{path}: there are no lines for {pulse}")
    conductances = sorted({conductance for conductance, _ in entries})
    probabilities = sorted({probability for _, probability in entries})
    missing = [(g, p) for g in conductances for p in probabilities if (g, p) not in entries]
    if missing:
        g, p = missing[0]
        raise UserError(f"{path}: {pulse} has no step at conductance {g:g} S and probability {p:g}")
    steps = [[entries[g, p] for p in probabilities] for g in conductances]
    return np.array(conductances), np.array(probabilities), np.array(steps)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file of anybody's; one that pcmsim has sealed must be whole.

    Raises:
        UserError: a sealed file is damaged.
        OSError: this is no HDF5 file.
    """
    with path.open("rb") as stream:
        is_sealed = stream.read(len(SEAL)) == SEAL
    with opened(path) if is_sealed else h5py.File(path, "r") as file:
        yield file


def _read_hdf5(path: Path) -> dict[str, Quantiles]:
    with _opened(path) as file:
        try:
            return {
                pulse: (
                    np.asarray(file[pulse]["conductance"], dtype=np.float64),
                    np.asarray(file[pulse]["probability"], dtype=np.float64),
                    np.asarray(file[pulse]["step"], dtype=np.float64),
                )
                for pulse in PULSES
            }
        except (KeyError, ValueError, TypeError) as error:
            raise UserError(
                f"{path}: expected groups set and reset, each with the numbers conductance, "
                f"probability and step ({error})"
            ) from error


def _check(file: str, pulse: str, conductance: Floats, probability: Floats, step: Floats) -> None:
    def refuse(reason: str) -> None:
        raise UserError(f"{file}: {pulse}: {reason}")

    shape = (conductance.size, probability.size)
    if conductance.ndim != 1 or probability.ndim != 1 or step.shape[-2:] != shape or step.ndim > 3:
        refuse(
            f"step.shape = {step.shape} does not fit conductance.shape = {conductance.shape} "
            f"and probability.shape = {probability.shape}"
        )
    if step.ndim == 3 and pulse == "reset":
        refuse(
            f"step.shape = {step.shape}; only partial SETs, in set, may depend on the pulses since "
            "the last RESET"
        )
    if step.ndim == 3 and not 1 <= len(step) <= MOST_MEMORY:
        refuse(f"step.shape = {step.shape}: there must be 1 to {MOST_MEMORY} tables")
    if conductance.size < 2 or probability.size < 2:
        refuse("needs at least two conductances and two probabilities")
    if not all(np.isfinite(array).all() for array in (conductance, probability, step)):
        refuse("every number must be finite")
    if conductance.min() < 0 or not (np.diff(conductance) > 0).all():
        refuse("conductances must rise and none may be negative")
    if probability.min() < 0 or probability.max() > 1 or not (np.diff(probability) > 0).all():
        refuse("probabilities must rise and lie between 0 and 1")
    if not (np.diff(step, axis=-1) >= 0).all():
        refuse("the steps at one conductance must not fall as the probability rises")


def interpolate(table: Quantiles, conductance: Any, probability: Any) -> Floats:
    """Interpolate linearly in both directions; beyond the table's ends its end values hold.

    Args:
        table: conductances (n,) in S, probabilities (m,), and quantiles of the step (n, m) in S.
        conductance: S; broadcasts with ``probability``.
        probability: from 0 to 1.
    """
    conductances, probabilities, steps = table
    g, p = np.broadcast_arrays(conductance, probability)
    row, row_rest = _cell_of(conductances, g)
    column, column_rest = _cell_of(probabilities, p)
    low = steps[row, column] * (1 - column_rest) + steps[row, column + 1] * column_rest
    high = steps[row + 1, column] * (1 - column_rest) + steps[row + 1, column + 1] * column_rest
    return np.asarray(low * (1 - row_rest) + high * row_rest)


def _cell_of(nodes: Floats, value: Any) -> tuple[Any, Floats]:
    """Return the cell of ``nodes`` in which a value lies and how far into it, from 0 to 1."""
    cell = np.clip(np.searchsorted(nodes, value, side="right") - 1, 0, nodes.size - 2)
    rest = np.clip((value - nodes[cell]) / (nodes[cell + 1] - nodes[cell]), 0.0, 1.0)
    return cell, rest
