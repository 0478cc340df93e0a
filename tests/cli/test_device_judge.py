"""``pcmsim device judge``: what it prints, writes, and refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.cli import device_judge
from pcmsim.config.load import load_config
from pcmsim.study.judge import judge as judge_module
from tests.campaign.conftest import write_images
from tests.pool import PoolOfNone

Command = Callable[..., Any]

JUDGE = ["device", "judge", "small.yaml", "--budget", "10", "--replicates", "2"]
SMALL = [
    "network.layers=[16, 6, 5, 4]",
    "data={path: tiny.npz, train_images: 60, crop: null}",
    "training.epochs=2",
]
SHORT = [word for change in SMALL for word in ("--set", change)]
OUT = Path("results/small-judge")


@pytest.fixture(autouse=True)
def run_here(in_a_folder_of_its_own: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "pool_of", lambda workers, dask: PoolOfNone())
    write_images(Path("tiny.npz"))


def test_a_verdict_is_a_page_of_text_and_four_files(pcmsim: Command) -> None:
    ended = pcmsim(*JUDGE, *SHORT)
    assert ended.status == 0 and ended.out.isascii()
    assert ended.out.startswith("Verdict on small.yaml\n\nTrained on 60 images for 2 epochs, ")
    for words in ("exact weights (float)", "concave response", "partial SETs", "reset.interval"):
        assert words in ended.out
    assert ended.err.startswith("run 1 of ")
    page = (OUT / "verdict.html").read_text()
    assert page.count("<img") == 4 and "<script" not in page
    assert (OUT / "verdict.csv").read_text().startswith("kind,name,settings,value,half_width_95")
    assert (OUT / "search.csv").read_text().startswith("stage,what,runs,accuracy,gain\n")
    assert load_config(OUT / "judged.yaml").network.layers == [16, 6, 5, 4]
    again = pcmsim(*JUDGE, *SHORT)
    assert (again.out, again.err) == (ended.out, "")
    assert (OUT / "verdict.html").read_text() == page
    found = json.loads(pcmsim(*JUDGE, *SHORT, "--json").out)
    # Few images leave the accuracy uncertain after two runs.
    assert found["budget"] == 10 and found["replicates"] == 4
    assert 0 <= found["test_accuracy"]["mean"] <= 1
    assert {gain["imperfection"] for gain in found["gains"]} >= {"concave response"}
    assert found["pulses"]["partial SETs"]["total"] > 0


def test_defaults_are_those_of_the_study() -> None:
    names = [name for name in vars(device_judge) if name.isupper()]
    assert len(names) == 7
    for name in names:
        assert getattr(device_judge, name) == getattr(judge_module, name)


WRONG = {
    "no such file": (["device", "judge", "absent.h5"], "there is no file"),
    "another kind of file": (["device", "judge", "small.txt"], "no device can be read from it"),
    "no device": (
        ["device", "judge", "small.yaml", "--set", "device={kind: float}"],
        "device.kind: float is no device that could be judged",
    ),
    "measured traces": (
        ["device", "judge", "traces.csv"],
        "of measured traces, pcmsim device import makes a device file",
    ),
    "no budget": (
        ["device", "judge", "small.yaml", "--budget", "0"],
        "--budget: must be a whole number of at least 10, not 0",
    ),
    "a small budget": (
        ["device", "judge", "small.yaml", "--budget", "2"],
        "--budget: must be a whole number of at least 10, not 2",
    ),
    "one replicate": (
        ["device", "judge", "small.yaml", "--replicates", "1"],
        "--replicates: must be a whole number of at least 2, not 1",
    ),
    "a setting of another kind of device": (
        ["device", "judge", "small.yaml", "--set", "device.kind=linear"],
        "has 4 faults:\n  device.pulses_to_90_percent: not a setting of this kind, but of",
    ),
    "what is searched": (
        ["device", "judge", "small.yaml", "--set", "training.learning_rate=1"],
        "the judge searches for this itself",
    ),
    "a misspelt setting": (
        ["device", "judge", "small.yaml", "--set", "training.epoch=1"],
        "--set training.epoch: unknown setting; did you mean epochs?",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_inputs_are_refused(pcmsim: Command, arguments: list[str], message: str) -> None:
    Path("traces.csv").write_text("device,pulse,G_uS\na,0,1\n")
    ended = pcmsim(*arguments)
    assert ended.status == 2
    assert message in ended.err and "Traceback" not in ended.err
    assert not list(Path().glob("results/**/*.html"))


def test_an_interruption_says_how_to_go_on(
    pcmsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judge_module, "judge", interrupt)
    ended = pcmsim(*JUDGE, *SHORT, "--workers", "2")
    assert ended.status == 2
    assert "interrupted; go on with: pcmsim device judge small.yaml --set" in ended.err
    assert "--budget 10 --replicates 2 --workers 2" in ended.err
