"""Files that cannot be read as traces are refused, in one clear message (exact)."""

import os
from pathlib import Path
from typing import Any

import pytest

from pcmsim.errors import UserError
from pcmsim.traces.reading.read import read_traces
from tests.traces.conftest import Read

WRONG: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "empty": ("", {}, "is empty"),
    "blank": ("\n \n", {}, "is empty"),
    "comments only": ("# a\n# b\n", {}, "comments only"),
    "all data in comments": (
        "device,pulse,G (uS)\n#0,0,1\n#0,1,2\n",
        {},
        "2 lines begin with # or %, which makes them comments",
    ),
    "words only": ("hello\nworld\n", {}, "no lines of numbers"),
    "excel": (b"PK\x03\x04\x00", {}, "save it as CSV"),
    "old excel": (b"\xd0\xcf\x11\xe0", {}, "save it as CSV"),
    "binary": (b"ab\x00\x01\x02", {}, "not a text file"),
    "packed": (b"\x1f\x8b123", {}, "unpack it"),
    "text in numbers": (
        "dev,n,G (uS)\na,0,1\na,1,2\na,2,abc\na,3,4\na,4,5\n",
        {},
        'line 4, column 3 (G (uS)): "abc" is not a number',
    ),
    "units in all entries": (
        "n,G (uS)\n# x\n0,\n1,2 uS\n2,3 uS\n3,4 uS\n",
        {},
        'line 4, column 2 (G (uS)): "2 uS" is not a number; write numbers such as 1234.5, without',
    ),
    "thousands apart": (
        "n;R (ohm)\n0;1.131.375\n1;1.031.375\n",
        {},
        'line 2, column 2 (R (ohm)): "1.131.375" is not a number',
    ),
    "text in the first line": (
        "n,G_uS\n0,x\n1,2\n2,3\n3,4\n",
        {},
        'line 2, column 2 (G_uS): "x" is not a number',
    ),
    "long names": (
        f"dev,n,G_uS\n{80 * 'x'}1,0,1\n{80 * 'x'}2,0,2\n{80 * 'x'}1,1,3\n",
        {},
        "must be shorter than 64 characters",
    ),
    "cut off": ("dev,n,G_uS\na,0,1\na,1,2\na,2\n", {}, "line 4 has 2 entries, not 3"),
    "decimal commas between commas": (
        "device,pulse,G (uS)\na,0,1,096\na,1,4,689\n",
        {},
        "line 2 has 4 entries, but there are only 3 columns; are there decimal commas?",
    ),
    "decimal commas of one column": (
        "G (uS)\n1,096\n4,689\n",
        {},
        "line 2 has 2 entries, but there is only 1 column",
    ),
    "decimal commas below names in a comment": (
        "# device,pulse,G (uS)\na,0,1,096\na,1,4,689\n",
        {},
        "line 2 has 4 entries, but there are only 3 columns; are there decimal commas?",
    ),
    "a decimal comma": (
        "n,G (uS)\n0,1.096\n1,4,689\n2,5.1\n3,6.1\n",
        {},
        "line 3 has 3 entries, but there are only 2 columns; are there decimal commas?",
    ),
    "too many words": (
        "n G_uS\n0 1.096\n1 4.689 bad\n2 5.1\n3 6.1\n",
        {},
        "line 3 has 3 entries, but there are only 2 columns; name every column",
    ),
    "no readings": (
        "device,pulse,conductanse\na,0,1\na,1,2\n",
        {},
        "did you mean conductance for conductanse?",
    ),
    "misspelt names": (
        "devcie,pusle number,G (uS)\na,0,1\na,1,2\n",
        {},
        "did you mean device for devcie, pulse for pusle number?",
    ),
    "several readings": (
        "device,pulse,G 1 (uS),G 2 (uS)\na,0,6,7\na,1,5.5,8\n",
        {},
        "each of the columns G 1 (uS), G 2 (uS) may hold the readings; call the one",
    ),
    "several readings of one device": (
        "pulse,G (uS),G target (uS)\n0,6,7\n1,5.5,8\n",
        {},
        "each of the columns G (uS), G target (uS) may hold the readings; call the one",
    ),
    "readings for each kind": (
        "device,pulse,G_SET (uS),G_RESET (uS)\na,0,6,7\na,1,5.5,8\n",
        {},
        "G_SET (uS), G_RESET (uS) may hold the readings; give one reading a row, with a column",
    ),
    "columns up and down": (
        "pulse,D1 up (uS),D1 down (uS)\n0,6,7\n1,5.5,8\n",
        {},
        "D1 up (uS), D1 down (uS) may hold the readings; give one reading a row, with a column",
    ),
    "columns for each kind": (
        "pulse,LTP (uS),LTD (uS)\n0,6,7\n1,5.5,8\n",
        {},
        "LTP (uS), LTD (uS) may hold the readings; give one reading a row, with a column",
    ),
    "a row for each device": (
        "device,G0 (uS),G1 (uS),G2 (uS)\na,0,6,7\nb,1,5.5,8\n",
        {},
        "has one row for each device; transpose the table",
    ),
    "a row for each device, with numbers above": (
        "device,0,1,2\na,0.5,6,7.5\nb,0.5,5.5,8\n",
        {"unit": "uS"},
        "has one row for each device; transpose the table",
    ),
    "an unknown unit in a row": (
        "n,G,unit\n0,1,uS\n1,2,uSS\n2,3,uS\n",
        {},
        'line 3: the unit is "uSS"; it must be a unit of conductances, as uS is',
    ),
    "units in rows and by option": (
        "n,G,unit\n0,1,uS\n1,2,nS\n",
        {"unit": "nS"},
        "tells the unit; leave --unit out",
    ),
    "units in rows and in a name": (
        "n,G (nS),unit\n0,1,uS\n1,2,uS\n",
        {},
        "column G (nS) contradicts the column of units, which says uS",
    ),
    "a unit of something else": (
        "n,R (uS)\n0,1\n1,2\n",
        {},
        "column R (uS) should hold resistances, but uS is a unit of conductances",
    ),
    "a unit of something else by option": (
        "n,R\n0,1\n1,2\n",
        {"unit": "uS"},
        "--unit: uS is a unit of conductances, but column R of",
    ),
    "different counters": (
        "N1,G1 (uS),N2,G2 (uS)\n0,1,0,1\n1,2,2,2\n2,3,4,3\n",
        {},
        "columns N1, N2 count pulses differently; give one reading a row",
    ),
    "logarithms": (
        "device,pulse,log10(R/Ohm)\na,0,6\na,1,5.5\n",
        {"unit": "ohm"},
        "column log10(R/Ohm) holds logarithms; give the readings themselves",
    ),
    "nothing like readings": (
        "device,pulse,time\na,0,1\na,1,2\n",
        {},
        "none of the columns device, pulse, time holds readings",
    ),
    "one pulse": ("dev,n,G_uS\na,0,1\nb,0,2\n", {}, "no device has more than one reading"),
    "contradiction": (
        "dev,n,G_uS\na,0,1\na,1,2\na,1,3\na,2,4\n",
        {},
        "line 3 and line 4 contradict each other: pulse 1 has the readings 2 uS and 3 uS",
    ),
    "contradiction far apart": (
        "dev,n,G_uS\na,5,1\nb,1,2\nb,2,3\na,1,3\n# x\na,5,4\n",
        {},
        "line 2 and line 7 contradict each other: pulse 5 of a",
    ),
    "kind": (
        "dev,n,kind,G_uS\na,0,SET,1\na,1,SOT,2\n",
        {},
        'line 3, column 3: "SOT" is not a kind of pulse; write SET, RESET',
    ),
    "no unit": ("n,G\n0,1\n1,2\n", {}, "the unit of G is not named (readings from 1 to 2)"),
    "a unit that is none": (
        "n,G (uZ)\n0,1\n1,2\n",
        {},
        "the unit of G (uZ) is not understood (readings from 1 to 2)",
    ),
    "a unit for some": (
        "n,d1 (uS),G2\n0,1,1\n1,2,2\n",
        {},
        "column G2 names no unit, while another one is in uS",
    ),
    "unknown unit": ("n,G\n0,1\n1,2\n", {"unit": "uSi"}, "did you mean uS?"),
    "volts": ("n,G\n0,1\n1,2\n", {"unit": "mV"}, "--unit: mV is not one of S, mS"),
    "no voltage": ("n,I_nA\n0,1\n1,2\n", {}, "give --read-voltage"),
    "zero volts": ("n,I_nA\n0,1\n1,2\n", {"read_voltage": 0.0}, "other than 0"),
    "below zero": (
        "dev,n,G_uS\na,0,-5\na,1,20\na,2,30\n",
        {},
        "line 2: a conductance of -5 uS was read from a after pulse 0; at most 2 % of the highest",
    ),
    "below zero by the ohm": (
        "dev,n,R_kohm\na,0,100\na,1,-84\na,2,30\n",
        {},
        "line 3: a resistance of -84 kohm was read from a after pulse 1; at most 2 % of the",
    ),
    "no resistance": ("n,R_kohm\n0,5\n1,0\n2,3\n", {}, "line 3: a resistance of 0 kohm"),
    "nothing responds": ("dev,n,G_uS\na,0,2\na,1,2\nb,0,3\nb,1,3\n", {}, "no device responds"),
    "no data": ("n,G_uS\nnan,nan\nnan,nan\n", {}, "no "),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_get_one_clear_message(read: Read, name: str) -> None:
    text, options, message = WRONG[name]
    with pytest.raises(UserError) as raised:
        read(text, **options)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def of_devices(levels: list[float]) -> str:
    """Return a file of devices that rise to these levels."""
    rows = (f"d{d},{n},{level * n:g}\n" for d, level in enumerate(levels) for n in (1, 2, 3, 4, 5))
    return "dev,n,G_uS\n" + "".join(rows)


def test_where_more_than_a_quarter_of_devices_seem_broken_the_file_is_refused(read: Read) -> None:
    """As where some readings are in nS, in the column of those in uS."""
    assert read(of_devices([1, 1, 1, 0.001])).facts["broken_devices"] == 1
    with pytest.raises(UserError) as raised:
        read(of_devices([1, 1, 0.001, 1, 0.002]))
    assert (
        "2 of 5 devices seem broken: 2 span less than 10 % of what others do (d2, d4); at most "
        "25 % may be: are all readings in one unit?"
    ) in str(raised.value)


def test_that_no_device_responds_is_all_that_is_said(read: Read) -> None:
    with pytest.raises(UserError) as raised:
        read(of_devices([0, 0]))
    end = "no device responds to pulses: 2 stuck: all readings are the same (d0, d1)"
    assert str(raised.value).endswith(end)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "traces.csv").write_text("x")
    with pytest.raises(UserError, match=r"there is no file .*trace\.csv; did you mean .*traces"):
        read_traces(tmp_path / "trace.csv")
    with pytest.raises(UserError, match="is a folder"):
        read_traces(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="pipe is a pipe or the like; write what comes out of it"):
        read_traces(tmp_path / "pipe")
