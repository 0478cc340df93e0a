"""Figures show what the result holds, with units, and nothing in them overlaps."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from pcmsim.experiment.result import Result
from pcmsim.kernels.codes import HEALTHY
from pcmsim.report.device.steps import pulses_to_saturation
from pcmsim.report.result.figures import figures_of as draw

ResultOf = Callable[[str], Result]
FiguresOf = Callable[[str], dict[str, Figure]]

KINDS = ["pcm", "linear", "nandakumar2018", "float", "published"]


@pytest.fixture(scope="module")
def figures_of(result_of: ResultOf) -> FiguresOf:
    """Return a function that gives the figures of one of the results."""
    return cache(lambda kind: draw(result_of(kind)))


def line(axes: Axes, label: str) -> np.ndarray:
    """Return the points (n, 2) of the line with this label."""
    (found,) = [line for line in axes.lines if line.get_label() == label]
    return found.get_xydata()


def words_of(figure: Figure) -> str:
    """Return all that is written in the panels and the heading of a figure."""
    in_panels = [text.get_text() for axes in figure.axes for text in axes.texts]
    return "\n".join([*in_panels, *(legend.get_title().get_text() for legend in figure.legends)])


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_four_figures_and_two_without_devices(figures_of: FiguresOf, kind: str) -> None:
    expected = ["training", "diamond", "device", "confusion"]
    if kind == "float":
        expected = ["training", "confusion"]
    assert list(figures_of(kind)) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_panels_do_not_overlap_nor_leave_the_figure(figures_of: FiguresOf, kind: str) -> None:
    for figure in figures_of(kind).values():
        figure.draw_without_rendering()
        boxes = [part.get_tightbbox() for part in [*figure.axes, *figure.legends]]
        for box in boxes:
            assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1
            assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1
        for one, other in combinations(boxes, 2):
            assert not one.padded(-1).overlaps(other.padded(-1))


def test_training_curves(result_of: ResultOf, figures_of: FiguresOf) -> None:
    result = result_of("pcm")
    figure = figures_of("pcm")["training"]
    accuracy, pulses, saturation = figure.axes
    assert accuracy.get_ylabel() == "accuracy (%)"
    assert pulses.get_ylabel() == "pulses\nper example"
    assert saturation.get_ylabel() == "saturated\ndevices (%)"
    assert saturation.get_xlabel() == "epoch"
    assert saturation.get_xlim() == accuracy.get_xlim() == (0.5, 2.5)
    epochs = result.arrays
    for label, name in [
        ("test", "test"),
        ("training after epoch", "train"),
        ("training when shown", "online"),
    ]:
        expected = 100 * epochs[f"epochs/{name}_accuracy"]
        assert line(accuracy, label).tolist() == [[1, expected[0]], [2, expected[1]]]
    set_pulses = epochs["epochs/set_pulses"]
    assert line(pulses, "partial SET")[:, 1] == pytest.approx(np.diff(set_pulses, prepend=0) / 500)
    devices = 2 * 164_885
    share = 100 * epochs["epochs/saturated_devices"] / devices
    assert saturation.lines[0].get_ydata() == pytest.approx(share)
    assert words_of(figure) == "pcm device, 2 epochs, seed 1"


def test_everything_drawn_is_within_the_limits(figures_of: FiguresOf) -> None:
    for kind in KINDS:
        for axes in figures_of(kind)["training"].axes:
            low, high = axes.get_ylim()
            for curve in axes.lines:
                values = np.asarray(curve.get_ydata())
                assert ((values >= low) & (values <= high) | (values == 0)).all()


def test_published_figures_are_drawn_for_the_published_condition_only(
    figures_of: FiguresOf,
) -> None:
    comparable = words_of(figures_of("published")["training"])
    assert "Burr et al. 2014\n82.9 % test" in comparable
    assert "82.2 % training" in comparable
    for kind in ("pcm", "float"):
        assert "Burr" not in words_of(figures_of(kind)["training"])


def test_diamond_counts_every_healthy_pair_and_marks_the_others(
    result_of: ResultOf, figures_of: FiguresOf
) -> None:
    result = result_of("pcm")
    panels = figures_of("pcm")["diamond"].axes[:3]
    assert panels[0].get_ylabel() == "$G^+ - G^-$ (µS)"
    for number, axes in enumerate(panels):
        conductance = result.arrays[f"layers/{number}/conductance"].astype(float) * 1e6
        faulty = (result.arrays[f"layers/{number}/fault"] != HEALTHY).any(axis=-1)
        (mesh,) = [part for part in axes.collections if isinstance(part, QuadMesh)]
        assert mesh.get_array().sum() == np.sum(~faulty)
        marked = axes.lines[-1].get_xydata()
        plus, minus = conductance[faulty].T
        assert marked == pytest.approx(np.column_stack([plus + minus, plus - minus]))
        assert f"{faulty.sum():,} pairs\nwith a fault" in [text.get_text() for text in axes.texts]
        assert axes.get_xlabel() == "$G^+ + G^-$ (µS)"
        assert axes.get_aspect() == 1
        assert axes.get_xlim()[1] >= conductance.sum(axis=-1).max()
        assert axes.get_ylim()[1] >= np.abs(np.diff(conductance)).max()


def test_diamond_has_the_corners_of_the_nominal_range(figures_of: FiguresOf) -> None:
    axes = figures_of("pcm")["diamond"].axes[0]
    corners = axes.lines[0].get_xydata()
    expected = [(1, 0), (25.5, 24.5), (50, 0), (25.5, -24.5), (1, 0)]
    assert corners == pytest.approx(np.array(expected))


def test_device_response(figures_of: FiguresOf) -> None:
    figure = figures_of("pcm")["device"]
    course, step, residue = figure.axes
    assert course.get_ylabel() == "conductance (µS)"
    assert course.get_xlabel() == "partial-SET pulses after a RESET"
    assert step.get_xlabel() == residue.get_xlabel() == "conductance (µS)"
    assert step.get_ylabel() == "step per pulse (µS)"
    mean = line(course, "mean")
    # Devices have a mean range of 25 uS and begin with a residue of 1 uS.
    assert mean[0, 1] == pytest.approx(1, abs=0.1)
    assert mean[-1, 1] == pytest.approx(25, rel=0.03)
    saturation = pulses_to_saturation(mean[:, 1])
    assert course.get_xlim()[1] == mean[-1, 0] >= 1.5 * saturation


def test_bidirectional_response_goes_up_and_down_again(figures_of: FiguresOf) -> None:
    course, step = figures_of("linear")["device"].axes
    mean = line(course, "mean")[:, 1]
    assert mean[0] == pytest.approx(0.5, rel=1e-3)
    assert mean.max() == pytest.approx(25, rel=1e-3)
    assert mean[-1] == pytest.approx(0.5, rel=0.05)
    assert line(step, "up")[:, 1] == pytest.approx(0.245)
    assert line(step, "down")[:, 1] == pytest.approx(-0.245)


def test_steps_with_memory_are_shown_at_its_two_ends(figures_of: FiguresOf) -> None:
    _, step, _ = figures_of("nandakumar2018")["device"].axes
    # mu = -0.084 G + 0.880 uS + 1.40 uS * exp(-1 / 2.6) at G = 0.01 uS; the clip adds 3 %.
    assert line(step, "just after a RESET")[0, 1] == pytest.approx(1.83, rel=0.1)
    assert line(step, "long after")[0, 1] == pytest.approx(0.88, rel=0.01)


def test_confusion_matrix(result_of: ResultOf, figures_of: FiguresOf) -> None:
    result = result_of("published")
    axes = figures_of("published")["confusion"].axes[0]
    counts = result.arrays["confusion/test"]
    shares = np.asarray(axes.images[0].get_array())
    assert shares == pytest.approx(100 * counts / counts.sum(axis=1, keepdims=True))
    printed = [int(text.get_text()) for text in axes.texts]
    assert printed == counts.ravel().tolist()
    accuracy = 100 * result.arrays["epochs/test_accuracy"][-1]
    assert axes.get_title("left") == f"{accuracy:.2f} % of 10,000 test images right"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer", "true class")


def test_drawing_needs_no_pyplot_and_text_no_matplotlib() -> None:
    program = (
        "import sys, pcmsim.report.result.text; assert 'matplotlib' not in sys.modules;"
        "import pcmsim.report.result.figures; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
