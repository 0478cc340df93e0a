"""`pcmsim device report`: an imported device beside its measurement."""

from argparse import Namespace
from pathlib import Path
from typing import Any


def add_report(verbs: Any) -> None:
    """Add ``pcmsim device report``."""
    verb = verbs.add_parser("report", help="show how well an imported device fits its measurement")
    verb.add_argument("file", metavar="DEVICE", help="device file that was imported")
    verb.add_argument(
        "--out", metavar="FILE", help="page to write, .html (default: beside the device file)"
    )
    verb.add_argument("--png", metavar="FILE", help="write the main pictures as a .png file, too")
    verb.add_argument(
        "--overwrite", action="store_true", help="replace files that are no such report"
    )
    verb.set_defaults(command=report)


def report(options: Namespace) -> None:
    """Write the report on a device file."""
    from pcmsim.report.measured_device.files import report_on_device

    device = Path(options.file)
    page = Path(options.out) if options.out else None
    picture = Path(options.png) if options.png else None
    written = report_on_device(device, page, picture, overwrite=options.overwrite)
    for name, path in zip(("report", "picture"), written, strict=False):
        print(f"{name:<9}{path}")
