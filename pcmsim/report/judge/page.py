"""The verdict on a device as one HTML file that needs nothing else."""

from matplotlib.figure import Figure

from pcmsim.report.device.response import device_figure
from pcmsim.report.embedded import image
from pcmsim.report.judge.figures import accuracy_figure, course_figure, gains_figure
from pcmsim.report.judge.text import (
    NOTE,
    about_search,
    answer,
    improvement,
    settings_found,
    wear_rows,
)
from pcmsim.report.look import STYLE
from pcmsim.report.markup import Html, element, join, page, section, table
from pcmsim.report.typeset import hundredths, percent
from pcmsim.study.judge.verdict import Verdict

MORE_STYLE = """
figure { max-width: 46rem; margin-bottom: 1rem; border-top: 0; }
figure img { width: auto; max-width: 100%; }
.answer { font-size: 1.15rem; max-width: none; }
.beside { display: flex; flex-wrap: wrap; gap: 0 2.5rem; align-items: flex-start; }
.beside > * { min-width: 0; }
"""


def verdict_html(verdict: Verdict) -> str:
    """Return the page of a verdict; the same verdict gives the same text."""
    title = f"Verdict on {verdict.device}"
    return page(
        title,
        STYLE + MORE_STYLE,
        element("h1", title),
        element("p", _with_signs(answer(verdict)), class_="answer"),
        element("p", _with_signs(improvement(verdict)), class_="answer"),
        _accuracies(verdict),
        _gains(verdict),
        _wear(verdict),
        _device(verdict),
        _search(verdict),
        section("How to read the numbers", element("p", _note())),
    )


def _accuracies(verdict: Verdict) -> Html:
    rows = [["this device", percent(verdict.accuracy)]]
    if verdict.ideal is not None:
        rows.append(["this device, without any imperfection", percent(verdict.ideal)])
    rows += [[rival.name, percent(rival.accuracy)] for rival in verdict.rivals]
    rows.append(["this device, its training images", percent(verdict.train_accuracy)])
    words = (
        f"Means of several runs, {verdict.replicates} of this device, all made by this command. "
        "The shipped devices have their shipped settings, this one those that the search found."
    )
    return section(
        "How well it learns",
        element("p", words),
        _beside(
            _picture(accuracy_figure(verdict), "Test accuracy of this and of the shipped devices."),
            table("Accuracies", ["device", "accuracy"], {"": rows}),
        ),
    )


def _gains(verdict: Verdict) -> Html:
    if not verdict.gains:
        return section("What holds it back", element("p", "Nothing is imperfect."))
    rows = [[gain.name, hundredths(gain.gain), gain.settings] for gain in verdict.gains]
    heading = ["ideal in one respect", "gain (points)", "settings as they are"]
    return section(
        "What holds it back",
        element("p", "Accuracy gained by taking one imperfection away, all else as it is."),
        _beside(
            _picture(gains_figure(verdict), "Gain in test accuracy by single improvements."),
            table("Gains", heading, {"": rows}),
        ),
    )


def _wear(verdict: Verdict) -> Html:
    heading, *rows = wear_rows(verdict)
    largest = " and ".join(f"{each.largest:,} {each.pulses}" for each in verdict.wear)
    words = (
        "Pulses in one training of replicate 0, all of them and those of one device. For no "
        f"device to fail on the way, each must endure {largest}."
    )
    return section("What it must endure", element("p", words), table("Pulses", heading, {"": rows}))


def _device(verdict: Verdict) -> Html:
    picture = _picture(device_figure(verdict.settings), "How the device responds to pulses.")
    return section("The device", picture)


def _search(verdict: Verdict) -> Html:
    sparing = " ".join(about_search(verdict).split())
    words = (
        f"At most {verdict.budget} runs, on training images alone: a fifth of them, set aside in "
        "turn, tells how well settings do. Every round has random numbers of its own; accuracies "
        f"of different rounds therefore scatter, and short trainings end lower. {sparing}"
    )
    rows = [[name, value] for name, value in settings_found(verdict)]
    return section(
        "The settings found",
        element("p", words.strip()),
        _beside(
            _picture(course_figure(verdict), "Accuracy of the best settings in the search."),
            table("Settings", ["setting", "calibrated value"], {"": rows}),
        ),
        element("p", join("All settings are in ", element("code", "judged.yaml"), ".")),
    )


def _picture(figure: Figure, words: str) -> Html:
    return element("figure", image(figure, words))


def _beside(*parts: Html) -> Html:
    """Put a picture and its table beside one another where the window is wide enough."""
    return element("div", *parts, class_="beside")


def _note() -> str:
    return _with_signs(" ".join(NOTE.split()))


def _with_signs(text: str) -> str:
    return text.replace("+-", "\N{PLUS-MINUS SIGN}")
