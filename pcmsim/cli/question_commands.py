"""What the commands do that answer one question about a settings file by many runs."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.commands import RESULTS
from pcmsim.cli.going_on import command_line, of_many_runs, shown
from pcmsim.cli.json_objects import json_of_interval, print_json


def tolerance(options: Namespace) -> None:
    """Find how far a setting may go."""
    from pcmsim.cli.tolerance_progress import ToleranceProgress
    from pcmsim.report.result.figures import save_figure
    from pcmsim.report.tolerance_figure import tolerance_figure
    from pcmsim.report.tolerance_text import tolerance_text
    from pcmsim.study.tolerance.tolerance import tolerance

    name = f"{Path(options.config).stem}-{options.parameter}"
    out = Path(options.out) if options.out else RESULTS / name
    given = {
        "--parameter": options.parameter,
        "--loss": options.loss,
        "--reference": options.reference,
        "--from": options.first,
        "--to": options.last,
        "--scale": options.scale,
        "--replicates": options.replicates,
        **of_many_runs(options),
    }
    again = command_line(["tolerance", options.config], options.overrides, given)
    with shown(ToleranceProgress(), again) as progress:
        found = tolerance(
            options.config,
            options.parameter,
            options.loss,
            out,
            options.overrides,
            reference=options.reference,
            first=options.first,
            last=options.last,
            scale=options.scale,
            replicates=options.replicates,
            workers=options.workers,
            dask=options.dask,
            report=progress,
        )
    picture = save_figure(tolerance_figure(found), out / "tolerance.png")
    if options.json:
        print_json(_json_of_tolerance(found))
    else:
        print(f"{tolerance_text(found)}\n\npicture  {picture}")


def attribute(options: Namespace) -> int:
    """Tell what each imperfection costs; return 1 if any run has failed."""
    from pcmsim.cli.sweep_progress import SweepProgress
    from pcmsim.files import write_whole
    from pcmsim.report.attribution_bars import attribution_figure
    from pcmsim.report.attribution_text import attribution_csv, attribution_text
    from pcmsim.report.result.figures import save_figure
    from pcmsim.study.attribute import attribute

    out = Path(options.out) if options.out else RESULTS / f"{Path(options.config).stem}-attribute"
    given = {"--replicates": options.replicates, **of_many_runs(options)}
    again = command_line(["attribute", options.config], options.overrides, given)
    with shown(SweepProgress(), again) as progress:
        found = attribute(
            options.config,
            out,
            options.overrides,
            replicates=options.replicates,
            workers=options.workers,
            dask=options.dask,
            report=progress,
        )
    table = out / "attribution.csv"
    write_whole(table, attribution_csv(found).encode())
    picture = save_figure(attribution_figure(found), out / "attribution.png")
    if options.json:
        print_json(_json_of_attribution(found))
    else:
        print(f"{attribution_text(found)}\n\ntable    {table}\npicture  {picture}")
    return 1 if found.failures else 0


def _json_of_tolerance(found: Any) -> dict[str, Any]:
    return {
        "folder": str(found.runs.folder),
        "parameter": found.name,
        "unit": found.unit,
        "loss": found.loss,
        "reference": found.reference,
        "runs": found.runs.finished,
        "limits": [
            {
                "from": way.near,
                "to": way.far,
                "tolerated": limit.best,
                "within": limit.within,
                "beyond": limit.beyond,
                "tested": [
                    {
                        "value": one.value,
                        "replicates": one.replicates,
                        "loss": one.loss.mean,
                        "half_width": one.loss.half_width,
                        "verdict": one.verdict,
                    }
                    for one in limit.tested
                ],
            }
            for way, limit in found.limits
        ],
    }


def _json_of_attribution(found: Any) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "replicates": found.replicates,
        "accuracy": json_of_interval(found.accuracy),
        "ideal_accuracy": json_of_interval(found.ideal_accuracy),
        "failures": found.failures,
        "costs": [
            {
                "imperfection": cost.name,
                "settings": cost.settings,
                "in_the_file": json_of_interval(cost.in_file),
                "alone": json_of_interval(cost.alone),
            }
            for cost in found.costs
        ],
    }
