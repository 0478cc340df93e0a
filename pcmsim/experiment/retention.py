"""What becomes of the network of a finished run with time."""

from collections.abc import Sequence
from pathlib import Path

from pcmsim.array.retention import MOST_DRAWS
from pcmsim.config.overrides import with_overrides
from pcmsim.config.read import checked, to_yaml
from pcmsim.config.settings import Settings
from pcmsim.config.yaml_text import read_text
from pcmsim.errors import UserError
from pcmsim.experiment.measure_retention import Report, measure_retention
from pcmsim.experiment.result import Result
from pcmsim.experiment.retention_curves import RetentionCurves
from pcmsim.experiment.run import load_data_of
from pcmsim.kernels.layer import Layer, scale_or_fault
from pcmsim.kernels.prepare import renew_weights
from pcmsim.training.trainer import Trainer


def retention(
    path: str | Path,
    overrides: Sequence[str] = (),
    *,
    draws: int = 1,
    threads: int = 1,
    report: Report | None = None,
) -> RetentionCurves:
    """Let the conductances of a finished run age, and classify the test images again and again.

    Draw 0 is that of a run which measures this itself.

    Args:
        path: its result, with its layers.
        overrides: changes to the settings under ``retention``, such as ``retention.drift=false``;
            without a model among them, or in the result's own, it is ``joshi2020``.
        draws: how many times all random numbers are drawn anew.
        threads: threads that share the work; the curves do not depend on them.
        report: told about progress.

    Raises:
        UserError: the file is no result or has no conductances, settings have a fault, or a file
            that the settings name is not there or is another one.
    """
    if threads < 1:
        raise UserError(f"threads: must be at least 1, not {threads}")
    if not 1 <= draws <= MOST_DRAWS:
        raise UserError(f"draws: must be from 1 to {MOST_DRAWS}, not {draws}")
    result = Result.open(path)
    _refuse_without_conductances(result)
    settings = _with_effects(result, overrides)
    trainer = _trained(result, threads)
    return measure_retention(trainer, settings, draws, report)


def _refuse_without_conductances(result: Result) -> None:
    if result.settings.device.kind == "float":
        raise UserError(f"{result.path} has exact weights (device.kind: float), which do not age")
    if result.is_slim:
        raise UserError(
            f"{result.path} keeps figures only, and no conductances: it is slim, as runs of sweeps "
            "are; repeat it with 'pcmsim run' and without --slim, or let the run itself measure "
            "this with --set retention.model=joshi2020"
        )


def _with_effects(result: Result, overrides: Sequence[str]) -> Settings:
    """Return the settings of a result with others under ``retention``."""
    for override in overrides:
        if not override.startswith("retention."):
            raise UserError(
                f"--set {override}: the run is finished; only settings under retention can be "
                "changed"
            )
    document = read_text(to_yaml(result.settings), str(result.path), folder=None)
    if result.settings.retention.model == "none":
        overrides = ["retention.model=joshi2020", *overrides]
    settings = checked(Settings, with_overrides(document, overrides))
    if settings.retention.model == "none":
        raise UserError("retention.model: must not be none, or nothing ages")
    return settings


def _trained(result: Result, threads: int) -> Trainer:
    """Return the network of a result as it was at the end of training."""
    settings = result.settings
    data = load_data_of(result)
    trainer = Trainer(settings, data, threads)
    for layer in trainer.synapses.layers:
        _fill(layer, result)
    trainer.restore(settings.training.epochs * len(data.train_labels), 0)
    return trainer


def _fill(layer: Layer, result: Result) -> None:
    """Give a layer the conductances and faults that it had at the end of training."""
    group = f"layers/{layer.number}"
    fault, scale = (result.arrays[f"{group}/{name}"] for name in ("fault", "range_scale"))
    layer.conductance[...] = result.arrays[f"{group}/conductance"]
    layer.pairs["range_scale"] = scale_or_fault(scale, fault)
    renew_weights(layer)
