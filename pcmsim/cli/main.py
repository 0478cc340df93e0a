"""`pcmsim`: reading the command line, calling the command, and ending with the right status.

Status 0: done.  Status 1: `pcmsim rerun` found a difference, or one of many runs failed.
Status 2: something the user can put right, told in one message on standard error.
"""

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from pcmsim.cli import commands, question_commands, study_commands, sweep_commands
from pcmsim.errors import UserError


def entry_point() -> NoReturn:
    """Run the program and leave the process with its status."""
    signal.signal(signal.SIGTERM, _interrupt)
    # Whoever started us may have closed them, as `2>&-` does.
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w")
    sys.stderr = sys.stderr or nowhere.open("w")
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status = options.command(options)
        sys.stdout.flush()
        return int(status or 0)
    except UserError as error:
        print(f"pcmsim: {error}", file=sys.stderr)
    except KeyboardInterrupt as interrupt:
        print(f"\npcmsim: {interrupt or 'interrupted'}", file=sys.stderr)
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
    return 2


def _silence_output() -> None:
    """Send what is still to be written nowhere, so that Python's own last flush succeeds."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(signum: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt("terminated")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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
    _add_device(verbs)
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
    _takes_settings(verb)
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
    _takes_threads(verb)
    _gives_json(verb)
    verb.set_defaults(command=commands.run)


def _add_sweep(verbs: Any) -> None:
    verb = verbs.add_parser("sweep", help="run all points of a sweep file; go on if interrupted")
    verb.add_argument("sweep", metavar="SWEEP", help="sweep file")
    _takes_overrides(verb)
    _takes_replicates(verb, default=None, help="runs at each point (default: file's)")
    _takes_folder(verb)
    _takes_workers(verb)
    _gives_json(verb)
    verb.set_defaults(command=sweep_commands.sweep)


def _add_collect(verbs: Any) -> None:
    verb = verbs.add_parser("collect", help="write the runs of a sweep as CSV, one row a run")
    verb.add_argument("folder", metavar="DIR", help="folder of a sweep")
    verb.add_argument("--csv", metavar="FILE", required=True, help="file to write; -: print it")
    verb.set_defaults(command=sweep_commands.collect)


def _add_tolerance(verbs: Any) -> None:
    verb = verbs.add_parser("tolerance", help="find how far a setting may go at a loss of accuracy")
    _takes_settings(verb)
    verb.add_argument(
        "--parameter",
        metavar="NAME",
        required=True,
        help="setting to search, such as faults.dead; of one that has a number for each layer, a "
        "common factor, which is then what other options give",
    )
    verb.add_argument(
        "--loss",
        type=_number,
        required=True,
        metavar="FRACTION",
        help="test accuracy that may be lost, such as 0.02 for 2 points",
    )
    verb.add_argument(
        "--reference",
        type=_number,
        metavar="VALUE",
        help="value against which it is lost (default: the file's)",
    )
    verb.add_argument(
        "--from", type=_number, dest="first", metavar="VALUE", help="lowest value to search"
    )
    verb.add_argument(
        "--to", type=_number, dest="last", metavar="VALUE", help="highest value to search"
    )
    verb.add_argument(
        "--scale",
        choices=("linear", "log"),
        help="whether differences or ratios count (default: what suits the setting)",
    )
    _takes_replicates(verb, default=10, help="the most runs at a value (default: %(default)s)")
    _takes_folder(verb)
    _takes_workers(verb)
    _gives_json(verb)
    verb.set_defaults(command=question_commands.tolerance)


def _add_attribute(verbs: Any) -> None:
    verb = verbs.add_parser("attribute", help="tell what each imperfection costs in accuracy")
    _takes_settings(verb)
    _takes_replicates(verb, default=5, help="runs of each device (default: %(default)s)")
    _takes_folder(verb)
    _takes_workers(verb)
    _gives_json(verb)
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
    _takes_workers(verb)
    _gives_json(verb)
    verb.set_defaults(command=study_commands.reproduce)


def _add_show(verbs: Any) -> None:
    verb = verbs.add_parser("show", help="print what a result file holds")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    _gives_json(verb)
    verb.set_defaults(command=commands.show)


def _add_plot(verbs: Any) -> None:
    verb = verbs.add_parser("plot", help="draw the pictures of a result")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    verb.add_argument("--out", metavar="FOLDER", help="folder (default: that of the result)")
    verb.set_defaults(command=commands.plot)


def _add_rerun(verbs: Any) -> None:
    verb = verbs.add_parser("rerun", help="repeat a run from its result and compare")
    verb.add_argument("file", metavar="FILE", help="result of a run")
    _takes_threads(verb)
    verb.set_defaults(command=commands.rerun)


def _add_device(verbs: Any) -> None:
    verb = verbs.add_parser("device", help="show how the device of a settings file responds")
    _takes_settings(verb)
    verb.add_argument("--plot", metavar="FILE", help="draw it: a .png, .pdf or .svg file")
    verb.set_defaults(command=commands.device)


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
    _takes_settings(verb, default=str(commands.MAIN_JOB))
    _gives_json(verb)
    verb.set_defaults(command=commands.bench)


def _takes_settings(verb: argparse.ArgumentParser, default: str = "") -> None:
    verb.add_argument(
        "config",
        metavar="CONFIG",
        nargs="?" if default else None,
        help=f"settings file (default: {default})" if default else "settings file",
    )
    _takes_overrides(verb)


def _takes_overrides(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help="change one setting, such as training.epochs=3; may be repeated",
    )


def _takes_replicates(verb: argparse.ArgumentParser, default: int | None, help: str) -> None:
    verb.add_argument("--replicates", type=_at_least_one, default=default, metavar="N", help=help)


def _takes_folder(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--out", metavar="DIR", help="folder for the runs (default: one in the folder results)"
    )


def _takes_workers(verb: argparse.ArgumentParser) -> None:
    where = verb.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=_at_least_one,
        default=_processors(),
        metavar="N",
        help="runs at a time; the table does not depend on it (default: %(default)s)",
    )
    where.add_argument("--dask", metavar="ADDRESS", help="use the workers of a Dask scheduler")


def _takes_threads(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--threads",
        type=_at_least_one,
        default=_processors(),
        metavar="N",
        help="threads of this run; its result does not depend on them (default: %(default)s)",
    )


def _gives_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text}")
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number, not {text}")
    return number


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
