"""What people look at: figures and pages of text, from results and settings.

================  ============================================================================
module            what it does
================  ============================================================================
figures           all figures of a result, and writing them to files
curves            accuracy, pulses and saturated devices against epoch
diamond           where the pairs of devices are in the plane of G+ and G-
response          how a device answers pulses
confusion         which classes are taken for which
style             colours, fonts and headings that all figures share
sweep_text        a page of text: the table of a sweep
text              pages of text: of a result, and of a comparison with published figures
device_page       a page of text about a device
page              numbers and tables as plain text
steps             means and spreads of the steps in a jump table
published         the published accuracies, and which runs may be compared with them
================  ============================================================================

Matplotlib is imported only by the modules that draw.
"""
