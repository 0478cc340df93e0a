"""The report on an imported device holds the numbers, and its pictures what they should."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure

from pcmsim.errors import UserError
from pcmsim.report.markup import VOID
from pcmsim.report.measured_device import files
from pcmsim.report.measured_device.figures import Picture, figure_of, figure_of_all
from pcmsim.report.measured_device.files import main_picture, report_on_device
from pcmsim.report.measured_device.page import device_report_html
from pcmsim.report.measured_device.pictures import (
    distribution_pictures,
    fit_pictures,
    main_pictures,
    table_pictures,
    trace_pictures,
    truth_pictures,
    variance_pictures,
)
from pcmsim.report.measured_device.story import Story, story_of
from pcmsim.traces.traces import UP
from tests.report.device_report_made import SHA, device_of, fits_of

KINDS = ["bidirectional", "reset", "no reset", "memory"]
ALL = (
    truth_pictures,
    trace_pictures,
    table_pictures,
    distribution_pictures,
    fit_pictures,
    variance_pictures,
)


def story(kind: str) -> Story:
    device = device_of(
        bidirectional=kind == "bidirectional",
        reset_measured=kind != "no reset",
        memory=kind == "memory",
    )
    return replace(story_of("cells.h5", device), fits=fits_of(device))


@pytest.fixture(scope="module")
def stories() -> dict[str, Story]:
    """Return the stories of four devices."""
    return {kind: story(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def pages(stories: dict[str, Story]) -> dict[str, str]:
    """Return their pages."""
    return {kind: device_report_html(one) for kind, one in stories.items()}


class Words(HTMLParser):
    """The words of a page, and whether its elements are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.opened == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.opened and self.opened[-1] != "style":
            self.words.append(data)


def words_of(page: str) -> str:
    return " ".join(" ".join(Words(page).words).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_needs_nothing_else(pages: dict[str, str], kind: str) -> None:
    sources = re.findall(r'(?:src|href)="([^"]*)"', pages[kind])
    assert sources
    for source in sources:
        head, content = source.split(",")
        assert head == "data:image/svg+xml;base64"
        assert b"<svg" in base64.b64decode(content)
    assert "<script" not in pages[kind] and "@import" not in pages[kind]


def test_sections_are_in_order(pages: dict[str, str]) -> None:
    assert re.findall("<h2>(.*?)</h2>", pages["bidirectional"]) == [
        "What was read",
        "The test of truth",
        "Measured traces",
        "Jump tables",
        "Steps, measured and fitted",
        "Fits with few parameters",
        "Variance",
        "How to read the numbers",
    ]


def test_the_page_says_what_was_read(stories: dict[str, Story], pages: dict[str, str]) -> None:
    words = words_of(pages["bidirectional"])
    traces = stories["bidirectional"].device.traces.conductance
    assert "cells <A>.csv" in words
    assert SHA in words
    assert "unit in the file kohm" in words
    assert "read_voltage = 0.2" in words
    assert "devices 60" in words
    assert f"readings {np.isfinite(traces).sum():,} of 4,860" in words
    assert "pulses 2,400 up, 2,400 down" in words
    assert f"to {np.nanmax(traces) * 1e6:.4g} µS" in words
    assert "dropped: cell 7, never switched" in words
    assert "trains ended before saturation" in words
    assert "range of a nominal device 1 µS to 21 µS" in words
    assert "spread of ranges, device to device 15.0 %" in words


@pytest.mark.parametrize("kind", KINDS)
def test_distances_and_numbers_of_steps_are_told(
    stories: dict[str, Story], pages: dict[str, str], kind: str
) -> None:
    words = words_of(pages[kind])
    for side in stories[kind].sides:
        assert side.levels
        for level in side.levels:
            assert f"{level.distance:.3f} {level.by_chance:.3f}" in words
            assert f" µS {len(level.measured):,} " in words


def test_fits_are_told_with_intervals_and_goodness(pages: dict[str, str]) -> None:
    words = words_of(pages["reset"])
    assert "soft bound: R² 0.9876, reduced chi-square 1.125, AIC \N{MINUS SIGN}12.5" in words
    assert "a 2.013 µS 1.5 to 2.5 µS" in words
    minus = "\N{MINUS SIGN}"
    assert f"NeuroSim's nonlinearity label {minus}1.75 {minus}2.5 to {minus}1.25" in words
    assert "step = a (1 - G / b)" in words


def test_shares_of_variance_stand_beside_the_published(pages: dict[str, str]) -> None:
    words = words_of(pages["bidirectional"])
    assert "step up (measured) 75.0 % 25.0 % 12.5 % 1,234 60" in words
    assert "PCM, Gong et al. 2018 (published) 67 % 33 %" in words
    assert "Read noise: standard deviation 0.2 µS" in words


def test_an_assumed_reset_is_called_so(pages: dict[str, str]) -> None:
    sentence = "No pulses down were measured: the table of RESETs is an assumption."
    assert [kind for kind in KINDS if sentence in words_of(pages[kind])] == ["no reset"]


def test_memory_is_told_and_shown_by_its_first_and_last_table(
    stories: dict[str, Story], pages: dict[str, str]
) -> None:
    assert "3 tables for the first 3 partial SETs, and one for all that follow" in pages["memory"]
    assert "there is a table for each of the first pulses" in words_of(pages["memory"]).lower()
    assert "since the last RESET" not in words_of(pages["reset"])
    titles = [picture.title for picture in table_pictures(stories["memory"])]
    assert titles == [
        "Partial SET, first after a RESET: table and measured steps",
        "Partial SET, long after a RESET: table and measured steps",
        "Partial SET: mean step and pulses since RESET",
        "RESET: table and measured steps",
    ]


def test_a_device_without_fits_has_a_page(stories: dict[str, Story]) -> None:
    page = device_report_html(replace(stories["no reset"], fits={}, courses={}))
    assert "No law was fitted" in words_of(page)


def test_the_same_story_gives_the_same_page(pages: dict[str, str]) -> None:
    assert device_report_html(story("no reset")) == pages["no reset"]


@pytest.fixture(scope="module")
def figures(stories: dict[str, Story]) -> dict[str, list[tuple[Picture, Figure]]]:
    """Return all pictures of the three devices, drawn."""
    return {
        kind: [(each, figure_of(each)) for pictures in ALL for each in pictures(story)]
        for kind, story in stories.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_keys_and_panels_do_not_overlap_nor_leave_the_figure(
    figures: dict[str, list[tuple[Picture, Figure]]], kind: str
) -> None:
    for picture, figure in figures[kind]:
        figure.draw_without_rendering()
        boxes = [part.get_tightbbox() for part in [*figure.axes, *figure.legends]]
        for box in boxes:
            assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, picture.title
            assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1, picture.title
        for one, other in combinations(boxes, 2):
            assert not one.padded(-1).overlaps(other.padded(-1)), picture.title


@pytest.mark.parametrize("kind", KINDS)
def test_every_axis_has_a_name_with_its_unit(
    figures: dict[str, list[tuple[Picture, Figure]]], kind: str
) -> None:
    for picture, figure in figures[kind]:
        axes = figure.axes[0]
        names = [axes.get_xlabel()]
        if "variance" not in picture.title:
            names.append(axes.get_ylabel())
        for name in names:
            counted = re.search("pulses|standard errors|over the nominal", name)
            assert re.search(r"\((µS|%)\)$", name) or counted, picture.title


def panel(stories: dict[str, Story], kind: str, title: str) -> Axes:
    (picture,) = [one for pictures in ALL for one in pictures(stories[kind]) if one.title == title]
    return figure_of(picture).axes[0]


def test_measured_and_simulated_traces_lie_over_each_other(stories: dict[str, Story]) -> None:
    axes = panel(stories, "bidirectional", "Step up: measured and simulated")
    thin = [part for part in axes.collections if isinstance(part, LineCollection)]
    assert [len(part.get_segments()) for part in thin] == [12, 12]
    measured, simulated = (
        line for line in axes.lines if line.get_label() in ("measured", "simulated")
    )
    trains = next(iter(stories["bidirectional"].trains.values()))
    assert measured.get_ydata() == pytest.approx(1e6 * np.nanmean(trains.measured, axis=0))
    assert simulated.get_ydata() == pytest.approx(1e6 * np.nanmean(trains.simulated, axis=0))
    assert measured.get_color() != simulated.get_color()
    assert axes.get_xlim() == (0, 40)


def test_alone_they_have_the_same_scales(stories: dict[str, Story]) -> None:
    panels = [
        panel(stories, "reset", f"Partial SET: {which}")
        for which in ("measured and simulated", "measured alone", "simulated alone")
    ]
    assert len({axes.get_ylim() for axes in panels}) == 1
    (thin,) = [part for part in panels[1].collections if isinstance(part, LineCollection)]
    assert len(thin.get_segments()) == 60


def test_an_abrupt_reset_is_shown_by_what_it_leaves(stories: dict[str, Story]) -> None:
    axes = panel(stories, "reset", "RESET: what it leaves")
    after = stories["reset"].device.traces.conductance[:, -2:]
    read = np.sort(after[np.isfinite(after).all(axis=1), 1])
    measured = next(line for line in axes.lines if line.get_label() == "measured")
    assert measured.get_xdata() == pytest.approx(1e6 * read)


def test_steps_are_counted_and_filled_rows_hatched(stories: dict[str, Story]) -> None:
    axes = panel(stories, "bidirectional", "Step up: table and measured steps")
    side = stories["bidirectional"].sides[0]
    (mesh,) = [part for part in axes.collections if isinstance(part, QuadMesh)]
    counted = np.ma.filled(mesh.get_array(), 0).sum()
    assert 0.99 * len(side.steps.change) <= counted <= len(side.steps.change)
    hatched = [part for part in axes.patches if part.get_hatch()]
    assert len(hatched) == side.table.filled.sum() == 2
    median = next(line for line in axes.lines if line.get_label() == "table: median")
    assert median.get_ydata() == pytest.approx(1e6 * side.table.step[:, 64], abs=1e-9)


def test_distributions_have_a_measured_and_a_fitted_line_each(stories: dict[str, Story]) -> None:
    axes = panel(stories, "bidirectional", "Step down: distribution of steps")
    levels = stories["bidirectional"].sides[1].levels
    named = [line for line in axes.lines if not line.get_label().startswith("_")]
    assert len(named) == len(levels) == 3
    assert len(axes.lines) == 6
    for line, level in zip(named, levels, strict=True):
        assert len(line.get_xdata()) == len(level.measured)


def test_all_fits_are_drawn(stories: dict[str, Story]) -> None:
    axes = panel(stories, "reset", "Partial SET: mean step and fits")
    names = [line.get_label() for line in axes.lines]
    assert names.count("soft bound") == names.count("constant step") == 1
    rest = panel(stories, "reset", "Partial SET: what the fits leave")
    residuals = next(line for line in rest.lines if line.get_label() == "soft bound")
    assert residuals.get_ydata() == pytest.approx(0, abs=1e-6)
    constant = next(line for line in rest.lines if line.get_label() == "constant step")
    # The means of 2 uS to 0 have errors of 0.04 uS.
    assert constant.get_ydata()[0] == pytest.approx(1 / 0.04, rel=0.01)


def test_long_names_of_devices_are_cut(stories: dict[str, Story]) -> None:
    device = stories["no reset"].device
    named = replace(device.traces, devices=tuple("x" * 30 for _ in device.traces.devices))
    renamed = replace(stories["no reset"], device=replace(device, traces=named))
    axes = panel({"long": renamed}, "long", "Single devices")
    assert {line.get_label() for line in axes.lines} == {"x" * 19 + "\N{HORIZONTAL ELLIPSIS}"}


def test_the_mean_course_is_drawn_with_its_exponential(
    stories: dict[str, Story], pages: dict[str, str]
) -> None:
    axes = panel(stories, "reset", "Partial SET: mean course and its exponential")
    measured, fitted = axes.lines
    mean = np.nanmean(stories["reset"].device.traces.conductance[:, :41], axis=0)
    assert measured.get_ydata() == pytest.approx(1e6 * mean)
    # The mean step falls straight to 0: the course is an exponential.
    assert np.abs(fitted.get_ydata() - measured.get_ydata()).max() < 1
    fit = stories["reset"].courses[UP]
    assert f"{fit.names[2]} {fit.values[2]:.4g} {fit.low[2]:.4g} to" in words_of(pages["reset"])


def test_bars_are_the_shares(stories: dict[str, Story]) -> None:
    axes = panel(stories, "bidirectional", "Where the variance comes from")
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([75, 75, 67, 25, 25, 33])
    assert "25 %" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("kind", KINDS)
def test_the_one_picture_has_panels_that_do_not_overlap(
    stories: dict[str, Story], kind: str
) -> None:
    pictures = main_pictures(stories[kind])
    figure = figure_of_all(pictures, "Measured device", 3)
    figure.draw_without_rendering()
    parts = figure.subfigs[: len(pictures)]
    boxes = [part.get_tightbbox() for holder in parts for part in [*holder.axes, *holder.legends]]
    for one, other in combinations(boxes, 2):
        assert not one.padded(-1).overlaps(other.padded(-1))


def test_the_one_picture_is_a_png(stories: dict[str, Story]) -> None:
    assert main_picture(stories["no reset"]).startswith(b"\x89PNG")


def test_wrong_names_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    device = tmp_path / "none.h5"
    with pytest.raises(UserError, match=r"report\.txt: the name of a report must end in \.html"):
        report_on_device(device, tmp_path / "report.txt")
    with pytest.raises(UserError, match=r"a\.gif: the name of a picture must end in \.png"):
        report_on_device(device, tmp_path / "report.html", tmp_path / "a.gif")


def test_if_a_picture_cannot_be_drawn_no_page_is_written(
    stories: dict[str, Story], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(story: Story) -> bytes:
        raise MemoryError

    monkeypatch.setattr(files, "story_of_file", lambda path: stories["no reset"])
    monkeypatch.setattr(files, "main_picture", fail)
    with pytest.raises(MemoryError):
        report_on_device(tmp_path / "a.h5", tmp_path / "a.html", tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
