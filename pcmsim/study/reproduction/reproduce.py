"""The whole study: run what is missing of it, and say what was found."""

from dataclasses import replace
from pathlib import Path

from pcmsim.campaign.folder import RunsFolder, locked
from pcmsim.campaign.run_points import Pool, Report, run_each_once
from pcmsim.campaign.sweep import pool_of
from pcmsim.files import write_whole
from pcmsim.study.reproduction.members import members_of
from pcmsim.study.reproduction.outcome import Claim, Curve, Outcome
from pcmsim.study.reproduction.plan import CONFIGS, StudyPlan, plan_study
from pcmsim.study.reproduction.tables import claims_csv, runs_csv

RUNS_TABLE = "runs.csv"
CLAIMS_TABLE = "claims.csv"


def reproduce(
    out: str | Path,
    own: str | Path | None = None,
    *,
    configs: str | Path = CONFIGS,
    is_quick: bool = False,
    workers: int = 1,
    dask: str | None = None,
    report: Report | None = None,
) -> Outcome:
    """Run all of the study that is not finished; write its tables, and return what was found.

    All parts share one folder of runs: a point that several of them have is run once.  What was
    found is a function of the settings alone, whatever the workers and interruptions.

    Args:
        out: folder for the runs and the tables, of which there is one row a run.
        own: settings file to study instead of the published experiment.
        configs: folder with the shipped settings files.
        is_quick: see whether it works, in minutes: with fewer epochs, replicates and values.
        workers: processes on this machine.
        dask: address of a Dask scheduler, whose workers are used instead.
        report: told when a run ends.

    Raises:
        UserError: a file has a fault, another process is writing to the folder, or there are no
            workers.
    """
    plan = plan_study(Path(configs), None if own is None else Path(own), is_quick=is_quick)
    with locked(Path(out)) as folder:
        with pool_of(workers, dask) as pool:
            failures = _run(plan, folder, pool, report)
        outcome = _outcome(plan, folder, failures)
        write_whole(folder.path / RUNS_TABLE, runs_csv(plan, folder).encode())
        write_whole(folder.path / CLAIMS_TABLE, claims_csv(outcome).encode())
    return outcome


def _run(plan: StudyPlan, folder: RunsFolder, pool: Pool, report: Report | None) -> dict[str, str]:
    """Run each point once, whatever it is for; return what failed, and why."""
    names: dict[str, str] = {}
    points = []
    for part, point in plan.runs():
        names.setdefault(point.digest, f"{part}: {point.name}")
        points.append(point)
    return {
        names[outcome.point.digest]: outcome.failure
        for outcome in run_each_once(points, folder, pool, report)
        if outcome.failure is not None
    }


def _outcome(plan: StudyPlan, folder: RunsFolder, failures: dict[str, str]) -> Outcome:
    curves = [curve for sweep in plan.sweeps if (curve := sweep.curve(folder)).summaries]
    return Outcome(
        base=str(plan.base),
        is_quick=plan.is_quick,
        replicates=plan.trials[-1].replicates,
        epochs=plan.settings.training.epochs,
        claims=[_pointing_to(curves, trial.claim(folder)) for trial in plan.trials],
        curves=curves,
        members=members_of(plan.members, folder),
        mitigations=[one for sweep in plan.mitigations for one in sweep.mitigations(folder)],
        failures=failures,
        left_out=plan.left_out,
        is_published_experiment=plan.is_published_experiment,
        command=plan.command,
        ensemble_note=plan.ensemble_note,
    )


def _pointing_to(curves: list[Curve], claim: Claim) -> Claim:
    """Return a claim that names a curve only if there is one."""
    is_there = any(curve.name == claim.curve for curve in curves)
    return claim if is_there else replace(claim, curve=None)
