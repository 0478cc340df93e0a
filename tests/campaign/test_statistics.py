"""Confidence intervals, and the table of a sweep, against formulas worked by hand."""

import math
from pathlib import Path

import numpy as np
import pytest

from pcmsim.campaign.collect import Collection
from pcmsim.campaign.interval import interval, t_quantile
from pcmsim.campaign.summary import summarise

# Percentage points of Student's t, 2.5 % beyond: standard tables.
TABLE = {1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 9: 2.26216, 10: 2.22814, 100: 1.98397}


@pytest.mark.parametrize(("freedom", "t"), TABLE.items())
def test_quantiles_of_t(freedom: int, t: float) -> None:
    assert t_quantile(freedom) == pytest.approx(t, rel=1e-5)


def test_an_interval_by_hand() -> None:
    # Mean 2, variance (1 + 0 + 1) / 2 = 1.
    assert interval([1, 2, 3]) == pytest.approx((2, 4.302653 / math.sqrt(3)), rel=1e-6)


def test_one_value_says_nothing_about_its_error() -> None:
    assert interval([0.5]) == (0.5, None)


def collection(rows: list[tuple[object, int, float]]) -> Collection:
    cells, replicates, accuracies = zip(*rows, strict=True)
    columns = {
        "a": np.array(cells, object),
        "replicate": np.array(replicates),
        "test_accuracy": np.array(accuracies),
        "digest": np.array(["x"] * len(rows)),
    }
    return Collection(Path("folder"), "title", ("a",), columns, {}, len(rows), (0,))


def test_losses_are_paired() -> None:
    """The replicates differ by much, the loss by little: only pairing sees it."""
    rows = [
        *((0, n, accuracy) for n, accuracy in enumerate((0.9, 0.7, 0.5))),
        *((1, n, accuracy) for n, accuracy in enumerate((0.88, 0.69, 0.47))),
    ]
    first, second = summarise(collection(rows))
    assert first.loss == pytest.approx((0, 0), abs=1e-12)
    assert second.accuracy.mean == pytest.approx(0.68)
    # Differences 0.02, 0.01 and 0.03.
    assert second.loss == pytest.approx((0.02, 4.302653 * 0.01 / math.sqrt(3)), rel=1e-6)


def test_a_loss_takes_only_replicates_of_both() -> None:
    rows = [(0, 0, 0.9), (0, 2, 0.8), (1, 1, 0.1), (1, 2, 0.7)]
    _, second = summarise(collection(rows))
    assert second.replicates == 2
    assert second.loss is not None
    assert second.loss == (pytest.approx(0.1), None)


def test_without_the_first_point_there_is_no_loss() -> None:
    (only,) = summarise(collection([("x", 0, 0.9)]))
    assert (only.cells, only.loss) == ({"a": "x"}, None)
