"""Traces as a laboratory would send them: simulated, then spoilt by hand."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.random import make_key
from pcmsim.array.response import _empty_devices, simulate_response
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.codes import PLUS
from pcmsim.kernels.respond import respond
from pcmsim.traces.origin import Origin
from pcmsim.traces.traces import DOWN, START, UP, Traces

ORIGIN = Origin("bench.csv", "0" * 64, {"unit": "uS"}, "uS", ("2 devices were dropped",))
NAMES = {START: "SET", UP: "SET", DOWN: "RESET"}


def measure(
    device: dict[str, Any],
    *,
    noise: float = 0.0,
    missing: float = 0.0,
    devices: int = 100,
    pulses: int = 50,
    seed: int = 7,
) -> Traces:
    """Simulate a train for each of some devices and add noise (S); leave readings out."""
    response = simulate_response(Settings(device=device).device, pulses, devices, seed)
    conductance = response.conductance.astype(np.float64)
    pulse = np.full(conductance.shape, UP, np.int8)
    pulse[:, 0] = START
    pulse[:, response.pulses_up + 1 :] = DOWN
    return _spoilt(conductance, pulse, noise, missing, seed)


def measure_from(
    device: dict[str, Any],
    levels: NDArray[np.float64],
    *,
    noise: float = 0.0,
    missing: float = 0.0,
    pulses: int = 50,
    seed: int = 7,
) -> Traces:
    """Bring one device to each of some levels (S), as far as it reaches; then fire, up and down.

    This is how devices with hundreds of steps are measured over their range with few pulses.
    """
    settings = Settings(device=device).device
    tables = tabulate(build_model(settings))
    key = make_key(seed, 0)
    layer = _empty_devices(settings, levels.size, tables, key)
    own = layer.range_scale[:, 0, PLUS]
    layer.conductance[:, 0, PLUS] = np.clip(levels, own * tables.g_min, own * tables.g_max)
    parts = [layer.conductance[:, :, PLUS].copy()]
    for upwards in (True, False):
        parts.append(np.empty((levels.size, pulses), np.float32))
        respond(layer, tables, upwards, 1, key, parts[-1])
    conductance = np.hstack(parts).astype(np.float64)
    pulse = np.tile(np.array([START] + pulses * [UP] + pulses * [DOWN], np.int8), (levels.size, 1))
    return _spoilt(conductance, pulse, noise, missing, seed)


def _spoilt(
    conductance: NDArray[np.float64],
    pulse: NDArray[np.int8],
    noise: float,
    missing: float,
    seed: int,
) -> Traces:
    draw = np.random.default_rng(seed)
    conductance += noise * draw.normal(size=conductance.shape)
    conductance[draw.random(conductance.shape) < missing] = np.nan
    return Traces(tuple(f"cell {n}" for n in range(len(pulse))), pulse, conductance)


def with_broken(traces: Traces, noise: float, seed: int = 9) -> Traces:
    """Append two broken devices: one stuck in the middle, read with noise, and one that jumps."""
    draw = np.random.default_rng(seed)
    low, high = np.nanquantile(traces.conductance, [0.01, 0.99])
    stuck = (low + high) / 2 + noise * draw.normal(size=traces.pulse.shape[1])
    jumping = draw.uniform(low, high, traces.pulse.shape[1])
    return Traces(
        (*traces.devices, "stuck", "jumping"),
        np.vstack([traces.pulse, traces.pulse[:2]]),
        np.vstack([traces.conductance, stuck, jumping]),
    )


def write_csv(path: Path, traces: Traces) -> Path:
    """Write traces as a laboratory does, with empty entries where readings are missing."""
    lines = ["device,pulse,kind,G (uS)"]
    for name, pulses, readings in zip(
        traces.devices, traces.pulse.tolist(), traces.conductance.tolist(), strict=True
    ):
        for place, (kind, reading) in enumerate(zip(pulses, readings, strict=True)):
            shown = "" if np.isnan(reading) else repr(1e6 * reading)
            lines.append(f"{name},{place},{NAMES[kind]},{shown}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def with_resets(traces: Traces, conductance: float, seed: int = 8) -> Traces:
    """Append a RESET that leaves 10 % spread about a conductance (S)."""
    draw = np.random.default_rng(seed)
    after = conductance * (1 + 0.1 * draw.normal(size=(len(traces.devices), 1)))
    down = np.full((len(traces.devices), 1), DOWN, np.int8)
    return Traces(
        traces.devices, np.hstack([traces.pulse, down]), np.hstack([traces.conductance, after])
    )
