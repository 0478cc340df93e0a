"""What all figures share: colours, fonts, headings.

The colours are those of Okabe and Ito, which people with any of the common forms of colour
blindness can tell apart.  Densities and counts are shades of blue, light to dark.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from pcmsim.config.settings import Settings

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
GREY = "#7A7A7A"
LIGHT_GREY = "#BDBDBD"
BLACK = "#222222"
BLUES = colormaps["Blues"]
# Of pictures made of points.
DOTS_PER_INCH = 150

# Keys and values as Matplotlib knows them.
RULES: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": BLACK,
    "axes.labelcolor": BLACK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.5,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.2,
    "mathtext.default": "regular",
    "pdf.fonttype": 42,
    "text.color": BLACK,
    "xtick.color": BLACK,
    "xtick.labelsize": 8,
    "xtick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.color": BLACK,
    "ytick.labelsize": 8,
    "ytick.major.width": 0.6,
    "ytick.minor.width": 0.4,
}


def house_style() -> AbstractContextManager[None]:
    """Return the context in which figures are made and written."""
    return rc_context(RULES)


def new_figure(width: float, height: float, *, true_to_scale: bool = False) -> Figure:
    """Return an empty figure of this size in inches, which arranges its axes by itself.

    Axes that are ``true_to_scale`` have a shape of their own and are moved close together.
    """
    layout = ConstrainedLayoutEngine(compress=true_to_scale, w_pad=0.07)
    return Figure(figsize=(width, height), layout=layout)


def set_heading(figure: Figure, text: str, key: Sequence[Artist] = ()) -> None:
    """Write a heading at the upper left of a figure, and below it a key to lines and areas."""
    figure.legend(
        handles=list(key),
        title=text,
        ncols=max(len(key), 1),
        loc="outside upper left",
        alignment="left",
        borderpad=0,
        title_fontsize=9,
    )


def key_of(axes: Axes) -> list[Artist]:
    """Return the lines and areas of a panel that have a name."""
    return axes.get_legend_handles_labels()[0]


def shades_of_blue(lightest: float) -> Colormap:
    """Return shades of blue that begin at this part of the way from white, from 0 to 1."""
    steps = [lightest + (1 - lightest) * n / 255 for n in range(256)]
    return LinearSegmentedColormap.from_list("shades", [BLUES(step) for step in steps])


def letter(axes: Axes, number: int, title: str) -> None:
    """Give a panel its letter, a for number 0, and a title."""
    axes.set_title(rf"$\bf{{{chr(ord('a') + number)}}}$  {title}")


def limits_of_accuracy(shown: NDArray[np.float64]) -> tuple[float, float]:
    """Return round limits (%) that leave some room around all that is shown."""
    low = 10 * np.floor((np.nanmin(shown) - 2) / 10)
    high = 10 * np.ceil((np.nanmax(shown) + 2) / 10)
    return max(float(low), 0.0), min(float(high), 100.5)


def describe_run(settings: Settings) -> str:
    """Return the essentials of a run for a heading."""
    epochs = settings.training.epochs
    words = [
        f"{settings.device.kind} device" if settings.device.kind != "float" else "exact weights",
        f"{epochs} epoch" if epochs == 1 else f"{epochs} epochs",
        f"seed {settings.seed}",
    ]
    if settings.replicate:
        words.append(f"replicate {settings.replicate}")
    return ", ".join(words)
