"""The verdict on every device of the library, in one table.

    python benchmarks/verdicts.py [--out DIR] [--workers N] [--json FILE] [NAME ...]

Each device of ``configs/devices``, or each that is named, is judged as ``pcmsim device judge`` does
it, within the usual budget.  That takes some minutes a device on two processors.  Start it again to
go on after an interruption; a device whose verdict was begun before has no time.
"""

import argparse
import json
import time
from operator import attrgetter
from pathlib import Path
from typing import Any

from pcmsim.files import write_whole
from pcmsim.report.judge.text import is_clear, points_with_error
from pcmsim.study.judge.judge import judge
from pcmsim.study.judge.reference import SEARCHED
from pcmsim.study.judge.verdict import Verdict

DEVICES = Path(__file__).resolve().parents[1] / "configs" / "devices"
HEADING = ["device", "test accuracy", "without any imperfection", "what buys most", "time"]
NUMBERS = "numbers.json"

Row = dict[str, Any]


def main() -> None:
    """Judge, print a line of the table for each device, and keep the numbers where asked to."""
    parser = argparse.ArgumentParser(description="Verdicts on the library; see the docstring.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a device; default: all")
    parser.add_argument("--out", type=Path, default=Path("results/verdicts"), metavar="DIR")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all numbers")
    arguments = parser.parse_args()
    names = arguments.names or sorted(file.stem for file in DEVICES.glob("*.yaml"))
    print(_line(HEADING), _line(["---"] * len(HEADING)), sep="\n")
    rows = []
    for name in names:
        rows.append(numbers_of(name, arguments.out / name, arguments.workers))
        print(_line(_cells(rows[-1])), flush=True)
    if arguments.json:
        write_whole(arguments.json, _text(rows))


def numbers_of(name: str, out: Path, workers: int) -> Row:
    """Return the numbers of a verdict: those that are there, or else those of a new one."""
    path = out / NUMBERS
    if path.exists():
        return dict(json.loads(path.read_text()))
    row = judged(name, out, workers)
    write_whole(path, _text(row))
    return row


def judged(name: str, out: Path, workers: int) -> Row:
    """Return what the judge finds about a device, and how long it took (s) if it did all of it."""
    is_new, start = not out.exists(), time.perf_counter()
    verdict = judge(DEVICES / f"{name}.yaml", out, workers=workers)
    seconds = time.perf_counter() - start
    return {
        "device": name,
        "test_accuracy": verdict.accuracy._asdict(),
        "without_any_imperfection": None if verdict.ideal is None else verdict.ideal._asdict(),
        "gains": {gain.name: gain.gain._asdict() for gain in verdict.gains},
        "what_buys_most": _most(verdict),
        "settings": {one: attrgetter(one)(verdict.settings) for one in SEARCHED},
        "replicates": verdict.replicates,
        "runs": verdict.runs,
        "seconds": round(seconds) if is_new else None,
    }


def _most(verdict: Verdict) -> str:
    """Return the largest gain that is beyond doubt, by the error bar of its own."""
    for gain in verdict.gains:
        if is_clear(gain.gain):
            return f"{gain.name}: {points_with_error(gain.gain)}"
    return "nothing clearly"


def _cells(row: Row) -> list[str]:
    seconds = row["seconds"]
    return [
        f"`{row['device']}`",
        _percent(row["test_accuracy"]),
        _percent(row["without_any_imperfection"]),
        row["what_buys_most"],
        "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}",
    ]


def _percent(interval: dict[str, float] | None) -> str:
    if interval is None:
        return ""
    return f"{100 * interval['mean']:.1f} +- {100 * interval['half_width']:.1f} %"


def _text(numbers: Row | list[Row]) -> bytes:
    return f"{json.dumps(numbers, indent=1)}\n".encode()


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
