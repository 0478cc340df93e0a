"""The report on an imported device as one HTML file that needs nothing else, and no script."""

from collections.abc import Sequence

from pcmsim.report.embedded import image
from pcmsim.report.look import STYLE
from pcmsim.report.markup import Html, element, join, page, section
from pcmsim.report.measured_device.figures import Picture, figure_of
from pcmsim.report.measured_device.numbers import LARGE_DISTANCE
from pcmsim.report.measured_device.pictures import (
    distribution_pictures,
    fit_pictures,
    table_pictures,
    trace_pictures,
    truth_pictures,
    variance_pictures,
)
from pcmsim.report.measured_device.story import SEED, Story
from pcmsim.report.measured_device.tables import (
    distance_table,
    fit_table,
    formulas,
    noise_in_words,
    read_table,
    truth_table,
    variance_table,
)
from pcmsim.traces.estimating.tables import FEW

HEADING = "Measured device"
DOTS_PER_INCH = 200
OWN_STYLE = """
.read td { white-space: normal; overflow-wrap: anywhere; }
.read tbody th { white-space: normal; min-width: 8rem; max-width: 15rem; }
.pairs {
  max-width: 60rem; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr));
}
figure + h3, div + h3, ul + h3 { margin-top: 1.2rem; }
.fits td { white-space: normal; }
.fits tbody .group th { white-space: normal; max-width: none; position: static; }
"""

MEMORY = (
    "Partial SETs depend on how many came before them since the last RESET, not on the conductance "
    "alone. There is a table for each of the first pulses; after those the last one serves. "
    "Conductances that were not seen after a number of pulses take what was added by that number "
    "at others."
)

READING = {
    "Measured": "all numbers on this page but those marked otherwise.",
    "µS": "all conductances are in microsiemens, whatever the unit in the file.",
    "Nominal device": "each device has a range of its own. Tables, steps before and after, and "
    "fits are those of a device in the middle: conductances and steps are divided by the "
    "estimated range of their device over the nominal one. Traces are as they were measured.",
    "10 to 90 %": "the middle 80 % of readings or steps.",
    "KS distance": "the largest distance of two cumulative distributions (Kolmogorov and Smirnov), "
    f"from 0 to 1. The 5 % limit is {LARGE_DISTANCE} times the root of 1/n + 1/m, for n measured "
    "and m simulated steps (published, for many independent steps). The table was made from the "
    "measured steps, and steps of one device resemble each other: a distance beyond the limit is a "
    "sign, not a proof.",
    "Filled": f"a row of the table with fewer than {FEW} steps of its own (choice) takes its "
    "values from its neighbours.",
    "R²": "share of the variance of the means that a law explains.",
    "Reduced chi-square": "1 if a law holds, above if it does not.",
    "NeuroSim": "P / A is the nonlinearity of its formula, with P the number of pulses: 0 is "
    "straight, large is bent, negative the other way. The label that NeuroSim prints is the "
    "largest distance of the curve from the diagonal, both axes from 0 to 1, in units of 0.07 "
    "(measured: this gives its tabulated values).",
    "AIC": "Akaike's criterion: the lowest is the best of the laws fitted to the same means.",
}


def device_report_html(story: Story) -> str:
    """Return the report: what was read, the test of truth, then how the device was made.

    The same story gives the same text.
    """
    return page(
        f"{HEADING} {story.name}",
        STYLE + OWN_STYLE,
        element("h1", f"{HEADING} ", element("code", story.name)),
        _read(story),
        _truth(story),
        _traces(story),
        _tables(story),
        _distributions(story),
        _fits(story),
        _variance(story),
        section("How to read the numbers", _list(READING)),
    )


def _read(story: Story) -> Html:
    notes = _notes("Reading the file", story.device.origin.notes)
    assumed = _notes("Estimating the device", story.device.estimate.notes)
    return section("What was read", read_table(story), notes, assumed, class_="read")


def _notes(title: str, notes: Sequence[str]) -> Html:
    lines = notes or ("Nothing was dropped, repaired or assumed.",)
    return join(element("h3", title), element("ul", *(element("li", line) for line in lines)))


def _truth(story: Story) -> Html:
    words = (
        "Simulated devices, drawn from the finished device with its spread from device to device "
        "and its read noise, received the pulses that were measured: as many devices, as many "
        "pulses, each from the first reading of a measured one, and with the same readings "
        f"missing. Seed {SEED}. If the device is right, the two colours agree in mean, band and "
        "grain."
    )
    figures = _grid(truth_pictures(story))
    return section("The test of truth", element("p", words), figures, truth_table(story))


def _traces(story: Story) -> Html:
    words = "The readings that the device was made from, after cleaning."
    return section("Measured traces", element("p", words), _grid(trace_pictures(story)))


def _tables(story: Story) -> Html:
    words = (
        "The device is a pair of jump tables: for each conductance, how its change by one pulse is "
        "distributed. Steps are those of a nominal device."
    )
    parts = [element("p", words)]
    if story.memory is not None:
        parts.append(element("p", MEMORY))
    if not story.device.estimate.reset_measured:
        parts.append(
            element("p", "No pulses down were measured: the table of RESETs is an assumption.")
        )
    return section("Jump tables", *parts, _grid(table_pictures(story)))


def _distributions(story: Story) -> Html:
    words = "Steps from low, middle and high conductances beside what the table has there."
    return section(
        "Steps, measured and fitted",
        element("p", words),
        _grid(distribution_pictures(story)),
        distance_table(story),
    )


def _fits(story: Story) -> Html:
    if not any(story.fits.values()):
        words = "No law was fitted: there were too few steps."
        return section("Fits with few parameters", element("p", words))
    words = (
        "Laws that other programs use, fitted to the measurement. The simulation uses the tables, "
        "not these laws. z is the place in the nominal range, from 0 where pulses begin to 1."
    )
    tables = [
        join(element("h3", name), fit_table(name, fits), formulas(fits))
        for name, fits in story.named_fits().items()
    ]
    return section(
        "Fits with few parameters",
        element("p", words),
        _grid(fit_pictures(story)),
        *tables,
        class_="fits",
    )


def _variance(story: Story) -> Html:
    noise = element("p", f"Read noise: {noise_in_words(story.device.estimate.noise)}.")
    figures = _grid(variance_pictures(story))
    return section("Variance", figures, variance_table(story), noise)


def _grid(pictures: Sequence[Picture]) -> Html:
    """Return pictures in rows of three where there is room, or of two if that suits them."""
    kind = "grid" if len(pictures) % 3 == 0 else "grid pairs"
    return element("div", *(_figure(picture) for picture in pictures), class_=kind)


def _figure(picture: Picture) -> Html:
    words = f"{picture.title}. {picture.caption}"
    return element(
        "figure",
        element("h3", picture.title),
        image(figure_of(picture), words, dots_per_inch=DOTS_PER_INCH),
        element("figcaption", picture.caption),
    )


def _list(facts: dict[str, str]) -> Html:
    items = (element("li", element("b", name), f": {text}") for name, text in facts.items())
    return element("ul", *items)
