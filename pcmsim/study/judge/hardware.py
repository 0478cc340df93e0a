"""The hardware that is judged, from a device file or from a settings file."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pcmsim.config.load import load_config
from pcmsim.config.settings import Settings
from pcmsim.devices.table import read_attributes, read_tables
from pcmsim.errors import UserError
from pcmsim.files import HDF5_ENDINGS
from pcmsim.study.judge.reference import OF_HARDWARE, Values

TABLES = (*HDF5_ENDINGS, ".csv")
SETTINGS = (".yaml", ".yml")
# A pulse that takes a full device down by more than this part of its range is an abrupt RESET.
ABRUPT = 0.5


class Hardware(NamedTuple):
    """The hardware that is judged.

    Attributes:
        blocks: the blocks of settings that say what it is like.
        settings: those of the settings file it comes from; None if it comes from a device file.
    """

    blocks: Values
    settings: Settings | None

    def settings_for(self, reference: Settings) -> Settings | None:
        """Return the settings that its file has for it, if they are for a network like this."""
        own = self.settings
        if own is None or len(own.network.layers) != len(reference.network.layers):
            return None
        return own


def hardware_of(path: str | Path) -> Hardware:
    """Return the hardware that a file describes.

    A device file tells by itself whether its RESET is abrupt: where it takes a full device down by
    more than half of the range.  Of a settings file the blocks device, read and faults are taken.

    Raises:
        UserError: the file is missing, faulty, or of no known kind.
    """
    path = Path(path)
    if path.suffix.lower() in SETTINGS:
        settings = load_config(path)
        whole = settings.model_dump(mode="json", round_trip=True)
        return Hardware({block: whole[block] for block in OF_HARDWARE}, settings)
    if path.suffix.lower() in TABLES:
        file = str(path.absolute())
        device = {"kind": "table", "file": file, "bidirectional": _steps_down(file)}
        return Hardware({"device": device}, None)
    raise UserError(
        f"{path}: no device can be read from it; allowed: a device file ending in "
        f"{', '.join(TABLES)}, or a settings file ending in {', '.join(SETTINGS)}"
    )


def _steps_down(file: str) -> bool:
    """Tell whether the reset pulses of a device file step down gradually.

    Where the file says so itself, in its attribute ``bidirectional``, that is believed.
    """
    conductance, probability, step = read_tables(file)["reset"]
    said = read_attributes(file).bidirectional
    if said is not None:
        return said
    mean = np.trapezoid(step[-1], probability) / (probability[-1] - probability[0])
    return bool(-mean < ABRUPT * (conductance[-1] - conductance[0]))
