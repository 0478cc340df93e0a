"""Compiled kernels: everything that runs once per read, pulse or RESET.

Kernels see arrays and plain numbers only; they import NumPy, Numba and each other, never
the rest of the package.  Each is a few lines next to the sentence that says which physics
it carries, and each equals, bit for bit, its twin in plain Python (``tests/twin``).

=============  ==========================================================================
module         what it computes
=============  ==========================================================================
compile        how functions are compiled and where the machine code is cached
philox         random numbers addressed by physical identity, not by order of execution
jump           one stochastic conductance change, drawn from a jump table
layer          the arrays that make up one crossbar layer
read           forward read (rows to columns) and backward read (columns to rows)
neuron         activation, derivative, output error
pulses         pulse counts and pulse masks of the neurons
program        what a coincidence of two pulses does to a pair of devices
reset          the occasional RESET and the re-programming that follows it
train          the life of one training example, and of a batch of them
=============  ==========================================================================
"""
