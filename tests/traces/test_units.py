"""Units are understood however they are written (exact)."""

import numpy as np
import pytest

from pcmsim.errors import UserError
from pcmsim.traces.reading.names import (
    AMPLITUDE,
    CHANGED,
    CYCLE,
    DEVICE,
    IGNORED,
    KIND,
    OTHER,
    PULSE,
    READ_VOLTAGE,
    READING,
    kind_of,
    meaning_of,
)
from pcmsim.traces.reading.remarks import read_voltage_in, unit_in
from pcmsim.traces.reading.units import find_unit, guess_unit, shown, to_siemens, unit_of_option
from pcmsim.traces.traces import DOWN, START, UP

UNITS = {
    "S": ("conductance", 1.0),
    "mS": ("conductance", 1e-3),
    "\u00b5S": ("conductance", 1e-6),
    "\u03bcS": ("conductance", 1e-6),
    "nS": ("conductance", 1e-9),
    "microsiemens": ("conductance", 1e-6),
    "umho": ("conductance", 1e-6),
    "uMho": ("conductance", 1e-6),
    "uSiemens": ("conductance", 1e-6),
    "microS": ("conductance", 1e-6),
    "mikroS": ("conductance", 1e-6),
    "microSiemens": ("conductance", 1e-6),
    "micro-Siemens": ("conductance", 1e-6),
    "1/ohm": ("conductance", 1.0),
    "1/MOhm": ("conductance", 1e-6),
    "\u03a9^-1": ("conductance", 1.0),
    "ohm": ("resistance", 1.0),
    "Ohms": ("resistance", 1.0),
    "\u2126": ("resistance", 1.0),
    "k\u03a9": ("resistance", 1e3),
    "KOhm": ("resistance", 1e3),
    "Mohm": ("resistance", 1e6),
    "mohm": ("resistance", 1e-3),
    "megaohm": ("resistance", 1e6),
    "A": ("current", 1.0),
    "uA": ("current", 1e-6),
    "nanoamps": ("current", 1e-9),
    "mV": ("voltage", 1e-3),
}


@pytest.mark.parametrize("text", UNITS)
def test_a_unit(text: str) -> None:
    unit = find_unit(text)
    assert unit is not None
    assert (unit.quantity, unit.size) == UNITS[text]


@pytest.mark.parametrize(
    "text",
    ["", "s", "us", "micros", "MSiemens", "1/s", "S^-1", "-S", "seconds", "K", "siem", "1", "dev"],
)
def test_no_unit(text: str) -> None:
    assert find_unit(text) is None


def test_letters_of_either_case_where_the_quantity_is_known() -> None:
    unit = find_unit("us", "conductance")
    assert unit is not None and unit.name == "uS"
    # Mega or milli: cannot be told.
    assert find_unit("MS", "conductance") is None
    assert unit_of_option("US").name == "uS"


def test_readings_become_conductances() -> None:
    for name, readings, voltage in (
        ("kohm", [100.0, np.inf], None),
        ("uS", [10.0, 0.0], None),
        ("nA", [-2000.0, 0.0], -0.2),
    ):
        array = np.array(readings)
        to_siemens(array, unit_of_option(name), voltage)
        assert np.allclose(array, [1e-5, 0.0], rtol=1e-12, atol=0)


def test_a_unit_is_guessed_only_where_it_is_clear() -> None:
    found = guess_unit("conductance", np.array([np.nan, 1e-9, 2e-5]))
    assert found is not None and found.name == "S"
    found = guess_unit("resistance", np.array([2e4, 1e7]))
    assert found is not None and found.name == "ohm"
    assert guess_unit("conductance", np.array([1.0, 20.0])) is None
    assert guess_unit("conductance", np.array([np.nan])) is None


def test_unknown_units_are_refused() -> None:
    for text, name in (("kohn", "kohm"), ("uSi", "uS"), ("nSi", "nS")):
        with pytest.raises(UserError, match=f"did you mean {name}\\?"):
            unit_of_option(text)


@pytest.mark.parametrize("text", ["micSi", "mikS", "Mmho", "1/ohmm", "mS/cm", "uV", "mOhmm"])
def test_no_unit_of_another_size_or_quantity_is_proposed(text: str) -> None:
    with pytest.raises(UserError, match="is not one of S, mS, uS") as raised:
        unit_of_option(text)
    assert "did you mean" not in str(raised.value)


NAMES = {
    "G (uS)": (READING, "conductance", "uS", ""),
    "conductance_S": (READING, "conductance", "S", ""),
    "R [kOhm]": (READING, "resistance", "kohm", ""),
    "Resistance / M\u03a9": (READING, "resistance", "Mohm", ""),
    "I_nA": (READING, "current", "nA", ""),
    "Conductance in uS": (READING, "conductance", "uS", ""),
    "G_dev1 (uS)": (READING, "conductance", "uS", "dev1"),
    "B7 [uS]": (OTHER, "conductance", "uS", "B7"),
    "device_A": (OTHER, None, None, "device_A"),
    "dev 3": (OTHER, None, None, "dev 3"),
    "Device ID": (DEVICE, None, None, ""),
    "deviceId": (DEVICE, None, None, ""),
    "row": (DEVICE, None, None, ""),
    "Pulse #": (PULSE, None, None, ""),
    "PulseNumber": (PULSE, None, None, ""),
    "number of pulses": (PULSE, None, None, ""),
    "n": (PULSE, None, None, ""),
    "cycle": (CYCLE, None, None, ""),
    "Pulse Type": (KIND, None, None, ""),
    "polarity": (KIND, None, None, ""),
    "V_pulse (V)": (AMPLITUDE, None, "V", ""),
    "amplitude": (AMPLITUDE, None, None, ""),
    "read voltage [mV]": (READ_VOLTAGE, None, "mV", ""),
    "time (s)": (IGNORED, None, None, ""),
    "log10(R/Ohm)": (CHANGED, None, None, "logarithms"),
    "log10 G (uS)": (CHANGED, None, None, "logarithms"),
    "logG": (CHANGED, None, None, "logarithms"),
    "ln(G)": (CHANGED, None, None, "logarithms"),
    "\u0394G (\u00b5S)": (CHANGED, None, None, "differences"),
    "dG1 (uS)": (CHANGED, None, None, "differences"),
    "delta_G_uS": (CHANGED, None, None, "differences"),
    "dG (uS)": (CHANGED, None, None, "differences"),
    "change (uS)": (CHANGED, None, None, "differences"),
    "normalized G": (CHANGED, None, None, "ratios"),
    "G (mS x1e-3)": (CHANGED, None, None, "readings times a power of ten"),
    "G (\u00d710\u207b\u2076 S)": (CHANGED, None, None, "readings times a power of ten"),
    "G (10^-6 S)": (CHANGED, None, None, "readings times a power of ten"),
    "G x10-6": (CHANGED, None, None, "readings times a power of ten"),
    "D 3 (uS)": (OTHER, "conductance", "uS", "D 3"),
    "G_10x10 (uS)": (READING, "conductance", "uS", "10x10"),
    "G after 1e4 cycles (uS)": (READING, "conductance", "uS", "after 1e4 cycles"),
    "t": (IGNORED, None, None, ""),
    "t (s)": (IGNORED, None, None, ""),
    "T [C]": (IGNORED, None, None, ""),
    "T (\u00b0C)": (IGNORED, None, None, ""),
    "humidity (%)": (IGNORED, None, None, ""),
    "chamber (%)": (IGNORED, None, None, ""),
    "D1_sd (uS)": (IGNORED, None, "uS", ""),
    "T1 (uS)": (OTHER, "conductance", "uS", "T1"),
    "G std (uS)": (IGNORED, None, "uS", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_columns(name: str) -> None:
    meaning = meaning_of(name)
    unit = meaning.unit and meaning.unit.name
    assert (meaning.role, meaning.quantity, unit, meaning.rest) == NAMES[name]


def test_words_for_kinds_of_pulses() -> None:
    for word in ("SET", "Partial-SET", "up", "LTP", "+1", "1.0", "+", "potentiation pulse"):
        assert kind_of(word) == UP, word
    for word in ("Reset", "down", "LTD", "-1", "\u22121", "-", "Depression"):
        assert kind_of(word) == DOWN, word
    for word in ("", "0", "initial", "none"):
        assert kind_of(word) == START, word
    for word in ("SOT", "2", "x"):
        assert kind_of(word) is None, word


def test_remarks_tell_unit_and_read_voltage() -> None:
    assert read_voltage_in(["lot 7", "Read voltage: 0.2 V"]) == 0.2
    assert read_voltage_in(["V_read (mV) = 100"]) == pytest.approx(0.1)
    assert read_voltage_in(["read at 0,3 V"]) == 0.3
    assert read_voltage_in(["voltage 5"]) is None
    for remark in ("units: uS", "Conductance (uS) of lot 3", "unit of G is \u00b5S."):
        unit = unit_in([remark])
        assert unit is not None and unit.name == "uS", remark
    assert unit_in(["unit: K", "nothing"]) is None


def test_values_are_shown_with_a_prefix_that_suits() -> None:
    assert shown(1.25e-5, "S") == "12.5 uS"
    assert shown(-2e-9, "S") == "-2 nS"
    assert shown(0.0, "S") == "0 S"
    assert shown(9.9999e-7, "S") == "1 uS"
