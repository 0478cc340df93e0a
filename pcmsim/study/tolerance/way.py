"""The ways along which a setting is searched: from where to where, and in what steps."""

import math
from dataclasses import dataclass, replace

from pcmsim.errors import UserError
from pcmsim.study.tolerance.value import Parameter

# Where nothing else is said, ratios are what counts if values may be so many times the smallest,
# or where that is 0 the reference; ...
MANY_TIMES = 1000
# ... then a search goes no further than this factor; and conductances go up to this part of the
# device's highest.
MOST_TIMES = 100
MOST_OF_RANGE = 0.5
# Values in between are rounded to so many digits.
DIGITS = 4


@dataclass(frozen=True)
class Way:
    """The values from a near end, which the search leaves, to a far one.

    Attributes:
        near: value at the near end.
        far: value at the far end.
        is_log: True if equal steps are equal ratios.
        is_whole: True if all values are whole numbers.
    """

    near: float
    far: float
    is_log: bool
    is_whole: bool

    def at(self, part: float) -> float:
        """Return the value at a part of the way: the near end at 0, the far end at 1."""
        if part in (0, 1):
            return self.far if part else self.near
        if self.is_log:
            value = float(self.near ** (1 - part) * self.far**part)
        else:
            value = self.near + part * (self.far - self.near)
        if self.is_whole:
            return round(value)
        low, high = sorted((self.near, self.far))
        return min(max(float(f"{value:.{DIGITS}g}"), low), high)

    def width(self, first: float, second: float) -> float:
        """Return how wide a gap from one part of the way to another is.

        Over its second end's distance from the near end, or, where ratios count, the logarithm of
        the ratio of its ends.
        """
        if self.is_log:
            return (second - first) * abs(math.log(self.far / self.near))
        return (second - first) / second

    @property
    def is_up(self) -> bool:
        """True if values rise."""
        return self.far > self.near

    def back(self) -> "Way":
        """Return the way back."""
        return replace(self, near=self.far, far=self.near)


def ways_of(
    parameter: Parameter,
    reference: float | None,
    first: float | None,
    last: float | None,
    scale: str | None,
) -> list[Way]:
    """Return the ways that lead from the reference to the ends of the search.

    These are two if it lies between them, and one if it does not.  Without a reference, the one
    from ``first`` to ``last``, whichever of them may be the better.

    Args:
        parameter: what is searched.
        reference: the value that others are compared with; None: it is not a number.
        first: lowest value to search; None: what seems reasonable.
        last: highest value to search; None: what seems reasonable.
        scale: ``linear`` or ``log``; None: what seems reasonable.

    Raises:
        UserError: no range can be told, or what is given contradicts itself.
    """
    lowest, highest = _reasonable(parameter)
    is_log = _is_log(lowest, highest, reference) if scale is None else scale == "log"
    low = _end(parameter, lowest, reference, is_log) if first is None else first
    high = _end(parameter, highest, reference, is_log) if last is None else last
    if low >= high:
        raise UserError(f"--from must be below --to, but they are {low:g} and {high:g}")
    if is_log and low <= 0:
        raise UserError(f"--scale log wants --from above 0, not {low:g}")
    low, high = _whole(low), _whole(high)
    if reference is None or reference <= low:
        return [Way(low, high, is_log, parameter.is_whole)]
    if reference >= high:
        return [Way(high, low, is_log, parameter.is_whole)]
    return [Way(reference, end, is_log, parameter.is_whole) for end in (high, low)]


def _reasonable(parameter: Parameter) -> tuple[float, float]:
    """Return the values that are allowed; a conductance that may be 0 not up to that of copper."""
    g_max = getattr(parameter.settings.device, "g_max", None)
    if parameter.unit == "S" and parameter.low == 0 and g_max is not None:
        return parameter.low, max(parameter.own or 0, MOST_OF_RANGE * g_max)
    return parameter.low, parameter.high


def _is_log(lowest: float, highest: float, reference: float | None) -> bool:
    least = lowest or reference or 0
    return least > 0 and highest >= MANY_TIMES * least


def _end(parameter: Parameter, end: float, reference: float | None, is_log: bool) -> float:
    """Return where a search ends that is told no end: at this one, or nearer."""
    if reference is None or (not is_log and abs(end - reference) >= MANY_TIMES):
        own = "null" if reference is None else f"{reference:g}"
        raise UserError(
            f"--parameter {parameter.name}: is {own}, and may be from {parameter.low:g} to "
            f"{parameter.high:g}; say with --from and --to where to search"
        )
    if not is_log:
        return end
    nearer = min(max(end, reference / MOST_TIMES), reference * MOST_TIMES)
    return max(nearer, 1) if parameter.is_whole else nearer


def _whole(value: float) -> float:
    """Return a whole number without a point."""
    return int(value) if float(value).is_integer() else value
