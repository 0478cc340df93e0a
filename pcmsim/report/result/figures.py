"""All figures of a result, and writing them to files."""

import io
from pathlib import Path

from matplotlib.figure import Figure

from pcmsim.config.device_settings import FloatDevice
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.experiment.result import Result
from pcmsim.experiment.retention_curves import curves_of, has_curves
from pcmsim.files import write_whole
from pcmsim.report.device.response import device_figure
from pcmsim.report.result.confusion import confusion_figure
from pcmsim.report.result.curves import training_figure
from pcmsim.report.result.diamond import diamond_figure
from pcmsim.report.result.retention_figure import retention_figure
from pcmsim.report.style import DOTS_PER_INCH, house_style

FORMATS = (".png", ".pdf", ".svg")


def figures_of(result: Result) -> dict[str, Figure]:
    """Draw a result: training and confusion, and for devices also diamond and device.

    A run that has measured what becomes of its accuracy has a picture of that as well.  A slim
    result has no diamond: it tells only how conductances are distributed, not in pairs.

    Raises:
        UserError: a file that the device needs cannot be used.
    """
    device = result.settings.device
    figures = {"training": training_figure(result)}
    if not isinstance(device, FloatDevice):
        if not result.is_slim:
            figures["diamond"] = diamond_figure(result, device)
        figures["device"] = device_figure(result.settings)
    figures["confusion"] = confusion_figure(result)
    if has_curves(result):
        figures["retention"] = retention_figure(curves_of(result))
    return figures


def save_figures(result: Result, stem: Path) -> list[Path]:
    """Draw a result and write the files ``<stem>-training.png`` and so on; return their names.

    Raises:
        UserError: a file cannot be written, or one that the device needs cannot be used.
    """
    return [
        save_figure(figure, stem.with_name(f"{stem.name}-{name}.png"))
        for name, figure in figures_of(result).items()
    ]


def save_device_figure(settings: Settings, path: Path) -> Path:
    """Draw the response of a device and write it as a .png, .pdf or .svg file.

    Raises:
        UserError: the ending is another one, there is no device, or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path}: a picture's name must end in {', '.join(FORMATS)}")
    return save_figure(device_figure(settings), path)


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure in the format that the ending of its file says; return the name.

    Raises:
        UserError: the file cannot be written.
    """
    picture = io.BytesIO()
    with house_style():
        figure.savefig(picture, format=path.suffix[1:].lower(), dpi=DOTS_PER_INCH)
    write_whole(path, picture.getvalue())
    return path
