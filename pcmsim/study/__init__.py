"""Questions that take many runs to answer: how much may the hardware be wrong?

================  ============================================================================
module            what it does
================  ============================================================================
reproduce         runs the whole study of the published experiment, and says what was found
outcome           what was found, in the form in which it is reported
plan              what the study consists of
reader            makes trials and sweeps from the study's files
claims            what was published, and what counts as agreement
trial             a published statement, and the runs by which it is judged
study_sweep       one sweep file of the study, and the curve that it makes
members           different settings that meet the headline, side by side
tables            the study as CSV
tolerance         finds how far a setting may go at a loss of accuracy
tolerance_search  the search itself: where noisy losses exceed a limit
tolerance_way     from where to where it goes, and in what steps
tolerance_value   the setting that is searched, and settings with other values of it
attribute         tells what each imperfection costs
imperfections     what is imperfect, and what the settings are without it
judge             trains the reference network on a device, and says what holds it back
judge_search      the search for settings: starts, steps, finals
judge_place       what is searched, and where it starts from
judge_images      images set aside to search with
judge_hardware    the hardware that is judged, from its file
judge_reference   the reference network, and the shipped devices
judge_verdict     what was found, in the form in which it is reported
================  ============================================================================
"""
