"""``pcmsim.attribute``: what is taken away, and what it costs."""

import csv
import io
import math
from pathlib import Path

import pytest

from pcmsim import Result, UserError, attribute, collect, load_config
from pcmsim.campaign import run_points as run_points_module
from pcmsim.campaign.interval import interval
from pcmsim.campaign.worker import measure_point
from pcmsim.config.device_settings import LinearDevice, PcmDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.linear import Linear
from pcmsim.devices.pcm import Pcm
from pcmsim.report.attribution_bars import attribution_figure
from pcmsim.report.attribution_text import attribution_csv, attribution_text
from pcmsim.study.attribute import AS_IN_FILE, IDEAL, IDEAL_ONE_WAY, devices_of
from pcmsim.study.imperfections import imperfections_of
from tests.pool import PoolOfNone

PCM = [
    "variable maxima",
    "stochastic steps",
    "lowest conductance above 0",
    "incomplete RESET",
    "concave response",
    "coarse steps",
    "writing back after RESET",
    "one-way conductance",
]

pytestmark = pytest.mark.usefixtures("here")


def small(*changes: str) -> Settings:
    return load_config("small.yaml", list(changes))


def devices(*changes: str) -> dict[str, Settings]:
    settings = small(*changes)
    return devices_of(settings, imperfections_of(settings))


def names(*changes: str) -> list[str]:
    return [one.name for one in imperfections_of(small(*changes))]


def test_what_is_imperfect_in_a_cell() -> None:
    assert names() == PCM


def test_what_is_imperfect_in_capacitors_comes_first() -> None:
    """And pairs stay one-way: there is nothing to transfer charges to otherwise."""
    found = names("synapse.volatile={interval: 1000, slope: 0}", "reset.interval=0")
    assert found == [
        "capacitors that differ",
        "asymmetric steps of capacitors",
        "stochastic steps of capacitors",
        "leakage",
        *PCM[:-1],
    ]
    made = devices("synapse.volatile.interval=1000")
    ideal = made[IDEAL].synapse.volatile
    assert (ideal.lifetime, ideal.asymmetry_spread, ideal.slope) == (None, 0, 0)
    assert {one.training.learning_rate for one in made.values()} == {small().training.learning_rate}


def test_what_is_ideal_already_is_left_out() -> None:
    left = names("device={kind: pcm, step_spread: 0, range_spread: 0, concavity: 0, g_min: 0}")
    assert left == PCM[3:4] + PCM[5:]
    assert names("reset.interval=0") == [one for one in PCM if "RESET" not in one]


def test_what_is_imperfect_in_use() -> None:
    faults = "faults={dead: 0.1, stuck_at: 0.1, stuck_level: 1e-5, dead_rows: 0.1}"
    more = ["faults.endurance_set=1e3", "read.noise_relative=0.1", "reset.failure=0.1"]
    found = names(faults, *more)
    assert found[:5] == ["dead devices", "stuck at devices", "dead rows", "wear-out", "read noise"]
    assert set(found[5:]) == {*PCM, "RESETs that fail"}


def test_what_is_imperfect_in_other_devices() -> None:
    bent = "device={kind: linear, asymmetry: 0.1, nonlinearity: 1, range_spread: 0.1, g_min: 0}"
    assert names(bent, "reset.failure=0.5") == [
        "variable maxima",
        "stochastic steps",
        "asymmetric steps",
        "nonlinear response",
        "coarse steps",
    ]
    assert names("device={kind: nandakumar2018}") == [
        "writing back after RESET",
        "response of the device",
    ]


def test_the_ideal_device() -> None:
    ideal = devices()[IDEAL]
    # 8 * 30 pulses to 90 % of the range.
    assert ideal.device == LinearDevice(kind="linear", g_min=0, steps=267, step_spread=0)
    assert ideal.training.learning_rate == [0.05 / 8] * 2
    assert ideal.network == small().network and ideal.update == small().update


def test_an_ideal_device_of_which_only_a_whole_is_known() -> None:
    ideal = devices("device={kind: nandakumar2018}")[IDEAL]
    # In mid-range, at 6.005 uS, the mean step is -0.084 * 6.005 + 0.88 = 0.376 uS.
    assert isinstance(ideal.device, LinearDevice)
    assert ideal.device.steps == pytest.approx(8 * 11.99 / 0.376, rel=0.01)
    assert ideal.device.g_max == pytest.approx(12e-6)


def test_one_imperfection_alone_is_all_that_is_left() -> None:
    settings = small("faults.dead=0.1")
    made = devices("faults.dead=0.1")
    ideal = made[IDEAL]
    assert made["only dead devices"] == ideal.model_copy(update={"faults": settings.faults})
    spread = made["only stochastic steps"].device
    assert isinstance(spread, LinearDevice)
    assert spread == ideal.device.model_copy(update={"step_spread": 0.5})
    assert made["without dead devices"] == small()
    assert made[IDEAL_ONE_WAY] == made["only one-way conductance"]


def test_what_only_one_way_devices_have_is_put_into_one() -> None:
    alone = devices()["only incomplete RESET"].device
    assert isinstance(alone, PcmDevice)
    assert (alone.reset_residue, alone.reset_spread) == (0.5e-6, 0.25e-6)
    assert (alone.concavity, alone.step_spread, alone.range_spread, alone.g_min) == (0, 0, 0, 0)


def test_finer_steps_leave_neurons_as_many_pulses() -> None:
    finer = devices("reset.max_pulses=20")["without coarse steps"]
    assert isinstance(finer.device, PcmDevice)
    assert finer.device.pulses_to_90_percent == 240
    assert finer.training.learning_rate == [0.05 / 8] * 2
    assert finer.reset.max_pulses == 160


def test_a_difference_is_written_back_to_the_nearest_step() -> None:
    reset = devices("reset.tolerance=0.2", "reset.max_pulses=3")["without writing back after RESET"]
    step = Pcm(small().device).mean_step(12.75e-6) / 25e-6  # type: ignore[arg-type]
    assert reset.reset.tolerance == pytest.approx(step / 2, rel=0.02)
    assert reset.reset.max_pulses == pytest.approx(4 / step, rel=0.05)


@pytest.mark.parametrize("concavity", [0, 0.5, 1])
def test_a_mirrored_cell_keeps_its_form(concavity: float) -> None:
    """It fills 90 % with as many pulses, and its first step is to its last as in the cell."""
    made = devices(
        f"device={{kind: pcm, concavity: {concavity}, g_min: 0, pulses_to_90_percent: 200}}"
    )
    twin, cell = made["without one-way conductance"].device, small().device
    assert isinstance(twin, LinearDevice) and isinstance(cell, PcmDevice)
    model = Linear(twin)
    first, last = (float(model.mean_step(place * 25e-6, +1)) for place in (0, 0.9))
    assert last / first == pytest.approx(0.1**concavity)
    conductance, pulses = 0.0, 0
    while conductance < 0.9 * 25e-6:
        conductance += float(model.mean_step(conductance, +1))
        pulses += 1
    assert pulses == pytest.approx(200, rel=0.03)
    assert float(model.mean_step(0.3 * 25e-6, -1)) == pytest.approx(
        -float(model.mean_step(0.7 * 25e-6, +1))
    )
    assert (twin.step_spread, twin.range_spread) == (cell.step_spread, cell.range_spread)


def test_costs_are_paired_and_sorted(pool: PoolOfNone) -> None:
    found = attribute("small.yaml", "out", ["faults.dead=0.3"], replicates=3)
    assert {cost.name for cost in found.costs} == {"dead devices", *PCM}
    runs = collect("out")
    accuracy = {name: runs["test_accuracy"][runs["device"] == name] for name in set(runs["device"])}
    for cost in found.costs:
        ideal = IDEAL_ONE_WAY if "RESET" in cost.name else IDEAL
        for measured, better, worse in (
            (cost.in_file, f"without {cost.name}", AS_IN_FILE),
            (cost.alone, ideal, f"only {cost.name}"),
        ):
            assert measured == interval((accuracy[better] - accuracy[worse]).tolist())
    assert found.accuracy == interval(accuracy[AS_IN_FILE].tolist())
    costs = [cost.in_file.mean for cost in found.costs if cost.in_file]
    assert costs == sorted(costs, reverse=True)
    by_name = {cost.name: cost.settings for cost in found.costs}
    assert by_name["dead devices"] == "faults.dead = 0.3"


def test_devices_that_are_the_same_are_run_once(pool: PoolOfNone) -> None:
    first = attribute("small.yaml", "out", replicates=2)
    # 3 devices, and 2 for each of 8 imperfections; "only one-way" is "ideal but one-way".
    assert len(pool.submitted) == len(set(pool.submitted)) == 2 * (3 + 2 * 8 - 1)
    assert attribute("small.yaml", "out", replicates=2) == first
    assert len(pool.submitted) == 36


def test_settings_that_are_run_are_those_that_are_told(pool: PoolOfNone) -> None:
    attribute("small.yaml", "out", replicates=1)
    runs = collect("out")
    expected = devices()
    for name, digest in zip(runs["device"], runs["digest"], strict=True):
        assert Result.open(Path("out/runs") / f"{digest}.h5").settings == expected[name]


def test_what_has_failed_is_left_open(pool: PoolOfNone, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, origin: dict[str, str]) -> bytes:
        if "concavity: 0.0\n" in text:
            raise ZeroDivisionError("on purpose")
        return measure_point(text, origin)

    monkeypatch.setattr(run_points_module, "measure_point", fail)
    found = attribute("small.yaml", "out", replicates=2)
    costs = {cost.name: cost for cost in found.costs}
    assert costs["concave response"].in_file is None
    assert costs["concave response"].alone is not None
    assert found.costs[-1].name == "concave response"
    assert "device = without concave response, replicate 1" in found.failures
    assert "failed, and are tried again next time" in attribution_text(found)
    rows = list(csv.DictReader(io.StringIO(attribution_csv(found))))
    assert rows[-1]["cost_in_file"] == "" and rows[-1]["cost_alone"] != ""
    attribution_figure(found).draw_without_rendering()


def test_text_csv_and_bars_say_the_same(pool: PoolOfNone) -> None:
    found = attribute("small.yaml", "out", replicates=2)
    text, bars = attribution_text(found), attribution_figure(found).axes[0]
    rows = list(csv.DictReader(io.StringIO(attribution_csv(found))))
    assert [row["imperfection"] for row in rows] == [cost.name for cost in found.costs]
    assert [label.get_text() for label in bars.get_yticklabels()] == [
        cost.name for cost in found.costs
    ]
    for cost, row, bar in zip(found.costs, rows, bars.containers[1], strict=True):
        assert cost.in_file is not None
        assert math.isclose(float(row["cost_in_file"]), cost.in_file.mean)
        assert bar.get_width() == pytest.approx(100 * cost.in_file.mean)
        assert f"{cost.name} ({cost.settings})" in text
    assert text.isascii()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("device={kind: float}", "exact weights"),
        ("device={kind: table, file: gone.csv, bidirectional: false}", "gone.csv"),
        ("training.epoch=3", "did you mean epochs?"),
    ],
)
def test_refused(change: str, words: str) -> None:
    with pytest.raises(UserError) as refusal:
        attribute("small.yaml", "out", [change])
    assert words in str(refusal.value)
    assert not Path("out").exists()


@pytest.mark.parametrize(("steps", "finer", "rate"), [(50, 400, 8.0), (500, 1000, 2.0)])
def test_steps_are_made_as_fine_as_is_asked_for(steps: int, finer: int, rate: float) -> None:
    linear = f"device={{kind: linear, steps: {steps}}}"
    without = devices(linear)["without coarse steps"]
    assert isinstance(without.device, LinearDevice)
    assert without.device.steps == finer
    assert without.training.learning_rate == [0.05 / rate] * 2


def test_steps_of_a_thousandth_of_the_range_are_fine_enough() -> None:
    assert "coarse steps" not in names("device={kind: linear, steps: 1000}")
