"""The library of devices as a table: every settings file of a folder, and what its device does."""

import re
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pcmsim.array.response import noise_free_response
from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.load import load_config
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.jump_table import mean_step, spread_of_step, tabulate
from pcmsim.errors import UserError
from pcmsim.report.device.steps import MIDDLE, asymmetry_of, pulses_to_fill
from pcmsim.report.plain_text import Row, list_of_facts, micro_siemens, table

# The comment at the head of a file that says where its numbers come from, and how well known they
# are; it goes on in lines that are indented further.
SOURCE = re.compile(r"^# Source \((?P<mark>[^)]+)\): (?P<text>.*(?:\n#   .*)*)", re.MULTILINE)
SOURCE_WIDTH = 74
NOTE = """\
To 90 %: pulses from empty to 90 % of the range, without randomness; never: mean steps end before.
Step: mean and standard deviation of a partial SET or step up in the middle of the range, long after
a RESET.  Asymmetry: (up - down) / (up + down) there.  Below: where the numbers come from, and how
well they are known; the files say it of each."""


@dataclass(frozen=True)
class DeviceFacts:
    """What a list tells of one device; all conductances in S.

    Attributes:
        name: of the settings file, without its ending.
        file: the settings file.
        kind: of the device.
        g_min: lowest conductance.
        g_max: highest conductance.
        on_off: their ratio; None if g_min is 0.
        pulses_to_90_percent: mean steps up from empty that lead there; None if they do not.
        step: mean step up in the middle of the range.
        step_spread: its standard deviation from pulse to pulse.
        asymmetry: (up - down) / (up + down) there; None for a device that is RESET.
        range_spread: standard deviation of the ranges of devices, over the mean.
        step_scale_spread: that of the sizes of their steps, beside what the ranges make of them.
        mark: how well the numbers are known; empty if the file does not say.
        source: where they come from; empty if the file does not say.
    """

    name: str
    file: str
    kind: str
    g_min: float
    g_max: float
    on_off: float | None
    pulses_to_90_percent: int | None
    step: float
    step_spread: float
    asymmetry: float | None
    range_spread: float
    step_scale_spread: float
    mark: str
    source: str


def list_devices(folder: Path) -> list[tuple[DeviceFacts, Settings]]:
    """Read all settings files of a folder that have a device, in the order of their names.

    Raises:
        UserError: there are none, or one of them or a file that it names cannot be used.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise UserError(
            f"{folder}: there are no settings files; run this in a clone of pcmsim, or name a "
            "folder with --configs"
        )
    read = [(file, load_config(file)) for file in files]
    return [
        (_facts(file, settings), settings)
        for file, settings in read
        if not isinstance(settings.device, FloatDevice)
    ]


def devices_text(devices: list[DeviceFacts]) -> str:
    """Return a table of devices, and where their numbers come from."""
    heading = ["device", "kind", "range (uS)", "on/off", "to 90 %", "step (uS)", "asymmetry"]
    sources = [line for one in devices for line in _source(one)]
    return "\n\n".join([table([heading, *map(_row, devices)]), NOTE, list_of_facts(sources)])


def devices_json(devices: list[DeviceFacts]) -> dict[str, Any]:
    """Return the same for scripts."""
    return {"devices": [asdict(one) for one in devices]}


def _facts(file: Path, settings: Settings) -> DeviceFacts:
    device = settings.device
    assert not isinstance(device, FloatDevice)
    tables = tabulate(build_model(device))
    low, high = float(tables.g_min), float(tables.g_max)
    mark, source = source_of(file)
    spread = spread_of(device)
    return DeviceFacts(
        name=file.stem,
        file=str(file),
        kind=device.kind,
        g_min=low,
        g_max=high,
        on_off=high / low if low > 0 else None,
        pulses_to_90_percent=pulses_to_fill(tables, noise_free_response(tables)),
        step=float(mean_step(tables.set_jumps[-1])[MIDDLE]),
        step_spread=float(spread_of_step(tables.set_jumps[-1])[MIDDLE]),
        asymmetry=asymmetry_of(tables) if tables.bidirectional else None,
        range_spread=spread.range,
        step_scale_spread=spread.step,
        mark=mark,
        source=source,
    )


def source_of(file: Path) -> tuple[str, str]:
    """Return mark and source from the comment at the head of a file; empty if there is none."""
    found = SOURCE.search(file.read_text(encoding="utf-8-sig"))
    if found is None:
        return "", ""
    return found["mark"], " ".join(found["text"].replace("\n#", " ").split())


def _source(one: DeviceFacts) -> list[tuple[str, str]]:
    text = f"{one.mark}: {one.source}" if one.mark else "the file does not say"
    lines = textwrap.wrap(text, SOURCE_WIDTH, break_on_hyphens=False)
    return list(zip([one.name, *[""] * len(lines)], lines, strict=False))


def _row(one: DeviceFacts) -> Row:
    pulses = one.pulses_to_90_percent
    return [
        one.name,
        one.kind,
        f"{micro_siemens(one.g_min)} to {micro_siemens(one.g_max)}",
        "infinite" if one.on_off is None else f"{one.on_off:,.1f}",
        "never" if pulses is None else f"{pulses:,}",
        f"{micro_siemens(one.step)} +- {micro_siemens(one.step_spread)}",
        "one way" if one.asymmetry is None else f"{one.asymmetry:+.3f}",
    ]
