"""The verdict on a device: a search for settings, and what the best of them show.

=========  ==========================================================================
module     what it does
=========  ==========================================================================
judge      the entry: trains the reference network, and says what holds a device back
hardware   the hardware that is judged, from its file
reference  the reference network, and the shipped devices
images     images set aside to search with
place      what is searched, and where it starts from
search     the search itself: starts, steps, finals
runs       the runs that it asks for, in one folder
wear       the pulses that each device gets
verdict    what was found, in the form in which it is reported
=========  ==========================================================================
"""
