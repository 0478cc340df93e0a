"""Many runs: from a sweep file to one table, on all processors or many machines.

================  ============================================================================
module            what it does
================  ============================================================================
sweep             runs a sweep file and returns its table
sweep_file        what a sweep file may say, and the points it means
axes              the axes of a sweep file: lists, ranges, pairs, labels
prepare           points made from settings, with everything checked
point             one run of many, and what decides its outcome
images            images loaded once for many points
run_points        runs points through a pool, whatever becomes of its workers
growing           runs that a search asks for as it goes
worker            what a worker does with a point
local_pool        a pool of processes on this machine
dask_pool         a pool of workers on many machines, through Dask
folder            the folder of a sweep: finished runs, failures, index, lock
collect           the runs of a folder as columns, and as CSV
summary           means, intervals and losses, point by point
interval          confidence intervals of a mean
================  ============================================================================
"""
