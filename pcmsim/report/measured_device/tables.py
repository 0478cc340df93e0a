"""Tables of the report on an imported device."""

import math
from collections.abc import Sequence

import numpy as np

from pcmsim.devices.pulse_curve import label_of
from pcmsim.report.markup import Html, element, table
from pcmsim.report.measured_device.story import Story, range_of
from pcmsim.report.measured_device.trains import Course
from pcmsim.report.plain_text import MICRO
from pcmsim.traces.estimating.fits import NONLINEARITY, Fit
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.estimating.variance import VarianceShares
from pcmsim.traces.traces import DOWN, UP

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
# Kolmogorov distances and shares are told with so many digits.
DIGITS = 3
# A parameter whose interval is so many times as wide as it is large says nothing (choice).
UNDETERMINED = 20.0
# How parameters in a unit are shown: by which factor, in what.
UNITS = {"": (1.0, ""), "S": (1 / MICRO, f"{NO_BREAK}µS"), "µS": (1.0, f"{NO_BREAK}µS")}


def read_table(story: Story) -> Html:
    """Return what was read, and what was made of it."""
    origin, traces, device = story.device.origin, story.device.traces, story.device.estimate
    read = np.isfinite(traces.conductance)
    low, high = range_of(traces)
    options = ", ".join(f"{name} = {value}" for name, value in origin.options.items())
    facts = {
        "measured": {
            "file": origin.file,
            "SHA-256": origin.sha256,
            "unit in the file": origin.unit,
            "asked for": options or "nothing",
            "devices": f"{len(traces.devices):,}",
            "readings": f"{read.sum():,} of {read.size:,} "
            f"({100 * read.mean():.1f} %); {traces.conductance.shape[1]:,} in the longest trace",
            "pulses": f"{(traces.pulse == UP).sum():,} up, {(traces.pulse == DOWN).sum():,} down",
            "range of readings": f"{micro(low)} to {micro(high)}",
        },
        "estimated": {
            "device file": story.name,
            "kind": "bidirectional: steps up and down"
            if device.bidirectional
            else "partial SET upwards, abrupt RESET",
            **_memory(device.memory),
            "range of a nominal device": f"{micro(device.g_min)} to {micro(device.g_max)}",
            "spread of ranges, device to device": percent(device.range_spread),
            "spread of steps that is left, device to device": percent(device.step_scale_spread),
            "read noise": noise_in_words(device.noise),
        },
    }
    rows = {title: list(group.items()) for title, group in facts.items()}
    return table("What was read", ["property", "value"], rows)


def _memory(memory: int) -> dict[str, str]:
    if memory == 1:
        return {}
    return {
        "memory of pulses since RESET": f"{memory - 1} tables for the first {memory - 1} partial "
        "SETs, and one for all that follow"
    }


def truth_table(story: Story) -> Html:
    """Return measured and simulated conductances after some numbers of pulses."""
    heading = ["pulses in a row", "mean measured (µS)", "mean simulated (µS)"]
    heading += ["10 to 90 % measured (µS)", "10 to 90 % simulated (µS)"]
    groups = {
        side.name: [_compared(*each) for each in story.trains[side.pulse].compared()]
        for side in story.sides
        if side.pulse in story.trains
    }
    return table("Measured and simulated", heading, groups)


def _compared(pulses: int, measured: Course, simulated: Course) -> list[str]:
    both = (measured, simulated)
    means = [digits(course.mean[0] / MICRO) for course in both]
    return [f"{pulses:,}", *means, *(_band(course) for course in both)]


def _band(course: Course) -> str:
    if course.low[0] == course.high[0]:
        return "-"  # one trace is no band
    return f"{digits(course.low[0] / MICRO)} to {digits(course.high[0] / MICRO)}"


def distance_table(story: Story) -> Html:
    """Return how far measured and fitted distributions of steps are apart."""
    heading = ["conductance before the pulse", "measured steps", "mean measured (µS)"]
    heading += ["mean simulated (µS)", "KS distance", "5 % limit"]
    groups = {
        side.name: [
            [
                f"{level.name}: {digits(level.low / MICRO)} to {digits(level.high / MICRO)} µS",
                f"{len(level.measured):,}",
                digits(level.measured.mean() / MICRO),
                digits(level.fitted.mean() / MICRO) if level.fitted.size else "-",
                f"{level.distance:.{DIGITS}f}" if level.fitted.size else "-",
                f"{level.by_chance:.{DIGITS}f}",
            ]
            for level in side.levels
        ]
        for side in story.sides
        if side.levels
    }
    return table("Distances of distributions", heading, groups)


def fit_table(name: str, fits: Sequence[Fit]) -> Html:
    """Return the parameters of fits with their intervals, and how good they are."""
    heading = ["parameter", "value", "95 % interval"]
    groups = {_goodness(fit): _parameters(fit) for fit in fits}
    return table(f"Fits: {name}", heading, groups)


def _goodness(fit: Fit) -> str:
    return (
        f"{fit.law}: R² {signed(fit.r_squared)}, reduced chi-square "
        f"{signed(fit.reduced_chi_square)}, AIC {signed(fit.aic)}"
    )


def _parameters(fit: Fit) -> list[list[str]]:
    rows = []
    parts = zip(fit.names, fit.units, fit.values, fit.low, fit.high, strict=True)
    for name, unit, *numbers in parts:
        factor, after = UNITS.get(unit, (1.0, f"{NO_BREAK}{unit}"))
        rows.append(_parameter(name, after, [number * factor for number in numbers]))
        if name == NONLINEARITY:
            rows.append(_parameter("NeuroSim's label", "", [label_of(each) for each in numbers]))
    return rows


def _parameter(name: str, after: str, numbers: Sequence[float]) -> list[str]:
    value, low, high = numbers
    if not np.isfinite(numbers).all() or high - low > UNDETERMINED * abs(value):
        return [name, "not determined", "-"]
    return [name, f"{signed(value)}{after}", f"{signed(low)} to {signed(high)}{after}"]


def formulas(fits: Sequence[Fit]) -> Html:
    """Return the laws as they are written."""
    items = (element("li", element("b", fit.law), f": {fit.formula}") for fit in fits)
    return element("ul", *items)


def variance_table(story: Story) -> Html:
    """Return the shares of the variance of steps, with the published ones for comparison."""
    device = story.device.estimate
    heading = ["steps", "pulse to pulse", "device to device", "read noise, over both"]
    heading += ["steps used", "devices"]
    shares = {UP: device.set_variance, DOWN: device.reset_variance}
    rows = [
        _shares(side.name, each) for side in story.sides if (each := shares[side.pulse]) is not None
    ]
    rows.append(["PCM, Gong et al. 2018 (published)", "67 %", "33 %", "-", "-", "1,000"])
    return table("Variance", heading, {"": rows})


def _shares(name: str, shares: VarianceShares) -> list[str]:
    total = shares.pulse + shares.device
    noise = percent(shares.noise / total) if total > 0 else "-"
    return [
        f"{name} (measured)",
        percent(1 - shares.device_share),
        percent(shares.device_share),
        noise,
        f"{shares.steps:,}",
        f"{shares.devices:,}",
    ]


def noise_in_words(noise: MeasuredNoise) -> str:
    """Return the noise of readings in words."""
    if not noise.significant and noise.error == 0:
        return "not found out; none is taken out of the table"
    if not noise.significant:
        return (
            f"not clear beside that of steps (variance {signed(noise.variance / MICRO**2)} "
            f"\N{PLUS-MINUS SIGN} {signed(noise.error / MICRO**2)} µS²); none is taken out of the "
            "table"
        )
    return (
        f"standard deviation {micro(noise.typical)} in the middle of all readings: "
        f"{micro(noise.absolute)} at all conductances and {percent(noise.relative)} of the "
        "conductance, added as squares; taken out of the table"
    )


def micro(conductance: float) -> str:
    """Return a conductance (S) in uS, with its unit."""
    return f"{digits(conductance / MICRO)} µS"


def digits(number: float) -> str:
    """Return a number with four digits, or all of those before the point."""
    if not math.isfinite(number):
        return "-"
    whole = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
    return whole.replace("-", MINUS) if not whole.startswith("-0") or float(whole) else "0"


def signed(number: float) -> str:
    """Return a number of any size with four digits."""
    return f"{number:.4g}".replace("-", MINUS) if math.isfinite(number) else "-"


def percent(share: float) -> str:
    """Return a share of 1 in percent, with its sign."""
    return f"{100 * share:.1f} %".replace("-", MINUS)
