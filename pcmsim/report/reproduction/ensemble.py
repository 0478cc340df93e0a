"""The ensemble side by side: what was measured with its members, and what sets them apart."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from pcmsim.report.markup import Html, element, join, table
from pcmsim.report.reproduction.tables import symbol
from pcmsim.report.typeset import hundredths
from pcmsim.study.reproduction.outcome import Claim, Member

# The curve whose claim sets the members in order: dead conductors.
DECISIVE = "dead"


def in_order(members: Sequence[Member]) -> list[Member]:
    """Return members in the order of what they lose to dead conductors, the least first."""
    return sorted(members, key=_decisive_loss)


def ensemble_table(members: Sequence[Member], base: str) -> Html:
    """Return claims and properties, one a row, and members, one a column.

    Args:
        members: at least one, in the order of the columns.
        base: path of the settings that were studied.
    """
    claims = [
        [_of_what(same[0]), *map(_value, same)]
        for same in zip(*(member.claims for member in members), strict=True)
    ]
    properties = [
        [element("code", name), *(member.properties[name] for member in members)]
        for name in members[0].properties
    ]
    names = [
        f"{member.name} (base)" if member.name == Path(base).stem else member.name
        for member in members
    ]
    groups = {"what was measured": claims, "what sets them apart": properties}
    return table("Ensemble", ["", *names], groups)


def what_decides(members: Sequence[Member]) -> Html:
    """Name the properties that rise or fall throughout in the order of the members."""
    ordered = [
        element("code", name) for name in members[0].properties if _is_ordered(members, name)
    ]
    if not ordered:
        return join("No single property rises or falls throughout in this order.")
    names = [part for name in ordered for part in (", ", name)][1:]
    return join("In this order, these rise or fall throughout: ", *names, ".")


def _decisive_loss(member: Member) -> float:
    losses = [
        claim.measured.mean for claim in member.claims if claim.curve == DECISIVE and claim.measured
    ]
    return losses[0] if losses else math.inf


def _of_what(claim: Claim) -> str:
    return f"{claim.name} ({'points' if claim.is_difference else '%'})"


def _value(claim: Claim) -> Html:
    return join(symbol(claim), "\N{NO-BREAK SPACE}", hundredths(claim.measured))


def _is_ordered(members: Sequence[Member], name: str) -> bool:
    """Tell whether a property is a number that never turns back, and is not always the same."""
    try:
        values = [float(member.properties[name]) for member in members]
    except ValueError:
        return False
    rises = all(one <= other for one, other in pairwise(values))
    falls = all(one >= other for one, other in pairwise(values))
    return rises != falls
