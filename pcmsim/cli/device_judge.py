"""``pcmsim device judge``: its options, and what it does."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.going_on import command_line, of_many_runs, shown
from pcmsim.cli.json_objects import json_of_interval, print_json
from pcmsim.cli.options import (
    at_least,
    gives_json,
    takes_folder,
    takes_overrides,
    takes_replicates,
    takes_workers,
)

# As in ``pcmsim.study.judge.judge``, which is not imported here: help must come at once.
BUDGET_ONE_WAY, BUDGET_BOTH_WAYS, BUDGET_FINE = 300, 150, 100
FINE = 1225
LEAST_BUDGET = 10
REPLICATES = 4
LEAST_REPLICATES = 2


def add_judge(verbs: Any) -> None:
    """Add ``pcmsim device judge`` to the commands of ``pcmsim device``."""
    verb = verbs.add_parser(
        "judge", help="train the reference network on a device, and say what holds it back"
    )
    verb.add_argument(
        "device",
        metavar="DEVICE",
        help="device file (.h5, .csv), or settings file whose device, read and faults are taken",
    )
    takes_overrides(verb)
    verb.add_argument(
        "--budget",
        type=at_least(LEAST_BUDGET),
        metavar="RUNS",
        help=f"the most runs of the search for settings (default: {BUDGET_ONE_WAY}; for a device "
        f"that steps both ways {BUDGET_BOTH_WAYS}; for one that takes more than {FINE} pulses to "
        f"fill {BUDGET_FINE}, in a search that spares runs, because they take longer: from "
        f"{BUDGET_BOTH_WAYS} on it is searched like others, in up to a quarter of an hour)",
    )
    takes_replicates(
        verb,
        default=REPLICATES,
        least=LEAST_REPLICATES,
        help="runs of each mean; where the accuracy is uncertain by more than a point, twice as "
        "many for it and for what may gain most (default: %(default)s)",
    )
    takes_folder(verb)
    takes_workers(verb)
    gives_json(verb)
    verb.set_defaults(command=judge)


def judge(options: Namespace) -> None:
    """Judge a device; write a page, tables, and the settings found."""
    from pcmsim.cli.commands import RESULTS
    from pcmsim.cli.sweep_progress import SweepProgress
    from pcmsim.config.read import to_yaml
    from pcmsim.files import write_whole
    from pcmsim.report.judge.page import verdict_html
    from pcmsim.report.judge.text import course_csv, verdict_csv, verdict_text
    from pcmsim.study.judge.judge import judge

    out = Path(options.out) if options.out else RESULTS / f"{Path(options.device).stem}-judge"
    given = {
        "--budget": options.budget,
        "--replicates": options.replicates,
        **of_many_runs(options),
    }
    again = command_line(["device", "judge", options.device], options.overrides, given)
    with shown(SweepProgress(), again) as progress:
        verdict = judge(
            options.device,
            out,
            options.overrides,
            budget=options.budget,
            replicates=options.replicates,
            workers=options.workers,
            dask=options.dask,
            report=progress,
        )
    written = {
        "page": (out / "verdict.html", verdict_html(verdict)),
        "table": (out / "verdict.csv", verdict_csv(verdict)),
        "search": (out / "search.csv", course_csv(verdict)),
        "settings": (out / "judged.yaml", to_yaml(verdict.settings)),
    }
    for path, text in written.values():
        write_whole(path, text.encode())
    if options.json:
        print_json(_json_of_verdict(verdict, written))
    else:
        lines = [f"{name:<8} {path}" for name, (path, _) in written.items()]
        print("\n".join([verdict_text(verdict), "", *lines, f"result   {verdict.result}"]))


def _json_of_verdict(verdict: Any, written: dict[str, tuple[Path, str]]) -> dict[str, Any]:
    return {
        "device": verdict.device,
        "folder": str(verdict.folder),
        **{name: str(path) for name, (path, _) in written.items()},
        "result": str(verdict.result),
        "budget": verdict.budget,
        "search": verdict.effort.name,
        "replicates": verdict.replicates,
        "runs": verdict.runs,
        "test_accuracy": json_of_interval(verdict.accuracy),
        "train_accuracy": json_of_interval(verdict.train_accuracy),
        "without_any_imperfection": json_of_interval(verdict.ideal),
        "rivals": {rival.name: json_of_interval(rival.accuracy) for rival in verdict.rivals},
        "gains": [
            {
                "imperfection": gain.name,
                "settings": gain.settings,
                "gain": json_of_interval(gain.gain),
            }
            for gain in verdict.gains
        ],
        "pulses": {
            wear.pulses: {
                "total": wear.total,
                "median": wear.median,
                "one_in_a_thousand_above": wear.high,
                "largest": wear.largest,
            }
            for wear in verdict.wear
        },
    }
