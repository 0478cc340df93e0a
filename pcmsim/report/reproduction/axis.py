"""The horizontal axis of a curve: where values stand on it, and what they are called."""

from pcmsim.campaign.axes import Cell
from pcmsim.report.typeset import plain
from pcmsim.study.reproduction.outcome import Curve

# Unit, as it ends an axis label in brackets -> how many of it make one in SI.
UNITS = {"": 1, "%": 100, "µS": 1e6}


def values_of(curve: Curve) -> list[Cell]:
    """Return the values that were tried, in the order of the axis."""
    return [summary.cells[curve.setting] for summary in curve.summaries]


def has_names(curve: Curve) -> bool:
    """Tell whether values stand side by side under their names, not at their place on a scale."""
    values = values_of(curve)
    return len(values) == 1 or any(isinstance(value, str) for value in values)


def place_of(curve: Curve, value: Cell) -> float:
    """Return where a value stands, in the unit of the axis."""
    return float(values_of(curve).index(value) if has_names(curve) else _in_unit(curve, value))


def place_of_base(curve: Curve) -> float | None:
    """Return where the base file stands; None where it does not."""
    shipped = curve.shipped
    if shipped is None or (has_names(curve) and shipped not in values_of(curve)):
        return None
    return place_of(curve, shipped)


def name_of(curve: Curve, value: Cell) -> str:
    """Return a value in the unit of the axis, without the unit."""
    return value if isinstance(value, str) else plain(_in_unit(curve, value))


def name_with_unit(curve: Curve, value: Cell) -> str:
    """Return a value in words, such as 30 %."""
    unit = "" if isinstance(value, str) else _unit(curve)
    return f"{name_of(curve, value)} {unit}".rstrip()


def _in_unit(curve: Curve, value: Cell) -> float:
    return float(value) * UNITS[_unit(curve)]


def _unit(curve: Curve) -> str:
    return next((unit for unit in UNITS if curve.label.endswith(f"({unit})")), "")
