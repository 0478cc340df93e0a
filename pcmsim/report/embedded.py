"""Pictures within a page: as SVG in the text itself, so that a page is one file."""

import base64
import io
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from pcmsim.report.markup import Html, element
from pcmsim.report.style import house_style

# In an inch, as browsers reckon.
CSS_PIXELS = 96
# Without dates and random names, so that the same figure gives the same bytes.
SVG_RULES: Any = {"svg.hashsalt": "pcmsim", "svg.fonttype": "path"}
NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


def image(figure: Figure, words: str, *, dots_per_inch: int | None = None) -> Html:
    """Return a figure as a picture; ``words`` are for those who do not see it."""
    width, height = figure.get_size_inches() * CSS_PIXELS
    code = base64.b64encode(as_svg(figure, dots_per_inch=dots_per_inch)).decode()
    return element(
        "img",
        src=f"data:image/svg+xml;base64,{code}",
        alt=words,
        width=f"{width:.0f}",
        height=f"{height:.0f}",
    )


def as_svg(figure: Figure, *, dots_per_inch: int | None = None) -> bytes:
    """Return a figure as SVG, the same bytes for the same figure.

    ``dots_per_inch`` are those of what is so dense that it is an image; None: Matplotlib's.
    """
    picture = io.BytesIO()
    with house_style(), rc_context(SVG_RULES):
        figure.savefig(picture, format="svg", metadata=NO_METADATA, dpi=dots_per_inch)
    return picture.getvalue()
