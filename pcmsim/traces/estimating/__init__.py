"""Making a device of traces.

==============  ========================================================================
module          what it does
==============  ========================================================================
estimate        the one entry, ``estimate_device``: jump tables, range, variances, noise
rounds          scales of devices, noise of readings, and steps, from each other
resets          whether pulses down are RESETs, and where those lead to
notes           what a reader should know of an estimate
pulse_count     how many partial SETs came since the last RESET
memory          whether steps depend on them, and by how much
regression      of steps on the pulses before them
moments         single steps, and their mean and spread along the range
tables          how a step is distributed at each conductance of a grid
curve           the smooth curve that noisy values tell
neighbourhoods  what is near a node of a grid: its mean, its slope, its form
scales          the range of each device over that of the nominal one, from its steps
limits          the same from its upper limit, where devices wander against it
step_sizes      the size of the steps of each device, divided out of them
cut             steps that the end of a range cut short, as long as they may have been
read_noise      how noisy readings are
filtered        conductances freed of that noise, and the steps between them
variance        variance from pulse to pulse, and from device to device
fits            laws with few parameters, fitted to mean steps and mean traces
==============  ========================================================================
"""
