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
tolerance_text    a page of text: how far a setting may go
tolerance_figure  the loss of accuracy against the setting that was searched
retention_text    a page of text: what becomes of accuracy with time; and as CSV
retention_figure  the same as a picture
attribution_text  what imperfections cost, as text and as CSV
attribution_bars  the same as bars
text              pages of text: of a result, and of a comparison with published figures
device_page       a page of text about a device
device_report     an imported device beside its measurement, as one HTML file and a picture;
                  beside it, by name: story, simulated, trains, numbers (what is told), page,
                  tables, pictures, panels, figures (how it is shown)
judge_text        the verdict on a device, as text and as CSV
judge_page        the verdict as one HTML file
judge_figures     accuracies, gains, and the course of the search
page              numbers and tables as plain text
embedded          pictures within an HTML page
study_text        a page of text: the published claims and what was measured
study_page        the study as one HTML file
study_figures     a curve on that page, with caption and numbers
study_curves      accuracy against one quantity, with its error and every single run
study_axis        where the values of a curve stand, and what they are called
study_tables      claims, measures against faults, points of a curve
study_ensemble    settings that meet the headline equally well, side by side
study_numbers     measured numbers and verdicts in words
study_markup      HTML from its parts
study_look        how the page looks
steps             means and spreads of the steps in a jump table
================  ============================================================================

Matplotlib is imported only by the modules that draw.
"""
