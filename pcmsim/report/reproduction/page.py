"""The study as one HTML file that needs nothing else: pictures are inside, and no script."""

from collections import Counter

from pcmsim.experiment import published
from pcmsim.experiment.result import LAST_EPOCHS
from pcmsim.report.look import STYLE
from pcmsim.report.markup import Html, element, join, page, section
from pcmsim.report.reproduction.claims import SYMBOLS
from pcmsim.report.reproduction.ensemble import ensemble_table, in_order, what_decides
from pcmsim.report.reproduction.figures import figure_of
from pcmsim.report.reproduction.tables import claims_table, mitigation_table
from pcmsim.study.reproduction.outcome import Outcome, Verdict

QUICK = """\
Quick run: few epochs, few replicates, few values. It shows what the study looks like; its numbers
say little."""

OWN = "The settings are your own: the published accuracies are of another experiment. "


def study_html(outcome: Outcome) -> str:
    """Return the report of a study: claims first, then tables, then all curves.

    The same outcome gives the same text.
    """
    return page(
        f"How wrong may the hardware be? {outcome.base}",
        STYLE,
        _introduction(outcome),
        _claims(outcome),
        _ensemble(outcome),
        _mitigations(outcome),
        _curves(outcome),
        _reasons("Points that failed", outcome.failures),
        _reasons("Sweeps left out", outcome.left_out),
        _reading(),
    )


def _introduction(outcome: Outcome) -> Html:
    words = join(
        "A network on arrays of phase-change memory was trained with the settings of ",
        element("code", outcome.base),
        ", and again with one property of the hardware or of the training changed at a time. "
        f"Each point: {_count(outcome.replicates, 'run')} of {_count(outcome.epochs, 'epoch')}. "
        "To repeat it:",
    )
    command = element("pre", outcome.command, class_="scroll")
    banner = element("p", QUICK, class_="quick") if outcome.is_quick else Html()
    return join(
        element("h1", "How wrong may the hardware be?"), banner, element("p", words), command
    )


def _claims(outcome: Outcome) -> Html:
    count = Counter(claim.verdict for claim in outcome.claims)
    verdicts = [f"{SYMBOLS[each]} {each}: {count[each]}" for each in Verdict if count[each]]
    table = claims_table(outcome.claims)
    own = "" if outcome.is_published_experiment else OWN
    text = element("p", f"{published.SOURCE}, and the press. ", own, ", ".join(verdicts))
    return section("Published claims", text, table, class_="claims")


def _ensemble(outcome: Outcome) -> Html:
    if not outcome.members:
        return Html()
    members = in_order(outcome.members)
    words = join(
        "Different settings that meet the published accuracies equally well, in the order of "
        "what 30 % dead conductors cost them. ",
        what_decides(members),
        f" {outcome.ensemble_note}",
    )
    text = element("p", words)
    table = ensemble_table(members, outcome.base)
    return section("Ensemble", text, table, class_="members")


def _mitigations(outcome: Outcome) -> Html:
    if not outcome.mitigations:
        return Html()
    words = "Accuracy lost against the network without faults and without the measure."
    table = mitigation_table(outcome.mitigations)
    return section("Measures against faults", element("p", words), table)


def _curves(outcome: Outcome) -> Html:
    if not outcome.curves:
        return Html()
    words = (
        "Line or bars: mean with its 95 % confidence interval. Grey dots: single runs. Dotted: "
        "the value in the base file. Vertical scales differ."
    )
    if outcome.is_published_experiment:
        accuracy = published.in_percent(published.TEST_ACCURACY)
        words += f" Dashed: the published test accuracy, {accuracy}."
    figures = (figure_of(curve, outcome) for curve in outcome.curves)
    return section("Curves", element("p", words), element("div", *figures, class_="grid"))


def _reasons(title: str, reasons: dict[str, str]) -> Html:
    if not reasons:
        return Html()
    items = (element("li", element("b", name), f": {why}") for name, why in reasons.items())
    return section(title, element("ul", *items))


def _reading() -> Html:
    """Explain how numbers are marked."""
    agrees, differs, unknown = (SYMBOLS[verdict] for verdict in Verdict)
    facts = {
        "Accuracy": f"of the test images, mean of the last {LAST_EPOCHS} epochs, then of all runs.",
        "Loss": "accuracy with the base file less that at the point, run by run: runs of the same "
        "number share their random numbers. A negative loss is a gain. A point is 1 % of all "
        "test images.",
        "\N{PLUS-MINUS SIGN}": "95 % confidence interval of the mean by Student's t. None is given "
        "for a single run.",
        f"{agrees} {differs} {unknown}": "the mean agrees, differs, was not measured. Where the "
        "limit is within the interval, more runs might turn the verdict.",
        "Published": "by the authors, or quoted by the press. What counts as agreement is our "
        "choice.",
    }
    items = (element("li", element("b", name), f": {text}") for name, text in facts.items())
    source = join("Where each setting comes from: ", element("code", "pcmsim explain"), ".")
    return section("How to read the numbers", element("ul", *items), element("p", source))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
