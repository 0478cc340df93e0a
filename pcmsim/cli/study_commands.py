"""What the commands about tolerances do."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.commands import go_on_with, print_json, say_if_compiling


def reproduce(options: Namespace) -> int:
    """Run the study, or what is missing of it; return 1 if any run has failed."""
    from pcmsim.cli.sweep_progress import SweepProgress
    from pcmsim.experiment.files import write_whole
    from pcmsim.report.study_page import study_html
    from pcmsim.report.study_text import study_text
    from pcmsim.study.reproduce import reproduce

    out = Path(options.out)
    say_if_compiling()
    try:
        with SweepProgress() as progress:
            outcome = reproduce(
                out,
                options.config,
                configs=options.configs,
                is_quick=options.quick,
                workers=options.workers,
                dask=options.dask,
                report=progress,
            )
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(_how_to_go_on(options)) from interrupt
    page = out / "report.html"
    write_whole(page, study_html(outcome).encode())
    if options.json:
        print_json(_json_of_study(outcome, page))
    else:
        print(study_text(outcome))
        print(f"\nreport  {page}")
    return 1 if outcome.failures else 0


def _how_to_go_on(options: Namespace) -> str:
    return go_on_with(
        ["reproduce", *([options.config] if options.config else [])],
        [],
        {
            "--quick": options.quick,
            "--configs": options.configs,
            "--dask": options.dask,
            "--workers": None if options.dask else options.workers,
            "--out": options.out,
            "--json": options.json,
        },
    )


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
                "rows": [_json_of_point(curve.setting, summary) for summary in curve.summaries],
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


def _json_of_point(setting: str, summary: Any) -> dict[str, Any]:
    return {
        "value": summary.cells[setting],
        "replicates": summary.replicates,
        "test_accuracy": summary.accuracy.mean,
        "half_width": summary.accuracy.half_width,
        "loss": summary.loss and summary.loss.mean,
        "loss_half_width": summary.loss and summary.loss.half_width,
    }
