"""Absent rows say the same as blank entries, and steps are all over one distance (exact)."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from pcmsim.traces.reading.read import Understood, read_traces
from pcmsim.traces.traces import DOWN, START, UP, Traces, first_readings, steps_of

Rows = Iterable[tuple[str, int, float]]
Read = Callable[[Rows], Understood]

LEVELS = 1 + 20 * (1 - np.exp(-np.arange(400) / 20))


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def call(rows: Rows) -> Understood:
        lines = (f"{d},{n},{'' if np.isnan(g) else f'{g:.6f}'}\n" for d, n, g in rows)
        path = tmp_path / "traces.csv"
        path.write_text("device,pulse,G_uS\n" + "".join(lines))
        return read_traces(path)

    return call


def assert_same(one: Traces, other: Traces) -> None:
    assert one.devices == other.devices
    assert one.pulse.tolist() == other.pulse.tolist()
    np.testing.assert_array_equal(one.conductance, other.conductance)


def after(pulses: Iterable[int], devices: int = 40) -> list[tuple[str, int, float]]:
    """Return readings after some pulses for each of some devices."""
    return [(f"d{d}", n, (1 + d / 100) * LEVELS[n]) for d in range(devices) for n in pulses]


def test_absent_rows_and_blank_entries_are_the_same(read: Read) -> None:
    """Four of five readings are missing, but for the last of each device."""
    rng = np.random.default_rng(1)
    rows = [(d, n, g if n == 50 or rng.random() < 0.2 else np.nan) for d, n, g in after(range(51))]
    blank, absent = read(rows), read(row for row in rows if not np.isnan(row[2]))
    assert_same(absent.traces, blank.traces)
    assert absent.facts == blank.facts
    assert absent.facts["broken_devices"] == 0


def test_trains_that_begin_late_lack_their_first_readings(tmp_path: Path) -> None:
    path = tmp_path / "traces.csv"
    rows = ["a,1,0,1", "a,1,1,2", "a,1,2,3", "a,2,3,1", "a,2,4,2"]
    rows += ["b,1,1,2", "b,1,2,4", "b,2,4,3", "b,2,5,4"]
    path.write_text("device,cycle,pulse,G_uS\n" + "\n".join(rows) + "\n")
    found = read_traces(path)
    missing = [[False] * 5 + [True], [True, False, False, True, False, False]]
    assert np.isnan(found.traces.conductance).tolist() == missing
    assert first_readings(found.traces)[0].tolist() == [0]
    note = "First readings of 2 trains are missing: others begin with lower pulse numbers."
    assert note in found.origin.notes


def test_devices_that_were_measured_in_turn_begin_with_their_first_reading(read: Read) -> None:
    rows = after(range(40), devices=4)
    found = read((d, n + 40 * int(d[1:]), g) for d, n, g in rows)
    assert_same(found.traces, read(rows).traces)


def test_one_mistaken_number_does_not_make_all_others_begin_late(read: Read) -> None:
    rows = after(range(30))
    found = read([("d7", -3, rows[7 * 30 + 4][2])] + [row for row in rows if row[:2] != ("d7", 4)])
    assert found.facts["trains"] == 40


def test_what_was_fired_between_unlike_pulses_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "traces.csv"
    rows = ["0,SET,1", "1,SET,2", "3,SET,4", "5,RESET,1", "6,SET,2", "7,SET,3"]
    path.write_text("n,kind,G_uS\n" + "\n".join(rows) + "\n")
    assert read_traces(path).traces.pulse.tolist() == [[START, UP, UP, UP, START, DOWN, UP, UP]]


def test_only_changes_over_one_pulse_are_steps(read: Read) -> None:
    pulses = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50]
    found = read(after(pulses))
    steps = steps_of(found.traces, UP)
    assert steps.device.tolist() == [d for d in range(40) for _ in range(3)]
    assert np.allclose(steps.change[:3], 1e-6 * np.diff(LEVELS[:4]), rtol=0, atol=1e-11)
    note = "only the other 120 readings, 1 pulse after the one before, show a step"
    assert any(note in one for one in found.origin.notes)
    assert found.facts["missing"] == 40 * (51 - len(pulses))
    assert found.facts["trains"] == 40


def test_few_changes_over_one_pulse_leave_steps_to_the_commonest_distance(read: Read) -> None:
    found = read(after([0, 1, *range(10, 400, 10)], devices=9))
    assert steps_of(found.traces, UP).change.size == 9 * 38
    note = "Readings are 10 pulses apart: a step stands for 10 pulses."
    assert note in found.origin.notes


def test_after_a_long_leap_nothing_is_known(read: Read) -> None:
    found = read(after([*range(5), *range(300, 305)]))
    assert found.traces.pulse.tolist() == 40 * [[START, UP, UP, UP, UP, START, UP, UP, UP, UP, UP]]
    assert np.isnan(found.traces.conductance[:, 5]).all()


def test_without_pulse_numbers_devices_may_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "traces.csv"
    path.write_text("device,G_uS\na,1\nb,2\nb,3\nb,4\na,2\nb,5\na,4\na,5\n")
    traces = read_traces(path).traces
    assert traces.pulse.tolist() == 2 * [[START, UP, UP, UP]]
    assert np.allclose(traces.conductance, [[1e-6, 2e-6, 4e-6, 5e-6], [2e-6, 3e-6, 4e-6, 5e-6]])
