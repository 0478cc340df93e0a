"""The page of the study shows all that was found, needs nothing else, and is the same each time."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from matplotlib.axes import Axes

from pcmsim.campaign.interval import Interval
from pcmsim.report.embedded import as_svg
from pcmsim.report.markup import Html, element
from pcmsim.report.reproduction.axis import name_with_unit, place_of, place_of_base
from pcmsim.report.reproduction.claims import how_far, measured
from pcmsim.report.reproduction.curves import QUICK, curve_figure
from pcmsim.report.reproduction.ensemble import in_order, what_decides
from pcmsim.report.reproduction.page import study_html
from pcmsim.report.typeset import MINUS, NOTHING, hundredths, plain
from pcmsim.study.reproduction.outcome import Claim, Curve, Outcome
from tests.report.study_outcome import (
    curve,
    make_claims,
    make_curves,
    make_members,
    make_outcome,
)

VOID = {"img", "meta"}
CURVES = {each.name: each for each in make_curves()}


class Page(HTMLParser):
    """The elements of a page and its text, read by another parser."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.style = ""
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        text = data.replace("\N{NO-BREAK SPACE}", " ")
        if "style" in self.open:
            self.style += text
        else:
            self.words.append(text)
        if "th" in self.open or "td" in self.open:
            self.rows[-1][-1] += text

    @property
    def text(self) -> str:
        return "".join(self.words)

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return make_outcome()


@pytest.fixture(scope="module")
def page(outcome: Outcome) -> Page:
    return Page(study_html(outcome))


@pytest.fixture(scope="module")
def small() -> Outcome:
    """Return the outcome of a quick study with few curves."""
    few = [CURVES[name] for name in ("dead", "hidden", "read_noise")]
    return replace(make_outcome(is_quick=True), curves=few)


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []
    assert page.elements[0] == ("html", {"lang": "en"})


def test_identifiers_are_unique_and_links_lead_to_them(page: Page) -> None:
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(identifiers)) == len(identifiers)
    links = [attributes["href"] for attributes in page.attributes("a")]
    assert "#curve-dead" in links
    assert {link.removeprefix("#") for link in links} <= set(identifiers)


def test_nothing_is_fetched_from_elsewhere(page: Page) -> None:
    assert {"script", "link", "iframe", "object"}.isdisjoint(name for name, _ in page.elements)
    for name, attributes in page.elements:
        for key in ("src", "href", "style"):
            assert re.match("data:image/svg|#|$", attributes.get(key, "")), name
    for picture in pictures(page):
        # Namespaces and the document type are names, and references stay within the picture.
        references = re.findall(r'(?:href|src)="([^"]*)"|url\(([^)]*)\)', picture)
        assert references
        assert all("".join(reference).startswith("#") for reference in references)
    assert "url(" not in page.style and "@import" not in page.style


def pictures(page: Page) -> list[str]:
    sources = [attributes["src"] for attributes in page.attributes("img")]
    return [base64.b64decode(source.partition(",")[2]).decode() for source in sources]


def test_claims_come_first_and_all_of_them(page: Page, outcome: Outcome) -> None:
    assert page.rows[0] == [
        "claim",
        "published",
        "criterion",
        "measured",
        "verdict",
        "by how much",
    ]
    for row, claim in zip(page.rows[1:], outcome.claims, strict=False):
        assert row[0].endswith(f" {claim.name}")
        assert row[1:3] == [claim.published, claim.criterion]
        assert row[4] == claim.verdict
    rows = {row[0].partition(" ")[2]: row for row in page.rows[1 : 1 + len(outcome.claims)]}
    dead = ["13.12 ± 2.31 points", "differs", "8.12 points"]
    assert rows["30 % dead conductors"][3:] == dead
    assert rows["30 % dead conductors"][0][0] == "✗"
    assert rows["training accuracy"][3:] == ["81.64 ± 0.21 %", "agrees", ""]
    assert rows["30 % dead columns"][5] == "limit within the interval"
    assert rows["20 % stuck at random"][3:] == [NOTHING, "not measured", ""]
    assert rows["batch of 10"][3:] == [f"{MINUS}0.34 points", "agrees", ""]


def test_a_claim_may_differ_and_yet_have_its_limit_within_the_interval() -> None:
    claim = Claim("a", "b", "c", None, 0.05, Interval(0.052, 0.003), None, is_difference=True)
    assert how_far(claim) == "0.20 points, limit within the interval"
    assert measured(claim) == "5.20 ± 0.30 points"
    assert how_far(replace(claim, measured=Interval(0.052, None))) == "0.20 points"


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    assert hundredths(Interval(-0.00001, None)) == "0.00"


def test_members_stand_in_the_order_of_their_loss(page: Page) -> None:
    ordered = ["burr2014", "small-weights", "late-reset", "noisy < all", "long-interval"]
    assert [member.name for member in in_order(make_members()[::-1])] == ordered
    assert ["", "burr2014 (base)", *ordered[1:]] in page.rows
    dead = [
        "30 % dead conductors (points)",
        "✓ 2.10 ± 1.20",
        "✓ 4.50 ± 1.20",
        "✗ 7.70 ± 1.20",
        "✗ 9.40 ± 1.20",
        "✗ 13.10 ± 1.20",
    ]
    assert dead in page.rows
    assert ["reset.interval", "40", "50", "100", "100", "200"] in page.rows
    assert "and was chosen for that alone" in page.text


def test_a_property_decides_only_if_it_never_turns_back() -> None:
    members = in_order(make_members())
    expected = "In this order, these rise or fall throughout: <code>reset.interval</code>."
    assert what_decides(members) == expected
    without = [
        replace(member, properties={"training.learning_rate": str(n % 2)})
        for n, member in enumerate(members)
    ]
    assert what_decides(without).startswith("No single property")


def test_measures_are_grouped_by_fault(page: Page) -> None:
    start = page.rows.index(["loss in points at", "5 %", "10 %", "20 %", "30 %"])
    assert page.rows[start + 1] == ["dead conductors"]
    assert page.rows[start + 2][0] == "none"
    assert page.rows[start + 2][4] == "13.10 ± 0.70"
    assert page.rows[start + 7] == ["stuck-on devices"]
    assert page.rows[start + 10][0] == "spare devices"
    assert page.rows[start + 10][4] == NOTHING


def test_every_curve_has_a_figure_with_words_and_numbers(page: Page, outcome: Outcome) -> None:
    pictures = page.attributes("img")
    assert len(pictures) == len(outcome.curves)
    for shown, picture in zip(outcome.curves, pictures, strict=True):
        assert shown.title in page.text
        assert f"{shown.setting}." in page.text
        assert picture["alt"].startswith(f"Test accuracy against {shown.label}: ")
        accuracy = shown.summaries[-1].accuracy
        assert f"{hundredths(accuracy)} %" in picture["alt"]
        for summary in shown.summaries:
            numbers = [f"{hundredths(summary.accuracy)} %", hundredths(summary.loss)]
            assert [str(summary.replicates), *numbers] in [row[1:] for row in page.rows]


def test_captions_read_off_claims(page: Page) -> None:
    assert (
        "faults.dead. Base file: 0 %. 30 % dead conductors: 13.12 ± 2.31 points, ✗ differs. "
        "Largest loss: "
    ) in page.text
    assert re.search(r"Largest loss: [\d.]+ ± [\d.]+ points, at 60 %\.", page.text)


def test_failures_and_what_was_left_out_are_listed(page: Page, outcome: Outcome) -> None:
    for name, why in (outcome.failures | outcome.left_out).items():
        assert f"{name}: {why}" in page.text


def test_settings_of_ones_own_are_told_from_the_published_experiment(small: Outcome) -> None:
    own = "The settings are your own"
    assert own not in study_html(small)
    assert own in study_html(replace(small, is_published_experiment=False))


def test_what_is_not_there_has_no_heading(small: Outcome) -> None:
    bare = replace(small, curves=[], members=[], mitigations=[], failures={}, left_out={})
    headings = re.findall("<h2>(.*?)</h2>", study_html(bare))
    assert headings == ["Published claims", "How to read the numbers"]


def test_how_it_was_run_and_how_to_repeat_it(page: Page) -> None:
    assert "configs/burr2014.yaml" in page.text
    assert "5 runs of 20 epochs. To repeat it:pcmsim reproduce" in page.text
    assert "Quick" not in page.text


def test_a_quick_study_says_so_in_every_figure(small: Outcome) -> None:
    page = Page(study_html(small))
    assert "Quick run: few epochs" in page.text
    assert len(pictures(page)) == 3
    # Matplotlib draws letters, and says what they spell in a comment.
    assert all(f"<!-- {QUICK} -->" in picture for picture in pictures(page))
    assert all(image["alt"].startswith("Quick run. ") for image in page.attributes("img"))


def test_figures_of_a_whole_study_are_not_marked_as_quick(page: Page) -> None:
    assert not any(QUICK in picture for picture in pictures(page))


def test_the_same_outcome_gives_the_same_bytes(small: Outcome) -> None:
    assert study_html(small) == study_html(small)


def test_the_published_accuracy_is_drawn_only_beside_the_published_experiment() -> None:
    for is_published in (True, False):
        figure = curve_figure(CURVES["dead"], is_published=is_published, is_quick=False)
        (axes,) = figure.axes
        words = [text.get_text() for text in axes.texts]
        assert words == (["published\n82.9 %"] if is_published else [])


def test_text_is_escaped_and_numbers_keep_their_units() -> None:
    assert element("b", "a < b & c", title='"') == '<b title="&quot;">a &lt; b &amp; c</b>'
    assert element("p", Html("<i>x</i>"), "1 ± 2 % of x") == (
        "<p><i>x</i>1\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}2\N{NO-BREAK SPACE}% of x</p>"
    )


def test_nothing_of_the_outcome_becomes_html(small: Outcome) -> None:
    evil = "<script>alert('x')</script>"
    shown = replace(CURVES["dead"], title=evil, setting="faults.dead", label=evil)
    bad = replace(
        small,
        base=evil,
        command=evil,
        ensemble_note=evil,
        claims=[
            replace(claim, name=evil, published=evil, criterion=evil) for claim in make_claims()
        ],
        curves=[shown],
        failures={evil: evil},
        left_out={evil: evil},
    )
    page = Page(study_html(bad))
    assert page.attributes("script") == []
    assert page.open == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.1 + 0.2, "0.3"), (0.0, "0"), (-0.5, f"{MINUS}0.5"), (5000, "5,000"), (1e6, "1,000,000")],
)
def test_values_have_no_needless_digits(number: float, expected: str) -> None:
    assert plain(number) == expected


def test_values_are_told_in_the_unit_of_the_axis() -> None:
    assert name_with_unit(CURVES["dead"], 0.3) == "30 %"
    assert name_with_unit(CURVES["range"], 0.1e-6) == "0.1 µS"
    assert name_with_unit(CURVES["batch"], 10) == "10"
    assert name_with_unit(CURVES["wear_out"], "never") == "never"
    assert place_of(CURVES["dead"], 0.3) == pytest.approx(30)
    assert place_of(CURVES["hidden"], "500-250") == 3


def test_the_base_file_is_marked_where_it_is_on_the_axis() -> None:
    assert place_of_base(CURVES["dead"]) == 0
    assert place_of_base(CURVES["hidden"]) == 2
    assert place_of_base(CURVES["reset_tries"]) == 20
    assert place_of_base(CURVES["asymmetry"]) is None
    assert place_of_base(replace(CURVES["hidden"], shipped="9-9")) is None


@pytest.mark.parametrize("shown", CURVES.values(), ids=lambda shown: shown.name)
def test_nothing_overlaps_or_leaves_the_figure(shown: Curve) -> None:
    figure = curve_figure(shown, is_published=True, is_quick=True)
    figure.draw_without_rendering()
    (axes,), (legend,) = figure.axes, figure.legends
    for part in (axes, legend):
        box = part.get_tightbbox()
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1
        assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1
    assert not axes.get_tightbbox().padded(-1).overlaps(legend.get_tightbbox())
    assert_apart(axes)


def assert_apart(axes: Axes) -> None:
    """Check that no two labels of the horizontal axis touch."""
    labels = [text for text in axes.get_xticklabels() if text.get_text()]
    if labels[0].get_rotation():
        # Slanted names are as far apart, across their direction, as their lines are high.
        ends = [text.get_window_extent().x1 for text in labels]
        gaps = [right - left for left, right in pairwise(ends)]
        assert min(gaps, default=99) > labels[0].get_fontsize()
    else:
        boxes = [text.get_window_extent() for text in labels]
        boxes = [box for box in boxes if axes.bbox.x0 - 1 <= (box.x0 + box.x1) / 2 <= axes.bbox.x1]
        gaps = [right.x0 - left.x1 for left, right in pairwise(boxes)]
        assert min(gaps, default=99) > 1


@pytest.mark.parametrize("shown", CURVES.values(), ids=lambda shown: shown.name)
def test_all_runs_and_means_are_drawn_within_the_limits(shown: Curve) -> None:
    (axes,) = curve_figure(shown, is_published=False, is_quick=False).axes
    (runs,) = [line for line in axes.lines if line.get_label() == "single run"]
    assert runs.get_ydata() == pytest.approx(100 * shown.runs["test_accuracy"])
    low, high = axes.get_ylim()
    assert high - low >= 20
    assert all(low <= accuracy <= high for accuracy in runs.get_ydata())
    left, right = axes.get_xlim()
    assert all(left <= place <= right for place in runs.get_xdata())


def test_line_and_band_are_means_and_intervals() -> None:
    (axes,) = curve_figure(CURVES["dead"], is_published=False, is_quick=False).axes
    (line,) = [line for line in axes.lines if line.get_label() == "mean"]
    summaries = CURVES["dead"].summaries
    assert line.get_xdata() == pytest.approx([0, 5, 10, 20, 30, 40, 50, 60])
    means = [100 * summary.accuracy.mean for summary in summaries]
    assert line.get_ydata() == pytest.approx(means)
    (band,) = axes.collections
    upper = {
        round(x): max(y for other, y in band.get_paths()[0].vertices if other == x)
        for x, _ in band.get_paths()[0].vertices
    }
    assert upper[60] == pytest.approx(means[-1] + 100 * summaries[-1].accuracy.half_width)


def test_one_run_at_each_value_has_a_line_without_a_band() -> None:
    (axes,) = curve_figure(CURVES["one_run"], is_published=False, is_quick=False).axes
    assert list(axes.collections) == []


def test_a_zero_has_its_place_on_a_logarithmic_axis() -> None:
    (axes,) = curve_figure(CURVES["read_noise"], is_published=False, is_quick=False).axes
    places = axes.transData.transform([(x, 0) for x in (0, 0.1, 1, 10, 100)])[:, 0]
    decade = places[4] - places[3]
    assert places[3] - places[2] == pytest.approx(decade)
    assert 0.2 * decade < places[1] - places[0] < decade


def test_pictures_of_the_same_figure_are_the_same() -> None:
    once, again = (
        as_svg(curve_figure(CURVES["hidden"], is_published=True, is_quick=True)) for _ in range(2)
    )
    assert once == again


def test_values_in_any_order_are_drawn_from_left_to_right() -> None:
    shown = curve("a", "A", "faults.dead", "dead (%)", [0.3, 0.0, 0.1], 0.0)
    (axes,) = curve_figure(shown, is_published=False, is_quick=False).axes
    (line,) = [line for line in axes.lines if line.get_label() == "mean"]
    assert line.get_xdata() == pytest.approx([0, 10, 30])
