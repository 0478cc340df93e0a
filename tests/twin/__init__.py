"""The engine once more, in plain Python: what the kernels are meant to compute.

One device at a time, loops as one would say them aloud, Python integers for random words and
``np.float32`` for every number that the engine stores.  Nothing is compiled, nothing is put in
an order that suits a processor: where the kernels do something cleverly, the twin shows that it
makes no difference, because both give the same bits.

From ``pcmsim`` the twin takes the containers in which data come, and no function.

========  ==================================================================================
philox    random words, addressed by what they are for
device    one device: partial SET, RESET, range, faults, wear-out
volatile  the volatile element beside a pair
crossbar  pairs of devices, reading them forward and backward, the occasional RESET
neuron    activation, derivative, error of the output layer
pulses    how many pulses a cross-point receives
engine    the life of an example and of a batch
kalman    a measured device: what is expected of its readings, and what they tell
========  ==================================================================================
"""
