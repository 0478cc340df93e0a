"""`pcmsim device import`: from measured pulse traces to the file of a device."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.json_objects import print_json
from pcmsim.cli.options import gives_json, number


def add_import(verbs: Any) -> None:
    """Add ``pcmsim device import``."""
    verb = verbs.add_parser(
        "import",
        help="make a device of measured pulse traces",
        description="Read conductances, resistances or currents of devices after every pulse from "
        "a text or HDF5 file, one reading a row or one device a column, and make a device of them.",
    )
    verb.add_argument("file", metavar="FILE", help="measured traces: CSV or other text, or HDF5")
    verb.add_argument(
        "--out", metavar="DEVICE.h5", required=True, help="file of the device, to be written"
    )
    verb.add_argument(
        "--unit", metavar="UNIT", help="of the readings, such as uS, kohm or nA, if not in the file"
    )
    verb.add_argument(
        "--read-voltage",
        type=number,
        metavar="V",
        help="voltage at which currents were read, in V, if not in the file",
    )
    verb.add_argument(
        "--overwrite", action="store_true", help="replace a file that is no device file"
    )
    gives_json(verb)
    verb.set_defaults(command=import_device)


def import_device(options: Namespace) -> None:
    """Read traces, estimate a device, write it, and say what was understood."""
    from pcmsim.cli.reading_progress import ReadingProgress
    from pcmsim.traces.device_file import write_device
    from pcmsim.traces.estimating.estimate import estimate_device
    from pcmsim.traces.reading.read import read_traces
    from pcmsim.traces.some import representative

    out = Path(options.out)
    _check_name(options.file, out, options.overwrite)
    with ReadingProgress() as progress:
        understood = read_traces(options.file, options.unit, options.read_voltage, progress)
    traces = representative(understood.traces)
    estimate = estimate_device(traces)
    write_device(out, estimate, traces, understood.origin)
    notes = [*understood.origin.notes, *_if_not_all(understood.traces, traces), *estimate.notes]
    if options.json:
        print_json(_as_json(understood, estimate, notes, out))
    else:
        print(_as_text(understood, estimate, notes, out))


def _if_not_all(traces: Any, used: Any) -> list[str]:
    """Say how many devices the estimate is made from, if these are not all."""
    if used is traces:
        return []
    return [
        f"Of the {len(traces.devices):,} devices {len(used.devices):,}, at equal distances, are "
        "used and kept: enough for the estimate."
    ]


def _check_name(file: str, out: Path, overwrite: bool) -> None:
    """Refuse a name for the device before anything is read.

    Raises:
        UserError: it is the measured file itself or another that is no device file, or has an
            ending by which it would not be read.
    """
    from pcmsim.errors import UserError
    from pcmsim.files import has_hdf5_name, refuse_to_replace
    from pcmsim.traces.device_file import is_device_file

    if not has_hdf5_name(out):
        raise UserError(f"--out: the name of a device file must end in .h5 or .hdf5, not {out}")
    if out.exists() and Path(file).exists() and out.samefile(file):
        raise UserError(f"--out: {out} is the measured file itself; choose another name")
    refuse_to_replace(out, "a device file", is_device_file, overwrite)


def _as_json(understood: Any, estimate: Any, notes: list[str], out: Path) -> dict[str, Any]:
    return {
        "file": understood.origin.file,
        "sha256": understood.origin.sha256,
        "device": str(out),
        **{_json_name(name): value for name, value in understood.facts.items()},
        "g_min_S": estimate.g_min,
        "g_max_S": estimate.g_max,
        "bidirectional": estimate.bidirectional,
        "range_spread": estimate.range_spread,
        "notes": notes,
    }


def _json_name(name: str) -> str:
    return f"{name}_S" if name in ("lowest", "highest") else name


def _as_text(understood: Any, estimate: Any, notes: list[str], out: Path) -> str:
    from pcmsim.report.plain_text import list_of_facts
    from pcmsim.traces.reading.told import facts_text
    from pcmsim.traces.reading.units import shown

    kind = "steps up and down" if estimate.bidirectional else "steps up, abrupt RESET"
    range_ = f"{shown(estimate.g_min, 'S')} to {shown(estimate.g_max, 'S')}"
    facts = [
        *facts_text(understood.facts),
        ("device", f"{kind}; {range_}; ranges differ by {estimate.range_spread:.1%}"),
    ]
    return "\n".join(
        [list_of_facts(facts), "", *(f"  {note}" for note in notes), "", f"device   {out}"]
    )
