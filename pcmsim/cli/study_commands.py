"""What the commands about tolerances do."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.going_on import command_line, of_many_runs, shown
from pcmsim.cli.json_objects import json_of_summary, print_json


def reproduce(options: Namespace) -> int:
    """Run the study, or what is missing of it; return 1 if any run has failed."""
    from pcmsim.cli.sweep_progress import SweepProgress
    from pcmsim.files import write_whole
    from pcmsim.report.reproduction.page import study_html
    from pcmsim.report.reproduction.text import study_text
    from pcmsim.study.reproduction.reproduce import reproduce

    out = Path(options.out)
    own = [options.config] if options.config else []
    given = {"--quick": options.quick, "--configs": options.configs, **of_many_runs(options)}
    with shown(SweepProgress(), command_line(["reproduce", *own], [], given)) as progress:
        outcome = reproduce(
            out,
            options.config,
            configs=options.configs,
            is_quick=options.quick,
            workers=options.workers,
            dask=options.dask,
            report=progress,
        )
    page = out / "report.html"
    write_whole(page, study_html(outcome).encode())
    if options.json:
        print_json(_json_of_study(outcome, page))
    else:
        print(study_text(outcome))
        print(f"\nreport  {page}")
    return 1 if outcome.failures else 0


def _json_of_study(outcome: Any, page: Path) -> dict[str, Any]:
    return {
        "report": str(page),
        "base": outcome.base,
        "quick": outcome.is_quick,
        "replicates": outcome.replicates,
        "epochs": outcome.epochs,
        "failed": len(outcome.failures),
        "failures": outcome.failures,
        "left_out": outcome.left_out,
        "claims": [_json_of_claim(claim) for claim in outcome.claims],
        "curves": [
            {
                "name": curve.name,
                "title": curve.title,
                "setting": curve.setting,
                "shipped": curve.shipped,
                "rows": [
                    {"value": summary.cells[curve.setting], **json_of_summary(summary)}
                    for summary in curve.summaries
                ],
            }
            for curve in outcome.curves
        ],
        "members": [
            {
                "name": member.name,
                "properties": member.properties,
                "claims": [_json_of_claim(claim) for claim in member.claims],
            }
            for member in outcome.members
        ],
        "mitigations": [
            {
                "fault": mitigation.fault,
                "measure": mitigation.measure,
                "losses": [
                    {"share": share, "loss": loss.mean, "half_width": loss.half_width}
                    for share, loss in mitigation.losses.items()
                ],
            }
            for mitigation in outcome.mitigations
        ],
    }


def _json_of_claim(claim: Any) -> dict[str, Any]:
    return {
        "name": claim.name,
        "published": claim.published,
        "criterion": claim.criterion,
        "low": claim.low,
        "high": claim.high,
        "measured": claim.measured and claim.measured.mean,
        "half_width": claim.measured and claim.measured.half_width,
        "verdict": claim.verdict,
        "excess": claim.excess,
        "curve": claim.curve,
    }
