"""Pulse after pulse on the same devices: what a characterisation of the array measures."""

from pcmsim.kernels.codes import PLUS
from pcmsim.kernels.compile import kernel
from pcmsim.kernels.philox import RESET, SET, philox, stream
from pcmsim.kernels.program import partial_set, reset


@kernel
def respond(layer, device, upwards, pulses_per_reading, key, readings):
    """Fire pulses at every G+ of a layer of one column, and read it now and then, without noise.

    The pulses are partial SETs if ``upwards``, else RESETs or depressions.  ``readings`` (rows,
    number of readings), in S, receives the conductance after every ``pulses_per_reading``.
    """
    purpose = SET if upwards else RESET
    for row in range(readings.shape[0]):
        for reading in range(readings.shape[1]):
            first = reading * pulses_per_reading
            for pulse in range(first, first + pulses_per_reading):
                words = philox(0, row, pulse, stream(purpose, layer.number, 0), key)
                if upwards:
                    partial_set(layer, device, row, 0, PLUS, words[0])
                else:
                    reset(layer, device, row, 0, PLUS, words[0], False)
            readings[row, reading] = layer.pairs[row, 0].conductance[PLUS]
