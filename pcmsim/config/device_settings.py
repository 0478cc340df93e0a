"""What a synapse is made of: the settings of every kind of device; see ``settings``."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pcmsim.config.section import (
    LARGEST_COUNT,
    LARGEST_G,
    REQUIRED,
    SMALLEST_RANGE,
    Section,
    setting,
)


def range_spread_setting(default: float, source: str = "choice") -> Any:
    """Declare the spread of ranges from device to device, which every kind of device has."""
    return setting(
        default,
        "standard deviation of the maximum conductance (and of all steps with it) from device "
        "to device, over its mean",
        source=source,
        ge=0,
        le=1,
    )


class PcmDevice(Section):
    """Phase-change cell: concave, saturating, stochastic partial SET; abrupt RESET."""

    kind: Literal["pcm"]
    g_max: float = setting(
        25e-6,
        "highest conductance of a nominal device",
        unit="S",
        source="recalled: 20-50 uS",
        ge=SMALLEST_RANGE,
        le=LARGEST_G,
    )
    g_min: float = setting(
        0.5e-6, "lowest conductance of a nominal device", unit="S", ge=0, le=LARGEST_G
    )
    pulses_to_90_percent: int = setting(
        30,
        "noise-free partial-SET pulses from empty to 90 % of the range",
        source="recalled: of order 20",
        ge=1,
        le=100_000,
    )
    concavity: float = setting(
        1.0,
        "power with which the mean step falls with the unfilled part of the range: 0 linear, "
        "1 saturating exponential",
        source="concave: published; form: choice",
        ge=0,
        le=5,
    )
    step_spread: float = setting(
        0.5,
        "standard deviation of a partial-SET step from pulse to pulse, over its mean",
        source="recalled: of the order of the mean step",
        ge=0,
        le=10,
    )
    range_spread: float = range_spread_setting(0.15, source="varies: published; size: choice")
    reset_residue: float = setting(
        0.5e-6, "mean conductance above g_min after a RESET", unit="S", ge=0, le=LARGEST_G
    )
    reset_spread: float = setting(
        0.25e-6, "standard deviation of the conductance after a RESET", unit="S", ge=0, le=LARGEST_G
    )


class Nandakumar2018Device(Section):
    """Doped-GST cell of 90 nm with memory of pulses since RESET (J. Appl. Phys. 124:152135)."""

    kind: Literal["nandakumar2018"]
    g_max: float = setting(
        12e-6,
        "conductance at which steps are clipped; 20e-6 to match the paper's figure",
        unit="S",
        source="open code: YigitDemirag/srnn-pcm, commit 2d917836",
        gt=1e-6,
        le=LARGEST_G,
    )
    range_spread: float = range_spread_setting(0.0)


class LinearDevice(Section):
    """Bidirectional device with steps up and down, ideally equal everywhere."""

    kind: Literal["linear"]
    g_max: float = setting(
        25e-6, "highest conductance of a nominal device", unit="S", ge=SMALLEST_RANGE, le=LARGEST_G
    )
    g_min: float = setting(
        0.5e-6, "lowest conductance of a nominal device", unit="S", ge=0, le=LARGEST_G
    )
    steps: int = setting(
        1000, "pulses from one end of the range to the other", ge=1, le=LARGEST_COUNT
    )
    step_spread: float = setting(
        0.3,
        "standard deviation of a step from pulse to pulse, over its mean",
        source="open code: 0.3 in aihwkit's linear-step presets, commit 4545f11b",
        ge=0,
        le=10,
    )
    asymmetry: float = setting(
        0.0, "steps up are longer by this part, steps down shorter", ge=-1, le=1
    )
    nonlinearity: float = setting(
        0.0,
        "logarithm of the ratio of a step at the start of its way to one at the end",
        ge=0,
        le=20,
    )
    range_spread: float = range_spread_setting(0.0)


class TableDevice(Section):
    """A device given as data: quantiles of the conductance change at some conductances."""

    kind: Literal["table"]
    file: str = setting(
        REQUIRED,
        "CSV file with the columns pulse,conductance_S,probability,step_S, or HDF5 file with "
        "groups set and reset, each holding conductance, probability and step",
        path=True,
    )
    bidirectional: bool = setting(
        REQUIRED, "true: reset pulses step down gradually; false: they are an abrupt RESET"
    )
    g_min: float | None = setting(
        None,
        "lowest conductance; null: the lowest for which the file tells of both kinds of pulse",
        unit="S",
        ge=0,
    )
    g_max: float | None = setting(
        None,
        "highest conductance; null: the highest for which the file tells of both kinds of pulse",
        unit="S",
        ge=SMALLEST_RANGE,
        le=LARGEST_G,
    )
    range_spread: float = range_spread_setting(0.0)


class FloatDevice(Section):
    """No device: weights are exact numbers, the software reference."""

    kind: Literal["float"]


ArrayDevice = PcmDevice | Nandakumar2018Device | LinearDevice | TableDevice
DeviceSettings = Annotated[ArrayDevice | FloatDevice, Field(discriminator="kind")]
