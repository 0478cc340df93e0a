"""Measured pulse traces: reading them as people have them, and making a device of them.

===========  ======================================================================
module       what it does
===========  ======================================================================
traces       readings of devices under trains of pulses, and the steps between them
trains       trains of equal pulses within them
reading/     from files of any form to traces
some         of very many devices as many as are needed
estimating/  from traces to a device: jump tables, range, variances, noise
origin       where traces come from, and what was done to them
device_file  the file of a measured device, written and read
===========  ======================================================================

Reading and estimating know nothing of each other.
"""
