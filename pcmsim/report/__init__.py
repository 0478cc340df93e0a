"""What people look at: figures and pages of text, from results and settings.

================  ==================================================================
module            what it does
================  ==================================================================
result/           a result: pages of text and figures
device/           a device as its jump tables have it, and the library of devices
measured_device/  an imported device beside its measurement: an HTML page, a picture
judge/            the verdict on a device: text, CSV, HTML, pictures
reproduction/     the study of the published experiment: text and HTML
sweep_text        a page of text: the table of a sweep
tolerance_text    a page of text: how far a setting may go
tolerance_figure  the loss of accuracy against the setting that was searched
attribution_text  what imperfections cost, as text and as CSV
attribution_bars  the same as bars
plain_text        numbers and tables as plain text
typeset           numbers and their errors as pages of HTML show them
markup            HTML from its parts
look              how a page of HTML looks
embedded          pictures within it
style             colours, fonts and headings that all figures share
================  ==================================================================

Matplotlib is imported only by the modules that draw.
"""
