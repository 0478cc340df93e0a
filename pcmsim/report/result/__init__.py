"""A result: what its file holds, in words and in pictures.

================  ======================================================================
module            what it does
================  ======================================================================
text              pages of text: of a result, and of a comparison with published figures
figures           all figures of a result, and writing them to files
curves            accuracy, pulses and saturated devices against epoch
diamond           where the pairs of devices are in the plane of G+ and G-
confusion         which classes are taken for which
retention_text    what becomes of accuracy with time, as text and as CSV
retention_figure  the same as a picture
================  ======================================================================
"""
