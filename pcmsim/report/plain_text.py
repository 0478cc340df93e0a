"""Numbers and tables as plain text: ASCII only, so that every terminal can show them."""

from collections.abc import Sequence

MICRO = 1e-6
GAP = "   "

Row = Sequence[str]


def table(rows: Sequence[Row]) -> str:
    """Return rows as lines, the first column to the left and all others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def list_of_facts(facts: Sequence[tuple[str, str]]) -> str:
    """Return names and what is to be said of them, one a line."""
    width = max(len(name) for name, _ in facts)
    return "\n".join(f"{name:<{width}}{GAP}{fact}" for name, fact in facts)


def percent(share: float) -> str:
    """Return a share of 1 as a percentage, such as 82.90 %."""
    return f"{100 * share:.2f} %"


def micro_siemens(conductance: float) -> str:
    """Return a conductance (S) in uS with three digits, without the unit."""
    return f"{conductance / MICRO:#.3g}".rstrip(".")


def _line(row: Row, widths: Sequence[int]) -> str:
    first, *others = (
        f"{cell:<{width}}" if n == 0 else f"{cell:>{width}}"
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return GAP.join([first, *others]).rstrip()
