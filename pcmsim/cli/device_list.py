"""``pcmsim device list``: the library of devices."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.json_objects import print_json
from pcmsim.cli.options import gives_json
from pcmsim.errors import UserError

CONFIGS = Path("configs", "devices")


def list_devices(options: Namespace) -> None:
    """Print what each device of a folder is; draw them all."""
    from pcmsim.report.device.library import devices_json, devices_text, list_devices

    picture = Path(options.plot) if options.plot else None
    if picture is not None:
        _refuse_other_formats(picture)
    devices = list_devices(Path(options.configs))
    facts = [one for one, _ in devices]
    if options.json:
        print_json(devices_json(facts))
    else:
        print(devices_text(facts))
    if picture is not None:
        from pcmsim.report.device.library_figure import devices_figure
        from pcmsim.report.result.figures import save_figure

        save_figure(devices_figure(devices), picture)
        if not options.json:
            print(f"\npicture  {picture}")


def _refuse_other_formats(picture: Path) -> None:
    from pcmsim.report.result.figures import FORMATS

    if picture.suffix.lower() not in FORMATS:
        raise UserError(f"{picture}: a picture's name must end in {', '.join(FORMATS)}")


def add_list(verbs: Any) -> None:
    """Add ``pcmsim device list``."""
    verb = verbs.add_parser("list", help="list the library of devices")
    verb.add_argument(
        "--configs",
        metavar="DIR",
        default=str(CONFIGS),
        help="folder with settings files of devices (default: %(default)s)",
    )
    verb.add_argument("--plot", metavar="FILE", help="draw them all: a .png, .pdf or .svg file")
    gives_json(verb)
    verb.set_defaults(command=list_devices)
