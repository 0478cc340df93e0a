"""Units in which readings come, and how they become conductances.

A conductance G is read as itself, as a resistance 1 / G, or as a current G * V at a read voltage V.
"""

import difflib
import re
from dataclasses import dataclass

import numpy as np

from pcmsim.errors import UserError
from pcmsim.traces.traces import Floats

CONDUCTANCE = "conductance"
RESISTANCE = "resistance"
CURRENT = "current"
VOLTAGE = "voltage"

_PREFIXES = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
_LONG_PREFIXES = {
    "pico": "p",
    "nano": "n",
    "micro": "u",
    "mikro": "u",
    "milli": "m",
    "kilo": "k",
    "mega": "M",
    "meg": "M",
    "giga": "G",
}
_ALL_PREFIXES = {**dict(zip(_PREFIXES, _PREFIXES, strict=True)), "K": "k", **_LONG_PREFIXES}
_QUANTITY = {"S": CONDUCTANCE, "ohm": RESISTANCE, "A": CURRENT, "V": VOLTAGE}
_LONG_NAMES = {
    "siemens": "S",
    "mho": "S",
    "mhos": "S",
    "ohm": "ohm",
    "ohms": "ohm",
    "ampere": "A",
    "amperes": "A",
    "amp": "A",
    "amps": "A",
    "volt": "V",
    "volts": "V",
}
_INVERSE = {"ohm": "S", "kohm": "mS", "Mohm": "uS", "Gohm": "nS"}

NAMES = (
    *("S", "mS", "uS", "nS", "pS"),
    *("ohm", "kohm", "Mohm", "Gohm"),
    *("A", "mA", "uA", "nA", "pA"),
)
"""The units of readings that messages propose."""


@dataclass(frozen=True)
class Unit:
    """A unit of readings.

    Attributes:
        name: as it is shown, such as ``uS`` or ``kohm``.
        quantity: ``CONDUCTANCE``, ``RESISTANCE``, ``CURRENT`` or ``VOLTAGE``.
        size: in the SI unit of that quantity.
    """

    name: str
    quantity: str
    size: float


def find_unit(text: str, quantity: str | None = None) -> Unit | None:
    """Return the unit that a text names; None if it names none, or one of another quantity.

    Greek letters, the micro and the ohm sign are understood.  Capitals count (mohm is not Mohm),
    except where a quantity is expected and only one reading makes sense: ``us`` of a conductance.
    """
    plain = _in_ascii(text)
    unit = _of_parts(plain) or _inverse(plain)
    if unit is None and quantity is not None:
        unit = _whatever_the_case(plain, quantity)
    if unit is None or (quantity is not None and unit.quantity != quantity):
        return None
    return unit


def unit_of_option(text: str) -> Unit:
    """Return the unit of readings that an option names.

    Raises:
        UserError: it is none; says which are, and the nearest.
    """
    unit = find_unit(text)
    if unit is not None and unit.quantity == VOLTAGE:
        unit = None
    for quantity in (CONDUCTANCE, RESISTANCE, CURRENT):
        unit = unit or find_unit(text, quantity)
    if unit is None:
        plain = _in_ascii(text)
        same = [name for name in NAMES if _may_be_misspelt(plain, name)]
        near = difflib.get_close_matches(plain, same, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(f"--unit: {ascii_only(text)} is not one of {', '.join(NAMES)}{hint}")
    return unit


def to_siemens(readings: Floats, unit: Unit, read_voltage: float | Floats | None) -> None:
    """Turn readings into conductances (S), in place.

    An infinite resistance is a conductance of 0; a resistance that is not above 0 is refused by
    the caller, who knows where it stands.
    """
    if unit.quantity == RESISTANCE:
        with np.errstate(divide="ignore"):
            np.divide(1 / unit.size, readings, out=readings)
    elif unit.quantity == CURRENT:
        assert read_voltage is not None
        readings *= unit.size
        readings /= read_voltage
    else:
        readings *= unit.size


def guess_unit(quantity: str, readings: Floats) -> Unit | None:
    """Return the SI unit if the size of the readings leaves hardly another choice, else None.

    Of a conductance: the largest is from 0.1 uS to 1 mS, where PCM devices lie (a choice).  The
    same numbers in mS or uS would be conductances a thousand times too small.
    """
    finite = np.abs(readings[np.isfinite(readings)])
    if finite.size == 0:
        return None
    limits = {CONDUCTANCE: (1e-7, 1e-3), RESISTANCE: (1e3, 1e9), CURRENT: (1e-9, 1e-4)}[quantity]
    judged = finite.min() if quantity == RESISTANCE else finite.max()
    if not limits[0] <= judged <= limits[1]:
        return None
    return find_unit({CONDUCTANCE: "S", RESISTANCE: "ohm", CURRENT: "A"}[quantity])


def ascii_only(text: str) -> str:
    """Return text that every terminal can show."""
    return _in_ascii(text).encode("ascii", "backslashreplace").decode()


def shown(value: float, unit: str) -> str:
    """Return a value in SI units with a prefix that suits it, such as ``12.3 uS``."""
    size = abs(value)
    prefix = next(
        (p for p, s in reversed(_PREFIXES.items()) if size >= s * 0.9995), "" if size == 0 else "f"
    )
    return f"{value / _PREFIXES[prefix]:.3g} {prefix}{unit}"


def _in_ascii(text: str) -> str:
    for sign, letters in (
        *(("\u00b5", "u"), ("\u03bc", "u"), ("\u2126", "ohm"), ("\u03a9", "ohm")),
        *(("\u03c9", "ohm"), ("\u2212", "-"), ("\u00a0", " ")),
    ):
        text = text.replace(sign, letters)
    return text.strip()


def _of_parts(text: str) -> Unit | None:
    """Return the unit that a prefix and a name make, each in short or long."""
    for prefix, letter in _ALL_PREFIXES.items():
        start, rest = text[: len(prefix)], text[len(prefix) :]
        rest = rest.lstrip(" -") if prefix else rest
        base = rest if rest in _QUANTITY else _LONG_NAMES.get(rest.lower())
        # The case of a letter tells milli from mega; long prefixes may have any.
        is_prefix = start == prefix or (len(prefix) > 1 and start.lower() == prefix)
        # Nobody means megasiemens by MS.
        if is_prefix and base is not None and not (base == "S" and letter in ("k", "M", "G")):
            return _unit(letter, base)
    return None


def _inverse(text: str) -> Unit | None:
    """Return the conductance that ``1/kohm`` or ``ohm^-1`` names."""
    match = re.fullmatch(r"1 ?/ ?(.+)|(.+?)\^?-1", text)
    unit = _of_parts(match[1] or match[2]) if match is not None else None
    name = _INVERSE.get(unit.name) if unit is not None else None
    return _of_parts(name) if name is not None else None


def _may_be_misspelt(text: str, name: str) -> bool:
    """Whether a text has the prefix of a unit, and then begins like it: nothing else is proposed.

    A unit that is nearly spelt the same may be a thousand times as large.
    """
    prefix = name.removesuffix("ohm") if name.endswith("ohm") else name[:-1]
    rest = text.removeprefix(prefix)
    return text.startswith(prefix) and rest.isalpha() and rest[0] == name[len(prefix)]


def _whatever_the_case(text: str, quantity: str) -> Unit | None:
    found = [
        unit
        for prefix in _PREFIXES
        for base, measured in _QUANTITY.items()
        if measured == quantity and (unit := _unit(prefix, base)).name.lower() == text.lower()
    ]
    return found[0] if len(found) == 1 else None


def _unit(prefix: str, base: str) -> Unit:
    return Unit(prefix + base, _QUANTITY[base], _PREFIXES[prefix])
