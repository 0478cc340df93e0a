"""Measured pulse traces: reading them as people have them, and making a device of them.

================  ============================================================================
module            what it does
================  ============================================================================
traces            readings of devices under trains of pulses, and the steps between them
read              reads measured traces, whatever their form: the one entry for files
text_form         how a text file is laid out: separator, decimal mark, titles, names
read_text         its numbers, block by block
read_hdf5         the arrays of an HDF5 file as columns
columns           columns as either of them gives them
names             what names of columns and words for kinds of pulses mean
layout            which column means what: long form or wide form
units             units of readings, and conductances from them
remarks           what title and comment lines say of units
convert           from readings to conductances, with all that may be wrong about it
order             rows in the order of the pulses: sorted, repeated, new trains
grid              and as a rectangle of devices and readings
clean             outliers, noise around zero, broken devices
kinds             which kind of pulse stands before a reading, if need be from the shape
told              plain sentences about all of this
origin            where traces come from, and what was done to them
some              of very many devices as many as are needed
estimate          from traces to a device: jump tables, range, variances, noise
pulse_count       how many partial SETs came since the last RESET
memory            whether steps depend on them, and by how much
regression        of steps on the pulses before them
moments           single steps, and their mean and spread along the range
tables            how a step is distributed at each conductance of a grid
smooth            from what was measured at single places to the nodes of a grid
scales            the range of each device over that of the nominal one
read_noise        how noisy readings are, and conductances freed of that noise
variance          variance from pulse to pulse, and from device to device
fits              laws with few parameters, fitted to mean steps and mean traces
device_file       the file of a measured device, written and read
================  ============================================================================
"""
