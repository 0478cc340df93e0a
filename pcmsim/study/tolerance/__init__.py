"""How far a setting may go at a given loss of accuracy.

=========  ==================================================================
module     what it does
=========  ==================================================================
tolerance  the entry: from a settings file to a value with its bounds
value      the setting that is searched, and settings with other values of it
way        from where to where it goes, and in what steps
search     the search itself: where noisy losses exceed a limit
=========  ==================================================================
"""
