"""What the test kit for devices has found, as a page of text."""

from pcmsim.devices.check import PLACES, DeviceCheck, PulseCheck
from pcmsim.report.plain_text import Row, list_of_facts, micro_siemens, percent, table

SHOWN = [0, PLACES // 4, PLACES // 2, 3 * PLACES // 4, PLACES - 1]


def check_text(name: str, check: DeviceCheck, notes: list[str]) -> str:
    """Return a page about one device; ``notes`` are lines about where it comes from."""
    span = f"{micro_siemens(check.g_min)} to {micro_siemens(check.g_max)} uS"
    head = list_of_facts([("device", name), ("range", span), *(("", note) for note in notes)])
    pages = [_pulse(pulse) for pulse in check.pulses]
    return "\n\n".join([head, *pages, _verdict(check)])


def _pulse(pulse: PulseCheck) -> str:
    rows: list[Row] = [
        [pulse.name, "mean step (uS)", "spread (uS)", "leave the range", "table off by"]
    ]
    for place in SHOWN:
        rows.append(
            [
                f"from {micro_siemens(pulse.conductance[place])} uS",
                micro_siemens(pulse.mean[place]),
                micro_siemens(pulse.spread[place]),
                percent(pulse.clipped[place]),
                f"{pulse.distance[place]:.4f}",
            ]
        )
    mean, spread = percent(pulse.mean_error.max()), percent(pulse.spread_error.max())
    errors = (
        f"Table off by at most {pulse.distance.max():.4f} in probability, {mean} in the mean and "
        f"{spread} in the spread (of the root\nmean square step).  "
        f"{percent(pulse.clipped.mean())} of all steps would leave the range; they end there."
    )
    return f"{table(rows)}\n{errors}"


def _verdict(check: DeviceCheck) -> str:
    if not check.faults:
        return "passed: bounds, monotone response, resolution of the table"
    count = "1 fault" if len(check.faults) == 1 else f"{len(check.faults)} faults"
    return "\n".join([f"{count}:", *(f"  {fault}" for fault in check.faults)])
