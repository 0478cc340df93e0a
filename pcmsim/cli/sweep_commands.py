"""What the commands about many runs do."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.commands import RESULTS
from pcmsim.cli.going_on import command_line, of_many_runs, shown
from pcmsim.cli.json_objects import json_of_summary, print_json


def sweep(options: Namespace) -> int:
    """Run the points of a sweep that are not finished; return 1 if any has failed."""
    from pcmsim.campaign.sweep import sweep
    from pcmsim.cli.sweep_progress import SweepProgress

    out = Path(options.out) if options.out else RESULTS / Path(options.sweep).stem
    given = {"--replicates": options.replicates, **of_many_runs(options)}
    again = command_line(["sweep", options.sweep], options.overrides, given)
    with shown(SweepProgress(), again) as progress:
        runs = sweep(
            options.sweep,
            out,
            options.overrides,
            replicates=options.replicates,
            workers=options.workers,
            dask=options.dask,
            report=progress,
        )
    if options.json:
        print_json(_json_of(runs))
    else:
        from pcmsim.report.sweep_text import sweep_text

        print(sweep_text(runs))
    return 1 if runs.failures else 0


def collect(options: Namespace) -> None:
    """Write the runs of a sweep as CSV."""
    from pcmsim.campaign.collect import collect
    from pcmsim.files import write_whole

    text = collect(options.folder).to_csv()
    if options.csv == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(options.csv), text.encode())


def _json_of(runs: Any) -> dict[str, Any]:
    from pcmsim.campaign.summary import summarise

    return {
        "folder": str(runs.folder),
        "title": runs.title,
        "points": runs.points,
        "finished": runs.finished,
        "failed": len(runs.failures),
        "failures": runs.failures,
        "rows": [
            {"axes": summary.cells, **json_of_summary(summary)} for summary in summarise(runs)
        ],
    }
