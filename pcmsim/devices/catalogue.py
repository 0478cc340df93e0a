"""Which model stands behind each ``device.kind``."""

from typing import Any

from pcmsim.config.device_settings import ArrayDevice
from pcmsim.devices.linear import Linear
from pcmsim.devices.model import DeviceModel
from pcmsim.devices.nandakumar2018 import Nandakumar2018
from pcmsim.devices.pcm import Pcm
from pcmsim.devices.table import Table

MODELS: dict[str, Any] = {
    "pcm": Pcm,
    "nandakumar2018": Nandakumar2018,
    "linear": Linear,
    "table": Table,
}


def build_model(settings: ArrayDevice) -> DeviceModel:
    """Return the device model that the settings describe.

    Raises:
        UserError: a file that the settings name cannot be used.
    """
    model: DeviceModel = MODELS[settings.kind](settings)
    return model
