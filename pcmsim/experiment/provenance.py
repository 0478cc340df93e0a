"""What made a result: versions, machine, date."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version

PACKAGES = ("pcmsim", "numpy", "numba", "h5py")


def provenance() -> dict[str, str]:
    """Return the versions of all software that decides a result's bits, the machine, the date."""
    return {
        **{f"{package}_version": version(package) for package in PACKAGES},
        "python_version": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
