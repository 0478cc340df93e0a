"""The verdict on a device: its page, its text, and its tables."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np

from pcmsim.campaign.interval import Interval
from pcmsim.report.judge.figures import accuracy_figure, course_figure, gains_figure
from pcmsim.report.judge.page import verdict_html
from pcmsim.report.judge.text import course_csv, improvement, verdict_csv, verdict_text
from pcmsim.study.judge.reference import bench
from pcmsim.study.judge.search import FRUGAL, THOROUGH, THRIFTY, Step
from pcmsim.study.judge.verdict import Gain, Rival, Verdict, Wear

VERDICT = Verdict(
    device="<my> cell.yaml",
    folder=Path("results/judge"),
    settings=bench({"device": {"kind": "pcm"}}),
    is_bidirectional=False,
    replicates=8,
    budget=300,
    effort=THOROUGH,
    runs=412,
    accuracy=Interval(0.812, 0.011),
    train_accuracy=Interval(0.834, 0.012),
    rivals=[Rival("exact weights (float)", Interval(0.935, 0.001))],
    ideal=Interval(0.921, 0.002),
    gains=[
        Gain("concave response", "device.concavity = 1", Interval(0.06, 0.01)),
        Gain("coarse steps", "device.pulses_to_90_percent = 30", Interval(0.055, 0.01)),
        Gain("stochastic steps", "device.step_spread = 0.5", Interval(-0.01, 0.02)),
    ],
    wear=[
        Wear("partial SETs", 1_200_000, 3.0, 210.0, 1234),
        Wear("RESETs", 40_000, 0.0, 12.0, 99),
    ],
    course=[
        Step("start", "54 starting points", 54, 0.7, 0.0, (0.0,)),
        Step("step", "learning rates", 60, 0.75, 0.02, (0.1,)),
        Step("final", "4 finalists", 76, 0.81, 0.0, (0.1,)),
    ],
    result=Path("results/judge/judged.h5"),
)


def test_the_page_holds_all_there_is_and_needs_nothing_else() -> None:
    page = verdict_html(VERDICT)
    assert page.startswith("<!DOCTYPE html>")
    assert "&lt;my&gt; cell.yaml" in page and "<my>" not in page
    assert page.count("data:image/svg+xml;base64,") == page.count("<img") == 4
    for outside in ("<script", "http://", "https://", 'src="/'):
        assert outside not in page
    for words in (
        "81.20\N{NO-BREAK SPACE}% \N{PLUS-MINUS SIGN}",
        "exact weights (float)",
        "concave response",
        "must endure 1,234 partial SETs and 99 RESETs",
        "reset.interval",
        "judged.yaml",
    ):
        assert words in page
    assert page == verdict_html(VERDICT)


def test_the_page_of_a_device_without_imperfections() -> None:
    page = verdict_html(replace(VERDICT, gains=[], ideal=None, is_bidirectional=True))
    assert "Nothing is imperfect." in page and "reset.interval" not in page
    assert page.count("<img") == 3


def test_the_text() -> None:
    text = verdict_text(VERDICT)
    assert text.isascii()
    assert all(len(line) <= 120 for line in text.splitlines())
    assert "classifies 81.20 % +- 1.10 % of the test images" in text
    assert text.endswith("412 runs in results/judge")


def test_a_search_that_spared_runs_says_so() -> None:
    assert "pulses more" not in verdict_text(VERDICT) + verdict_html(VERDICT)
    assert "The search was" not in verdict_text(VERDICT) + verdict_html(VERDICT)
    assert course_csv(VERDICT).startswith("stage,what,runs,accuracy,gain")
    thrifty = replace(VERDICT, effort=THRIFTY)
    assert "The search was thrifty" in verdict_text(thrifty)
    assert "pulses more" not in verdict_text(thrifty)
    frugal = replace(VERDICT, effort=FRUGAL)
    for text in (verdict_text(frugal), verdict_html(frugal)):
        assert "The search was frugal" in text and "--budget 150" in text
        assert "had to gain 2 points for 0.1 pulses more" in text
    assert "accuracy less cost of pulses" in course_csv(frugal)


def test_what_buys_most() -> None:
    words = improvement(VERDICT)
    assert words.startswith("What buys most: concave response taken away, 6.00 +- 1.00 points.")
    assert words.endswith("Not clearly less: coarse steps.")
    alone = replace(VERDICT, gains=VERDICT.gains[::2])
    assert improvement(alone).endswith("6.00 +- 1.00 points.")
    unclear = replace(VERDICT, gains=VERDICT.gains[2:])
    assert improvement(unclear).startswith("No single improvement gains clearly")
    assert improvement(replace(VERDICT, gains=[])) == ""


def test_the_tables() -> None:
    rows = list(csv.DictReader(io.StringIO(verdict_csv(VERDICT))))
    first = rows[0]
    assert (first["kind"], first["name"], float(first["value"])) == (
        "accuracy",
        "the device",
        0.812,
    )
    assert all(row["unit"] for row in rows if row["kind"] != "setting")
    kinds = [row["kind"] for row in rows]
    assert kinds.count("gain") == 3 and kinds.count("pulses") == 8
    course = list(csv.DictReader(io.StringIO(course_csv(VERDICT))))
    assert [row["stage"] for row in course] == ["start", "step", "final"]


def test_pictures_show_what_they_should() -> None:
    (axes,) = accuracy_figure(VERDICT).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["exact weights (float)", "this device, ideal", "this device"]
    (axes,) = gains_figure(VERDICT).axes
    widths = [patch.get_extents().width for patch in axes.patches]
    assert widths == sorted(widths, reverse=True) and len(widths) == 3
    (axes,) = course_figure(VERDICT).axes
    assert [np.size(line.get_xdata()) for line in axes.lines] == [1, 1, 1]
