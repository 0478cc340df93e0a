"""What the commands about many runs do."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.commands import RESULTS, go_on_with, print_json, say_if_compiling


def sweep(options: Namespace) -> int:
    """Run the points of a sweep that are not finished; return 1 if any has failed."""
    from pcmsim.campaign.sweep import sweep
    from pcmsim.cli.sweep_progress import SweepProgress

    out = Path(options.out) if options.out else RESULTS / Path(options.sweep).stem
    say_if_compiling()
    try:
        with SweepProgress() as progress:
            runs = sweep(
                options.sweep,
                out,
                options.overrides,
                replicates=options.replicates,
                workers=options.workers,
                dask=options.dask,
                report=progress,
            )
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(_how_to_go_on(options)) from interrupt
    if options.json:
        print_json(_json_of(runs))
    else:
        from pcmsim.report.sweep_text import sweep_text

        print(sweep_text(runs))
    return 1 if runs.failures else 0


def collect(options: Namespace) -> None:
    """Write the runs of a sweep as CSV."""
    from pcmsim.campaign.collect import collect
    from pcmsim.experiment.files import write_whole

    text = collect(options.folder).to_csv()
    if options.csv == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(options.csv), text.encode())


def _how_to_go_on(options: Namespace) -> str:
    return go_on_with(
        ["sweep", options.sweep],
        options.overrides,
        {
            "--replicates": options.replicates,
            "--dask": options.dask,
            "--workers": None if options.dask else options.workers,
            "--out": options.out,
            "--json": options.json,
        },
    )


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
            {
                "axes": summary.cells,
                "replicates": summary.replicates,
                "test_accuracy": summary.accuracy.mean,
                "half_width": summary.accuracy.half_width,
                "loss": summary.loss and summary.loss.mean,
                "loss_half_width": summary.loss and summary.loss.half_width,
            }
            for summary in summarise(runs)
        ],
    }
