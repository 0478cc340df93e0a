"""``pcmsim device check``: a test kit for one's own device."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.options import number
from pcmsim.errors import UserError

FUNCTIONS = {"function": "--function", "reset_step": "--reset-function"}
RANGE = {"g_min": "--g-min", "g_max": "--g-max"}
FAILED = 2


def check(options: Namespace) -> int:
    """Examine a device; return 2 if something is wrong with it."""
    from pcmsim.devices.catalogue import build_model
    from pcmsim.devices.check import check_device
    from pcmsim.report.device.check import check_text

    device = _device(options)
    model = build_model(device)
    found = check_device(model)
    notes = [
        f"{name} is no quantile function of u: its answers at 16,384 u were sorted"
        for name, is_sorted in getattr(model, "is_sorted", {}).items()
        if is_sorted
    ]
    print(check_text(f"{device.kind}, {options.file}", found, notes))
    return FAILED if found.faults else 0


def _device(options: Namespace) -> Any:
    """Return the settings of the device that the file is or names, with the changes asked for."""
    from pcmsim.config.document import Document, Place
    from pcmsim.config.overrides import with_setting
    from pcmsim.config.read import checked
    from pcmsim.config.settings import Settings
    from pcmsim.config.yaml_text import parse, read_file

    path = Path(options.file)
    if path.suffix == ".py":
        place = Place("FILE", Path.cwd())
        values = {"device": {"kind": "python", "file": str(path)}}
        document = Document(str(path), values, {("device", "file"): place})
    else:
        document = read_file(path)
    for setting, option in {**FUNCTIONS, **RANGE}.items():
        value = getattr(options, setting)
        if value is not None:
            document = with_setting(document, ("device", setting), value, Place(option, None))
    if options.bidirectional:
        place = Place("--bidirectional", None)
        document = with_setting(document, ("device", "bidirectional"), True, place)
    for given in options.params:
        name, equals, text = given.partition("=")
        if not equals or not name.strip():
            raise UserError(f"--param {given}: must have the form alpha=0.05")
        option = f"--param {name.strip()}"
        value, _ = parse(text, option)
        keys = ("device", "params", name.strip())
        document = with_setting(document, keys, value, Place(option, None))
    device = checked(Settings, document).device
    if device.kind == "float":
        raise UserError("device.kind: float has no device that could be checked")
    return device


def add_check(verbs: Any) -> None:
    """Add ``pcmsim device check``."""
    verb = verbs.add_parser(
        "check",
        help="test a device of your own: a Python file, or settings",
        description="Test a device.  A Python file is executed, with all your rights: name only "
        "files that you trust.  Ends with status 0 if it passes, else 2.",
    )
    verb.add_argument(
        "file",
        metavar="FILE",
        help="Python file with set_step(G, u, params), or settings file (.yaml) with a device",
    )
    verb.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="params",
        help="a number of params, such as alpha=0.05; may be repeated",
    )
    verb.add_argument("--g-min", type=number, metavar="S", help="lowest conductance, S")
    verb.add_argument("--g-max", type=number, metavar="S", help="highest conductance, S")
    verb.add_argument("--function", metavar="NAME", help="function of the file, if not set_step")
    verb.add_argument(
        "--reset-function",
        metavar="NAME",
        dest="reset_step",
        help="function of the file for the other kind of pulse",
    )
    verb.add_argument(
        "--bidirectional", action="store_true", help="that is a gradual step down, not a RESET"
    )
    verb.set_defaults(command=check)
