"""Some of many devices: as many as an estimate can use."""

import numpy as np

from pcmsim.traces.traces import Traces

# Readings from which nothing more is learned: quantiles of a step are then known within a percent
# or so (choice), in some seconds.
MOST_READINGS = 200_000
FEWEST_DEVICES = 100


def representative(traces: Traces) -> Traces:
    """Return the traces, or of very many those of devices at equal distances."""
    devices, readings = traces.conductance.shape
    enough = max(MOST_READINGS // readings, FEWEST_DEVICES)
    if devices <= enough:
        return traces
    chosen = np.linspace(0, devices - 1, enough).round().astype(np.int64)
    return Traces(
        tuple(traces.devices[n] for n in chosen), traces.pulse[chosen], traces.conductance[chosen]
    )
