"""What made a result: the files it was made from, versions, machine, date."""

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pcmsim.config.device_settings import PythonDevice, TableDevice
from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.errors import UserError

PACKAGES = ("pcmsim", "numpy", "numba", "h5py")


def checksums(settings: Settings, data: Dataset) -> dict[str, str]:
    """Return the SHA-256 of everything that decides a result and is not in its settings.

    Raises:
        UserError: a file that the settings name cannot be read.
    """
    sums = {"data_sha256": data.checksum}
    if isinstance(settings.device, TableDevice | PythonDevice):
        sums["device_file_sha256"] = _checksum(settings.device.file)
    if settings.faults.map is not None:
        sums["fault_map_sha256"] = _checksum(settings.faults.map)
    return sums


def _checksum(file: str) -> str:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error


def provenance() -> dict[str, str]:
    """Return the versions of all software that decides a result's bits, the machine, the date."""
    return {
        **{f"{package}_version": version(package) for package in PACKAGES},
        "python_version": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
