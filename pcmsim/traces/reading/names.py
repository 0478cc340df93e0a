"""What the names of columns mean, and the words for kinds of pulses."""

import difflib
import re
from dataclasses import dataclass

from pcmsim.traces.reading.units import CONDUCTANCE, CURRENT, RESISTANCE, VOLTAGE, Unit, find_unit
from pcmsim.traces.traces import DOWN, START, UP

DEVICE = "device"
CYCLE = "cycle"
PULSE = "pulse number"
KIND = "kind of pulse"
AMPLITUDE = "amplitude"
READ_VOLTAGE = "read voltage"
READING = "reading"
UNIT = "unit"
OTHER = "other"
IGNORED = "ignored"
CHANGED = "changed reading"

QUANTITIES = (CONDUCTANCE, RESISTANCE, CURRENT)

PROPOSED = ("device", "pulse", "cycle", "polarity", "amplitude", *QUANTITIES)
"""The names of columns that messages propose."""


def _several(words: str) -> frozenset[str]:
    return frozenset(words.split())


_QUANTITY_WORDS = {
    "conductance": CONDUCTANCE,
    "conductances": CONDUCTANCE,
    "conductivity": CONDUCTANCE,
    "cond": CONDUCTANCE,
    "g": CONDUCTANCE,
    "resistance": RESISTANCE,
    "resistances": RESISTANCE,
    "res": RESISTANCE,
    "r": RESISTANCE,
    "current": CURRENT,
    "currents": CURRENT,
    "iread": CURRENT,
    "i": CURRENT,
}
_UNHELPFUL = _several(
    "time timestamp date temperature temp humidity width duration delay std stdev stddev sd sem "
    "sigma error err before pre comment comments remark note notes frequency operator"
)
# "us" is missing, for it may be meant for microsiemens.
_FOREIGN_UNITS = _several("s sec seconds ms ns min h d C \u00b0C degC K kelvin % bar mbar Hz kHz")
_LOGARITHMS = _several("log log10 log2 loge lg ln")
_DIFFERENCES = _several("delta difference diff change")
_RATIOS = _several("normalized normalised norm relative rel")
# A power of ten: "x1e-3", "(1e-6 S)", "x10", but not that of "G after 1e4 cycles" or of "10x10".
_TIMES = r"(?:[\u00d7*\u00b7]|(?<![0-9A-Za-z])x)\s*"
_TEN = r"(?:1e[+-]?\d|10\s*(?:\^|\*\*|[\u207a\u207b\u2070-\u2079]))"
_FACTOR = re.compile(rf"(?:{_TIMES}|[(\[{{/]\s*){_TEN}|{_TIMES}10\b", re.IGNORECASE)
_DIGITS = "0123456789"
_SUMMARIES = _several("mean average avg median")
_KIND_WORDS = _several("kind type polarity direction dir operation op mode event action process")
_AMPLITUDE_WORDS = _several("amplitude amp vpulse vprog programming height vp")
_DEVICE_WORDS = _several(
    "device devices dev deviceid devid cell cellid sample dut junction address addr element "
    "synapse id"
)
_COORDINATES = _several(
    "row col column wl bl wordline bitline word bit line die chip wafer array block x y"
)
_CYCLE_WORDS = _several("cycle cycles train sweep repetition rep loop trial run")
_PULSE_WORDS = _several(
    "pulse pulses n npulse npulses pulseno pulsenr pulsenumber pulseindex step steps index idx "
    "iteration shot"
)
_VALUE_WORDS = _several("value values reading readings data measurement meas signal")
_FILLERS = _several("number no nr num id name index idx count of the applied #")
_READING_FILLERS = _several("read after post measured mean avg average final value device dev cell")

_UP_WORDS = _several(
    "set up pset partialset potentiation potentiate pot ltp p increase inc rise rising positive "
    "pos + s"
)
_DOWN_WORDS = _several(
    "reset down partialreset depression depress dep ltd d decrease dec fall falling "
    "negative neg - erase melt"
)
_START_WORDS = _several("start initial init none read nan unknown ?")


@dataclass(frozen=True)
class Meaning:
    """What the name of a column says.

    Attributes:
        role: one of the roles above.
        quantity: of a reading, or of a column that names a unit of one; else None.
        unit: that unit, if it is named.
        rest: what else the name says, such as which device; of changed readings, how.
    """

    role: str
    quantity: str | None = None
    unit: Unit | None = None
    rest: str = ""


def meaning_of(name: str) -> Meaning:
    """Return what the name of a column says; whatever is not understood has the role OTHER."""
    bare, unit = _without_unit(name)
    words = _words(bare)
    if change := _change_of(name, words, unit):
        return Meaning(CHANGED, rest=change)
    quantity = unit.quantity if unit is not None and unit.quantity in QUANTITIES else None
    role = _role(words, unit)
    if role == OTHER and (words == ["t"] or _has_foreign_unit(name)):
        role = IGNORED
    if role == READING:
        named = _quantity_in(words) or quantity
        fitting = unit if quantity else None
        rest = [word for word in words if word not in _QUANTITY_WORDS]
        kept = " ".join(rest) if set(rest) - _READING_FILLERS else ""
        return Meaning(READING, named, fitting, kept)
    if role == OTHER:
        return Meaning(OTHER, quantity, unit if quantity else None, bare.strip() or name)
    return Meaning(role, None, unit)


def nearest_name(name: str) -> str | None:
    """Return what a name that is not understood may be a misspelling of; None for nothing.

    The names of devices, such as ``deviceB`` or ``pulse3``, are no misspellings.
    """
    for word in _words(name) if meaning_of(name).role == OTHER else ():
        near = difflib.get_close_matches(word, PROPOSED, n=1, cutoff=0.8)
        if near and word.isalpha() and not word.startswith(near[0]):
            return near[0]
    return None


def is_foreign_unit(text: str) -> bool:
    """Return whether a unit is one of time, temperature or the like."""
    return text.replace(" ", "") in _FOREIGN_UNITS


def is_summary(name: str) -> bool:
    """Return whether a column holds means of readings."""
    return bool({*_words(name)} & _SUMMARIES)


def kinds_in(name: str) -> set[int]:
    """Return the kinds of pulses that a name mentions in words, UP or DOWN or both."""
    words = {word for word in _words(name) if len(word) > 1}
    return {kind for some, kind in ((_UP_WORDS, UP), (_DOWN_WORDS, DOWN)) if words & some}


def kind_of(word: str) -> int | None:
    """Return the kind of pulse that a word or number means; None if it means none."""
    plain = word.strip().casefold().replace("\u2212", "-")
    if re.fullmatch(r"[+-]?\d+(\.0*)?", plain):
        return {1: UP, -1: DOWN, 0: START}.get(int(float(plain)))
    plain = re.sub(r"[\s_.-]|pulse", "", plain) or plain
    if plain in _UP_WORDS:
        return UP
    if plain in _DOWN_WORDS:
        return DOWN
    return START if plain in ("", *_START_WORDS) else None


def kind_words() -> str:
    """Return the words for kinds of pulses that a message names."""
    return "SET, RESET, up, down, potentiation, depression, LTP, LTD, +1 or -1"


def _has_foreign_unit(name: str) -> bool:
    bracketed = re.fullmatch(r".*[(\[{]([^)\]}]*)[)\]}]\s*", name)
    return bracketed is not None and is_foreign_unit(bracketed[1])


def _change_of(name: str, words: list[str], unit: Unit | None) -> str:
    """Return what a column holds instead of readings themselves; empty for nothing of the kind."""
    if words and words[0] in _LOGARITHMS:
        return "logarithms"
    if _FACTOR.search(name):
        return "readings times a power of ten"
    for some, change in ((_DIFFERENCES, "differences"), (_RATIOS, "ratios")):
        others = [word.rstrip(_DIGITS) for word in words if word not in some]
        if len(others) < len(words) and (unit is not None or _quantity_in(others)):
            return change
    is_d = words[:1] == ["d"] and _quantity_in([word.rstrip(_DIGITS) for word in words[1:]])
    return "differences" if is_d else ""


def _role(words: list[str], unit: Unit | None) -> str:
    if not words:
        return OTHER
    some = set(words)
    if words in (["unit"], ["units"]):
        return UNIT
    if some & _UNHELPFUL:
        return IGNORED
    if _is_voltage(words, unit):
        is_read = some & {"read", "vread", "readv", "readout"}
        return READ_VOLTAGE if is_read else AMPLITUDE
    if some & _KIND_WORDS or words == ["set", "reset"]:
        return KIND
    if some & _AMPLITUDE_WORDS:
        return AMPLITUDE
    if _quantity_in(words) is not None and (words != ["i"] or unit is not None):
        return READING
    for role, known in (
        (PULSE, _PULSE_WORDS),
        (DEVICE, _DEVICE_WORDS),
        (DEVICE, _COORDINATES),
        (CYCLE, _CYCLE_WORDS),
    ):
        if some & known and not some - known - _FILLERS and unit is None:
            return role
    if words in (["number"], ["no"], ["nr"], ["#"], ["count"], ["i"], ["k"]):
        return PULSE
    if words[0] in _PULSE_WORDS and some & {"number", "index", "count", "no"}:
        return PULSE
    if "pulses" in some or words == ["pulse", "cycle"]:
        return PULSE
    return READING if not some - _VALUE_WORDS else OTHER


def _is_voltage(words: list[str], unit: Unit | None) -> bool:
    if unit is not None:
        return unit.quantity == VOLTAGE
    return bool({*words} & {"voltage", "vread", "readv", "v", "volts", "vpulse", "vprog"})


def _quantity_in(words: list[str]) -> str | None:
    """Return the quantity that is named: by a long word anywhere, by a letter at the start."""
    for place, word in enumerate(words):
        if word in _QUANTITY_WORDS and (place == 0 or len(word) > 3):
            return _QUANTITY_WORDS[word]
    return None


def _without_unit(name: str) -> tuple[str, Unit | None]:
    """Split a name into itself and the unit at its end: in brackets, or after a separator."""
    bracketed = re.fullmatch(r"\s*(.*?)[\s_,/]*[(\[{]\s*(?:in\s+)?([^)\]}]*)[)\]}]\s*", name)
    if bracketed is not None:
        bare, text = bracketed.groups()
        return (bare, found) if (found := _unit_after(bare, text)) else (name, None)
    trailing = re.fullmatch(r"\s*(.+?)\s*(?:[\s_/,:-]+|\bin\b)\s*([^\s_/,:-]+)\s*", name)
    if trailing is not None:
        bare, text = trailing.groups()
        found = _unit_after(bare, text)
        # The A of "device_A" is no ampere: a single letter needs its quantity before it.
        if found is not None and (len(found.name) > 1 or _names_quantity(bare, found)):
            return re.sub(r"\s+in$", "", bare), found
    return name, None


def _unit_after(bare: str, text: str) -> Unit | None:
    quantity = _quantity_in(_words(bare))
    return (find_unit(text, quantity) if quantity else None) or find_unit(text)


def _names_quantity(bare: str, unit: Unit) -> bool:
    words = _words(bare)
    if unit.quantity == VOLTAGE:
        return bool({*words} & {"voltage", "amplitude", "read", "v", "vread", "pulse"})
    return _quantity_in(words) == unit.quantity


def _words(name: str) -> list[str]:
    split = re.sub(r"[\u0394\u03b4\u2206]", " delta ", name.strip()).replace("#", " # ")
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", split)
    return [word for word in re.split(r"[^0-9A-Za-z#\u0080-\uffff]+", split.casefold()) if word]
