"""HTML from its parts: text is escaped, and what is HTML already is left as it is."""

import re
from collections.abc import Mapping, Sequence
from html import escape

# In every page.
MAKER = "pcmsim"

# Elements that have no content, and so no closing tag.
VOID = ("img", "meta")

WITHIN_NUMBER = re.compile(r"(?<=\d) (?=[%±])|(?<=±) ")

Row = Sequence[str]


class Html(str):
    """Text that is HTML."""


def element(name: str, /, *content: str, **attributes: str) -> Html:
    """Return an element; an underscore ends the name of an attribute that is a word of Python."""
    words = (f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    opening = f"<{name}{''.join(words)}>"
    return Html(opening if name in VOID else f"{opening}{join(*content)}</{name}>")


def join(*parts: str) -> Html:
    """Return parts one after another."""
    return Html("".join(part if isinstance(part, Html) else _html(part) for part in parts))


def table(name: str, heading: Row, groups: Mapping[str, Sequence[Row]]) -> Html:
    """Return a table with groups of rows, each below its own heading unless that is empty.

    It scrolls within itself where the window is too narrow; ``name`` is for those who hear it.
    """
    columns = element("tr", *(element("th", cell, scope="col") for cell in heading))
    bodies = (_body(title, rows, len(heading)) for title, rows in groups.items())
    whole = element("table", element("thead", columns), *bodies)
    return element(
        "div", whole, class_="scroll", tabindex="0", role="region", **{"aria-label": name}
    )


def page(title: str, style: str, *content: Html) -> str:
    """Return a whole document that needs nothing else."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", content=MAKER, **{"name": "generator"}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(style)),
    )
    body = element("body", *content)
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def section(title: str, *content: Html, **attributes: str) -> Html:
    """Return a part of a page, below its heading."""
    return element("section", element("h2", title), *content, **attributes)


def _html(text: str) -> str:
    """Escape a text, and keep its numbers together with their units and errors."""
    return WITHIN_NUMBER.sub("\N{NO-BREAK SPACE}", escape(text))


def _body(title: str, rows: Sequence[Row], columns: int) -> Html:
    lines = [_line(row) for row in rows]
    if title:
        heading = element("th", title, colspan=str(columns), scope="rowgroup")
        lines.insert(0, element("tr", heading, class_="group"))
    return element("tbody", *lines)


def _line(row: Row) -> Html:
    first, *others = row
    cells = (element("td", cell) for cell in others)
    return element("tr", element("th", first, scope="row"), *cells)
