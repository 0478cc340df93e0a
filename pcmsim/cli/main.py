"""`pcmsim`: reading the command line, calling the command, and ending with the right status.

Status 0: done.  Status 1: `pcmsim rerun` found a difference, or one of many runs failed.
Status 2: something the user can put right, told in one message on standard error.
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from pcmsim.cli import commands, question_commands, study_commands, sweep_commands
from pcmsim.cli.device_parser import add_device
from pcmsim.cli.going_on import interrupt_behind
from pcmsim.cli.options import (
    gives_json,
    number,
    takes_folder,
    takes_overrides,
    takes_replicates,
    takes_settings,
    takes_threads,
    takes_workers,
)
from pcmsim.cli.parser import Parser
from pcmsim.cli.retention_commands import add_retention
from pcmsim.errors import UserError


def entry_point() -> NoReturn:
    """Run the program and leave the process with its status."""
    signal.signal(signal.SIGTERM, _interrupt)
    # Whoever started us may have closed them, as `2>&-` does.
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w")
    sys.stderr = sys.stderr or nowhere.open("w")
    # Names of files may be no text at all: they are shown as standard error shows them by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status."""
    try:
        _refuse_what_is_no_text(arguments)
        options = _parser().parse_args(arguments)
        status = options.command(options)
        sys.stdout.flush()
        return int(status or 0)
    except UserError as error:
        print(f"pcmsim: {error}", file=sys.stderr)
    except MemoryError as error:
        print(f"pcmsim: there is not enough memory for this ({error})", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output has seen enough, as in `pcmsim explain | head`.
        _silence_output()
        return 0
    except OSError as error:
        # All files are written with messages of their own: this is about standard output.
        _silence_output()
        print(f"pcmsim: the output cannot be written: {error.strerror}", file=sys.stderr)
    except (KeyboardInterrupt, Exception) as error:
        if (interrupt := interrupt_behind(error)) is None:
            raise
        print(f"\npcmsim: {str(interrupt) or 'interrupted'}", file=sys.stderr)
    return 2


def _refuse_what_is_no_text(arguments: Sequence[str]) -> None:
    """Refuse names that no result, report or settings file could repeat."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode(errors="backslashreplace")
            raise UserError(
                f"{shown}: this is not UTF-8 text; give the file or folder another name"
            ) from None


def _silence_output() -> None:
    """Send what is still to be written nowhere, so that Python's own last flush succeeds."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(signum: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt("terminated")


def _parser() -> Parser:
    parser = Parser(
        prog="pcmsim",
        description="Train neural networks on simulated arrays of phase-change memory.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(verbs)
    _add_sweep(verbs)
    _add_collect(verbs)
    _add_tolerance(verbs)
    _add_attribute(verbs)
    _add_reproduce(verbs)
    _add_show(verbs)
    _add_plot(verbs)
    _add_rerun(verbs)
    add_retention(verbs)
    add_device(verbs)
    _add_data(verbs)
    _add_explain(verbs)
    _add_bench(verbs)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"pcmsim {version('pcmsim')}")
        parser.exit()


def _add_run(verbs: Any) -> None:
    verb = verbs.add_parser("run", help="train a network and write its result")
    takes_settings(verb)
    verb.add_argument(
        "--out", metavar="PATH", help="result file, or folder for it (default: the folder results)"
    )
    verb.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    verb.add_argument("--overwrite", action="store_true", help="replace a result of other settings")
    verb.add_argument("--no-plots", action="store_true", help="write no pictures")
    verb.add_argument(
        "--slim",
        action="store_true",
        help="keep figures only: no weights, no devices, no checkpoints",
    )
    takes_threads(verb)
    gives_json(verb)
    verb.set_defaults(command=commands.run)


def _add_sweep(verbs: Any) -> None:
    verb = verbs.add_parser("sweep", help="run all points of a sweep file; go on if interrupted")
    verb.add_argument("sweep", metavar="SWEEP", help="sweep file")
    takes_overrides(verb)
    takes_replicates(verb, default=None, help="runs at each point (default: file's)")
    takes_folder(verb)
    takes_workers(verb)
    gives_json(verb)
    verb.set_defaults(command=sweep_commands.sweep)


def _add_collect(verbs: Any) -> None:
    verb = verbs.add_parser("collect", help="write the runs of a sweep as CSV, one row a run")
    verb.add_argument("folder", metavar="DIR", help="folder of a sweep")
    verb.add_argument("--csv", metavar="FILE", required=True, help="file to write; -: print it")
    verb.set_defaults(command=sweep_commands.collect)


def _add_tolerance(verbs: Any) -> None:
    verb = verbs.add_parser("tolerance", help="find how far a setting may go at a loss of accuracy")
    takes_settings(verb)
    verb.add_argument(
        "--parameter",
        metavar="NAME",
        required=True,
        help="setting to search, such as faults.dead; of one that has a number for each layer, a "
        "common factor, which is then what other options give",
    )
    verb.add_argument(
        "--loss",
        type=number,
        required=True,
        metavar="FRACTION",
        help="test accuracy that may be lost, such as 0.02 for 2 points",
    )
    verb.add_argument(
        "--reference",
        type=number,
        metavar="VALUE",
        help="value against which it is lost (default: the file's)",
    )
    verb.add_argument(
        "--from", type=number, dest="first", metavar="VALUE", help="lowest value to search"
    )
    verb.add_argument(
        "--to", type=number, dest="last", metavar="VALUE", help="highest value to search"
    )
    verb.add_argument(
        "--scale",
        choices=("linear", "log"),
        help="whether differences or ratios count (default: what suits the setting)",
    )
    takes_replicates(verb, default=10, help="the most runs at a value (default: %(default)s)")
    takes_folder(verb)
    takes_workers(verb)
    gives_json(verb)
    verb.set_defaults(command=question_commands.tolerance)


def _add_attribute(verbs: Any) -> None:
    verb = verbs.add_parser("attribute", help="tell what each imperfection costs in accuracy")
    takes_settings(verb)
    takes_replicates(verb, default=5, help="runs of each device (default: %(default)s)")
    takes_folder(verb)
    takes_workers(verb)
    gives_json(verb)
    verb.set_defaults(command=question_commands.attribute)


def _add_reproduce(verbs: Any) -> None:
    verb = verbs.add_parser("reproduce", help="run the published experiment and its tolerances")
    verb.add_argument(
        "config",
        metavar="CONFIG",
        nargs="?",
        help="settings file of your own to study instead of the published experiment",
    )
    verb.add_argument("--quick", action="store_true", help="see in minutes whether it works")
    verb.add_argument(
        "--configs",
        metavar="DIR",
        default="configs",
        help="folder with the shipped settings files (default: %(default)s)",
    )
    verb.add_argument(
        "--out",
        metavar="DIR",
        default=str(commands.RESULTS / "reproduce"),
        help="folder for the report and all runs (default: %(default)s)",
    )
    takes_workers(verb)
    gives_json(verb)
    verb.set_defaults(command=study_commands.reproduce)


def _add_show(verbs: Any) -> None:
    verb = verbs.add_parser("show", help="print what a result file holds")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    gives_json(verb)
    verb.set_defaults(command=commands.show)


def _add_plot(verbs: Any) -> None:
    verb = verbs.add_parser("plot", help="draw the pictures of a result")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    verb.add_argument("--out", metavar="FOLDER", help="folder (default: that of the result)")
    verb.set_defaults(command=commands.plot)


def _add_rerun(verbs: Any) -> None:
    verb = verbs.add_parser("rerun", help="repeat a run from its result and compare")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    takes_threads(verb)
    verb.set_defaults(command=commands.rerun)


def _add_data(verbs: Any) -> None:
    verb = verbs.add_parser("data", help="say which images are there; download all of MNIST")
    verb.add_argument("--download", action="store_true", help="download all 70,000 images")
    verb.add_argument("--folder", metavar="FOLDER", help="where to (default: the user's cache)")
    verb.set_defaults(command=commands.data)


def _add_explain(verbs: Any) -> None:
    verb = verbs.add_parser("explain", help="say what a setting means")
    verb.add_argument("name", metavar="NAME", nargs="?", help="such as device.g_max; none: all")
    verb.add_argument("--schema", action="store_true", help="print a JSON schema, for editors")
    verb.set_defaults(command=commands.explain)


def _add_bench(verbs: Any) -> None:
    verb = verbs.add_parser("bench", help="time training against plain float training")
    takes_settings(verb, default=str(commands.MAIN_JOB))
    gives_json(verb)
    verb.set_defaults(command=commands.bench)
