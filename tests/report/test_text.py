"""The pages of text hold the numbers of the result and of the device tables."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pcmsim.config.settings import Settings, Synapse
from pcmsim.config.volatile_settings import Volatile
from pcmsim.experiment.result import Result
from pcmsim.report.device.page import device_text
from pcmsim.report.result.text import comparison_text, result_text

ResultOf = Callable[[str], Result]
Make = Callable[..., Settings]


def cells(text: str, name: str) -> list[str]:
    """Return what stands beside a name at the beginning of a line, cell by cell."""
    (found,) = [line for line in text.splitlines() if line.startswith(name)]
    return [cell.strip() for cell in found.removeprefix(name).split("   ") if cell.strip()]


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def test_comparison_has_both_readings_beside_the_published_figures(result_of: ResultOf) -> None:
    result = result_of("published")
    shown, after = result.last("online_accuracy"), result.last("train_accuracy")
    test = result.last("test_accuracy")
    text = comparison_text(result)
    assert cells(text, "last epoch") == ["measured here", "Burr et al., IEDM 2014"]
    assert cells(text, "training images, when shown") == [percent(shown), "82.2 %"]
    assert cells(text, "training images, after the epoch") == [percent(after), "82.2 %"]
    assert cells(text, "test images") == [percent(test), "82.9 %"]
    assert "unknown" in text.splitlines()[-1]


def test_nothing_is_compared_under_other_conditions(result_of: ResultOf) -> None:
    result = result_of("pcm")
    text = comparison_text(result)
    assert cells(text, "mean of last 2 epochs") == ["measured here"]
    assert cells(text, "test images") == [percent(result.last("test_accuracy"))]
    assert "Burr" not in text + result_text(result)


def test_page_of_a_result(result_of: ResultOf) -> None:
    result = result_of("pcm")
    arrays, text = result.arrays, result_text(result)
    assert cells(text, "result ") == [str(result.path)]
    assert cells(text, "network ") == ["528-250-125-10, tanh; 164,885 synapses"]
    assert cells(text, "random draw") == ["seed 1, replicate 0"]
    test = arrays["epochs/test_accuracy"]
    assert cells(text, "test images") == [percent(test.mean()), percent(test.max())]
    second_half = arrays["epochs/test_accuracy_halves"][:, 1]
    assert cells(text, "  second half")[0] == percent(second_half.mean())
    resets = int(arrays["epochs/resets"][-1])
    assert cells(text, "RESETs") == [f"{resets:,}", f"{resets / 1000:,.2f}"]
    assert cells(text, "2 ")[2] == percent(test[1])
    assert "numpy " + np.__version__ in text
    assert text.isascii()


@pytest.mark.parametrize(
    ("synapse", "told"),
    [
        (Synapse(), []),
        (Synapse(pairs=3), ["3 pairs"]),
        (
            Synapse(volatile=Volatile(interval=8000)),
            ["a pair and a capacitor, transfer every 8,000 examples"],
        ),
    ],
)
def test_page_tells_what_makes_a_synapse(
    result_of: ResultOf, synapse: Synapse, told: list[str]
) -> None:
    result = result_of("pcm")
    settings = result.settings.model_copy(update={"synapse": synapse})
    text = result_text(replace(result, settings=settings))
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    assert [line[1] for line in lines if line[:1] == ["synapse"]] == told


def test_table_of_layers(result_of: ResultOf) -> None:
    result = result_of("pcm")
    fault = result.arrays["layers/0/fault"]
    plus = result.arrays["layers/0/conductance"][..., 0].mean(dtype=np.float64)
    text = result_text(result)
    synapses, g_plus, _, spread, faulty, dead, random = cells(text, "529 x 250")
    assert synapses == "132,250"
    assert float(g_plus) == pytest.approx(plus * 1e6, rel=0.006)
    assert float(spread) == pytest.approx(result.arrays["layers/0/weight"].std(), rel=0.006)
    assert [faulty, dead, random] == [
        f"{np.sum(fault > 0):,}",
        f"{np.sum(fault == 1):,}",
        f"{np.sum(fault == 4):,}",
    ]
    assert "stuck_on" not in text


def test_long_runs_show_the_first_and_last_epochs(result_of: ResultOf) -> None:
    text = result_text(result_of("float"))
    table = text.split("\n\n")[-2].splitlines()
    epochs = [line.split()[0] for line in table[1:]]
    assert epochs == ["1", "2", "3", "4", "5", "...", "10", "11", "12", "13", "14"]


def test_float_has_no_rows_about_devices(result_of: ResultOf) -> None:
    text = result_text(result_of("float"))
    for word in ("uS", "RESET", "saturated", "faulty"):
        assert word not in text


def test_bidirectional_devices_count_steps(result_of: ResultOf) -> None:
    result = result_of("linear")
    text = result_text(result)
    steps = f"{result.arrays['epochs/set_pulses'][-1]:,}"
    assert cells(text, "steps up")[0] == cells(text, "steps down")[0] == steps
    assert "RESETs" not in text


def test_spreads_have_three_digits(make_settings: Make) -> None:
    text = device_text(
        make_settings("device={kind: pcm, range_spread: 0.17343, step_scale_spread: 0.09876}")
    )
    assert cells(text, "spread of range") == ["17.3 % from device to device"]
    assert cells(text, "spread of steps") == ["9.88 % from device to device, beside that"]


def test_page_of_a_phase_change_device(make_settings: Make) -> None:
    text = device_text(make_settings("device={kind: pcm, pulses_to_90_percent: 20}"))
    assert cells(text, "range ") == ["0.500 to 25.0 uS"]
    assert cells(text, "on/off ratio") == ["50.0"]
    assert cells(text, "spread of range") == ["15 % from device to device"]
    assert cells(text, "pulses to 90 %") == ["20 from empty, without randomness"]
    # 90 % after 20 pulses of a saturating exponential: a rate of 1 - 0.1 ** (1 / 20).
    first = (1 - 0.1 ** (1 / 20)) * 24.5
    assert float(cells(text, "first step")[0].split()[0]) == pytest.approx(first, rel=0.005)
    mean, _, spread, unit = cells(text, "mid-range step")[0].split()
    assert float(mean) == pytest.approx(first / 2, rel=0.005)
    # The table's straight lines end the tails of the normal distribution.
    assert float(spread) == pytest.approx(first / 4, rel=0.02)
    assert unit == "uS"
    assert cells(text, "after a RESET")[0].startswith("1.00 +- 0.24")


def test_page_of_a_bidirectional_device(make_settings: Make) -> None:
    text = device_text(make_settings("device={kind: linear, steps: 49, asymmetry: 0.2}"))
    assert cells(text, "mid-range step up") == ["0.600 +- 0.180 uS"]
    assert cells(text, "mid-range step down") == ["-0.400 +- 0.120 uS"]
    assert cells(text, "asymmetry")[0].startswith("+0.200")
    assert "RESET" not in text


def test_a_device_that_levels_off_below_its_range_says_so(make_settings: Make) -> None:
    text = device_text(make_settings("device={kind: nandakumar2018}"))
    assert cells(text, "pulses to 90 %")[0].startswith("never; mean steps end at 10.")


def test_float_says_that_there_is_no_device(make_settings: Make) -> None:
    assert "there is no device" in device_text(make_settings("device={kind: float}"))
