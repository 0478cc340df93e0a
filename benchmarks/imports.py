"""How long a large file of measurements takes to become a device, and how much memory it needs.

    python benchmarks/imports.py [--megabytes N]

Devices of ``configs/devices/pcm-burr2014.yaml`` under 200 partial SETs each, read with noise, a
twentieth of the readings missing, are written as people have them: a CSV file of the long form with
a row for every reading.  ``pcmsim device import`` makes a device of it, and, for comparison,
``numpy.loadtxt`` reads the same numbers and does nothing with them.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from pcmsim.array.response import simulate_response
from pcmsim.config.load import load_config

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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "measured.csv"
        devices = write_measurements(file, arguments.megabytes * 10**6)
        print(f"{file.stat().st_size / 1e6:.0f} MB, {devices} devices, {PULSES} pulses each")
        options = ["device", "import", str(file), "--out", f"{folder}/device.h5"]
        seconds, memory = measured(["-c", PCMSIM, *options])
        print(f"pcmsim device import   {seconds:6.1f} s, {memory / 1e6:.0f} MB")
        plain = f"import numpy; numpy.loadtxt({str(file)!r}, delimiter=',', skiprows=1)"
        reference, _ = measured(["-c", plain])
        print(f"numpy.loadtxt          {reference:6.1f} s")
        print(f"ratio                  {seconds / reference:6.2f}")


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


def measured(command: list[str]) -> tuple[float, int]:
    """Run Python; return how long that took (s), and the most memory of any so far (bytes)."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, MEMORY_UNIT * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


if __name__ == "__main__":
    main()
