"""Compiled kernels: everything that runs once per read, pulse or RESET.

Kernels see arrays and plain numbers only; they import NumPy, Numba and each other, never
the rest of the package.  Each is a few lines next to the sentence that says which physics
it carries, and each equals, bit for bit, its twin in plain Python (``tests/twin``).

=============  ==========================================================================
module         what it computes
=============  ==========================================================================
train          the life of one training example, and of a batch of them: start reading here
read           forward read (rows to columns) and backward read (columns to rows)
neuron         activation, derivative, output error
update         which cross-points receive pulses, under either update rule
hits           lists of cross-points that are programmed together
program        what those pulses do to the devices
wear           how pulses wear a device out
reset          the occasional RESET and the re-programming that follows it
jump           one stochastic conductance change, drawn from a jump table
philox         random numbers addressed by physical identity, not by order of execution
team           threads that train one array together, and how they wait for each other
layer          the arrays that make up one crossbar layer
codes          numbers that stand for faults, devices and pulses
prepare        random numbers and weights of whole arrays, before any training
kalman         measured readings of single devices: a filter, and how likely they are
respond        trains of pulses on single devices, for looking at a device
reference      plain float training, the yardstick of speed
compile        how functions are compiled and where the machine code is cached
=============  ==========================================================================
"""
