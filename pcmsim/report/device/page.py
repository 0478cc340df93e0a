"""A page of text about a device, from the very tables that the array engine draws from."""

from pcmsim.array.response import MOST_PULSES, noise_free_response
from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.jump_table import mean_step, spread_of_step, tabulate
from pcmsim.kernels.layer import Array, DeviceTables
from pcmsim.report.device.steps import MIDDLE, asymmetry_of, pulses_to_fill, residue_quantiles
from pcmsim.report.plain_text import list_of_facts, micro_siemens, percent

Facts = list[tuple[str, str]]


def device_text(settings: Settings) -> str:
    """Return a page about the device that the settings describe.

    Raises:
        UserError: a file that the device needs cannot be used.
    """
    device = settings.device
    if isinstance(device, FloatDevice):
        return "float: there is no device; weights are exact numbers"
    tables = tabulate(build_model(device))
    spread = spread_of(device)
    facts = [
        ("device", device.kind),
        *_range(tables),
        ("spread of range", f"{100 * spread.range:.3g} % from device to device"),
        ("spread of steps", f"{100 * spread.step:.3g} % from device to device, beside that"),
        *_climb(tables),
        *(_steps_both_ways(tables) if tables.bidirectional else _steps_and_reset(tables)),
    ]
    return list_of_facts(facts)


def _range(tables: DeviceTables) -> Facts:
    low, high = float(tables.g_min), float(tables.g_max)
    on_off = f"{high / low:,.1f}" if low > 0 else "infinite"
    return [
        ("range", f"{micro_siemens(low)} to {micro_siemens(high)} uS"),
        ("on/off ratio", on_off),
    ]


def _climb(tables: DeviceTables) -> Facts:
    """Return how many mean steps fill a device, or how far they lead."""
    course = noise_free_response(tables)
    low, high = float(tables.g_min), float(tables.g_max)
    pulses = pulses_to_fill(tables, course)
    if pulses is None and len(course) > MOST_PULSES:
        fact = f"more than {MOST_PULSES:,}"
    elif pulses is None:
        reached = (course[-1] - low) / (high - low)
        fact = f"never; mean steps end at {micro_siemens(course[-1])} uS, {percent(reached)}"
    else:
        fact = f"{pulses:,} from empty, without randomness"
    return [("pulses to 90 %", fact)]


def _steps_both_ways(tables: DeviceTables) -> Facts:
    up, down = mean_step(tables.set_jumps[-1]), mean_step(tables.reset_jumps)
    return [
        ("first step up", f"{micro_siemens(up[0])} uS on average, from empty"),
        ("first step down", f"{micro_siemens(down[-1])} uS on average, from full"),
        ("mid-range step up", _step(tables.set_jumps[-1])),
        ("mid-range step down", _step(tables.reset_jumps)),
        ("asymmetry", f"{asymmetry_of(tables):+.3f}, (up - down) / (up + down) in mid-range"),
    ]


def _steps_and_reset(tables: DeviceTables) -> Facts:
    residue = residue_quantiles(tables)
    mean = (residue[:-1] + residue[1:]).mean() / 2
    spread = float(spread_of_step(residue[None, :])[0])
    return [
        *_memory(tables),
        ("first step", f"{micro_siemens(mean_step(tables.set_jumps[0])[0])} uS on average"),
        ("mid-range step", _step(tables.set_jumps[-1])),
        ("after a RESET", f"{micro_siemens(mean)} +- {micro_siemens(spread)} uS"),
    ]


def _memory(tables: DeviceTables) -> Facts:
    """Return how many pulses since a RESET a device remembers, if it does."""
    if tables.memory == 1:
        return []
    return [("memory", f"steps depend on the first {tables.memory - 1} pulses since a RESET")]


def _step(jumps: Array) -> str:
    """Return the mean and standard deviation of a step from the middle of the range."""
    mean, spread = mean_step(jumps)[MIDDLE], spread_of_step(jumps)[MIDDLE]
    return f"{micro_siemens(mean)} +- {micro_siemens(spread)} uS"
