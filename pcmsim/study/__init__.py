"""Questions that take many runs to answer: how much may the hardware be wrong?

=============  ===================================================================
module         what it does
=============  ===================================================================
reproduction/  the published experiment: all of its claims beside what is measured
tolerance/     how far a setting may go at a loss of accuracy
judge/         how well a network learns on a device, and what holds it back
attribute      what each imperfection costs
imperfections  what is imperfect, and what the settings are without it
=============  ===================================================================
"""
