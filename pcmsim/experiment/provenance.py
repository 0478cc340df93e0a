"""What made a result: the files it was made from, versions, machine, date."""

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pcmsim.config.settings import Settings, TableDevice
from pcmsim.data import Dataset

PACKAGES = ("pcmsim", "numpy", "numba", "h5py")


def checksums(settings: Settings, data: Dataset) -> dict[str, str]:
    """Return the SHA-256 of everything that decides a result and is not in its settings."""
    sums = {"data_sha256": data.checksum}
    if isinstance(settings.device, TableDevice):
        table = Path(settings.device.file).read_bytes()
        sums["device_file_sha256"] = hashlib.sha256(table).hexdigest()
    return sums


def provenance() -> dict[str, str]:
    """Return the versions of all software that decides a result's bits, the machine, the date."""
    return {
        **{f"{package}_version": version(package) for package in PACKAGES},
        "python_version": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
