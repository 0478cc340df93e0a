"""Reading measured traces, whatever their form.

=========  ======================================================================
module     what it does
=========  ======================================================================
read       the one entry, ``read_traces``
text_form  how a text file is laid out: separator, decimal mark, columns
entries    its lines and their entries: numbers, missing ones, comments
headings   the line of names above the data, and one of units
read_text  its numbers, block by block
read_hdf5  the arrays of an HDF5 file as columns
sides      which side of a matrix is that of the pulses
columns    columns as either of them gives them
names      what names of columns and words for kinds of pulses mean
layout     which column means what: long form or wide form
choice     which columns hold the readings
looks      what the first entries of a column look like
units      units of readings, and conductances from them
remarks    what title and comment lines say of units
convert    from readings to conductances, with all that may be wrong about it
order      rows in the order of the pulses: sorted, repeated, new trains
absent     rows that are absent as missing readings
grid       and as a rectangle of devices and readings
clean      outliers, noise around zero, broken devices
kinds      which kind of pulse stands before a reading, if need be from the shape
told       plain sentences about all of this
=========  ======================================================================
"""
