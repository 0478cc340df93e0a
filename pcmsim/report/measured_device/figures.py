"""The pictures of the report on an imported device, each in a figure of its own or all in one."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from pcmsim.report.style import house_style, key_of, new_figure

WIDTH, HEIGHT = 4.2, 3.1
# Of an entry in a key, in points: the line before a name and the gap after it; a letter of it.
KEY_WIDTH, LETTER_WIDTH = 36, 4.6
POINTS = 72


@dataclass(frozen=True)
class Picture:
    """One panel, with what is said about it.

    Attributes:
        title: its heading.
        caption: what there is to see, for those who do not see it as well.
        draw: draws it, and returns what else belongs into its key.
    """

    title: str
    caption: str
    draw: Callable[[Axes], list[Artist]]
    width: float = WIDTH
    height: float = HEIGHT


def figure_of(picture: Picture) -> Figure:
    """Draw one picture."""
    with house_style():
        figure = new_figure(picture.width, picture.height)
        _draw(figure, picture, "")
    return figure


def figure_of_all(pictures: list[Picture], heading: str, columns: int) -> Figure:
    """Draw several pictures into one figure, row by row."""
    rows = -(-len(pictures) // columns)
    with house_style():
        figure = new_figure(WIDTH * columns, (HEIGHT + 0.25) * rows + 0.3)
        figure.suptitle(heading, x=0.01, ha="left", fontsize=11)
        parts = figure.subfigures(rows, columns, squeeze=False).ravel()
        for number, (part, picture) in enumerate(zip(parts, pictures, strict=False)):
            _draw(part, picture, rf"$\bf{{{chr(ord('a') + number)}}}$  {picture.title}")
    return figure


def _draw(figure: FigureBase, picture: Picture, title: str) -> None:
    """Draw a picture, with its key above it in as many columns as there is room for."""
    axes = figure.subplots()
    others = picture.draw(axes)
    key = [*key_of(axes), *others]
    figure.legend(
        handles=key,
        title=title,
        ncols=_columns([str(artist.get_label()) for artist in key], picture.width),
        loc="outside upper left",
        alignment="left",
        borderpad=0,
        title_fontsize=9,
    )


def _columns(names: list[str], width: float) -> int:
    """Return how many columns of names (filled one after another) fit into a width in inches."""
    for columns in range(len(names), 1, -1):
        rows = -(-len(names) // columns)
        longest = [max(map(len, names[n : n + rows])) for n in range(0, len(names), rows)]
        if sum(KEY_WIDTH + LETTER_WIDTH * length for length in longest) < width * POINTS:
            return columns
    return 1
