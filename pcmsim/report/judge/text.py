"""The verdict on a device as a page of text and as CSV."""

import csv
import io
from itertools import pairwise

from pcmsim.campaign.interval import Interval
from pcmsim.config.section import per_layer
from pcmsim.experiment.result import LAST_EPOCHS
from pcmsim.report.plain_text import Row, list_of_facts, table
from pcmsim.report.sweep_text import percent_with_error
from pcmsim.study.judge.judge import BUDGET_BOTH_WAYS, DECIDING
from pcmsim.study.judge.search import THOROUGH
from pcmsim.study.judge.verdict import Gain, Verdict, Wear

NOTE = f"""\
Test accuracy: mean over the last {LAST_EPOCHS} epochs, then over runs.  +-: 95 % confidence
interval by Student's t.  Gain: accuracy without the imperfection, in the settings found, less that
of the device, run by run; settings are not searched anew, gains need not add up, and a negative one
is a loss.  Finer steps are tried with learning rates as they are and lower by the same factor; the
rates that do better in {len(DECIDING)} replicates, which do not count for the gain, are kept.  The
search saw training images only.  Pulses of one device: those of training; writing the initial
weights is not counted."""
# Prices of pulses are told for so many of them, for each synapse and example.
PULSES_MORE = 0.1
COLUMNS = ("kind", "name", "settings", "value", "half_width_95", "unit")


def verdict_text(verdict: Verdict) -> str:
    """Return the accuracy, its rivals, what costs what, and what the devices take."""
    parts = [
        f"Verdict on {verdict.device}",
        answer(verdict),
        table([["test accuracy", "", ""], *_accuracy_rows(verdict)]),
        table([["gain if ideal in one respect", "points", ""], *map(_gain_row, verdict.gains)]),
        improvement(verdict),
        table(wear_rows(verdict)),
        f"Settings found by at most {verdict.budget} runs of search (calibrated):",
        about_search(verdict),
        list_of_facts(settings_found(verdict)),
        NOTE,
        f"{verdict.runs} runs in {verdict.folder}",
    ]
    return "\n\n".join(part for part in parts if part)


def answer(verdict: Verdict) -> str:
    """Say in one sentence how well a network learns on the device."""
    accuracy = " ".join(percent_with_error(verdict.accuracy))
    epochs, images = verdict.settings.training.epochs, verdict.settings.data.train_images
    return (
        f"Trained on {images:,} images for {_counted(epochs, 'epoch')}, the reference network "
        f"classifies {accuracy} of the test images."
    )


def improvement(verdict: Verdict) -> str:
    """Say in one sentence which improvement buys most; nothing where nothing is imperfect."""
    if not verdict.gains:
        return ""
    best = verdict.gains[0]
    if not is_clear(best.gain):
        return (
            f"No single improvement gains clearly; {best.name} taken away gains most, "
            f"{points_with_error(best.gain)}."
        )
    words = f"What buys most: {best.name} taken away, {points_with_error(best.gain)}."
    close = [
        one.name
        for one in verdict.gains[1:]
        if is_clear(one.gain) and not best.is_clearly_more(one)
    ]
    return f"{words}  Not clearly less: {', '.join(close)}." if close else words


def is_clear(gain: Interval) -> bool:
    """Tell whether a gain is above zero with all of its interval."""
    return gain.half_width is not None and gain.mean > gain.half_width


def points_with_error(interval: Interval) -> str:
    """Return a difference of accuracies, such as 1.20 +- 0.35 points."""
    error = "" if interval.half_width is None else f" +- {100 * interval.half_width:.2f}"
    return f"{100 * interval.mean:.2f}{error} points"


def wear_rows(verdict: Verdict) -> list[Row]:
    """Return what the devices took, headed by the names of the columns."""
    heading = ["pulses of one training", "all devices", "median", "1 in 1,000 above", "largest"]
    return [heading, *map(_wear_row, verdict.wear)]


def settings_found(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the settings that were searched, by name, with their values."""
    settings = verdict.settings
    layers = len(list(pairwise(settings.network.layers)))
    network, update, reset = settings.network, settings.update, settings.reset
    found = [
        ("training.learning_rate", _list(per_layer(settings.training.learning_rate, layers))),
        ("network.weight_range", _list(per_layer(network.weight_range, layers))),
        ("network.initial_weight", _list(per_layer(network.initial_weight, layers))),
        ("network.derivative_floor", _list(per_layer(network.derivative_floor, layers))),
        ("update.x_threshold", _list(per_layer(update.x_threshold, layers))),
        ("update.pulse_threshold", _list(per_layer(update.pulse_threshold, 1))),
    ]
    if not verdict.is_bidirectional:
        found += [
            ("reset.interval", f"{reset.interval} examples"),
            ("reset.larger_above", f"{reset.larger_above:g} of g_max"),
            ("reset.smaller_above", f"{reset.smaller_above:g} of g_max"),
            ("reset.tolerance", f"{reset.tolerance:g} of g_max"),
            ("reset.max_pulses", f"{reset.max_pulses} pulses"),
        ]
    return found


def about_search(verdict: Verdict) -> str:
    """Say what a search that spared runs has left out; nothing where it has not."""
    effort = verdict.effort
    if effort == THOROUGH:
        return ""
    words = (
        f"The search was {effort.name}, because runs on such fine steps take long: a setting that "
        "does not gain on one replicate was given up."
    )
    if effort.cost_of_pulses > 0:
        points = 100 * effort.cost_of_pulses * PULSES_MORE
        words += (
            f"  Settings had to gain {points:g} points for {PULSES_MORE:g} pulses more for each "
            "synapse and example, and the accuracies of the search are less by that."
        )
    return f"{words}  --budget {BUDGET_BOTH_WAYS} searches as on other devices."


def verdict_csv(verdict: Verdict) -> str:
    """Return accuracies, gains and pulses as CSV, accuracies and gains as fractions."""
    rows: list[list[object]] = [
        ["accuracy", "the device", "", *verdict.accuracy, "fraction of test images"],
        ["accuracy", "training images", "", *verdict.train_accuracy, "fraction of training images"],
    ]
    for rival in verdict.rivals:
        rows.append(["accuracy", rival.name, "", *rival.accuracy, "fraction of test images"])
    if verdict.ideal is not None:
        rows.append(["accuracy", "without any imperfection", "", *verdict.ideal])
        rows[-1].append("fraction of test images")
    for gain in verdict.gains:
        rows.append(["gain", gain.name, gain.settings, *gain.gain, "fraction of test images"])
    for wear in verdict.wear:
        for name in ("total", "median", "high", "largest"):
            rows.append(["pulses", f"{wear.pulses}, {name}", "", getattr(wear, name), "", "pulses"])
    for name, value in settings_found(verdict):
        rows.append(["setting", name, value, "", "", ""])
    return _csv(COLUMNS, rows)


def course_csv(verdict: Verdict) -> str:
    """Return the course of the search as CSV, one row for each comparison."""
    rows = [[step.stage, step.name, step.runs, step.accuracy, step.gain] for step in verdict.course]
    return _csv(("stage", "what", "runs", name_of_accuracy(verdict), "gain"), rows)


def name_of_accuracy(verdict: Verdict) -> str:
    """Return what the search compared."""
    return "accuracy less cost of pulses" if verdict.effort.cost_of_pulses > 0 else "accuracy"


def _csv(heading: Row, rows: list[list[object]] | list[list[str | int | float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def _accuracy_rows(verdict: Verdict) -> list[Row]:
    rows: list[Row] = [["this device", *percent_with_error(verdict.accuracy)]]
    if verdict.ideal is not None:
        rows.append(["the same, without any imperfection", *percent_with_error(verdict.ideal)])
    return rows + [[rival.name, *percent_with_error(rival.accuracy)] for rival in verdict.rivals]


def _gain_row(gain: Gain) -> Row:
    error = "" if gain.gain.half_width is None else f"+- {100 * gain.gain.half_width:.2f}"
    return [f"{gain.name} ({gain.settings})", f"{100 * gain.gain.mean:.2f}", error]


def _wear_row(wear: Wear) -> Row:
    counts = (wear.total, wear.median, wear.high, wear.largest)
    return [wear.pulses, *(f"{count:,.0f}" for count in counts)]


def _list(values: list[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
