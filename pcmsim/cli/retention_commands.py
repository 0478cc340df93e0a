"""``pcmsim retention``: its command line, and what it does."""

import argparse
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.commands import RESULTS
from pcmsim.cli.going_on import command_line, shown
from pcmsim.cli.json_objects import json_of_interval, print_json
from pcmsim.cli.options import at_least, gives_json, takes_overrides, takes_threads
from pcmsim.config.retention_settings import (
    DAY,
    HOUR,
    LONGEST,
    MINUTE,
    MONTH,
    T_0,
    YEAR,
)

DRAWS = 5
UNITS = {"s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY, "mo": MONTH, "y": YEAR}
FORM = "such as 3600, 90s, 30min, 1h, 7d, 6mo or 1y"


def add_retention(verbs: Any) -> None:
    """Add ``pcmsim retention``."""
    verb = verbs.add_parser(
        "retention", help="tell what becomes of the accuracy of a trained network with time"
    )
    verb.add_argument("file", metavar="FILE", help="result of a run")
    takes_overrides(verb)
    verb.add_argument(
        "--until",
        type=duration,
        metavar="TIME",
        help=f"last time after writing, {FORM} (default: retention.until of the result)",
    )
    verb.add_argument(
        "--seeds",
        type=at_least(1),
        default=DRAWS,
        metavar="N",
        help="how many times devices are aged anew, for error bars (default: %(default)s)",
    )
    verb.add_argument(
        "--out",
        metavar="DIR",
        help="folder for the table and the picture (default: one in the folder results)",
    )
    takes_threads(verb)
    gives_json(verb)
    verb.set_defaults(command=retention)


def duration(text: str) -> float:
    """Read a time after writing; return it in seconds."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :] or "s"
    try:
        seconds = float(number) * UNITS[unit]
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"must be a time {FORM}, not {text}") from None
    if not (math.isfinite(seconds) and T_0 < seconds <= LONGEST):
        raise argparse.ArgumentTypeError(
            f"must be above {T_0:g}s, where drift starts from, and at most {LONGEST / YEAR:g}y, "
            f"not {text}"
        )
    return seconds


def retention(options: Namespace) -> None:
    """Let the devices of a finished run age, and tell how accuracy follows."""
    from pcmsim.cli.retention_progress import RetentionProgress
    from pcmsim.experiment.retention import retention
    from pcmsim.files import write_whole
    from pcmsim.report.result.figures import save_figure
    from pcmsim.report.result.retention_figure import retention_figure
    from pcmsim.report.result.retention_text import retention_csv, retention_text

    out = Path(options.out) if options.out else RESULTS / f"{Path(options.file).stem}-retention"
    overrides = list(options.overrides)
    if options.until is not None:
        overrides.append(f"retention.until={options.until!r}")
    with shown(RetentionProgress(), _again(options)) as progress:
        curves = retention(
            options.file,
            overrides,
            draws=options.seeds,
            threads=options.threads,
            report=progress,
        )
    rows = out / "retention.csv"
    write_whole(rows, retention_csv(curves).encode())
    picture = save_figure(retention_figure(curves), out / "retention.png")
    if options.json:
        print_json(_json_of(curves, options.file))
    else:
        print(f"{retention_text(curves)}\n\ntable    {rows}\npicture  {picture}")


def _again(options: Namespace) -> str:
    return command_line(
        ["retention", options.file],
        options.overrides,
        {
            "--until": options.until,
            "--seeds": options.seeds,
            "--out": options.out,
            "--threads": options.threads,
            "--json": options.json,
        },
    )


def _json_of(curves: Any, file: str) -> dict[str, Any]:
    from pcmsim.report.result.retention_text import points_of

    return {
        "result": file,
        "effects": curves.settings.retention.model_dump(mode="json"),
        "seeds": curves.draws,
        "test_accuracy_when_trained": curves.at_once,
        "curve": [
            {
                "time": time,
                "test_accuracy": json_of_interval(plain),
                "test_accuracy_compensated": json_of_interval(compensated),
                "compensation": factors,
            }
            for time, plain, compensated, factors in points_of(curves)
        ],
    }
