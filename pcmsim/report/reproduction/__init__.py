"""The study of the published experiment: what was claimed, and what was measured.

========  ===================================================================
module    what it does
========  ===================================================================
text      a page of text
page      one HTML file
claims    what was measured of a claim, and how far that is from it, in words
tables    claims, measures against faults, points of a curve
figures   a curve on the page, with caption and numbers
curves    accuracy against one quantity, with its error and every single run
axis      where the values of a curve stand, and what they are called
ensemble  settings that meet the headline equally well, side by side
========  ===================================================================
"""
