"""Traces are read from text as people have it (exact)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcmsim.errors import UserError
from pcmsim.traces.traces import DOWN, START, UP, steps_of
from tests.traces.conftest import Read

NAN = float("nan")


# All of these say the same: one device, 1, 2.5 and 3 uS after pulses 0, 1 and 2.
SAME: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "commas": ("pulse,G (uS)\n0,1\n1,2.5\n2,3\n", {}),
    "semicolons and decimal commas": ("pulse;G (uS)\n0;1,0\n1;2,5\n2;3,0\n", {}),
    "tabs": ("pulse\tconductance_uS\n0\t1\n1\t2.5\n2\t3\n", {}),
    "spaces": ("  pulse   G (uS)\n  0   1.0\n  1   2.5\n  2   3.0\n", {}),
    "spaces after commas": ("pulse, G (uS)\n0, 1.0\n1, 2.5\n2, 3.0\n", {}),
    "quotation marks": ('"pulse","G (uS)"\n"0","1,0"\n"1","2,5"\n"2","3,0"\n', {}),
    "windows": ("pulse,G (uS)\r\n0,1\r\n1,2.5\r\n2,3\r\n", {}),
    "old mac": ("pulse,G (uS)\r0,1\r1,2.5\r2,3\r", {}),
    "no last newline": ("pulse,G (uS)\n0,1\n1,2.5\n2,3", {}),
    "utf-8 mark": ("\ufeffpulse,G (\u00b5S)\n0,1\n1,2.5\n2,3\n", {}),
    "utf-16": ("pulse\tG (\u03bcS)\n0\t1\n1\t2.5\n2\t3\n".encode("utf-16"), {}),
    "latin": ("pulse,G (\u00b5S)\n0,1\n1,2.5\n2,3\n".encode("latin-1"), {}),
    "comments": ("# a remark\npulse,G (uS)\n0,1\n% another\n1,2.5\n\n2,3\n", {}),
    "names in a comment": ("# pulse G(uS)\n0 1\n1 2.5\n2 3\n", {}),
    "title lines": ("My lab;;\nDate;2024-01-02;\n\npulse;G (uS);\n0;1;\n1;2.5;\n2;3;\n", {}),
    "a line of units": ("pulse;G\n;uS\n0;1\n1;2.5\n2;3\n", {}),
    "a line of units, some of something else": ("n;G;T\n;uS;C\n0;1;2\n1;2.5;2\n2;3;2\n", {}),
    "a line of fewer units": ("n;G;remark\n;uS\n0;1;x\n1;2.5;y\n2;3;z\n", {}),
    "unit in a comment": ("# unit: uS\npulse,G\n0,1\n1,2.5\n2,3\n", {}),
    "unit in each row": ("pulse,G,unit\n0,1,uS\n1,2500,nS\n2,3,uS\n", {}),
    "unit by option": ("pulse,G\n0,1\n1,2.5\n2,3\n", {"unit": "uS"}),
    "unit by size": ("pulse,G\n0,1e-6\n1,2.5e-6\n2,3e-6\n", {}),
    "long form": ("device,pulse,G (uS)\n1,0,1\n1,1,2.5\n1,2,3\n", {}),
    "many columns": ("time,pulse,R,G (uS)\n5,0,9,1\n6,1,8,2.5\n7,2,7,3\n", {}),
    "no names": ("0,1\n1,2.5\n2,3\n", {"unit": "uS"}),
    "no pulse numbers": ("G (uS)\n1\n2.5\n3\n", {}),
    "resistances": ("pulse,R [kOhm]\n0,1000\n1,400\n2,333.3333333333333\n", {}),
    "ohm sign": ("n,R (M\u03a9)\n0,1\n1,0.4\n2,0.3333333333333333\n", {}),
    "currents, option": ("n,I_nA\n0,100\n1,250\n2,300\n", {"read_voltage": 0.1}),
    "currents, comment": ("# Vread = 100 mV\nn,I_nA\n0,100\n1,250\n2,300\n", {}),
    "currents, column": ("n,I (nA),V_read (V)\n0,100,.1\n1,250,.1\n2,600,.2\n", {}),
    "currents below zero": ("n,I_nA\n0,-100\n1,-250\n2,-300\n", {"read_voltage": 0.1}),
    "out of order": ("pulse,G (uS)\n2,3\n0,1\n1,2.5\n", {}),
    "repeated row": ("pulse,G (uS)\n0,1\n1,2.5\n1,2.5\n2,3\n", {}),
    "separators at the ends of rows": ("pulse,T (C),G (uS)\n0,25,1,\n1,26,2.5,\n2,25,3,,\n", {}),
    "separators at the ends of some rows": ("pulse,G (uS)\n0,1\n1,2.5,,\n2,3\n", {}),
    "names of columns that are empty": ("pulse,G (uS),remark\n0,1\n1,2.5\n2,3\n", {}),
    "empty rows of a sheet": ("pulse,G (uS)\n0,1\n1,2.5\n2,3\n,\n,\n", {}),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_readings_in_many_forms(read: Read, name: str) -> None:
    text, options = SAME[name]
    traces = read(text, **options).traces
    assert np.allclose(traces.conductance, [[1e-6, 2.5e-6, 3e-6]], rtol=1e-12, atol=0)
    assert traces.pulse.tolist() == [[START, UP, UP]]


LONG = {
    "text": "a,0,SET,1\na,1,SET,2\na,2,RESET,0.5\nb,0,SET,1.5\nb,1,SET,3\n",
    "mixed": "b,0,SET,1.5\na,0,SET,1\na,1,SET,2\nb,1,SET,3\na,2,RESET,0.5\n",
    "words": "a,0,up,1\na,1,LTP,2\na,2,depression,0.5\nb,0,up,1.5\nb,1,Potentiation,3\n",
    "signs": "a,0,+1,1\na,1,+1,2\na,2,-1,0.5\nb,0,1,1.5\nb,1,1.0,3\n",
}


@pytest.mark.parametrize("name", LONG)
def test_long_form_with_kinds(read: Read, name: str) -> None:
    traces = read("Device ID,Pulse Number,Pulse Type,Conductance [uS]\n" + LONG[name]).traces
    rows = [traces.devices.index(device) for device in ("a", "b")]
    expected = 1e-6 * np.array([[1, 2, 0.5], [1.5, 3, NAN]])
    assert np.allclose(traces.conductance[rows], expected, equal_nan=True)
    assert traces.pulse[rows].tolist() == [[START, UP, DOWN], [START, UP, START]]


def test_wide_form_with_a_kind_and_different_units(read: Read) -> None:
    text = (
        "pulse,kind,d1 (uS),d2 (kohm),d3_nS\n0,SET,1,500,2000\n1,SET,2,250,\n2,RESET,.5,1000,10\n"
    )
    traces = read(text).traces
    assert traces.devices == ("d1", "d2", "d3")
    expected = 1e-6 * np.array([[1, 2, 0.5], [2, 4, 1], [2, NAN, 0.01]])
    assert np.allclose(traces.conductance, expected, equal_nan=True)
    assert traces.pulse.tolist() == [[START, UP, DOWN]] * 3


def test_wide_form_without_names_of_columns(read: Read) -> None:
    traces = read("0 1 2\n1 2 3\n2 3 4\n3 4 5\n", unit="uS").traces
    assert np.allclose(traces.conductance, 1e-6 * np.array([[1, 2, 3, 4], [2, 3, 4, 5]]))


def test_long_form_without_names_of_columns(read: Read) -> None:
    traces = read("7,0,1\n7,1,2\n7,2,3\n8,0,1\n8,1,4\n8,2,5\n", unit="uS").traces
    assert traces.devices == ("7", "8")
    assert np.allclose(traces.conductance, 1e-6 * np.array([[1, 2, 3], [1, 4, 5]]))


def test_several_columns_name_a_device(read: Read) -> None:
    traces = read("row,col,pulse,G_uS\n0,1,0,1\n0,1,1,2\n0,2,0,3\n0,2,1,5\n").traces
    assert traces.devices == ("0/1", "0/2")


def test_numbers_that_start_anew_begin_a_train(read: Read) -> None:
    found = read("dev,n,G_uS\na,0,1\na,1,2\na,2,4\na,0,1.1\na,1,2.4\na,2,3\n")
    assert found.traces.pulse.tolist() == [[START, UP, UP, START, UP, UP]]
    assert "Pulse numbers start anew 1 time: a new train begins there." in found.origin.notes


def test_a_named_reset_stays_one_where_numbers_start_anew(read: Read) -> None:
    found = read("n,kind,G_uS\n0,RESET,1\n1,SET,2\n2,SET,4\n0,RESET,1.1\n1,SET,2.4\n2,SET,3\n")
    assert found.traces.pulse.tolist() == [[START, UP, UP, DOWN, UP, UP]]


def test_a_column_tells_trains(read: Read) -> None:
    text = "cycle,n,G_uS\n2,2,6\n2,1,5\n1,1,1\n1,2,3\n"
    traces = read(text).traces
    assert np.allclose(traces.conductance, [[1e-6, 3e-6, 5e-6, 6e-6]])
    assert traces.pulse.tolist() == [[START, UP, START, UP]]


def test_a_train_that_is_there_twice_is_kept_once(read: Read) -> None:
    train = "a,0,1\na,1,2\na,2,4\n"
    found = read("dev,n,G_uS\n" + train + "b,0,1\nb,1,3\n" + train)
    assert found.facts["repeated_rows"] == 3
    assert found.facts["readings"] == 5


def test_no_step_is_taken_across_missing_numbers(read: Read) -> None:
    traces = read("n,G_uS\n0,1\n1,2\n2,3\n5,6\n6,7\n7,8\n").traces
    assert steps_of(traces, UP).before.tolist() == [1e-6, 2e-6, 6e-6, 7e-6]


def test_names_of_devices_are_no_misspellings(read: Read) -> None:
    found = read("n,deviceb,pulse3,distance\n0,1,1,1\n1,2,2,2\n", unit="uS")
    assert found.traces.devices == ("deviceb", "pulse3", "distance")


def test_the_plainest_name_is_that_of_the_readings(read: Read) -> None:
    found = read("device,pulse,G target (uS),G (uS),mean G (uS)\na,0,5,1,4\na,1,6,2,7\n")
    assert np.allclose(found.traces.conductance, [[1e-6, 2e-6]])
    assert "Columns that are not used: G target (uS), mean G (uS)." in found.origin.notes


def test_means_of_devices_are_no_devices(read: Read) -> None:
    text = "pulse,D1 (uS),D2 (uS),Mean (uS),median (uS)\n0,1,1,1,1\n1,2,3,2.5,2.5\n"
    assert read(text).traces.devices == ("D1", "D2")
    assert read("pulse,G (uS),mean (uS)\n0,1,0\n1,2,0\n").facts["readings"] == 2
    assert read("pulse,mean G (uS),std G (uS)\n0,1,0\n1,2,0\n").facts["readings"] == 2


def test_units_of_rows_are_told(read: Read) -> None:
    found = read("pulse,G,unit\n0,1,uS\n1,2500,nS\n2,nan,\n3,4,uS\n")
    assert found.facts["missing"] == 1
    assert "The unit of each row is that of a column: uS, nS." in found.origin.notes


def test_columns_in_units_of_something_else_are_no_devices(read: Read) -> None:
    text = "t (s),D1,D2,T [C]\n0.0,1,1,25.5\n0.1,2,3,25.1\n0.2,3,4,25.5\n"
    found = read(text, unit="uS")
    assert found.traces.devices == ("D1", "D2")
    assert "Columns that are not used: t (s), T [C]." in found.origin.notes


def test_counters_beside_devices_number_the_pulses(read: Read) -> None:
    beside_units = read("X1,Y1 (uS)\n0,1\n1,2\n2,4\n")
    assert beside_units.traces.devices == ("device 1",)
    found = read("N1,G1,N2,G2\n0,1,0,1\n2,2,2,2.5\n4,3,4,4\n", unit="uS")
    assert found.traces.devices == ("G1", "G2")
    assert np.allclose(found.traces.conductance, 1e-6 * np.array([[1, 2, 3], [1, 2.5, 4]]))
    assert "Readings are 2 pulses apart: a step stands for 2 pulses." in found.origin.notes


@pytest.mark.parametrize(
    "title",
    ["# unit: uS", "# conductance in uS", "Lot 3,25 C,read at 0.1 V", "Read voltage: 0.1 V"],
)
def test_a_title_above_data_without_names_is_no_line_of_names(read: Read, title: str) -> None:
    found = read(f"{title}\n0,1.5\n1,2\n2,3\n", unit="uS")
    assert np.allclose(found.traces.conductance, [[1.5e-6, 2e-6, 3e-6]])


def test_the_last_device_may_have_nothing_where_the_form_is_judged(read: Read) -> None:
    text = "pulse,A,B\n0,1,1\n1,2,2\n" + "".join(f"{n},{n}.5,\n" for n in range(2, 9))
    assert read(text, unit="uS").traces.devices == ("A", "B")


def test_rows_without_a_pulse_number_are_left_out(read: Read) -> None:
    found = read("n,G_uS\n0,1\n,2\n2,3\n3,4\n")
    assert np.isfinite(found.traces.conductance).tolist() == [[True, False, True, True]]
    assert "1 of 4 rows name no device or no pulse: left out." in found.origin.notes


def test_missing_readings_in_many_words(read: Read) -> None:
    text = "n;a (uS);b (uS)\n0;1,5;2\n1;;NA\n2;3;-\n3;nan;5\n4;#N/A;9,91E37\n5;6;7\n"
    found = read(text)
    expected = [[1.5, NAN, 3, NAN, NAN, 6], [2, NAN, NAN, 5, NAN, 7]]
    assert np.allclose(found.traces.conductance, 1e-6 * np.array(expected), equal_nan=True)
    assert found.facts["missing"] == 6


def test_errors_of_a_spreadsheet_are_missing_readings_wherever_they_stand(read: Read) -> None:
    found = read("a (uS),b (uS)\n1,#DIV/0!\n#N/A,2\n2,#VALUE!\n#NUM!,3\n3,4\n")
    expected = [[1, NAN, 2, NAN, 3], [NAN, 2, NAN, 3, 4]]
    assert np.allclose(found.traces.conductance, 1e-6 * np.array(expected), equal_nan=True)


def test_lines_that_are_comments_are_counted(read: Read) -> None:
    found = read("dev,n,G_uS\na,0,1\na,1,2\n#a,2,3\n  % shaky from here\na,3,4\na,4,5\n")
    readings = [[1e-6, 2e-6, np.nan, 4e-6, 5e-6]]
    assert np.allclose(found.traces.conductance, readings, equal_nan=True)
    assert "2 lines of data begin with # or %: left out as comments;" in str(found.origin.notes)
    quoted = read('dev,n,G_uS\n"#1",0,1\n"#1",1,2\n#2,0,3\n#2,1,4\n')
    assert quoted.traces.devices == ("#1",)


def test_the_sign_of_the_amplitude_tells_the_kind(read: Read) -> None:
    text = "n,V_pulse (V),G_uS\n0,1,1\n1,1,2\n2,1,3\n3,-1.2,2\n4,-1.2,1\n"
    assert read(text).traces.pulse.tolist() == [[START, UP, UP, DOWN, DOWN]]
    turned = text.replace("-1.2", "2").replace(",1,", ",-1,")
    assert read(turned).traces.pulse.tolist() == [[START, UP, UP, DOWN, DOWN]]


def test_two_levels_of_amplitude_tell_the_kind(read: Read) -> None:
    text = "n,amplitude,G_uS\n0,1,1\n1,1,2\n2,1,3\n3,3,0.5\n4,1,1.5\n5,1,2\n6,3,.4\n"
    assert read(text).traces.pulse.tolist() == [[START, UP, UP, DOWN, UP, UP, DOWN]]


RISE = 10 * (1 - np.exp(-np.arange(30) / 10))


def test_a_sharp_fall_begins_a_train(read: Read) -> None:
    rng = np.random.default_rng(1)
    readings = np.tile(RISE, 5) + rng.normal(0, 0.1, 150) + 1
    text = "\n".join(["n,G_uS", *(f"{n},{g:.4f}" for n, g in enumerate(readings))])
    traces = read(text).traces
    expected = np.full(150, UP)
    expected[::30] = START
    assert traces.pulse[0].tolist() == expected.tolist()


def test_a_long_way_down_is_depression(read: Read) -> None:
    readings = 1 + np.concatenate([RISE, RISE[-2::-1], RISE[1:], RISE[-2::-1]])
    text = "\n".join(["n,G_uS", *(f"{n},{g:.4f}" for n, g in enumerate(readings))])
    expected = [START] + 29 * [UP] + 29 * [DOWN] + 29 * [UP] + 29 * [DOWN]
    assert read(text).traces.pulse[0].tolist() == expected


def test_what_was_understood_is_told(read: Read, tmp_path: Path) -> None:
    found = read("dev,n,G (nS),T (K)\na,0,1\na,1,200\nb,0,1\nb,1,300\n".replace("\n", ",300\n"))
    assert found.origin.file == "traces.csv"
    assert len(found.origin.sha256) == 64
    assert found.origin.unit == "nS"


def test_large_files_are_read_in_blocks(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "dev,n,G_uS\n" + "".join(f"d{d},{n},{d + n}.5\n" for d in range(20) for n in range(50))
    whole = read(text).traces
    monkeypatch.setattr("pcmsim.traces.reading.read_text.BLOCK_BYTES", 97)
    reports: list[tuple[int, int]] = []
    pieces = read(text, report=lambda done, total: reports.append((done, total)))
    assert np.array_equal(whole.conductance, pieces.traces.conductance)
    assert whole.devices == pieces.traces.devices
    assert reports[-1] == (len(text), len(text))
    faulty = text.replace("d15,30,45.5", "d15,30,4x5")
    with pytest.raises(UserError, match=r'line 782, column 3 \(G_uS\): "4x5" is not a number'):
        read(faulty)
