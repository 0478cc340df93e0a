"""Wear-out: a device endures so many pulses, and is stuck from its last one on.

Partial SETs and RESETs are counted apart, each against a limit of the device's own; whichever
is met first ends its life.
"""

from pcmsim.kernels.compile import part
from pcmsim.kernels.layer import set_fault


@part
def wears_out(layer):
    """Return whether the devices of a layer can wear out at all."""
    return layer.cycles.shape[0] > 0


@part
def wear(layer, device, kind, row, column, side, pulses):
    """Count pulses that a healthy device has just taken, and end its life if they were too many.

    Its last pulse moves it to no new state but leaves it where worn-out devices are stuck; those
    of the same train that come after it do nothing, and are not counted.
    """
    limit = layer.endurance[row, column, side, kind]
    cycles = min(layer.cycles[row, column, side, kind] + pulses, limit)
    layer.cycles[row, column, side, kind] = cycles
    if cycles == limit:
        pair = layer.pairs[row, column]
        pair.conductance[side] = pair.range_scale[side] * layer.worn_level
        set_fault(pair, side, layer.worn_code)
        if device.memory > 1:
            layer.pulses_since_reset[row, column, side] = 0
