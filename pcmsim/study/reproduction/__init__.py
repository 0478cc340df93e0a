"""The study of the published experiment.

===========  ==============================================================
module       what it does
===========  ==============================================================
reproduce    the entry: runs what is missing of it, and says what was found
plan         what it consists of, known and checked before the first run
reader       makes trials and sweeps from its files
claims       what was published, and what counts as agreement
trial        a published statement, and the runs by which it is judged
sweep_curve  one sweep file, and the curve that it makes
members      different settings that meet the headline, side by side
outcome      what was found, in the form in which it is reported
tables       the study as CSV
===========  ==============================================================
"""
