"""An imported device beside its measurement, as one HTML file and a picture.

=========  ======================================================================
module     what it does
=========  ======================================================================
files      the entry: from a device file to a page and a picture
story      all that is told, found out before anything is drawn
simulated  traces of the finished device under the very pulses that were measured
trains     trains of equal pulses within traces
numbers    what is compared: measured steps, and those of the table
page       how it is shown: the page,
tables     its tables,
pictures   which pictures it has, and what is said about each,
panels     what is drawn into one pair of axes,
figures    and panels in figures
=========  ======================================================================
"""
