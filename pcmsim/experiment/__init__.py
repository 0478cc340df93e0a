"""One run: settings in, one HDF5 result file out; and what comes with it.

================  ============================================================================
module            what it does
================  ============================================================================
run               trains, evaluates after every epoch, writes the result
measure           trains, and keeps the figures only: one run of many
train             the training that both share, piece by piece
record            what is written down along the way
result            the finished result file, read
write_result      and written
checkpoint        the unfinished run on disk, and taking it up again
provenance        versions, machine and date
rerun             repeats a run from its result alone
retention         what becomes of the network of a finished run with time
measure_retention the measurement, which a run can make at its end as well
retention_curves  what comes of it: accuracy against time
published         the published accuracies, and which runs may be compared with them
bench             times training against plain float training
================  ============================================================================
"""
