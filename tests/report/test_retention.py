"""Retention as text, as CSV and as a picture."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pcmsim.config.retention_settings import DAY, HOUR, MONTH, YEAR
from pcmsim.config.settings import Settings
from pcmsim.experiment.result import Result
from pcmsim.experiment.retention_curves import RetentionCurves
from pcmsim.experiment.run import run
from pcmsim.report.result.figures import figures_of
from pcmsim.report.result.retention_figure import retention_figure
from pcmsim.report.result.retention_text import (
    effects,
    intervals,
    retention_csv,
    retention_rows,
    retention_text,
    words_of_time,
)
from pcmsim.report.result.text import result_text

TIMES = [20.0, HOUR, YEAR]
PLAIN = np.array([[0.80, 0.75, 0.70], [0.82, 0.77, 0.66]])
COMPENSATED = np.array([[0.80, 0.79, 0.79], [0.82, 0.81, 0.77]])
COMPENSATION = np.array([[[1.0, 1.0], [1.3, 1.4], [2.0, 2.2]]] * 2)

Curves = Callable[..., RetentionCurves]


@pytest.fixture
def curves(make_settings: Callable[..., Settings]) -> Curves:
    """Return a function that gives curves of so many draws, up to some time."""

    def make(draws: int = 2, until: float = YEAR, *changes: str) -> RetentionCurves:
        settings = make_settings("retention.model=joshi2020", *changes)
        times = np.array([*TIMES[:2], until])
        return RetentionCurves(
            settings, 0.81, times, PLAIN[:draws], COMPENSATED[:draws], COMPENSATION[:draws]
        )

    return make


@pytest.fixture(scope="module")
def ageing(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Result:
    """Return the result of a short run that measures its own retention."""
    changes = ["retention.model=joshi2020", "retention.times=2", "training.epochs=1"]
    path: Path = tmp_path_factory.mktemp("ageing") / "ageing.h5"
    return run(make_settings("network.layers=[528, 12, 10]", *SMALL, *changes), path)


SMALL = ["network.initial_weight=1.5", "network.weight_range=0.22"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20.0, "20 s"),
        (60.0, "1 min"),
        (118.2, "1.97 min"),
        (HOUR, "1 h"),
        (DAY, "1 day"),
        (2 * DAY, "2 days"),
        (MONTH, "1 month"),
        (2.5 * MONTH, "2.5 months"),
        (YEAR, "1 year"),
        (10 * YEAR, "10 years"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert words_of_time(seconds) == words


def test_intervals_are_those_of_draws() -> None:
    """Two draws that differ by 2 points: t = 12.706 for one degree of freedom, by hand."""
    first = intervals(PLAIN)[0]
    assert first.mean == pytest.approx(0.81)
    assert first.half_width == pytest.approx(12.706 * 0.01, rel=1e-4)


def test_rows_tell_means_and_errors(curves: Curves) -> None:
    rows = retention_rows(curves())
    assert [row[0] for row in rows[1:]] == ["when trained", "20 s", "1 h", "1 year"]
    assert rows[1][1:] == ["81.00 %", "", "", "", ""]
    assert rows[3] == ["1 h", "76.00 %", "+- 12.71 %", "80.00 %", "+- 12.71 %", "1.350"]


def test_rows_of_one_draw_have_no_errors(curves: Curves) -> None:
    rows = retention_rows(curves(1))
    assert {len(row) for row in rows} == {4}
    assert rows[4] == ["1 year", "70.00 %", "79.00 %", "2.100"]


def test_the_page_says_what_was_done(curves: Curves) -> None:
    text = retention_text(curves(2, YEAR, "retention.programming_error=true"))
    assert "mean of 2 draws" in text
    assert "programming error, drift, read noise" in text
    assert "Joshi et al." in text
    assert "95 % confidence" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_page_of_one_draw_says_nothing_of_errors(curves: Curves) -> None:
    assert "95 %" not in retention_text(curves(1))


def test_no_effect_is_told(curves: Curves) -> None:
    none = curves(1, YEAR, "retention.drift=false", "retention.read_noise=false")
    assert effects(none.settings.retention) == "none"


def test_csv_holds_all_figures(curves: Curves) -> None:
    rows = list(csv.DictReader(io.StringIO(retention_csv(curves()))))
    assert [float(row["time_s"]) for row in rows] == TIMES
    assert float(rows[2]["test_accuracy"]) == pytest.approx(0.68)
    assert float(rows[2]["test_accuracy_compensated"]) == pytest.approx(0.78)
    assert float(rows[2]["half_width_compensated"]) == pytest.approx(0.12706, rel=1e-4)
    assert [float(rows[2][f"compensation_{n}"]) for n in (1, 2)] == pytest.approx([2.0, 2.2])


def test_csv_of_one_draw_leaves_errors_empty(curves: Curves) -> None:
    rows = list(csv.DictReader(io.StringIO(retention_csv(curves(1)))))
    assert {row["half_width"] for row in rows} == {""}


@pytest.mark.parametrize(("draws", "bands"), [(1, 0), (2, 2)])
def test_the_picture_shows_both_curves(curves: Curves, draws: int, bands: int) -> None:
    (axes,) = retention_figure(curves(draws)).axes
    compensated, plain, trained = axes.get_lines()
    np.testing.assert_allclose(plain.get_xdata(), TIMES)
    np.testing.assert_allclose(plain.get_ydata(), 100 * PLAIN[:draws].mean(axis=0))
    np.testing.assert_allclose(compensated.get_ydata(), 100 * COMPENSATED[:draws].mean(axis=0))
    np.testing.assert_allclose(trained.get_ydata(), 81.0)
    assert len(axes.collections) == bands


@pytest.mark.parametrize(
    ("until", "ticks"),
    [
        (YEAR, ["1 min", "1 h", "1 day", "1 month", "1 year"]),
        (2 * HOUR, ["20 s", "1 min", "1 h", "2 h"]),
        (40 * YEAR, ["1 min", "1 h", "1 day", "1 month", "1 year", "10 years"]),
    ],
)
def test_ticks_are_times_that_people_know(curves: Curves, until: float, ticks: list[str]) -> None:
    """As many as have room beside each other."""
    (axes,) = retention_figure(curves(2, until)).axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ticks


def test_all_that_is_shown_is_within_the_picture(curves: Curves) -> None:
    (axes,) = retention_figure(curves()).axes
    low, high = axes.get_ylim()
    assert low < 66
    assert high > 82


def test_a_run_that_measured_it_shows_it(ageing: Result) -> None:
    page = result_text(ageing)
    assert "time after writing" in page
    assert "1 month" in page
    assert "retention" in figures_of(ageing)


def test_other_runs_do_not(result_of: Callable[[str], Result]) -> None:
    assert "time after writing" not in result_text(result_of("linear"))
    assert "retention" not in figures_of(result_of("linear"))
