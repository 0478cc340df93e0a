"""The hardware that is judged, from a device file or from a settings file."""

from pathlib import Path

import numpy as np

from pcmsim.config.load import load_config
from pcmsim.config.settings import Settings
from pcmsim.devices.table import read_attributes, read_tables
from pcmsim.errors import UserError
from pcmsim.study.judge.reference import OF_HARDWARE, Values

TABLES = (".h5", ".hdf5", ".csv")
SETTINGS = (".yaml", ".yml")
# A pulse that takes a full device down by more than this part of its range is an abrupt RESET.
ABRUPT = 0.5


def hardware_of(path: str | Path) -> Values:
    """Return the blocks of settings that say what the hardware is like.

    A device file tells by itself whether its RESET is abrupt: where it takes a full device down by
    more than half of the range.  Of a settings file the blocks device, read and faults are taken.

    Raises:
        UserError: the file is missing, faulty, or of no known kind.
    """
    path = Path(path)
    if path.suffix.lower() in SETTINGS:
        settings = load_config(path).model_dump(mode="json", round_trip=True)
        return {block: settings[block] for block in OF_HARDWARE}
    if path.suffix.lower() in TABLES:
        file = str(path.absolute())
        return {"device": {"kind": "table", "file": file, "bidirectional": _steps_down(file)}}
    raise UserError(
        f"{path}: no device can be read from it; allowed: a device file ending in "
        f"{', '.join(TABLES)}, or a settings file ending in {', '.join(SETTINGS)}"
    )


def settings_of_others(path: str | Path, reference: Settings) -> Settings | None:
    """Return the settings that a settings file has for its device; None if it fits none here.

    They are for the reference network if it has as many layers.
    """
    path = Path(path)
    if path.suffix.lower() not in SETTINGS:
        return None
    own = load_config(path)
    return own if len(own.network.layers) == len(reference.network.layers) else None


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
