"""Pages of text: what a result file holds, and how it compares with the published figures."""

from typing import Any

import numpy as np

from pcmsim.array.fault_map import FAULTS
from pcmsim.config.settings import Synapse
from pcmsim.experiment import published
from pcmsim.experiment.result import LAST_EPOCHS, Result
from pcmsim.experiment.retention_curves import curves_of, has_curves
from pcmsim.kernels.codes import HEALTHY, MINUS, PLUS
from pcmsim.report.plain_text import Row, list_of_facts, micro_siemens, percent, table
from pcmsim.report.result.retention_text import retention_rows

# The two readings of "training accuracy", and the other accuracy.
SHOWN = "training images, when shown"
AFTERWARDS = "training images, after the epoch"
UNSEEN = "test images"
WHICH_READING = "Which of the two readings was published as training accuracy is unknown."

# Up to so many epochs all are listed; of more, so many at either end.
ALL_EPOCHS = 12
EPOCHS_AT_EITHER_END = 5
PACKAGES = ("pcmsim", "numpy", "numba", "h5py")


def result_text(result: Result) -> str:
    """Return a page about a result."""
    tables = [_accuracies(result)]
    if _has_devices(result):
        tables.append(_pulses(result))
    if not result.is_slim:
        tables.append(
            _layers_of_devices(result) if _has_devices(result) else _layers_of_weights(result)
        )
    tables.append(_epochs(result))
    if has_curves(result):
        tables.append(retention_rows(curves_of(result)))
    return "\n\n".join([_head(result), *map(table, tables), _origin(result)])


def comparison_text(result: Result) -> str:
    """Return accuracies beside the published ones, if those are of the same network and images."""
    train = published.in_percent(published.TRAIN_ACCURACY)
    test = published.in_percent(published.TEST_ACCURACY)
    rows = [
        [_averaged(result), "measured here", published.SOURCE],
        [SHOWN, percent(result.last("online_accuracy")), train],
        [AFTERWARDS, percent(result.last("train_accuracy")), train],
        [UNSEEN, percent(result.last("test_accuracy")), test],
    ]
    if not published.is_comparable(result):
        return table([row[:2] for row in rows])
    return f"{table(rows)}\n{WHICH_READING}"


def _head(result: Result) -> str:
    settings = result.settings
    network, training = settings.network, settings.training
    layers = "-".join(str(neurons) for neurons in network.layers)
    train, test = (int(result.arrays[f"confusion/{name}"].sum()) for name in ("train", "test"))
    return list_of_facts(
        [
            ("result", str(result.path)),
            ("network", f"{layers}, {network.activation}; {result.synapses:,} synapses"),
            ("device", _device(settings.device)),
            *_synapse(settings.synapse),
            (
                "data",
                f"{result.attributes['data_name']}, {train:,} training and {test:,} test images",
            ),
            ("training", f"{training.epochs} epochs, batches of {training.batch_size}"),
            ("random draw", f"seed {settings.seed}, replicate {settings.replicate}"),
        ]
    )


def _device(device: Any) -> str:
    """Return the kind of device and those of its settings that are not the default."""
    changed = [
        f"{name} {getattr(device, name)}"
        for name, field in type(device).model_fields.items()
        if name != "kind" and getattr(device, name) != field.default
    ]
    return ", ".join([device.kind, *changed])


def _synapse(synapse: Synapse) -> list[tuple[str, str]]:
    """Return what makes a synapse where it is not one pair of devices alone."""
    interval = synapse.volatile.interval
    if interval > 0:
        return [("synapse", f"a pair and a capacitor, transfer every {interval:,} examples")]
    return [("synapse", f"{synapse.pairs} pairs")] if synapse.pairs > 1 else []


def _accuracies(result: Result) -> list[Row]:
    """Return accuracies, and beside them the published ones where they may be compared."""
    columns = {
        name: result.arrays[f"epochs/{name}_accuracy"] for name in ("online", "train", "test")
    }
    first, second = result.arrays["epochs/test_accuracy_halves"].T
    rows = [
        (SHOWN, columns["online"], published.in_percent(published.TRAIN_ACCURACY)),
        (AFTERWARDS, columns["train"], published.in_percent(published.TRAIN_ACCURACY)),
        (UNSEEN, columns["test"], published.in_percent(published.TEST_ACCURACY)),
        ("  first half", first, ""),
        ("  second half", second, ""),
    ]
    heading = ["accuracy", _averaged(result), "best epoch", published.SOURCE]
    cells = [
        [name, percent(column[-LAST_EPOCHS:].mean()), percent(np.nanmax(column)), figure]
        for name, column, figure in rows
    ]
    shown = 4 if published.is_comparable(result) else 3
    return [row[:shown] for row in [heading, *cells]]


def _pulses(result: Result) -> list[Row]:
    epochs = len(result.arrays["epochs/test_accuracy"])
    examples = epochs * int(result.arrays["confusion/train"].sum())
    bidirectional = result.arrays["epochs/depression_pulses"][-1] > 0
    kinds = (
        ("steps up" if bidirectional else "partial SETs", "set_pulses"),
        ("steps down", "depression_pulses"),
        ("RESETs", "resets"),
    )
    totals = [(name, int(result.arrays[f"epochs/{counter}"][-1])) for name, counter in kinds]
    return [
        ["pulses", "in all", "per example"],
        *([name, f"{total:,}", f"{total / examples:,.2f}"] for name, total in totals if total),
    ]


def _layers_of_devices(result: Result) -> list[Row]:
    heading = ["layer", "synapses", "mean G+ (uS)", "mean G- (uS)", "weight s.d.", "faulty devices"]
    faults = _faults_that_occur(result)
    rows: list[Row] = [[*heading, *faults.values()]]
    for number in range(result.layers):
        conductance = result.arrays[f"layers/{number}/conductance"]
        fault = result.arrays[f"layers/{number}/fault"]
        rows.append(
            [
                *_shape_of_layer(result, number),
                micro_siemens(conductance[..., PLUS].mean(dtype=np.float64)),
                micro_siemens(conductance[..., MINUS].mean(dtype=np.float64)),
                _spread_of_weight(result, number),
                f"{np.sum(fault != HEALTHY):,}",
                *(f"{np.sum(fault == code):,}" for code in faults),
            ]
        )
    return rows


def _faults_that_occur(result: Result) -> dict[int, str]:
    """Return code and name of each kind of fault that any device of the array has."""
    codes = np.concatenate(
        [np.unique(result.arrays[f"layers/{number}/fault"]) for number in range(result.layers)]
    )
    return {code: name for code, name in enumerate(FAULTS) if code in codes and code != HEALTHY}


def _layers_of_weights(result: Result) -> list[Row]:
    return [
        ["layer", "synapses", "weight s.d."],
        *(
            [*_shape_of_layer(result, number), _spread_of_weight(result, number)]
            for number in range(result.layers)
        ),
    ]


def _shape_of_layer(result: Result, number: int) -> list[str]:
    rows, columns = result.arrays[f"layers/{number}/weight"].shape
    return [f"{rows} x {columns}", f"{rows * columns:,}"]


def _spread_of_weight(result: Result, number: int) -> str:
    return f"{result.arrays[f'layers/{number}/weight'].std(dtype=np.float64):.4f}"


def _epochs(result: Result) -> list[Row]:
    """Return the course of training, epoch by epoch, or its beginning and end."""
    rows = [_epoch(result, n) for n in range(len(result.arrays["epochs/test_accuracy"]))]
    if len(rows) > ALL_EPOCHS:
        gap = ["...", *[""] * (len(rows[0]) - 1)]
        rows = [*rows[:EPOCHS_AT_EITHER_END], gap, *rows[-EPOCHS_AT_EITHER_END:]]
    heading = ["epoch", "when shown", "after the epoch", "test"]
    if _has_devices(result):
        heading += ["saturated devices"]
    return [heading, *rows]


def _epoch(result: Result, n: int) -> list[str]:
    accuracies = [
        _if_evaluated(result.arrays[f"epochs/{name}_accuracy"][n])
        for name in ("online", "train", "test")
    ]
    if not _has_devices(result):
        return [str(n + 1), *accuracies]
    saturated = int(result.arrays["epochs/saturated_devices"][n])
    share = percent(saturated / (2 * result.synapses))
    return [str(n + 1), *accuracies, f"{saturated:,} ({share})"]


def _if_evaluated(accuracy: float) -> str:
    return "" if np.isnan(accuracy) else percent(accuracy)


def _origin(result: Result) -> str:
    attributes = result.attributes
    versions = [f"{package} {attributes[f'{package}_version']}" for package in PACKAGES]
    return list_of_facts(
        [
            ("speed", f"{attributes['examples_per_second']:,.0f} examples/s"),
            ("made", f"{attributes['created']}"),
            ("with", f"{', '.join(versions)}, Python {attributes['python_version']}"),
            ("on", str(attributes["platform"])),
            ("settings", f"SHA-256 {attributes['settings_sha256']}"),
            ("data", f"SHA-256 {attributes['data_sha256']}"),
        ]
    )


def _averaged(result: Result) -> str:
    """Say over which epochs accuracies are averaged."""
    epochs = min(len(result.arrays["epochs/test_accuracy"]), LAST_EPOCHS)
    return "last epoch" if epochs == 1 else f"mean of last {epochs} epochs"


def _has_devices(result: Result) -> bool:
    return result.settings.device.kind != "float"
