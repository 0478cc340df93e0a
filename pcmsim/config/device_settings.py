"""What a synapse is made of: the settings of every kind of device; see ``settings``."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from pcmsim.config.idealised_settings import Idealised
from pcmsim.config.section import (
    LARGEST_COUNT,
    LARGEST_G,
    REQUIRED,
    SMALLEST_RANGE,
    Section,
    setting,
)

# Settings that results of version 0.1.0 do not know.
LATER_SETTINGS = {"idealised", "step_scale_spread"}
# Marks of the defaults of the library's general models; configs/devices holds all presets.
AIHWKIT_PCM = "open code: PCM preset of IBM/aihwkit, commit 4545f11b"
AIHWKIT_CAPACITOR = "open code: capacitor preset of IBM/aihwkit, commit 4545f11b"
AIHWKIT_SOFT_BOUNDS = "open code: ReRAM soft-bounds preset of IBM/aihwkit, commit 4545f11b"
NEUROSIM_EPIRAM = "open code: NeuroSim's table of devices, EpiRAM"
NAME_IN_PYTHON = r"^[A-Za-z_][A-Za-z0-9_]*$"


def lowest_setting() -> Any:
    """Declare the lowest conductance of a device."""
    return setting(0.5e-6, "lowest conductance of a nominal device", unit="S", ge=0, le=LARGEST_G)


def highest_setting(default: float, source: str = "choice") -> Any:
    """Declare the highest conductance of a device."""
    return setting(
        default,
        "highest conductance of a nominal device",
        unit="S",
        source=source,
        ge=SMALLEST_RANGE,
        le=LARGEST_G,
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


def step_scale_spread_setting(default: float | None = 0.0, otherwise: str = "") -> Any:
    """Declare the spread of steps from device to device, which every kind of device has."""
    return setting(
        default,
        "standard deviation of the size of a device's steps from device to device, over its mean, "
        f"beside what its range makes of them{otherwise}",
        ge=0,
        le=2,
    )


class DeviceSection(Section):
    """Settings of one kind of device.

    What came later is left out where it is default: digests stay what they were.
    """

    @model_serializer(mode="wrap")
    def _leave_out_unused(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = serialize(self)
        fields = type(self).model_fields
        for name in LATER_SETTINGS & fields.keys():
            if getattr(self, name) == fields[name].default:
                values.pop(name, None)
        return values


class PcmDevice(DeviceSection):
    """Phase-change cell: concave, saturating, stochastic partial SET; abrupt RESET."""

    kind: Literal["pcm"]
    g_max: float = highest_setting(25e-6, "recalled: 20-50 uS")
    g_min: float = lowest_setting()
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
    step_scale_spread: float = step_scale_spread_setting()
    reset_residue: float = setting(
        0.5e-6, "mean conductance above g_min after a RESET", unit="S", ge=0, le=LARGEST_G
    )
    reset_spread: float = setting(
        0.25e-6, "standard deviation of the conductance after a RESET", unit="S", ge=0, le=LARGEST_G
    )


class Nandakumar2018Device(DeviceSection):
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
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()


class LinearDevice(DeviceSection):
    """Bidirectional device with steps up and down, ideally equal everywhere."""

    kind: Literal["linear"]
    g_max: float = highest_setting(25e-6)
    g_min: float = lowest_setting()
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
    step_scale_spread: float = step_scale_spread_setting()


class TableDevice(DeviceSection):
    """A device given as data: quantiles of the conductance change at some conductances."""

    kind: Literal["table"]
    file: str = setting(
        REQUIRED,
        "device file that pcmsim device import has written; or CSV file with the columns "
        "pulse,conductance_S,probability,step_S, or HDF5 file with groups set and reset, each "
        "holding conductance, probability and step",
        path=True,
    )
    bidirectional: bool | None = setting(
        None,
        "true: reset pulses step down gradually; false: they are an abrupt RESET; null: what the "
        "file says, as a device file does",
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
    range_spread: float | None = setting(
        None,
        "standard deviation of the maximum conductance (and of all steps with it) from device "
        "to device, over its mean; null: what the file says, or 0 if it says nothing",
        ge=0,
        le=1,
    )
    step_scale_spread: float | None = step_scale_spread_setting(
        None, "; null: what the file says, or 0 if it says nothing"
    )
    idealised: Idealised = Idealised()


def part_of_range(default: float, meaning: str, source: str = "choice") -> Any:
    """Declare a mean step, as a part of the range g_max - g_min."""
    return setting(default, f"{meaning}, as part of the range", source=source, ge=0, le=1)


def step_spread_setting(default: float, source: str) -> Any:
    """Declare the part of a step's spread that grows with the step."""
    return setting(
        default,
        "standard deviation of a step from pulse to pulse, over its mean",
        source=source,
        ge=0,
        le=100,
    )


def noise_setting(default: float, source: str) -> Any:
    """Declare the part of a step's spread that is the same for all steps."""
    return setting(
        default,
        "standard deviation of a step from pulse to pulse, the part that is the same for all "
        "steps, as part of the range",
        source=source,
        ge=0,
        le=1,
    )


def _check_not_both_0(device: DeviceSection, one: str, other: str, way: str) -> None:
    if getattr(device, one) == getattr(device, other) == 0:
        raise ValueError(f"{other}: must not be 0 where {one} is; no step would go {way}")


class ExponentialStepDevice(DeviceSection):
    """Steps that die away exponentially with the conductance, to a floor; RESET or steps down."""

    kind: Literal["exponential_step"]
    g_max: float = highest_setting(25e-6)
    g_min: float = lowest_setting()
    bidirectional: bool = setting(
        False, "true: there are gradual steps down; false: an abrupt RESET"
    )
    floor_up: float = part_of_range(0.005, "step up that is left at the end", AIHWKIT_PCM)
    amplitude_up: float = part_of_range(
        0.136175, "what the step up has more than that at g_min", AIHWKIT_PCM
    )
    decay_up: float = setting(
        5.0,
        "logarithm of the ratio by which that falls on the way to g_max",
        source=AIHWKIT_PCM,
        ge=0,
        le=100,
    )
    floor_down: float = part_of_range(0.0, "bidirectional: step down that is left at the end")
    amplitude_down: float = part_of_range(
        0.0, "bidirectional: what the step down has more than that at g_max"
    )
    decay_down: float = setting(
        0.0,
        "bidirectional: logarithm of the ratio by which that falls on the way to g_min",
        ge=0,
        le=100,
    )
    step_spread: float = step_spread_setting(0.6, AIHWKIT_PCM)
    noise: float = noise_setting(0.0126, AIHWKIT_PCM)
    noise_slope: float = setting(
        0.0648,
        "standard deviation of a step from pulse to pulse, the part that grows from 0 at g_min to "
        "this part of the range at g_max",
        source=AIHWKIT_PCM,
        ge=0,
        le=1,
    )
    range_spread: float = range_spread_setting(0.1, AIHWKIT_PCM)
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()
    reset_residue: float = setting(
        0.1225e-6,
        "one-way: mean conductance above g_min after a RESET",
        unit="S",
        source=AIHWKIT_PCM,
        ge=0,
        le=LARGEST_G,
    )
    reset_spread: float = setting(
        0.1225e-6,
        "one-way: standard deviation of the conductance after a RESET",
        unit="S",
        source=AIHWKIT_PCM,
        ge=0,
        le=LARGEST_G,
    )

    @model_validator(mode="after")
    def _check_steps(self) -> "ExponentialStepDevice":
        _check_not_both_0(self, "floor_up", "amplitude_up", "up")
        if self.bidirectional:
            _check_not_both_0(self, "floor_down", "amplitude_down", "down")
        return self


class LinearStepDevice(DeviceSection):
    """Bidirectional device whose steps change in proportion to the conductance."""

    kind: Literal["linear_step"]
    g_max: float = highest_setting(50e-6)
    g_min: float = lowest_setting()
    up_at_bottom: float = part_of_range(0.002625, "step up from g_min", AIHWKIT_CAPACITOR)
    up_at_top: float = part_of_range(0.002375, "step up at g_max", AIHWKIT_CAPACITOR)
    down_at_top: float = part_of_range(0.002625, "step down from g_max", AIHWKIT_CAPACITOR)
    down_at_bottom: float = part_of_range(0.002375, "step down at g_min", AIHWKIT_CAPACITOR)
    step_spread: float = step_spread_setting(0.0, AIHWKIT_CAPACITOR)
    noise: float = noise_setting(0.00075, AIHWKIT_CAPACITOR)
    range_spread: float = range_spread_setting(0.07, AIHWKIT_CAPACITOR)
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()

    @model_validator(mode="after")
    def _check_steps(self) -> "LinearStepDevice":
        _check_not_both_0(self, "up_at_bottom", "up_at_top", "up")
        _check_not_both_0(self, "down_at_top", "down_at_bottom", "down")
        return self


class SoftBoundsDevice(DeviceSection):
    """Bidirectional device whose steps vanish in proportion to the way that is left."""

    kind: Literal["soft_bounds"]
    g_max: float = highest_setting(50e-6)
    g_min: float = lowest_setting()
    first_step_up: float = setting(
        0.0016,
        "step up from g_min, as part of the range; it falls to 0 at g_max",
        source=AIHWKIT_SOFT_BOUNDS,
        gt=0,
        le=1,
    )
    first_step_down: float = setting(
        0.0026667,
        "step down from g_max, as part of the range; it falls to 0 at g_min",
        source=AIHWKIT_SOFT_BOUNDS,
        gt=0,
        le=1,
    )
    step_spread: float = step_spread_setting(0.0, AIHWKIT_SOFT_BOUNDS)
    noise: float = noise_setting(0.00375, AIHWKIT_SOFT_BOUNDS)
    range_spread: float = range_spread_setting(0.24, AIHWKIT_SOFT_BOUNDS)
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()


class PulseCurveDevice(DeviceSection):
    """Bidirectional device whose conductance is a saturating exponential of the pulse number."""

    kind: Literal["pulse_curve"]
    g_max: float = highest_setting(50e-6)
    g_min: float = lowest_setting()
    pulses_up: int = setting(
        64, "steps up from g_min to g_max", source=NEUROSIM_EPIRAM, ge=1, le=LARGEST_COUNT
    )
    pulses_down: int = setting(
        64, "steps down from g_max to g_min", source=NEUROSIM_EPIRAM, ge=1, le=LARGEST_COUNT
    )
    nonlinearity_up: float = setting(
        0.5,
        "NeuroSim's label for steps up: distance of the curve from a straight line in units of "
        "0.07; positive: large steps first, negative: large steps last",
        source=NEUROSIM_EPIRAM,
        ge=-9,
        le=9,
    )
    nonlinearity_down: float = setting(
        -0.5,
        "the same for steps down; negative: large steps first, positive: large steps last",
        source=NEUROSIM_EPIRAM,
        ge=-9,
        le=9,
    )
    step_spread: float = step_spread_setting(0.0, NEUROSIM_EPIRAM)
    noise: float = noise_setting(0.02, NEUROSIM_EPIRAM)
    range_spread: float = range_spread_setting(0.0)
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()


class PythonDevice(DeviceSection):
    """A device given as a Python function of conductance and a random number, in your own file."""

    kind: Literal["python"]
    file: str = setting(
        REQUIRED,
        "Python file with the functions below.  It is executed, with all your rights, wherever the "
        "settings are used: name only files that you trust",
        path=True,
    )
    function: str = setting(
        "set_step",
        "function of the file that returns the change of conductance under a partial SET, in S: "
        "set_step(G, u, params) for conductances G (S) and uniform random numbers u between 0 and "
        "1, arrays that broadcast, and the dictionary params",
        pattern=NAME_IN_PYTHON,
    )
    reset_step: str | None = setting(
        None,
        "the same for the other kind of pulse: a RESET or, if bidirectional, a step down; null: a "
        "RESET to g_min plus reset_residue",
    )
    params: dict[str, float] = setting({}, "numbers that the functions get, by name")
    g_max: float = highest_setting(25e-6)
    g_min: float = lowest_setting()
    bidirectional: bool = setting(
        False, "true: there are gradual steps down, by reset_step; false: an abrupt RESET"
    )
    reset_residue: float = setting(
        0.0,
        "without reset_step: mean conductance above g_min after a RESET",
        unit="S",
        ge=0,
        le=LARGEST_G,
    )
    reset_spread: float = setting(
        0.0,
        "without reset_step: standard deviation of the conductance after a RESET",
        unit="S",
        ge=0,
        le=LARGEST_G,
    )
    range_spread: float = range_spread_setting(0.0)
    step_scale_spread: float = step_scale_spread_setting()
    idealised: Idealised = Idealised()

    @model_validator(mode="after")
    def _check_steps_down(self) -> "PythonDevice":
        if self.bidirectional and self.reset_step is None:
            raise ValueError("reset_step: missing; a bidirectional device needs a function for it")
        return self


class FloatDevice(Section):
    """No device: weights are exact numbers, the software reference."""

    kind: Literal["float"]


ArrayDevice = (
    PcmDevice
    | Nandakumar2018Device
    | LinearDevice
    | ExponentialStepDevice
    | LinearStepDevice
    | SoftBoundsDevice
    | PulseCurveDevice
    | TableDevice
    | PythonDevice
)
DeviceSettings = Annotated[ArrayDevice | FloatDevice, Field(discriminator="kind")]
