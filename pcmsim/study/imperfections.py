"""What is imperfect about a device and its use, and what the settings are without it.

An imperfection is a change of settings that takes it away.  A device with but one is the file's
with all others taken away; so no second set of ideal numbers is needed.  Network, learning rates,
pulses and RESET policy stay as they are, and nothing is tuned anew.  Two changes keep that fair:

* Finer steps come with learning rates lower by the same factor: neurons fire as many pulses as
  before, where their few slots would have no room for more.  A RESET may spend more of them.  Steps
  of a thousandth of the range are fine enough.
* A device that is made bidirectional keeps its form as far as that can be: as many pulses from
  empty to 90 % of the range, and the same ratio of the first step to the last, in either
  direction.  One that is measured or published as a whole becomes linear as a whole, with steps a
  fraction of those it has in the middle of its range; or it is taken to parts, by what
  ``device.idealised`` does to it.

Pairs with volatile elements beside them stay one-way, since charges are transferred by partial
SETs; and their learning rates, which are about the steps of those elements, stay as they are.

What is left without any imperfection is bidirectional, linear, symmetric, fine-grained, reaches
down to zero, and is the same everywhere: the device that is published to equal software.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pcmsim.config.device_settings import (
    ArrayDevice,
    ExponentialStepDevice,
    FloatDevice,
    LinearDevice,
    LinearStepDevice,
    Nandakumar2018Device,
    PcmDevice,
    PulseCurveDevice,
    PythonDevice,
    SoftBoundsDevice,
    TableDevice,
)
from pcmsim.config.section import LARGEST_COUNT, per_layer
from pcmsim.config.settings import FAULT_SHARES, Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.jump_table import nominal_step, tabulate
from pcmsim.devices.model import DeviceModel
from pcmsim.errors import UserError
from pcmsim.kernels.layer import DeviceTables

Change = Callable[[Settings], Settings]

# Where the size of steps is taken away, so many of them cross the range: as many as are asked of
# resistive devices for training (Gokmen and Vlasov, Front. Neurosci. 10:333, 2016: recalled).
FINE = 1000
# But no more than so many times as many as before.
FINER = 8
# Writing back is given as many pulses as cross the range so many times.
CROSSINGS = 4
MOST_PULSES = 100_000
# Devices that are known as a whole, and can be taken to parts.
WHOLE = (
    Nandakumar2018Device,
    ExponentialStepDevice,
    LinearStepDevice,
    SoftBoundsDevice,
    PulseCurveDevice,
    TableDevice,
    PythonDevice,
)


@dataclass(frozen=True)
class Imperfection:
    """One thing that is not ideal.

    Attributes:
        name: in words.
        settings: names of the settings that it consists of.
        without: takes it away.
        makes_one_way: True if its device cannot step down without it.
        needs_one_way: True if a device that steps down has no such thing.
    """

    name: str
    settings: tuple[str, ...]
    without: Change
    makes_one_way: bool = False
    needs_one_way: bool = False


def imperfections_of(settings: Settings, *, in_parts: bool = False) -> list[Imperfection]:
    """Return what is imperfect in these settings, in the order in which it can be taken away.

    ``in_parts`` tells apart what is imperfect in a device that is known as a whole.

    Raises:
        UserError: a file that the device needs cannot be used, or weights are exact numbers.
    """
    device = settings.device
    if isinstance(device, FloatDevice):
        raise UserError("device.kind: float has exact weights, and so no imperfections")
    model = build_model(device)
    if in_parts and isinstance(device, WHOLE):
        found = [*_OF_USE, *_of_parts(device, model)]
    else:
        found = [*_OF_USE, *_of_device(device, model)]
    if _has_volatile(settings):
        found = [*_OF_VOLATILE, *(one for one in found if not one.makes_one_way)]
    elif settings.reset.interval == 0:
        found = [one for one in found if not one.needs_one_way]
    return [one for one in found if one.without(settings) != settings]


def without(settings: Settings, imperfections: Iterable[Imperfection]) -> Settings:
    """Take imperfections away, in the order of ``imperfections_of``."""
    for one in imperfections:
        settings = one.without(settings)
    return settings


def _has_volatile(settings: Settings) -> bool:
    return settings.synapse.volatile.interval > 0


def _of_device(device: ArrayDevice, model: DeviceModel) -> list[Imperfection]:
    """Return what a device can have; what changes its kind comes last."""
    if isinstance(device, PcmDevice):
        return [*_OF_PCM, *_OF_RESET, _ONE_WAY]
    if isinstance(device, LinearDevice):
        return _OF_LINEAR
    response = Imperfection(
        "response of the device", ("device.kind",), _linear, makes_one_way=not model.bidirectional
    )
    reset = [] if model.bidirectional else _OF_RESET
    return [_RANGE_SPREAD, _STEP_SCALES, *reset, response]


def _of_parts(device: ArrayDevice, model: DeviceModel) -> list[Imperfection]:
    """Return what can be imperfect in a device that is known as a whole."""
    lowest = [_better("lowest conductance above 0", "lowest", 0.0)] if model.g_min > 0 else []
    spread = spread_of(device)
    ranges = [_RANGE_SPREAD] if spread.range > 0 else []
    steps = [_STEP_SCALES] if spread.step > 0 else []
    found = [*ranges, *steps, _better("stochastic steps", "step_noise", 0.0), *lowest]
    if model.bidirectional:
        return [
            *found,
            _better("asymmetric steps", "asymmetry", 0.0),
            _better("nonlinear response", "concavity", 0.0),
            _FINER_PARTS,
        ]
    return [
        *found,
        _better("incomplete RESET", "reset_residue", 0.0, needs_one_way=True),
        _better("concave response", "concavity", 0.0),
        _FINER_PARTS,
        *_OF_RESET,
        _better("one-way conductance", "mirrored", True, makes_one_way=True),
    ]


def _better(name: str, setting: str, value: float, **kind: bool) -> Imperfection:
    """Return an imperfection that one of the settings of ``device.idealised`` takes away."""
    return Imperfection(
        name,
        (f"device.idealised.{setting}",),
        lambda settings: _idealised(settings, setting, value),
        **kind,
    )


def _idealised(settings: Settings, setting: str, value: float) -> Settings:
    assert isinstance(settings.device, WHOLE)
    idealised = settings.device.idealised.model_copy(update={setting: value})
    return changed(settings, device={"idealised": idealised})


def _finer_parts(settings: Settings) -> Settings:
    assert isinstance(settings.device, WHOLE)
    factor = _factor(_tables_of(settings))
    scale = settings.device.idealised.step_scale / factor
    return _with_finer_steps(settings, _idealised(settings, "step_scale", scale), factor)


def _set(**blocks: dict[str, Any]) -> Change:
    """Return the change that gives some settings new values, block by block."""
    return lambda settings: changed(settings, **blocks)


def changed(settings: Settings, **blocks: dict[str, Any]) -> Settings:
    """Return settings of which some have new values, block by block."""
    new = {
        name: getattr(settings, name).model_copy(update=values) for name, values in blocks.items()
    }
    return settings.model_copy(update=new)


def _finer(count: str) -> Change:
    """Return the change that makes steps finer; ``count`` is the setting that counts them."""

    def change(settings: Settings) -> Settings:
        factor = _factor(_tables_of(settings))
        steps = min(round(factor * getattr(settings.device, count)), MOST_PULSES)
        return _with_finer_steps(settings, changed(settings, device={count: steps}), factor)

    return change


def _tables_of(settings: Settings) -> DeviceTables:
    assert not isinstance(settings.device, FloatDevice)
    return tabulate(build_model(settings.device))


def _factor(tables: DeviceTables) -> float:
    """Return how many times finer steps are to be: 1 where they are fine."""
    steps = float(tables.g_max - tables.g_min) / nominal_step(tables)
    return min(max(round(FINE / steps, 1), 1.0), FINER)


def _with_finer_steps(before: Settings, finer: Settings, factor: float) -> Settings:
    """Return settings of finer steps, with all that goes with them."""
    spent = min(round(factor * before.reset.max_pulses), MOST_PULSES)
    return _slower(changed(finer, reset={"max_pulses": spent}), factor)


def _slower(settings: Settings, factor: float) -> Settings:
    """Lower the learning rates, unless it is volatile elements whose steps they are about."""
    if factor == 1 or _has_volatile(settings):
        return settings
    rates = per_layer(settings.training.learning_rate, len(settings.network.layers) - 1)
    return changed(settings, training={"learning_rate": [rate / factor for rate in rates]})


def _of_volatile(name: str, **values: float | None) -> Imperfection:
    """Return an imperfection that some settings of ``synapse.volatile`` take away."""

    def change(settings: Settings) -> Settings:
        volatile = settings.synapse.volatile.model_copy(update=values)
        return changed(settings, synapse={"volatile": volatile})

    return Imperfection(name, tuple(f"synapse.volatile.{setting}" for setting in values), change)


def _written_back_well(settings: Settings) -> Settings:
    """Write back to the nearest step, whatever number of pulses it takes."""
    tables = _tables_of(settings)
    step = nominal_step(tables) / float(tables.g_max)
    pulses = min(math.ceil(CROSSINGS / step), MOST_PULSES)
    reset = settings.reset
    return changed(
        settings,
        reset={
            "tolerance": min(reset.tolerance, step / 2),
            "max_pulses": max(reset.max_pulses, pulses),
        },
    )


def _bidirectional(settings: Settings) -> Settings:
    """Give a cell of kind pcm steps down that mirror its steps up.

    Its step falls to 0.1 ** concavity while 90 % of the range fill up, that of kind linear to
    exp(-0.9 nonlinearity).  Filling takes N / c * integral of exp(v (x - 1/2)) from 0 to 0.9, with
    the c of ``pcmsim.devices.linear``.
    """
    pcm = settings.device
    assert isinstance(pcm, PcmDevice)
    v = pcm.concavity * math.log(10) / 0.9
    c = math.sinh(v / 2) / (v / 2) if v > 0 else 1.0
    filling = (math.exp(0.4 * v) - math.exp(-0.5 * v)) / v if v > 0 else 0.9
    device = LinearDevice(
        kind="linear",
        g_max=pcm.g_max,
        g_min=pcm.g_min,
        steps=max(round(pcm.pulses_to_90_percent * c / filling), 1),
        step_spread=pcm.step_spread,
        nonlinearity=v,
        range_spread=pcm.range_spread,
        step_scale_spread=pcm.step_scale_spread,
    )
    return settings.model_copy(update={"device": device})


def _linear(settings: Settings) -> Settings:
    """Put a linear device, with finer steps, in the place of one that is known as a whole."""
    assert not isinstance(settings.device, FloatDevice)
    tables, spread = _tables_of(settings), spread_of(settings.device)
    span, factor = float(tables.g_max - tables.g_min), _factor(tables)
    device = LinearDevice(
        kind="linear",
        g_max=float(tables.g_max),
        g_min=0.0,
        steps=min(max(round(factor * span / nominal_step(tables)), 1), LARGEST_COUNT),
        step_spread=0.0,
        range_spread=spread.range,
        step_scale_spread=spread.step,
    )
    return _slower(settings.model_copy(update={"device": device}), factor)


def _fault(name: str, *settings: str, none: float | None = 0.0) -> Imperfection:
    return Imperfection(
        name,
        tuple(f"faults.{setting}" for setting in settings),
        _set(faults=dict.fromkeys(settings, none)),
    )


_OF_USE = [
    *(_fault(f"{share.replace('_', ' ')} devices", share) for share in FAULT_SHARES),
    _fault("dead rows", "dead_rows"),
    _fault("dead columns", "dead_columns"),
    _fault("faults of the map", "map", none=None),
    _fault("wear-out", "endurance_set", "endurance_reset", none=None),
    Imperfection(
        "read noise",
        ("read.noise_absolute", "read.noise_relative"),
        _set(read={"noise_absolute": 0.0, "noise_relative": 0.0}),
    ),
]
_OF_VOLATILE = [
    _of_volatile("capacitors that differ", range_spread=0.0, step_scale_spread=0.0),
    _of_volatile("asymmetric steps of capacitors", asymmetry=0.0, asymmetry_spread=0.0),
    _of_volatile("stochastic steps of capacitors", step_spread=0.0),
    _of_volatile("nonlinear response of capacitors", slope=0.0),
    _of_volatile("leakage", lifetime=None),
]
_RANGE_SPREAD = Imperfection(
    "variable maxima", ("device.range_spread",), _set(device={"range_spread": 0.0})
)
_STEP_SCALES = Imperfection(
    "steps that differ from device to device",
    ("device.step_scale_spread",),
    _set(device={"step_scale_spread": 0.0}),
)
_STEP_SPREAD = Imperfection(
    "stochastic steps", ("device.step_spread",), _set(device={"step_spread": 0.0})
)
_LOWEST = Imperfection("lowest conductance above 0", ("device.g_min",), _set(device={"g_min": 0.0}))
_OF_PCM = [
    _RANGE_SPREAD,
    _STEP_SCALES,
    _STEP_SPREAD,
    _LOWEST,
    Imperfection(
        "incomplete RESET",
        ("device.reset_residue", "device.reset_spread"),
        _set(device={"reset_residue": 0.0, "reset_spread": 0.0}),
        needs_one_way=True,
    ),
    Imperfection("concave response", ("device.concavity",), _set(device={"concavity": 0.0})),
    Imperfection("coarse steps", ("device.pulses_to_90_percent",), _finer("pulses_to_90_percent")),
]
_OF_LINEAR = [
    _RANGE_SPREAD,
    _STEP_SCALES,
    _STEP_SPREAD,
    _LOWEST,
    Imperfection("asymmetric steps", ("device.asymmetry",), _set(device={"asymmetry": 0.0})),
    Imperfection(
        "nonlinear response", ("device.nonlinearity",), _set(device={"nonlinearity": 0.0})
    ),
    Imperfection("coarse steps", ("device.steps",), _finer("steps")),
]
_OF_RESET = [
    Imperfection(
        "RESETs that fail", ("reset.failure",), _set(reset={"failure": 0.0}), needs_one_way=True
    ),
    Imperfection(
        "writing back after RESET",
        ("reset.tolerance", "reset.max_pulses"),
        _written_back_well,
        needs_one_way=True,
    ),
]
_ONE_WAY = Imperfection("one-way conductance", ("device.kind",), _bidirectional, makes_one_way=True)
_FINER_PARTS = Imperfection("coarse steps", ("device.idealised.step_scale",), _finer_parts)
