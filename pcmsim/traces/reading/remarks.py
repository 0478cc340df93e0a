"""What title and comment lines say of the readings: their unit, and the read voltage."""

import re
from collections.abc import Sequence

from pcmsim.traces.reading.names import QUANTITIES
from pcmsim.traces.reading.units import Unit, find_unit

_VOLTAGE = re.compile(
    r"(?:read[\s_-]*(?:out[\s_-]*)?(?:voltage|bias|at)|v[\s_-]*read)\b\s*"
    r"(?:\(?(?P<before>m?V)\)?)?\s*[:=,;]?\s*(?P<number>[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)"
    r"\s*(?P<after>m?V)?\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\bunits?\b(?:\s+of\s+\w+)?\s*(?:[:=,;]|is|in)?\s*(\S+)", re.IGNORECASE)
_IN_UNIT = re.compile(
    r"\b(?:conductances?|resistances?|currents?|g|r|i)\b\s*(?:[(\[]|in\s|/)\s*([^\s)\],;]+)",
    re.IGNORECASE,
)


def read_voltage_in(remarks: Sequence[str]) -> float | None:
    """Return the read voltage (V) that a remark names, or None."""
    for remark in remarks:
        for match in _VOLTAGE.finditer(remark):
            unit = find_unit(match["after"] or match["before"] or "V", "voltage")
            value = float(match["number"].replace(",", "."))
            if unit is not None and value != 0:
                return value * unit.size
    return None


def unit_in(remarks: Sequence[str]) -> Unit | None:
    """Return the unit of readings that a remark names, or None."""
    for remark in remarks:
        for match in (*_UNIT.finditer(remark), *_IN_UNIT.finditer(remark)):
            unit = find_unit(match[1].strip(".,;:()[]"))
            if unit is not None and unit.quantity in QUANTITIES:
                return unit
    return None
