"""Laws with few parameters, fitted to mean steps and mean traces.

With z the place in the range, from 0 at g_min to 1 at g_max, and steps in S:

======================  ===========================  ==============================================
law                     mean step                    known from
======================  ===========================  ==============================================
linear                  a                            constant step
saturating exponential  a (1 - z)                    fills like 1 - exp(-pulses)
soft bounds             a (1 - z / w)                the same, towards a bound w of its own
power                   a (1 - z)^c                  the concavity of kind ``pcm``
exponential step        a max(1 - A exp(k z), 0)     the PCM fits of aihwkit, commit 4545f11b
                                                     (open code; the form, over z in place of w)
======================  ===========================  ==============================================

For steps down z runs from the top.  Fitted are the means of steps that begin nearest to each
conductance of the table, of which no two share a step.  The fit is by least squares, weighted with
the standard errors of these means (Levenberg and Marquardt); confidence intervals are asymptotic,
estimate +- 1.96 standard errors, the errors widened by the square root of the reduced chi-square
where this is above 1, that is where the law does not hold exactly.

The nonlinearity of the whole train comes from NeuroSim's formula (published with that simulator;
its code is not used),

    G(p) = G(0) + B (1 - exp(-p / A)),  B = (G(P) - G(0)) / (1 - exp(-P / A))

It is the number of pulses P over A: 0 is straight, large is bent, negative bends the other way.
NeuroSim's own label is a monotone function of the same ratio, ``pulse_curve.label_of``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pcmsim.traces.estimating.estimate import Estimate
from pcmsim.traces.estimating.tables import PulseTable
from pcmsim.traces.traces import DOWN, UP, Floats, Traces
from pcmsim.traces.trains import find_trains

TURNS = 200
IN_95_PERCENT = 1.96
# Rows with fewer samples say too little of their mean to be fitted.
FEWEST_SAMPLES = 5
# A mean step is known no better than this part of the largest one, a mean conductance in the course
# of a train than this part of the way (choice).
LEAST_ERROR = 0.01
NONLINEARITY = "P / A"
# Slopes below this are none: their squares would vanish.
SMALLEST_SLOPE = 1e-150


@dataclass(frozen=True)
class Fit:
    """One law, fitted to the mean step against conductance or to the mean trace.

    Attributes:
        law: its name, such as ``saturating exponential``.
        formula: the law in words, with the names of its parameters.
        names: names of the parameters.
        units: unit of each parameter; empty for a pure number.
        values: (parameters,) fitted values in these units.
        low: (parameters,) lower ends of the 95 % confidence intervals.
        high: (parameters,) upper ends.
        x: (n,) conductances, S, or pulse numbers at which the law was fitted.
        y: (n,) what the law says there, S.
        r_squared: share of the variance of the means that the law explains; below 0 if it is worse
            than a constant.
        reduced_chi_square: mean square deviation over the squared standard error of the means, per
            degree of freedom; 1 if the law holds.
        aic: Akaike's information criterion, chi-square + 2 parameters; the lowest is the best.
    """

    law: str
    formula: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Floats
    low: Floats
    high: Floats
    x: Floats
    y: Floats
    r_squared: float
    reduced_chi_square: float
    aic: float


@dataclass(frozen=True)
class MeanSteps:
    """Means of steps, where there are enough of them.

    Attributes:
        conductance: (n,) conductance before the pulse, S.
        mean: (n,) S.
        error: (n,) standard error of the mean, S.
    """

    conductance: Floats
    mean: Floats
    error: Floats


# Values of a law at places (n,) for parameters (m,).
Law = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class _Form:
    """A law before it is fitted; ``start`` makes a first guess from places and means."""

    name: str
    formula: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    law: Law
    start: Callable[[Floats, Floats], list[float]]


def fit_steps(estimate: Estimate, pulse: int) -> list[Fit]:
    """Fit all laws to the mean step of one kind of pulse, the best (lowest AIC) first.

    Args:
        estimate: the device.
        pulse: ``UP`` or ``DOWN``.

    Returns:
        nothing for an abrupt RESET, and where too few conductances were measured.
    """
    if pulse == DOWN and not estimate.bidirectional:
        return []
    table = estimate.set_table if pulse == UP else estimate.reset_table
    means = mean_steps(table)
    place = (means.conductance - estimate.g_min) / (estimate.g_max - estimate.g_min)
    if pulse == DOWN:
        place = 1 - place
    fits = [
        _fit(form, place, means.mean, means.error, means.conductance)
        for form in _OF_STEPS
        if place.size > len(form.names) + 1
    ]
    return sorted(fits, key=lambda fit: fit.aic)


def mean_steps(table: PulseTable) -> MeanSteps:
    """Return the means to which laws are fitted: those of rows with steps of their own."""
    own = table.samples >= FEWEST_SAMPLES
    least = LEAST_ERROR * float(np.abs(table.mean).max())
    error = np.maximum(table.own_error[own], least)
    return MeanSteps(table.conductance[own], table.own_mean[own], error)


def fit_trace(traces: Traces, pulse: int) -> Fit | None:
    """Fit the exponential of NeuroSim to the mean course of the first train of one kind of pulse.

    The fitted ``P / A`` is the nonlinearity, as the module says; None if no train is long enough.
    """
    pulses, mean, error = mean_course(traces, pulse)
    if pulses.size < 5:
        return None
    first, last, count = mean[0], mean[-1], pulses[-1]
    if not error.max() > 0 or first == last:
        return None
    error = np.maximum(error, LEAST_ERROR * abs(last - first))
    return _fit(_course(first, last, float(count)), pulses, mean, error, pulses)


def mean_course(traces: Traces, pulse: int) -> tuple[Floats, Floats, Floats]:
    """Return the mean conductance after each pulse of the devices' first trains of one kind.

    A train begins with the reading before its first pulse and ends before the first other pulse.
    Counted are pulses that at least half as many devices as at best have been read after.

    Returns:
        pulses from 0 (n,), mean conductance (S) and its standard error (S) after each.
    """
    trains = find_trains(traces, pulse)
    _, first = np.unique(trains.device, return_index=True)
    course = trains.conductance[first]
    count = np.isfinite(course).sum(axis=0)
    enough = np.flatnonzero((count >= 2) & (count >= count.max(initial=0) / 2))
    course, count = course[:, enough], count[enough]
    if enough.size == 0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    error = np.nanstd(course, axis=0, ddof=1) / np.sqrt(count)
    return enough.astype(np.float64), np.nanmean(course, axis=0), error


def _fit(form: _Form, place: Floats, mean: Floats, error: Floats, x: Floats) -> Fit:
    """Fit one law; ``place`` is where the law is evaluated, ``x`` what that is called."""
    start = np.array(form.start(place, mean), np.float64)
    values, covariance = least_squares(form.law, place, mean, error, start)
    y = form.law(place, values)
    chi_square = float(np.sum(((mean - y) / error) ** 2))
    reduced = chi_square / max(place.size - values.size, 1)
    width = IN_95_PERCENT * np.sqrt(np.diag(covariance) * max(reduced, 1.0))
    total = float(np.sum((mean - mean.mean()) ** 2))
    return Fit(
        law=form.name,
        formula=form.formula,
        names=form.names,
        units=form.units,
        values=values,
        low=values - width,
        high=values + width,
        x=x,
        y=y,
        r_squared=1 - float(np.sum((mean - y) ** 2)) / total if total > 0 else 0.0,
        reduced_chi_square=reduced,
        aic=chi_square + 2 * values.size,
    )


def least_squares(
    law: Law, x: Floats, y: Floats, error: Floats, start: Floats
) -> tuple[Floats, Floats]:
    """Fit a law by weighted least squares (Levenberg and Marquardt).

    Args:
        law: values at places ``x`` for parameters.
        x: (n,) places.
        y: (n,) values there.
        error: (n,) standard errors of these.
        start: (m,) first guess; no parameter may be 0.

    Returns:
        parameters (m,) and their covariance (m, m).
    """
    values, damping = start.copy(), 1e-3
    rest = (y - law(x, values)) / error
    for _ in range(TURNS):
        slope = _slopes(law, x, values) / error[:, None]
        scale = np.maximum(np.sqrt((slope**2).sum(axis=0)), SMALLEST_SLOPE)
        slope = slope / scale
        normal = slope.T @ slope
        change = np.linalg.solve(normal + damping * np.eye(values.size), slope.T @ rest) / scale
        tried = (y - law(x, values + change)) / error
        if np.isfinite(tried).all() and tried @ tried < rest @ rest:
            values, rest, damping = values + change, tried, max(damping / 5, 1e-12)
            if np.all(np.abs(change) <= 1e-10 * np.abs(values)):
                break
        else:
            damping *= 4
            if damping > 1e12:
                break
    slope = _slopes(law, x, values) / error[:, None]
    scale = np.maximum(np.sqrt((slope**2).sum(axis=0)), SMALLEST_SLOPE)
    inverse = np.linalg.pinv((slope / scale).T @ (slope / scale))
    return values, inverse / np.outer(scale, scale)


def _slopes(law: Law, x: Floats, values: Floats) -> Floats:
    """Return derivatives by each parameter, (n, m), from central differences."""
    columns = []
    for n, value in enumerate(values):
        step = np.zeros_like(values)
        step[n] = 1e-6 * (abs(value) if value != 0 else 1.0)
        columns.append((law(x, values + step) - law(x, values - step)) / (2 * step[n]))
    return np.stack(columns, axis=1)


def _first_step(place: Floats, mean: Floats) -> float:
    """Guess the step at the start of the way."""
    value = float(mean[np.argsort(place)[: max(mean.size // 4, 1)]].mean())
    return value if value != 0 else 1e-12


def _exponential_step(place: Floats, values: Floats) -> Floats:
    return np.asarray(
        values[0] * np.maximum(1 - values[1] * np.exp(np.minimum(values[2] * place, 50)), 0)
    )


def _course(first: float, last: float, count: float) -> _Form:
    """Return the law of a mean trace that begins and ends at given conductances (S)."""

    def law(pulses: Floats, values: Floats) -> Floats:
        bend = np.clip(values[2], -50, 50)
        if abs(bend) < 1e-6:
            return np.asarray(values[0] + values[1] * pulses / count)
        share = np.expm1(-bend * pulses / count) / np.expm1(-bend)
        return np.asarray(values[0] + values[1] * share)

    return _Form(
        "exponential course",
        "G(0) + rise (1 - exp(-p / A)) / (1 - exp(-P / A))",
        ("G(0)", "rise", NONLINEARITY),
        ("S", "S", ""),
        law,
        lambda _place, _mean: [first, last - first, 1.0],
    )


_OF_STEPS = (
    _Form(
        "linear",
        "a",
        ("a",),
        ("S",),
        lambda z, v: np.full_like(z, v[0]),
        lambda z, y: [float(y.mean()) or 1e-12],
    ),
    _Form(
        "saturating exponential",
        "a (1 - z)",
        ("a",),
        ("S",),
        lambda z, v: np.asarray(v[0] * (1 - z)),
        lambda z, y: [_first_step(z, y)],
    ),
    _Form(
        "soft bounds",
        "a (1 - z / w)",
        ("a", "w"),
        ("S", ""),
        lambda z, v: np.asarray(v[0] * (1 - z / v[1])),
        lambda z, y: [_first_step(z, y), 1.2],
    ),
    _Form(
        "power",
        "a (1 - z)^c",
        ("a", "c"),
        ("S", ""),
        lambda z, v: np.asarray(v[0] * np.maximum(1 - z, 1e-9) ** np.clip(v[1], -5, 50)),
        lambda z, y: [_first_step(z, y), 0.8],
    ),
    _Form(
        "exponential step",
        "a max(1 - A exp(k z), 0)",
        ("a", "A", "k"),
        ("S", "", ""),
        _exponential_step,
        lambda z, y: [1.2 * _first_step(z, y), 0.1, 2.0],
    ),
)
