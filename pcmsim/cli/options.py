"""Options that several commands take."""

import argparse
import math
import os
from collections.abc import Callable


def takes_settings(verb: argparse.ArgumentParser, default: str = "") -> None:
    """Take a settings file, and changes to it."""
    verb.add_argument(
        "config",
        metavar="CONFIG",
        nargs="?" if default else None,
        help=f"settings file (default: {default})" if default else "settings file",
    )
    takes_overrides(verb)


def takes_overrides(verb: argparse.ArgumentParser) -> None:
    """Take changes to single settings."""
    verb.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help="change one setting, such as training.epochs=3; may be repeated",
    )


def takes_replicates(
    verb: argparse.ArgumentParser, default: int | None, help: str, least: int = 1
) -> None:
    """Take a number of replicates."""
    verb.add_argument("--replicates", type=at_least(least), default=default, metavar="N", help=help)


def takes_folder(verb: argparse.ArgumentParser) -> None:
    """Take a folder for runs."""
    verb.add_argument(
        "--out", metavar="DIR", help="folder for the runs (default: one in the folder results)"
    )


def takes_workers(verb: argparse.ArgumentParser) -> None:
    """Take how many runs there are at a time, or who runs them."""
    where = verb.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=at_least(1),
        default=processors(),
        metavar="N",
        help="runs at a time; the table does not depend on it (default: %(default)s)",
    )
    where.add_argument("--dask", metavar="ADDRESS", help="use the workers of a Dask scheduler")


def takes_threads(verb: argparse.ArgumentParser) -> None:
    """Take how many threads work at one run."""
    verb.add_argument(
        "--threads",
        type=at_least(1),
        default=processors(),
        metavar="N",
        help="threads of this run; its result does not depend on them (default: %(default)s)",
    )


def gives_json(verb: argparse.ArgumentParser) -> None:
    """Give JSON instead of text where asked to."""
    verb.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def at_least(least: int) -> Callable[[str], int]:
    """Return what reads a whole number from ``least`` on."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(
                f"must be a whole number of at least {least}, not {text}"
            )
        return int(text)

    return read


def number(text: str) -> float:
    """Read a finite number."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number, not {text}")
    return number


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
