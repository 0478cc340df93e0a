"""Which settings can be searched, and from where to where."""

from pathlib import Path

import pytest

from pcmsim import UserError
from pcmsim.study.tolerance.value import Parameter, read_parameter
from pcmsim.study.tolerance.way import Way, ways_of

TEXT = """
network: {layers: [16, 6, 4]}
data: {path: tiny.npz, train_images: 60, crop: null}
training: {learning_rate: [0.05, 0.02]}
device: {kind: pcm, g_max: 20e-6, g_min: 0.5e-6, pulses_to_90_percent: 26, step_spread: 0.5}
faults: {dead: [0.1, 0.2]}
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(TEXT)


def ends(parameter: Parameter, *given: float | str | None) -> list[tuple[float, float, bool]]:
    reference, first, last, scale = [*given, *[None] * (4 - len(given))]
    origin = parameter.own if reference is None else reference
    ways = ways_of(parameter, origin, first, last, scale)
    return [(way.near, way.far, way.is_log) for way in ways]


# Setting -> the ways from its own value, and whether ratios count on them.
RANGES = {
    "device.step_spread": [(0.5, 10, False), (0.5, 0, False)],
    "faults.stuck_on": [(0, 1, False)],
    "device.concavity": [(1, 5, False), (1, 0, False)],
    "device.pulses_to_90_percent": [(26, 2600, True), (26, 1, True)],
    "update.slots": [(4, 32, False), (4, 1, False)],
    "network.slope": [(1, 100, True), (1, 0.01, True)],
    "reset.interval": [(100, 10_000, True), (100, 1, True)],
    # Half of g_max.
    "read.noise_absolute": [(0, 10e-6, False)],
    "device.g_min": [(0.5e-6, 10e-6, False), (0.5e-6, 0, False)],
    "device.g_max": [(20e-6, 2e-3, True), (20e-6, 0.2e-6, True)],
    # Factors: no share may exceed 1.
    "training.learning_rate": [(1, 100, True), (1, 0.01, True)],
    "faults.dead": [(1, 5, False), (1, 0, False)],
}


@pytest.mark.parametrize(("name", "expected"), RANGES.items(), ids=RANGES)
def test_reasonable_ranges(name: str, expected: list[tuple[float, float, bool]]) -> None:
    found = ends(read_parameter("small.yaml", name))
    assert [way[2] for way in found] == [way[2] for way in expected]
    assert [way[:2] for way in found] == [pytest.approx(way[:2]) for way in expected]


def test_a_reference_outside_the_range_is_left_from_its_nearer_end() -> None:
    spread = read_parameter("small.yaml", "device.step_spread")
    assert ends(spread, None, 1, 3) == [(1, 3, False)]
    assert ends(spread, None, 0, 0.2) == [(0.2, 0, False)]
    assert ends(spread, 2, 0, 2) == [(2, 0, False)]
    assert ends(spread, 0.1, 0.01, 3, "log") == [(0.1, 3, True), (0.1, 0.01, True)]


def test_without_a_reference_one_way_is_left_to_be_turned() -> None:
    endurance = read_parameter("small.yaml", "faults.endurance_set")
    assert ends(endurance, None, 1e3, 1e6) == [(1e3, 1e6, True)]
    assert ways_of(endurance, None, 1e3, 1e6, None)[0].back() == Way(10**6, 10**3, True, False)


def test_values_are_put_into_the_settings() -> None:
    pulses = read_parameter("small.yaml", "device.pulses_to_90_percent", ["training.epochs=3"])
    settings = pulses.settings_at(40)
    assert settings.device.kind == "pcm" and settings.device.pulses_to_90_percent == 40
    assert settings.training.epochs == 3
    rates = read_parameter("small.yaml", "training.learning_rate").settings_at(2)
    assert rates.training.learning_rate == [0.1, 0.04]


# Setting and options -> what the message says.
REFUSED = {
    "unknown": (("faults.daed",), "--parameter, faults.daed: unknown setting; did you mean dead?"),
    "unknown block": (("fault.dead",), "unknown setting; did you mean"),
    "block": (("faults",), "only a setting that is a quantity"),
    "text": (("device.kind",), "only a setting that is a quantity"),
    "switch": (("data.verify_checksum",), "only a setting that is a quantity"),
    "list of another sort": (("network.layers",), "only a setting that is a quantity"),
    "seed": (("seed",), "only a setting that is a quantity"),
    "other kind": (("device.asymmetry",), "not a setting of this kind, but of linear"),
    "null": (("faults.endurance_set",), "is null, and may be from"),
    "no upper limit": (("network.initial_weight", 0.0), "say with --from and --to"),
    "ends the wrong way round": (("faults.stuck_on", None, 0.3, 0.2), "--from must be below --to"),
    "ends alike": (("faults.stuck_on", None, 0.3, 0.3), "--from must be below --to"),
    "logarithm of 0": (("faults.stuck_on", None, None, 0.2, "log"), "wants --from above 0, not 0"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(arguments: tuple[str, ...], words: str) -> None:
    name, *given = arguments
    with pytest.raises(UserError) as refusal:
        ends(read_parameter("small.yaml", name), *given)
    assert words in str(refusal.value)


def test_a_factor_on_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"is \[0.0, 0.0\], of which all multiples are the same"):
        read_parameter("small.yaml", "faults.dead", ["faults.dead=[0, 0]"])


@pytest.mark.parametrize("part", [0, 0.3, 0.9999, 1])
def test_values_are_round_and_within_the_ends(part: float) -> None:
    value = Way(0.123456789, 0.234567891, is_log=False, is_whole=False).at(part)
    assert 0.123456789 <= value <= 0.234567891
    assert value in (0.123456789, 0.234567891) or len(repr(value)) <= len("0.1234")
