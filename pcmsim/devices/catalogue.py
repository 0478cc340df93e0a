"""Which model stands behind each ``device.kind``."""

from typing import Any, NamedTuple

from pcmsim.config.device_settings import ArrayDevice, TableDevice
from pcmsim.devices.exponential_step import ExponentialStep
from pcmsim.devices.idealised import idealised
from pcmsim.devices.linear import Linear
from pcmsim.devices.linear_step import LinearStep, SoftBounds
from pcmsim.devices.model import DeviceModel
from pcmsim.devices.nandakumar2018 import Nandakumar2018
from pcmsim.devices.pcm import Pcm
from pcmsim.devices.pulse_curve import PulseCurve
from pcmsim.devices.python_function import PythonFunction
from pcmsim.devices.table import Table, read_attributes

MODELS: dict[str, Any] = {
    "pcm": Pcm,
    "nandakumar2018": Nandakumar2018,
    "linear": Linear,
    "exponential_step": ExponentialStep,
    "linear_step": LinearStep,
    "soft_bounds": SoftBounds,
    "pulse_curve": PulseCurve,
    "table": Table,
    "python": PythonFunction,
}


def build_model(settings: ArrayDevice) -> DeviceModel:
    """Return the device model that the settings describe.

    Raises:
        UserError: a file that the settings name cannot be used.
    """
    model: DeviceModel = MODELS[settings.kind](settings)
    wanted = getattr(settings, "idealised", None)
    return model if wanted is None else idealised(model, wanted)


class Spread(NamedTuple):
    """How devices differ from each other: standard deviations over means."""

    range: float  # of their ranges, and of all steps with them
    step: float  # of their steps, beside that


def spread_of(settings: ArrayDevice) -> Spread:
    """Return how devices differ, by the settings or, where these leave it to it, by their file.

    Raises:
        UserError: the file cannot be used.
    """
    if isinstance(settings, TableDevice):
        said = read_attributes(settings.file)
        return Spread(
            _first_known(settings.range_spread, said.range_spread),
            _first_known(settings.step_scale_spread, said.step_scale_spread),
        )
    return Spread(settings.range_spread, settings.step_scale_spread)


def _first_known(of_settings: float | None, of_file: float | None) -> float:
    return (of_file or 0.0) if of_settings is None else of_settings
