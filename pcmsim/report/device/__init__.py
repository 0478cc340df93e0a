"""A device, from the very jump tables that the array engine draws from.

==============  ========================================================================
module          what it does
==============  ========================================================================
steps           means and spreads of steps in jump tables, and the response they lead to
page            a page of text about a device
response        how it answers pulses, as a picture
check           what the test kit for devices has found, as a page of text
library         all devices of a folder as a table, with their sources
library_figure  how each of them answers a train of pulses, in one picture
==============  ========================================================================
"""
