"""Traces as a laboratory would send them: simulated, then spoilt by hand."""

from typing import Any

import numpy as np

from pcmsim.array.response import simulate_response
from pcmsim.config.settings import Settings
from pcmsim.traces.origin import Origin
from pcmsim.traces.traces import DOWN, START, UP, Traces

ORIGIN = Origin("bench.csv", "0" * 64, {"unit": "uS"}, "uS", ("2 devices were dropped",))


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
    draw = np.random.default_rng(seed)
    conductance += noise * draw.normal(size=conductance.shape)
    conductance[draw.random(conductance.shape) < missing] = np.nan
    return Traces(tuple(f"cell {n}" for n in range(devices)), pulse, conductance)


def with_resets(traces: Traces, conductance: float, seed: int = 8) -> Traces:
    """Append a RESET that leaves 10 % spread about a conductance (S)."""
    draw = np.random.default_rng(seed)
    after = conductance * (1 + 0.1 * draw.normal(size=(len(traces.devices), 1)))
    down = np.full((len(traces.devices), 1), DOWN, np.int8)
    return Traces(
        traces.devices, np.hstack([traces.pulse, down]), np.hstack([traces.conductance, after])
    )
