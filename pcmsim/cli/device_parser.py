"""The command line of ``pcmsim device``: everything about devices, before and beside training."""

from typing import Any

from pcmsim.cli import device_commands
from pcmsim.cli.device_check import add_check
from pcmsim.cli.device_import import add_import
from pcmsim.cli.device_judge import add_judge
from pcmsim.cli.device_list import add_list
from pcmsim.cli.device_report import add_report
from pcmsim.cli.options import takes_settings


def add_device(verbs: Any) -> None:
    """Add ``pcmsim device`` and its own commands."""
    group = verbs.add_parser("device", help="look at devices")
    verbs = group.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_show(verbs)
    add_list(verbs)
    add_check(verbs)
    add_import(verbs)
    add_judge(verbs)
    add_report(verbs)


def _add_show(verbs: Any) -> None:
    verb = verbs.add_parser("show", help="show how the device of a settings file responds")
    takes_settings(verb)
    verb.add_argument("--plot", metavar="FILE", help="draw it: a .png, .pdf or .svg file")
    verb.set_defaults(command=device_commands.show)
