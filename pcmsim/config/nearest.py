"""Finds the settings that a misspelt or misplaced name may have meant."""

import difflib
from collections.abc import Iterable

from pcmsim.config.declared import Declared

MOST_NAMES = 3
"""How many names a message proposes."""


def nearest(path: tuple[str, ...], known: list[Declared]) -> list[str]:
    """Return full names of settings named much like ``path``: beside it if any, else elsewhere."""
    neighbours = [one for one in known if one.path[:-1] == path[:-1]]
    return _alike(path, neighbours) or _alike(path, known)


def unknown(names: Iterable[str]) -> str:
    """Return a message that calls a setting unknown and proposes ``names``, if there are any."""
    proposal = " or ".join(names)
    if proposal:
        return f"unknown setting; did you mean {proposal}?"
    return "unknown setting; 'pcmsim explain' lists all there are"


def _alike(path: tuple[str, ...], known: list[Declared]) -> list[str]:
    best = difflib.get_close_matches(path[-1].lower(), {one.path[-1] for one in known}, n=1)
    names = {one.name for one in known if one.path[-1] in best}
    return difflib.get_close_matches(".".join(path), sorted(names), n=MOST_NAMES, cutoff=0)
