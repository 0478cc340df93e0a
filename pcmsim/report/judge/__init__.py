"""The verdict on a device.

=======  ============================================================
module   what it does
=======  ============================================================
text     as a page of text and as CSV
page     as one HTML file
figures  accuracies, gains, and the course of the search, as pictures
=======  ============================================================
"""
