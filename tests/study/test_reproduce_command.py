"""``pcmsim reproduce``: what it prints, writes, and refuses."""

import json
from pathlib import Path

import pytest

from pcmsim.campaign import run_points as run_points_module
from pcmsim.cli.main import main
from tests.pool import PoolOfNone


def fail(text: str, origin: dict[str, str]) -> bytes:
    raise ZeroDivisionError("on purpose")


def test_claims_are_printed_and_the_report_is_written(
    configs: Path, pool: PoolOfNone, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", "--quick"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("configs/burr2014.yaml: 2 runs a point, 3 epochs")
    assert "30 % dead conductors" in out
    assert out.rstrip().endswith("report  results/reproduce/report.html")
    assert "run 1 of" in err
    folder = Path("results/reproduce")
    names = {path.name for path in folder.iterdir()}
    assert names == {"report.html", "runs.csv", "claims.csv", "runs", ".lock"}
    assert "dead conductors" in (folder / "report.html").read_text()


def test_json_is_one_object(
    configs: Path, pool: PoolOfNone, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", "--quick", "--json", "--out", "here"]) == 0
    study = json.loads(capsys.readouterr().out)
    claims, curves = study.pop("claims"), study.pop("curves")
    assert set(study.pop("left_out")) == {"alike", "other", "mitigation-dead"}
    assert study == {
        "report": "here/report.html",
        "base": "configs/burr2014.yaml",
        "quick": True,
        "replicates": 2,
        "epochs": 3,
        "failed": 0,
        "failures": {},
        "members": [],
        "mitigations": [],
    }
    by_name = {claim["name"]: claim for claim in claims}
    dead = by_name["30 % dead conductors"]
    assert (dead["low"], dead["high"], dead["curve"]) == (None, 0.05, "dead")
    assert dead["verdict"] == ("differs" if dead["measured"] > 0.05 else "agrees")
    assert dead["excess"] == max(0, dead["measured"] - 0.05)
    curve = next(curve for curve in curves if curve["name"] == "dead")
    assert (curve["setting"], curve["shipped"]) == ("faults.dead", 0)
    assert [row["value"] for row in curve["rows"]] == [0, 0.3, 0.5]
    assert curve["rows"][1]["loss"] == pytest.approx(dead["measured"])
    assert all(row["replicates"] == 2 for row in curve["rows"])


def test_failures_end_with_1(
    configs: Path,
    pool: PoolOfNone,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(run_points_module, "measure_point", fail)
    assert main(["reproduce", "--quick"]) == 1
    out, err = capsys.readouterr()
    assert "failed, and tried again next time:" in out
    assert "ZeroDivisionError: on purpose" in out
    assert "Traceback" not in out + err
    assert Path("results/reproduce/report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.yaml"], "gone.yaml: there is no such file"),
        (["--configs", "nowhere"], "nowhere/tolerance: there are no sweep files"),
        (["--out", "tiny.npz"], "tiny.npz cannot be written"),
        (["--workers", "0"], "must be a whole number of at least 1"),
        (["--workers", "1", "--dask", "tcp://x:1"], "not allowed with argument --workers"),
    ],
)
def test_refused(
    configs: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["reproduce", *arguments])
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert words in err
    assert not Path("results").exists()


def test_an_interrupted_study_says_how_to_go_on(
    configs: Path,
    pool: PoolOfNone,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(text: str, origin: dict[str, str]) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_points_module, "measure_point", interrupt)
    assert main(["reproduce", "configs/burr2014.yaml", "--quick", "--workers", "2"]) == 2
    assert "go on with: pcmsim reproduce configs/burr2014.yaml --quick" in capsys.readouterr().err
