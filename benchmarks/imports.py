"""How long a large file of measurements takes to become a device, and how much memory it needs.

    python benchmarks/imports.py [--megabytes N] [--json FILE]

Devices of ``configs/devices/pcm-burr2014.yaml`` under 200 partial SETs each, read with noise, a
twentieth of the readings missing, are written as people have them: a CSV file of the long form with
a row for every reading.  ``pcmsim device import`` makes a device of it, and, for comparison,
``numpy.loadtxt`` reads the same numbers and does nothing with them.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from pcmsim.array.response import simulate_response
from pcmsim.config.load import load_config
from pcmsim.files import write_whole

CONFIG = Path(__file__).resolve().parents[1] / "configs" / "devices" / "pcm-burr2014.yaml"
PCMSIM = "from pcmsim.cli.main import entry_point; entry_point()"
PULSES = 200
NOISE = 0.05  # uS
MISSING = 0.05
# Devices are simulated so many at a time.
BATCH = 500
# Memory that processes used is told in KiB, but on macOS in bytes.
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Write a file, import it, read it, and print times and memory."""
    parser = argparse.ArgumentParser(description="Import of a large file; see the docstring.")
    parser.add_argument("--megabytes", type=int, default=200, metavar="N", help="size of the file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all numbers")
    arguments = parser.parse_args()
    numbers = measure(arguments.megabytes * 10**6)
    for name, number in numbers.items():
        print(f"{name:20} {number:12,.1f}")
    if arguments.json:
        write_whole(arguments.json, f"{json.dumps(numbers, indent=1)}\n".encode())


def measure(size: int) -> dict[str, float]:
    """Return times (s), peak memory (MB) and their like for a file of a size (bytes)."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "measured.csv"
        devices = write_measurements(file, size)
        options = ["device", "import", str(file), "--out", f"{folder}/device.h5"]
        imported, memory = run_measured(["-c", PCMSIM, *options])
        plain = f"import numpy; numpy.loadtxt({str(file)!r}, delimiter=',', skiprows=1)"
        loaded, _ = run_measured(["-c", plain])
        return {
            "file_MB": file.stat().st_size / 1e6,
            "devices": devices,
            "import_s": imported,
            "import_MB": memory / 1e6,
            "numpy_loadtxt_s": loaded,
            "ratio": imported / loaded,
        }


def write_measurements(file: Path, size: int) -> int:
    """Write readings until the file has a size (bytes); return how many devices there are."""
    device = load_config(CONFIG).device
    draw = np.random.default_rng(1)
    devices = 0
    with file.open("w") as out:
        out.write("device,pulse,G (uS)\n")
        while out.tell() < size:
            response = simulate_response(device, PULSES, BATCH, seed=devices)
            reading = 1e6 * response.conductance.astype(np.float64)
            reading += NOISE * draw.normal(size=reading.shape)
            kept = np.argwhere(draw.random(reading.shape) >= MISSING)
            out.writelines(
                f"{devices + n},{pulse},{reading[n, pulse]:.7f}\n" for n, pulse in kept.tolist()
            )
            devices += BATCH
    return devices


def run_measured(command: list[str]) -> tuple[float, int]:
    """Run Python; return how long that took (s), and the most memory (bytes).

    That is the most of all runs so far, and no less than this process had when it began them.
    """
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, MEMORY_UNIT * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


if __name__ == "__main__":
    main()
